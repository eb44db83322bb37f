"""Where the user writes: grows to eight lines, sends at Enter, stops a reply being written."""

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import icons, theme

_LINES = 8
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PAGE = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def clean(text: str) -> str:
    """Text from outside as it may be kept: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


class PromptEdit(QPlainTextEdit):
    """The text field: plain text only, as high as its text up to eight lines."""

    entered = Signal()  # Enter was pressed, and no input method was at work
    page_key_pressed = Signal(QKeyEvent)  # PageUp or PageDown where there is nothing to page here

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptEdit")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self._is_composing = False
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        self.insertPlainText(clean(source.text()))

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if not self._is_composing:
                self.entered.emit()
        elif event.key() in _PAGE and not self.verticalScrollBar().maximum():
            self.page_key_pressed.emit(event)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

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
    """The field with the sampling button and the button that sends or stops.

    The text stays in the field until it is taken away with `set_text`, so that nothing is lost
    when sending fails.
    """

    send_requested = Signal(str)
    stop_requested = Signal()
    page_key_pressed = Signal(QKeyEvent)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._can_send = True
        self._is_busy = False
        self.edit = PromptEdit(self)
        self.edit.setPlaceholderText(self.tr("Ask anything"))
        self.edit.setAccessibleName(self.tr("Your message"))
        self.sampling_button = QPushButton(self)
        self.sampling_button.setAccessibleName(self.tr("How the model writes"))
        theme.mark(self.sampling_button, kind="quiet")
        self.action_button = QToolButton(self)
        self.action_button.setObjectName("sendButton")
        self.action_button.setFixedSize(30, 30)
        theme.mark(self.action_button, kind="primary")
        self._lay_out()
        self.edit.textChanged.connect(self._refresh)
        self.edit.entered.connect(self._send)
        self.edit.page_key_pressed.connect(self.page_key_pressed)
        self.action_button.clicked.connect(self._act)
        self._refresh()

    def text(self) -> str:
        """What is written in the field, fit to be kept."""
        return clean(self.edit.toPlainText())

    def set_text(self, text: str) -> None:
        """Replace what is written; the cursor goes to the end."""
        self.edit.setPlainText(clean(text))
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)

    def set_can_send(self, can_send: bool) -> None:
        """Say whether there is a model to send a message to."""
        self._can_send = can_send
        self._refresh()

    def set_is_busy(self, is_busy: bool) -> None:
        """Say whether there is a reply to stop."""
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self._refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.sampling_button)
        row.addStretch()
        row.addWidget(self.action_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(7, 10, 12, 8)
        layout.setSpacing(8)
        field = QHBoxLayout()
        field.setContentsMargins(8, 0, 0, 0)
        field.addWidget(self.edit)
        layout.addLayout(field)
        layout.addLayout(row)

    def _refresh(self) -> None:
        name = self.tr("Stop (Esc)") if self._is_busy else self.tr("Send (Enter)")
        self.action_button.setAccessibleName(name)
        self.action_button.setToolTip(name)
        self.action_button.setIcon(icons.icon("stop" if self._is_busy else "send", "on-accent"))
        self.action_button.setEnabled(self._is_busy or self._is_ready())

    def _is_ready(self) -> bool:
        return self._can_send and not self._is_busy and bool(self.text().strip())

    def _act(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        else:
            self._send()

    def _send(self) -> None:
        if self._is_ready():
            self.send_requested.emit(self.text())
