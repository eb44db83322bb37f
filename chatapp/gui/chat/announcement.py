"""Tells who has the screen read out that something new stands there."""

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: Callable[[], str]) -> None:
    """Have a text read out once the reader has finished what is being read now."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text())
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)
