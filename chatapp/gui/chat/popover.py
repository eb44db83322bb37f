"""A small window beside the button it belongs to; Escape or a click outside closes it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QWidget

_GAP = 6


class Popover(QFrame):
    """A frame shown above everything until the user is done with it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popover")

    def open_beside(self, anchor: QWidget) -> None:
        """Show below `anchor`, or above it where the screen ends; always whole on the screen."""
        self.adjustSize()
        top_left = anchor.mapToGlobal(QPoint(0, 0))
        screen = QGuiApplication.screenAt(top_left) or anchor.screen()
        area = screen.availableGeometry()
        below = top_left.y() + anchor.height() + _GAP
        above = top_left.y() - self.height() - _GAP
        y = below if below + self.height() <= area.bottom() else above
        x = min(top_left.x(), area.right() - self.width())
        self.move(max(x, area.left()), max(y, area.top()))
        self.show()
