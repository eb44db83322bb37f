"""Widgets one below another, each as high as it needs to be at the width there is.

Qt's box layouts ask every child again at every change, which a transcript cannot afford. Here a
change is told: whoever changes a child calls `rearrange`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class Item(NamedTuple):
    """A widget `gap` below the one above it and `indent` from the left."""

    widget: QWidget
    gap: int = 0
    indent: int = 0


class Stack(QWidget):
    """A column of widgets; hidden ones take no room."""

    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None, margin: int = 0) -> None:
        """Build an empty column with `margin` pixels at its left and right."""
        super().__init__(parent)
        self._margin = margin
        self._measured: tuple[int, int] | None = None  # a width and the height that goes with it

    def items(self) -> Sequence[Item]:
        """What stands in the column now."""
        raise NotImplementedError

    def rearrange(self) -> None:
        """Put everything in its place after a change."""
        self._measured = None
        self._arrange(self.width(), moves=True)
        self.height_changed.emit()

    def heightForWidth(self, width: int) -> int:
        if self._measured is None or self._measured[0] != width:
            self._measured = width, self._arrange(width, moves=False)
        return self._measured[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(event.size().width(), moves=True)

    def _arrange(self, width: int, *, moves: bool) -> int:
        y = 0
        for widget, gap, indent in self.items():
            if widget.isHidden():
                continue
            y += gap if y else 0
            x = self._margin + indent
            room = width - x - self._margin
            height = _height(widget, room)
            if moves:
                widget.setGeometry(x, y, room, height)
            y += height
        return y


def _height(widget: QWidget, width: int) -> int:
    height = widget.heightForWidth(width)
    return max(height if height >= 0 else widget.sizeHint().height(), widget.minimumHeight())
