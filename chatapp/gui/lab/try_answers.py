"""Trying a model that finds answers: a text, a question, and the answer marked in the text."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import clean
from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab import wording
from chatapp.runs.trial import Answer, Ask

_TEXT_HEIGHT = 140
_NARROW = 480  # below, the button stands below the question


class AnswerTrial(QWidget):
    """Asks for an answer by Enter in the question, or its button.

    Attributes:
        fields: What the keys go through, in order.

    Signals:
        asked: An `Ask` for the model.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_waiting = False
        self._marked = (0, 0)  # where the answer stands, as the field counts
        self._context = QPlainTextEdit(self)
        self._context.setObjectName("tryItText")
        self._context.setAccessibleName(self.tr("The text in which the answer stands"))
        self._context.setPlaceholderText(self.tr("Paste a text in which the answer stands."))
        self._context.setTabChangesFocus(True)
        self._question = QLineEdit(self)
        self._question.setObjectName("tryItQuestion")
        self._question.setAccessibleName(self.tr("A question about the text"))
        self._question.setPlaceholderText(self.tr("Ask something about the text."))
        find = QPushButton(self.tr("Find the answer"), self)
        self._answer = QLabel(self)
        self._answer.setObjectName("tryItAnswer")
        self._answer.setTextFormat(Qt.TextFormat.PlainText)
        self._answer.setWordWrap(True)
        self._answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fields: tuple[QWidget, ...] = (self._context, self._question, find)
        self._context.textChanged.connect(self._forget)
        self._question.textChanged.connect(self._forget)
        self._question.returnPressed.connect(self._ask)
        find.clicked.connect(self._ask)
        theme.notifier.changed.connect(self._mark)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._row.addWidget(self._question, 1)
        self._row.addWidget(find)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._context)
        layout.addLayout(self._row)
        layout.addWidget(self._answer)
        self._measure()

    def show_answer(self, asked: Ask, answer: Answer) -> None:
        """Mark an answer; one to what is no longer asked is not shown."""
        if asked != self._wanted():
            return
        if not answer.text:
            self._say(self.tr("It found no answer in the text."))
            return
        words = self.tr("{answer} – {probability} sure")
        self._say(
            words.format(answer=answer.text, probability=wording.percent(answer.probability)),
            is_answer=True,
        )
        # Python counts characters, Qt counts in UTF-16, where some take two.
        start = _n_units(asked.context[: answer.start])
        self._marked = start, start + _n_units(answer.text)
        self._mark()
        cursor = self._context.textCursor()
        cursor.setPosition(self._marked[1])
        self._context.setTextCursor(cursor)  # and scroll there
        announce(self._answer, self._answer.text)

    def stop_waiting(self) -> None:
        """No answer comes: do not say that one is awaited."""
        if self._is_waiting:
            self._say("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()

    def _measure(self) -> None:
        is_narrow = self.width() < theme.px(_NARROW)
        self._row.setDirection(
            QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        )
        self._context.setFixedHeight(theme.px(_TEXT_HEIGHT))

    def _wanted(self) -> Ask:
        context = clean(self._context.toPlainText())
        return Ask(text=clean(self._question.text()), context=context)

    def _ask(self) -> None:
        wanted = self._wanted()
        if not wanted.context.strip():
            self._say(self.tr("First give it a text in which the answer stands."))
            self._context.setFocus()
        elif not wanted.text.strip():
            self._say(self.tr("First ask something."))
            self._question.setFocus()
        else:
            self._say(self.tr("Reading…"))
            self._is_waiting = True
            self.asked.emit(wanted)

    def _forget(self) -> None:
        self._say("")
        self._marked = (0, 0)
        self._mark()

    def _say(self, words: str, *, is_answer: bool = False) -> None:
        self._is_waiting = False
        theme.mark(self._answer, tone="" if is_answer else "muted")
        self._answer.setText(words)

    def _mark(self) -> None:
        mark = QTextEdit.ExtraSelection()
        mark.format.setBackground(theme.colour("accent-soft"))
        mark.format.setForeground(theme.colour("accent"))
        mark.cursor = QTextCursor(self._context.document())
        mark.cursor.setPosition(self._marked[0])
        mark.cursor.setPosition(self._marked[1], QTextCursor.MoveMode.KeepAnchor)
        self._context.setExtraSelections([mark] if mark.cursor.hasSelection() else [])


def _n_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
