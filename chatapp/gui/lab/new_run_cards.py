"""The recipes to choose from, a card each."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab.new_run_recipes import Card, cards

_NARROW = 600  # below, the cards stand one below another
_GAP = 12


class RecipeButton(QPushButton):
    """A card to press: a title, a sentence, and what data it wants."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestion")
        self.setAccessibleName(card.title)
        self.setAccessibleDescription(f"{card.words} {card.wants}.")
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(16, 14, 16, 14)
        self._inside.setSpacing(4)
        title, words, wants = QLabel(card.title), QLabel(card.words), QLabel(card.wants)
        theme.mark(title, letters="heading")
        theme.mark(wants, tone="muted", letters="small")
        for label in (title, words, wants):
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._inside.addWidget(label)
        self._inside.addStretch(1)
        # However long its words are, a card is as wide as the one beside it.
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return self._inside.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)  # the height that its width asks for is enough

    def heightForWidth(self, width: int) -> int:
        return self._inside.heightForWidth(width)


class NewRunCards(QWidget):
    """All recipes that come along, and the way to one's own.

    Signals:
        chosen: The user chose that `Card`.
        recipe_file_requested: The user wants to begin with a recipe of their own.
    """

    chosen = Signal(object)
    recipe_file_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = [self._button(card) for card in cards()]
        own = QPushButton(self.tr("A recipe of your own (.toml)…"), self)
        theme.mark(own, kind="quiet")
        own.clicked.connect(self.recipe_file_requested)
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_GAP)
        layout.addLayout(self._grid)
        layout.addWidget(own, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addStretch(1)
        self._n_columns = 0
        self._arrange()

    def focus_first(self) -> None:
        """Let the keys work on the cards."""
        self._buttons[0].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _button(self, card: Card) -> RecipeButton:
        button = RecipeButton(card, self)
        button.clicked.connect(lambda: self.chosen.emit(card))
        return button

    def _arrange(self) -> None:
        """One column where two have no room."""
        n_columns = 1 if self.width() < theme.px(_NARROW) else 2
        if n_columns == self._n_columns:
            return
        self._n_columns = n_columns
        self._grid.setColumnStretch(1, n_columns - 1)
        self._grid.setColumnStretch(0, 1)
        for number, button in enumerate(self._buttons):
            self._grid.addWidget(button, number // n_columns, number % n_columns)
