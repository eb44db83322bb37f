"""What stands in an empty chat: a question and three things to try, or the way to a first model."""

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme

Invited = Literal["ask", "begin", "find"]

_NARROW = 520
_CARDS_WIDTH = 560


class Suggestion(QPushButton):
    """A card with a sentence that fills the prompt when pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestion")
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(16, 14, 16, 14)
        self._inside.addWidget(self._label)
        # However long its words are, a card is as wide as the ones beside it.
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def suggest(self, text: str) -> None:
        """Show this sentence."""
        self.setAccessibleName(text)
        # The standard library's escape brings 1.5 MB of entities with it.
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        self._label.setText(f'<p style="line-height: 130%">{escaped}</p>')

    def sizeHint(self) -> QSize:
        return self._inside.sizeHint()

    def heightForWidth(self, width: int) -> int:
        return self._inside.heightForWidth(width)


class EmptyState(QWidget):
    """The middle of an empty conversation."""

    suggestion_chosen = Signal(str)
    models_page_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title.setWordWrap(True)
        theme.mark(self._title, letters="title")
        self._text = QLabel(self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setWordWrap(True)
        theme.mark(self._text, tone="muted", letters="large")
        self._models_button = QPushButton(self.tr("Find a model"), self)
        theme.mark(self._models_button, kind="primary")
        self._models_button.clicked.connect(self.models_page_requested)
        self._suggestions = QWidget(self)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._suggestions)
        self._cards = [Suggestion(self._suggestions) for _ in range(3)]
        self._lay_out()
        self.invite("ask")

    def invite(self, to: Invited) -> None:
        """Invite to ask, to begin a text that the model goes on with, or to find a model first."""
        titles: dict[Invited, str] = {
            "ask": self.tr("What would you like to know?"),
            "begin": self.tr("How does the text begin?"),
            "find": self.tr("First, a model"),
        }
        texts: dict[Invited, str] = {
            "ask": self.tr("Everything stays on this computer."),
            "begin": self.tr(
                "This model has not learned to answer: it goes on with what you write."
            ),
            "find": self.tr(
                "A model is one file on this computer. Point to one you have, and ask away."
            ),
        }
        self._title.setText(titles[to])
        self._text.setText(texts[to])
        self._suggestions.setVisible(to != "find")
        self._models_button.setVisible(to == "find")
        for card, text in zip(self._cards, self._suggested(to), strict=True):
            card.suggest(text)

    def set_can_write(self, can_write: bool) -> None:
        """Say whether the prompt takes a suggestion."""
        self._suggestions.setEnabled(can_write)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)  # the window may be smaller than all this

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Three cards side by side or, in a narrow window, below one another."""
        is_narrow = event.size().width() < _NARROW
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if is_narrow else across)
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        self._suggestions.setMaximumWidth(_CARDS_WIDTH)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        for card in self._cards:
            card.clicked.connect(
                lambda _=False, card=card: self.suggestion_chosen.emit(card.accessibleName())
            )
            self._row.addWidget(card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(6)
        layout.addStretch()
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addSpacing(16)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._suggestions, 100)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self._models_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()

    def _suggested(self, to: Invited) -> tuple[str, str, str]:
        if to == "begin":
            return (
                self.tr("Once upon a time, there was"),
                self.tr("The old house by the sea"),
                "ROMEO:",
            )
        return (
            self.tr(
                "Explain attention with the sentence “Mary and Paul were running together but he"
                " got injured”"
            ),
            self.tr("Help me write a polite letter asking for a refund"),
            self.tr("Turn these notes into a list of tasks"),
        )
