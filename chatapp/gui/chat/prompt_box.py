"""Where the user writes: grows to eight lines, sends at Enter, stops a reply being written."""

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QInputMethodEvent,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import Attachment, clean
from chatapp.gui import icons, theme
from chatapp.gui.chat.attachment_chips import AttachmentChips

LONG_PASTE = 2_500  # characters; what is longer is attached instead of put into the text

_LINES = 8
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PAGE = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_BLANK = re.compile(r"\{\{[^{}\n]{1,80}\}\}")


class PromptEdit(QPlainTextEdit):
    """The text field: plain text only, as high as its text up to eight lines.

    Signals:
        entered: Enter was pressed, and no input method was at work.
        slash_typed: A slash begins the text.
        page_key_pressed: PageUp or PageDown where there is nothing to page here.
        recall_requested: Up (1) or Down (-1) where nothing is written but what was recalled.
        recall_ended: Escape takes what was recalled away.
        files_pasted: Paths of files in the clipboard.
        long_text_pasted: A text too long to be read here.
    """

    entered = Signal()
    slash_typed = Signal()
    page_key_pressed = Signal(QKeyEvent)
    recall_requested = Signal(int)
    recall_ended = Signal()
    files_pasted = Signal(list)
    long_text_pasted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptEdit")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self._is_composing = False
        self._recalled = ""
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def show_recalled(self, text: str) -> None:
        """Show what was sent earlier, until it is changed or Escape takes it away."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._recalled = text

    def fill_in(self, text: str) -> None:
        """Put a saved prompt where the cursor is; Tab goes from one {{blank}} to the next."""
        start = self.textCursor().selectionStart()
        self.insertPlainText(text)
        self._select_blank(start)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        text = clean(source.text())
        if files:
            self.files_pasted.emit(files)
        elif len(text) > LONG_PASTE:
            self.long_text_pasted.emit(text)
        else:
            self.insertPlainText(text)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or super().canInsertFromMimeData(source)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are for the window, which knows what to do with a model."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        was_composing = self._is_composing
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        if was_composing and not self._is_composing:
            # Some input methods pass on the very Enter that chose the word.
            self._is_composing = True
            QTimer.singleShot(0, self, self._end_composing)

    def event(self, event: QEvent) -> bool:
        """Escape belongs to what was recalled before it belongs to the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._is_recalling()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_plain = Qt.Key(event.key()), not event.modifiers() & ~_KEYPAD
        if key in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if not self._is_composing:
                self.entered.emit()
        elif key in _PAGE and not self.verticalScrollBar().maximum():
            self.page_key_pressed.emit(event)
        elif key in _STEPS and is_plain and (self.document().isEmpty() or self._is_recalling()):
            self.recall_requested.emit(_STEPS[key])
        elif key == Qt.Key.Key_Escape and self._is_recalling():
            self.recall_ended.emit()
        else:
            is_first = self.document().isEmpty()
            super().keyPressEvent(event)
            if is_first and event.text() == "/":
                self.slash_typed.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to the next blank of a saved prompt while there is one."""
        if forward and self._select_blank(self.textCursor().selectionEnd()):
            return True
        return super().focusNextPrevChild(forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def _is_recalling(self) -> bool:
        return bool(self._recalled) and self.toPlainText() == self._recalled

    def _select_blank(self, start: int) -> bool:
        text = self.toPlainText()
        blank = _BLANK.search(text, _python_index(text, start)) or _BLANK.search(text)
        if blank is None:
            return False
        cursor = self.textCursor()
        cursor.setPosition(_qt_position(text, blank.start()))
        cursor.setPosition(_qt_position(text, blank.end()), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        return True

    def _end_composing(self) -> None:
        self._is_composing = False

    def _fit(self) -> None:
        lines = min(_LINES, max(1, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 4)
        overflows = self.document().size().height() > _LINES
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if overflows
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )


class PromptBox(QFrame):
    """The field, what is attached to it, and the buttons below.

    What is written stays until it is taken away with `set_text` and `show_attachments`, so that
    nothing is lost when sending fails.

    Attributes:
        edit: The text field.
        chips: What is attached.

    Signals:
        send_requested: The text is to be sent, now or after the reply being written.
        attach_requested: Files are to be chosen.
        prompts_requested: The saved prompts are to be offered.
        busy_changed: There is a reply to stop now, or there is none any more.
    """

    send_requested = Signal(str)
    stop_requested = Signal()
    page_key_pressed = Signal(QKeyEvent)
    attach_requested = Signal()
    prompts_requested = Signal()
    busy_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._can_send = True
        self._can_write = True
        self._goes_on = False
        self._is_busy = False
        self._has_attachments = False
        self.chips = AttachmentChips(self)
        self.edit = PromptEdit(self)
        self.edit.setAccessibleName(self.tr("Your message"))
        self.attach_button = self._tool("attach", self.tr("Attach texts or PDFs"))
        self.prompts_button = self._tool("prompts", self.tr("Saved prompts (/)"))
        self.sampling_button = QPushButton(self)
        self.sampling_button.setAccessibleName(self.tr("How the model writes"))
        theme.mark(self.sampling_button, kind="quiet")
        self.sampling_button.setMinimumWidth(80)  # gives way where the window is narrow
        self.queue_button = self._tool("queue", self.tr("Send after this reply (Enter)"))
        self.action_button = QToolButton(self)
        self.action_button.setObjectName("sendButton")
        self.action_button.setFixedSize(30, 30)
        theme.mark(self.action_button, kind="primary")
        self._lay_out()
        self._connect()
        self._refresh()

    def text(self) -> str:
        """What is written in the field, fit to be kept."""
        return clean(self.edit.toPlainText())

    def set_text(self, text: str) -> None:
        """Replace what is written; the cursor goes to the end."""
        self.edit.setPlainText(clean(text))
        self.edit.moveCursor(QTextCursor.MoveOperation.End)

    def show_attachments(
        self, attachments: Sequence[Attachment], readings: Mapping[str, str]
    ) -> None:
        """Show what is attached, and the names of the files being read by the id of the reading."""
        self._has_attachments = bool(attachments)
        self.chips.show_attachments(attachments, readings)
        self._refresh()

    def set_can_send(self, can_send: bool) -> None:
        """Say whether there is a model to send a message to."""
        self._can_send = can_send
        self._refresh()

    def set_can_write(self, can_write: bool) -> None:
        """Say whether the history takes what is said here."""
        self._can_write = can_write
        for widget in (self.edit, self.attach_button, self.prompts_button):
            widget.setEnabled(can_write)
        self._refresh()

    def set_goes_on(self, goes_on: bool) -> None:
        """Say whether the model goes on with what is written here, rather than answer it."""
        self._goes_on = goes_on
        self._refresh()

    def set_is_busy(self, is_busy: bool) -> None:
        """Say whether there is a reply to stop."""
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self._refresh()
            self.busy_changed.emit()

    def _tool(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAccessibleName(name)
        button.setToolTip(name)
        theme.mark(button, kind="icon")
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.attach_button)
        row.addWidget(self.prompts_button)
        row.addWidget(self.sampling_button)
        row.addStretch()
        row.addWidget(self.queue_button)
        row.addSpacing(4)
        row.addWidget(self.action_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(7, 10, 12, 8)
        layout.setSpacing(8)
        field = QVBoxLayout()
        field.setContentsMargins(8, 0, 0, 0)
        field.setSpacing(8)
        field.addWidget(self.chips)
        field.addWidget(self.edit)
        layout.addLayout(field)
        layout.addLayout(row)

    def _connect(self) -> None:
        self.edit.textChanged.connect(self._refresh)
        self.edit.entered.connect(self._send)
        self.edit.page_key_pressed.connect(self.page_key_pressed)
        self.edit.slash_typed.connect(self.prompts_requested)
        self.attach_button.clicked.connect(self.attach_requested)
        self.prompts_button.clicked.connect(self.prompts_requested)
        self.queue_button.clicked.connect(self._send)
        self.action_button.clicked.connect(self._act)

    def _refresh(self) -> None:
        name = self.tr("Stop (Esc)") if self._is_busy else self.tr("Send (Enter)")
        self.action_button.setAccessibleName(name)
        self.action_button.setToolTip(name)
        self.action_button.setIcon(icons.icon("stop" if self._is_busy else "send", "on-accent"))
        is_ready = self._is_ready()
        self.action_button.setEnabled(self._is_busy or is_ready)
        self.queue_button.setVisible(self._is_busy and is_ready)
        self.edit.setPlaceholderText(self._hint())
        self.edit.viewport().update()  # Qt repaints only where the cursor blinks

    def _hint(self) -> str:
        if not self._can_write:
            return self.tr("Nothing new can be kept: the history can only be read")
        if self._is_busy:
            return self.tr("Write the next message meanwhile")
        return self.tr("Write how the text begins") if self._goes_on else self.tr("Ask anything")

    def _is_ready(self) -> bool:
        is_written = self._has_attachments or bool(self.text().strip())
        return self._can_send and self._can_write and is_written

    def _act(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        else:
            self._send()

    def _send(self) -> None:
        if self._is_ready():
            self.send_requested.emit(self.text())


def _python_index(text: str, position: int) -> int:
    """Where a position of Qt's, which counts in UTF-16, lies in `text`."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * position].decode("utf-16-le"))


def _qt_position(text: str, index: int) -> int:
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2
