"""Where a message is changed, in its own place in the conversation."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.chat.elided_label import ElidedLabel

_LINES = 16  # more than these are scrolled
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MessageEdit(QPlainTextEdit):
    """The text, as high as it is up to some lines."""

    saved = Signal()
    cancelled = Signal()
    height_changed = Signal()

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageEdit")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.setPlainText(text)
        self.moveCursor(self.textCursor().MoveOperation.End)

    def event(self, event: QEvent) -> bool:
        """Take Escape before the window does, for which it stops a reply."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in _ENTER and with_control:
            self.saved.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = min(_LINES, max(1, round(self.document().size().height())))
        margins = 2 * round(self.document().documentMargin())
        height = lines * self.fontMetrics().lineSpacing() + margins + 2
        if height != self.height():
            self.setFixedHeight(height)
            self.height_changed.emit()


class MessageEditor(QFrame):
    """The text of a message, and what becomes of it: Ctrl+Enter saves it, Escape lets it be.

    Signals:
        saved: The text, and whether a reply to it is wanted.
        cancelled: Nothing is to change.
    """

    saved = Signal(str, bool)
    cancelled = Signal()
    height_changed = Signal()

    def __init__(self, text: str, parent: QWidget, *, asks: bool) -> None:
        """Build the editor; one that `asks` is for what the user wrote, and can be answered."""
        super().__init__(parent)
        self.setObjectName("messageEditor")
        self._asks = asks
        self.edit = MessageEdit(text, self)
        self.edit.setAccessibleName(self.tr("Change the message"))
        self._send = self._button(self.tr("Save and send"), "primary")
        self._save = self._button(self.tr("Save"), "quiet" if asks else "primary")
        self._cancel = self._button(self.tr("Cancel"), "quiet")
        self._can_save = True
        self._hint = ElidedLabel(parent=self)
        self._send.setVisible(asks)
        self._lay_out()
        self._send.clicked.connect(lambda: self._on_saved(True))
        self._save.clicked.connect(lambda: self._on_saved(False))
        self._cancel.clicked.connect(self.cancelled)
        self.edit.saved.connect(lambda: self._on_saved(asks))
        self.edit.cancelled.connect(self.cancelled)
        self.edit.textChanged.connect(self._refresh)
        self.edit.height_changed.connect(self._on_height_changed)
        self._refresh()

    @property
    def text(self) -> str:
        """What is written now."""
        return self.edit.toPlainText()

    def set_can_save(self, can_save: bool) -> None:
        """Say whether a version can be added now; not while a reply is being written."""
        self._can_save = can_save
        self._refresh()

    def _button(self, text: str, kind: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
        theme.mark(button, kind=kind)
        return button

    def _lay_out(self) -> None:
        theme.mark(self._hint, tone="muted", letters="small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._hint, 1)
        for button in (self._cancel, self._save, self._send):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 12, 10)
        layout.setSpacing(10)
        layout.addWidget(self.edit)
        layout.addLayout(row)

    def _refresh(self) -> None:
        can_save = self._can_save and bool(self.text.strip())
        self._send.setEnabled(can_save)
        self._save.setEnabled(can_save)
        self._hint.setText(
            self.tr("It becomes another version; the one before stays.")
            if self._can_save
            else self.tr("The reply must end or be stopped first.")
        )
        self.edit.setAccessibleDescription(self._hint.text())

    def _on_saved(self, asks: bool) -> None:
        if self._can_save and self.text.strip():
            self.saved.emit(self.text, asks)

    def _on_height_changed(self) -> None:
        self.updateGeometry()
        self.height_changed.emit()
