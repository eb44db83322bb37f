"""What is attached to a message, one chip a text, in a row that scrolls sideways."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from chatapp.chat import Attachment
from chatapp.gui import icons, theme

_NAME_WIDTH = 180
_AROUND = 16  # above and below the letters of a chip
_BAR = 10  # room for the scroll bar below the chips


class Chip(QFrame):
    """A frame with a word or two and its buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 2, 4, 2)
        self._row.setSpacing(2)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget at the end of the chip."""
        self._row.addWidget(widget, stretch)

    def add_button(self, icon: str, name: str) -> QToolButton:
        """Put a small button with an icon at the end of the chip."""
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(name)
        button.setToolTip(name)
        theme.mark(button, kind="icon")
        self.add(button)
        return button


class AttachmentChips(QScrollArea):
    """A chip for each attachment and for each file still being read; hidden while there is none.

    Signals:
        open_requested: Number of the attachment whose text is to be shown.
        text_requested: Number of the one that is to become text of the message.
        remove_requested: Number of the one to be taken away.
        cancel_requested: Id of the reading that nobody waits for any more.
    """

    open_requested = Signal(int)
    text_requested = Signal(int)
    remove_requested = Signal(int)
    cancel_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Attached to this message"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._progress: dict[str, QLabel] = {}
        self.hide()

    def show_attachments(
        self, attachments: Sequence[Attachment], readings: Mapping[str, str]
    ) -> None:
        """Show these attachments, and the names of files being read by the id of the reading."""
        self._progress.clear()
        inside = QWidget()
        theme.mark(inside, surface="clear")
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, _BAR)
        row.setSpacing(6)
        for reading_id, name in readings.items():  # first: what goes on is to be seen
            row.addWidget(self._reading_chip(reading_id, name, inside))
        for number, attachment in enumerate(attachments):
            row.addWidget(self._attachment_chip(number, attachment, inside))
        row.addStretch()
        self.setWidget(inside)
        put_after(_tab_stop_before(self), inside)
        self.setFixedHeight(self.fontMetrics().height() + _AROUND + _BAR)
        self.setVisible(bool(attachments or readings))

    def show_progress(self, reading_id: str, done: int, total: int) -> None:
        """Say how many pages of a file being read are done."""
        text = self.tr("page {} of {}").format(done, total)
        self._progress[reading_id].setText(text)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The row has only one way to go."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().x() or event.angleDelta().y()))
        event.accept()

    def _attachment_chip(self, number: int, attachment: Attachment, parent: QWidget) -> Chip:
        chip = Chip(parent)
        size = describe_size(attachment)
        metrics = self.fontMetrics()
        name = metrics.elidedText(attachment.name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        opener = QPushButton(icons.icon("file"), f"{name}, {size}".replace("&", "&&"), chip)
        opener.setAccessibleName(self.tr("Show {}, {}").format(attachment.name, size))
        opener.setToolTip(attachment.name)
        theme.mark(opener, kind="quiet", letters="small")
        chip.add(opener)
        to_text = chip.add_button("edit", self.tr("Put {} into the text").format(attachment.name))
        remove = chip.add_button("close", self.tr("Remove {}").format(attachment.name))
        opener.clicked.connect(lambda: self.open_requested.emit(number))
        to_text.clicked.connect(lambda: self.text_requested.emit(number))
        remove.clicked.connect(lambda: self.remove_requested.emit(number))
        return chip

    def _reading_chip(self, reading_id: str, name: str, parent: QWidget) -> Chip:
        chip = Chip(parent)
        metrics = self.fontMetrics()
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        label = QLabel(self.tr("Reading {}").format(shown), chip)
        label.setTextFormat(Qt.TextFormat.PlainText)
        progress = QLabel(chip)
        for word in (label, progress):
            theme.mark(word, tone="muted", letters="small")
            chip.add(word)
        self._progress[reading_id] = progress
        cancel = chip.add_button("close", self.tr("Do not read {}").format(name))
        cancel.clicked.connect(lambda: self.cancel_requested.emit(reading_id))
        return chip


def put_after(before: QWidget, inside: QWidget) -> None:
    """Have the Tab key reach the buttons in `inside` right after `before`, from left to right."""
    for button in inside.findChildren(QAbstractButton):
        QWidget.setTabOrder(before, button)
        before = button


def _tab_stop_before(widget: QWidget) -> QWidget:
    before: QWidget | None = widget.previousInFocusChain()
    while before not in (None, widget) and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = before.previousInFocusChain()
    return before or widget


class _Words(QObject):
    """An object, because only texts marked by its `tr` are found to have a plural."""

    def size(self, attachment: Attachment) -> str:
        return self.tr("%Ln characters", "", len(attachment.text))


def describe_size(attachment: Attachment) -> str:
    """How long an attachment is, in the words of the language in force."""
    return _Words().size(attachment)
