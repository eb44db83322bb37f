"""Trying a translator: two panes, and below them what each token written looked at."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import clean
from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab.try_alignment import AlignmentMap
from chatapp.runs.trial import Answer, Ask

_PANE_HEIGHT = 84
_NARROW = 480  # below, the panes stand one below the other


class TranslationTrial(QWidget):
    """Asks for a translation by Enter, or its button.

    Attributes:
        fields: What the keys go through, in order.

    Signals:
        asked: An `Ask` for the model.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_waiting = False
        self._source = _SourceEdit(self)
        self._source.setObjectName("tryItText")
        self._source.setAccessibleName(self.tr("A text to be translated"))
        self._source.setPlaceholderText(self.tr("Type a sentence, then press Enter."))
        self._target = QPlainTextEdit(self)
        self._target.setObjectName("tryItTranslation")
        self._target.setAccessibleName(self.tr("The translation"))
        self._target.setPlaceholderText(self.tr("The translation appears here."))
        self._target.setReadOnly(True)
        for pane in (self._source, self._target):
            pane.setTabChangesFocus(True)
        translate = QPushButton(self.tr("Translate"), self)
        self._state = QLabel(self)
        self._state.setObjectName("tryItState")
        self._state.setWordWrap(True)
        theme.mark(self._state, tone="muted")
        self._heading = QLabel(self.tr("What each token looked at"), self)
        theme.mark(self._heading, letters="heading")
        self._map = AlignmentMap(self)
        self._seen = QLabel(self)
        self._seen.setObjectName("tryItSeen")
        self._seen.setTextFormat(Qt.TextFormat.PlainText)
        self._seen.setWordWrap(True)
        theme.mark(self._seen, tone="muted")
        self.fields: tuple[QWidget, ...] = (self._source, translate, self._target, self._map)
        self._source.entered.connect(self._ask)
        translate.clicked.connect(self._ask)
        self._map.described.connect(self._show_seen)
        self._panes = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._panes.setSpacing(8)
        self._panes.addWidget(self._source)
        self._panes.addWidget(self._target)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(translate)
        row.addWidget(self._state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._panes)
        layout.addLayout(row)
        for part in (self._heading, self._seen, self._map):
            layout.addWidget(part)
        self._show_map(False)
        self._measure()

    def show_answer(self, asked: Ask, answer: Answer) -> None:
        """Show a translation, and what it looked at."""
        self._is_waiting = False
        self._target.setPlainText(answer.text)
        has_map = bool(answer.alignment)
        if has_map:
            self._map.show_alignment(answer.source_tokens, answer.target_tokens, answer.alignment)
        self._show_map(has_map)
        self._state.setText("" if has_map else self._why_no_map(answer))
        announce(self._target, lambda: answer.text or self._state.text())

    def stop_waiting(self) -> None:
        """No answer comes: do not say that one is awaited."""
        if self._is_waiting:
            self._is_waiting = False
            self._state.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()

    def _measure(self) -> None:
        """Both panes side by side, if they have room."""
        is_narrow = self.width() < theme.px(_NARROW)
        self._panes.setDirection(
            QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        )
        for pane in (self._source, self._target):
            pane.setFixedHeight(theme.px(_PANE_HEIGHT))

    def _ask(self) -> None:
        text = clean(self._source.toPlainText())
        if not text.strip():
            self._state.setText(self.tr("First type what is to be translated."))
            self._source.setFocus()
            return
        self._is_waiting = True
        self._state.setText(self.tr("Translating…"))
        self.asked.emit(Ask(text=text))

    def _show_map(self, is_shown: bool) -> None:
        for part in (self._heading, self._seen, self._map):
            part.setVisible(is_shown)

    def _show_seen(self, words: str) -> None:
        self._seen.setText(
            words or self.tr("Point at a row, or go through them with the arrow keys.")
        )

    def _why_no_map(self, answer: Answer) -> str:
        if not answer.text.strip():
            return self.tr("It wrote nothing.")
        return self.tr("It has no attention: it reads the whole text first and then writes.")


class _SourceEdit(QPlainTextEdit):
    """Breaks the line by Shift+Enter.

    Signals:
        entered: Enter was pressed.
    """

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)
