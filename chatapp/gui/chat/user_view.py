"""A turn of the user: plain text in a soft bubble at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from chatapp.chat import Attachment
from chatapp.gui import icons, theme
from chatapp.gui.chat.attachment_chips import describe_size
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
_CHIP_GAP = 6
_NAME_WIDTH = 240  # of an attachment's name
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


class AttachedRow(QWidget):
    """What was attached to a message: a button each, in lines that begin at the right."""

    def __init__(self, attachments: Sequence[Attachment], parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons = [self._button(attachment) for attachment in attachments]

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[-1].bottom() + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        for button, place in zip(self._buttons, self._places(self.width()), strict=True):
            button.setGeometry(place)

    def _places(self, width: int) -> list[QRect]:
        places: list[QRect] = []
        right, top = width, 0
        for button in self._buttons:
            size = button.sizeHint()
            if right < size.width() and right < width:
                right, top = width, top + size.height() + _CHIP_GAP
            right -= min(size.width(), width)
            places.append(QRect(right, top, min(size.width(), width), size.height()))
            right -= _CHIP_GAP
        return places

    def _button(self, attachment: Attachment) -> QPushButton:
        size = describe_size(attachment)
        shown = self.fontMetrics().elidedText(
            attachment.name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH
        )
        button = QPushButton(icons.icon("file"), f"{shown}, {size}".replace("&", "&&"), self)
        button.setAccessibleName(self.tr("Show {}, {}").format(attachment.name, size))
        button.setToolTip(attachment.name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
        theme.mark(button, letters="small")
        button.clicked.connect(lambda: self._open(attachment))
        return button

    def _open(self, attachment: Attachment) -> None:
        from chatapp.gui.chat.attachment_view import AttachmentView  # seldom needed

        dialog = AttachmentView(attachment, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class UserView(EditableMessage):
    """One turn of the user."""

    gap_below = 0
    unseen_alignment = Qt.AlignmentFlag.AlignTrailing

    def __init__(self, message: StoredMessage, parent: QWidget) -> None:
        super().__init__(message, parent)
        self.setAccessibleName(self.tr("You: {}").format(message.content))
        self._bubble = Bubble(message.content, self)
        self._bubble.setVisible(bool(message.content.strip()))
        attachments = message.attachments
        self._attached = AttachedRow(attachments, self) if attachments else None

    def body_items(self) -> Sequence[Item]:
        attached = [Item(self._attached)] if self._attached is not None else []
        return [*attached, Item(self._bubble, _CHIP_GAP if attached else 0)]

    def views(self) -> Sequence[TextView]:
        return [self._bubble.view]
