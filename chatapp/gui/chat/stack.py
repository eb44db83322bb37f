"""Widgets one below another, each as high as it needs to be at the width there is.

Qt's box layouts ask every child again at every change, which a transcript cannot afford. Here a
change is told: whoever changes a child calls `rearrange`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class Item(NamedTuple):
    """A widget `gap` below the one above it and `indent` from the left.

    One with a `height` of its own takes its room also while it is hidden or not there yet.
    """

    widget: QWidget | None
    gap: int = 0
    indent: int = 0
    height: int | None = None


class Stack(QWidget):
    """A column of widgets; hidden ones take no room."""

    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None, margin: int = 0) -> None:
        """Build an empty column with `margin` pixels at its sides, and half of it above."""
        super().__init__(parent)
        self._margin = margin
        self._measured_width = self._moved_width = -1
        self._places: list[QRect] = []  # of the items, at that width

    def items(self) -> Sequence[Item]:
        """What stands in the column now."""
        raise NotImplementedError

    def rearrange(self, first: int = 0) -> None:
        """Put the items from the first that changed in their places."""
        if self._measured_width < 0:  # there are no places yet
            return
        self._measure(self.width(), first)
        self._move(first)
        self.height_changed.emit()

    def heightForWidth(self, width: int) -> int:
        if width != self._measured_width:
            self._measure(width)
        return self._places[-1].bottom() + 1 if self._places else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = event.size().width()
        if width != self._measured_width:
            self._measure(width)
        if width != self._moved_width:
            self._move()

    def _measure(self, width: int, first: int = 0) -> None:
        first = min(first, len(self._places)) if width == self._measured_width else 0
        self._measured_width = width
        del self._places[first:]
        above = self._margin // 2
        bottom = self._places[-1].bottom() + 1 if self._places else above
        for widget, gap, indent, fixed in self.items()[first:]:
            x = self._margin + indent
            room = width - x - self._margin
            height = fixed if fixed is not None else _height(widget, room)
            top = bottom + (gap if bottom > above and height else 0)
            self._places.append(QRect(x, top, room, height))
            bottom = top + height

    def _move(self, first: int = 0) -> None:
        self._moved_width = self._measured_width
        items = self.items()
        for index in range(first, len(items)):
            widget = items[index].widget
            if widget is not None:
                widget.setGeometry(self._places[index])


def _height(widget: QWidget | None, width: int) -> int:
    if widget is None or widget.isHidden():
        return 0
    height = widget.heightForWidth(width)
    return height if height >= 0 else widget.sizeHint().height()
