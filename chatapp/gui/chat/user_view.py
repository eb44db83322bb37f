"""A turn of the user: plain text in a soft bubble at the right."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.chat.editable_message import EditableMessage
from chatapp.gui.chat.prose import ProseBlock
from chatapp.gui.chat.stack import Item
from chatapp.gui.chat.text_view import TextView
from chatapp.storage.records import StoredMessage

_PART = 0.78  # of the column that a bubble may take
_PADDING_X = 14
_RADIUS = 14
_ABOVE = 8  # less than below: a line has its spare room above the letters
_BELOW = 12
_SHORT = 500  # a longer text fills the width; measuring it unbroken would cost a second layout


class Bubble(QWidget):
    """The bubble at the right end of the room it is given."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.view = ProseBlock(self)
        self.view.append_plain(text)
        self._natural = self.view.natural_width() if len(text) < _SHORT else None

    def heightForWidth(self, width: int) -> int:
        return self.view.heightForWidth(self._text_width(width)) + _ABOVE + _BELOW

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = self._text_width(event.size().width())
        left = event.size().width() - width - _PADDING_X
        self.view.setGeometry(left, _ABOVE, width, self.view.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("bubble"))
        bubble = self.view.geometry().adjusted(-_PADDING_X, -_ABOVE, _PADDING_X, _BELOW)
        painter.drawRoundedRect(bubble, _RADIUS, _RADIUS)

    def _text_width(self, width: int) -> int:
        most = int(width * _PART) - 2 * _PADDING_X
        return most if self._natural is None else min(self._natural, most)


class UserView(EditableMessage):
    """One turn of the user."""

    gap_below = 0
    unseen_alignment = Qt.AlignmentFlag.AlignTrailing

    def __init__(self, message: StoredMessage, parent: QWidget) -> None:
        super().__init__(message, parent)
        self.setAccessibleName(self.tr("You: {}").format(message.content))
        self._bubble = Bubble(message.content, self)

    def body_items(self) -> Sequence[Item]:
        return [Item(self._bubble)]

    def views(self) -> Sequence[TextView]:
        return [self._bubble.view]
