"""What the sections of the Settings dialog are made of: rows of words and a field."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.fields import Choice, NumberField
from chatapp.settings import SettingsFile

_FIELD_WIDTH = 156  # at least, so that fields one below another are alike
_ROW_GAP = 18
_HEADING_GAP = 8  # of a heading to the row under it


class Section(NamedTuple):
    """A section of the dialog; its page is built when it is first looked at."""

    title: str
    build: Callable[[], QWidget]


class SectionPage(QWidget):
    """A column of rows.

    Signals:
        said: What to tell the user; with the label of a button and what that does, if anything.
    """

    said = Signal(str, str, object)

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__()
        self._settings = settings
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._gap = 0  # above the next row
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.addLayout(self._rows)
        layout.addStretch()

    def add_row(self, title: str, field: QWidget, hint: str = "") -> QLabel:
        """Add a field at the right of its title, and under both what it means.

        Returns:
            The label with the hint.
        """
        row = QHBoxLayout()
        row.setSpacing(16)
        name = QLabel(title, self)
        name.setWordWrap(True)
        name.setBuddy(field)
        if isinstance(field, Choice | NumberField):
            field.setMinimumWidth(theme.px(_FIELD_WIDTH))
        row.addWidget(name, 1)
        row.addWidget(field)
        words = muted(hint, self)
        words.setVisible(bool(hint))
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(words)
        self._leave_gap()
        self._rows.addLayout(column)
        return words

    def add_wide(self, title: str, field: QWidget, hint: str = "") -> None:
        """Add a field under its title, as wide as the page."""
        name = QLabel(title, self)
        name.setBuddy(field)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(name)
        if hint:
            column.addWidget(muted(hint, self))
        column.addWidget(field)
        self._leave_gap()
        self._rows.addLayout(column)

    def add_heading(self, title: str) -> None:
        """Begin another group of rows."""
        heading = QLabel(title, self)
        heading.setContentsMargins(0, 10, 0, 0)
        theme.mark(heading, letters="heading")
        self._leave_gap()
        self._rows.addWidget(heading)
        self._gap = _HEADING_GAP

    def add_widget(self, widget: QWidget) -> None:
        """Add something as it is."""
        self._leave_gap()
        self._rows.addWidget(widget)

    def change(self, **changes: object) -> None:
        """Put a change in force and on the disk."""
        self._settings.change(**changes)

    def _leave_gap(self) -> None:
        self._rows.addSpacing(self._gap)
        self._gap = _ROW_GAP


def muted(text: str, parent: QWidget) -> QLabel:
    """Small print that breaks where it has to."""
    label = QLabel(text, parent)
    label.setWordWrap(True)
    theme.mark(label, tone="muted", letters="small")
    return label
