"""The page of a new run: a recipe among the cards, then data, wishes, what it takes, and Start."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp import paths
from chatapp.errors import Sentence, TrainingError
from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab import new_run_estimate
from chatapp.gui.lab.guided_page import GuidedPage
from chatapp.gui.lab.new_run_cards import NewRunCards
from chatapp.gui.lab.new_run_data import NewRunData
from chatapp.gui.lab.new_run_estimate import NewRunEstimate
from chatapp.gui.lab.new_run_recipes import (
    FORMS,
    Card,
    at_once,
    by_the_clock,
    card_like,
    filled_in,
)
from chatapp.gui.lab.new_run_settings import NewRunSettings
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.sentences import translated
from chatapp.runs.recipe import Recipe
from chatapp.runs.run_folder import RunFolder, free_name


class NewRunPage(GuidedPage):
    """Leads from a recipe to runs that can begin. What it looks at, it looks at beside the window.

    Signals:
        made: Runs were made, to be trained; carries their folders as paths.
        recipe_file_requested: The user wants to begin with a recipe of their own.
        export_requested: The user wants to export conversations to learn from.
    """

    made = Signal(list)
    recipe_file_requested = Signal()
    export_requested = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: Card | None = None
        self._filled: Card | None = None  # for which the form was filled in last
        self._recipe_cards = NewRunCards(self)
        self.data = NewRunData(self)
        self.settings = NewRunSettings(shelf, self)
        self._estimate = NewRunEstimate(self)
        self._lay_out(self._recipe_cards, self._build_form())
        self._recipe_cards.chosen.connect(self._choose)
        self._recipe_cards.recipe_file_requested.connect(self.recipe_file_requested)
        self.data.changed.connect(self._look)
        self.data.export_requested.connect(self.export_requested)
        self.settings.changed.connect(self._look)
        self._estimate.begun.connect(self._on_begun)
        self._estimate.measured.connect(self._show_estimate)
        self._estimate.failed.connect(self._refuse)

    def begin(self) -> None:
        self._card = None
        self.data.stop()
        self._estimate.stop()
        self._show(self._cards, self.tr("New run"), self.tr("What shall a model learn?"))
        self._recipe_cards.focus_first()

    def begin_like(self, recipe: Recipe) -> None:
        """Show the form, filled in with all of a recipe.

        Raises:
            TrainingError: If a recipe of the program is damaged.
        """
        self._choose(card_like(recipe))

    def shut_down(self) -> None:
        """The window closes: end what is being looked at."""
        self.data.shut_down()
        self._estimate.shut_down()

    # ---- what it is made of ----

    def _build_form(self) -> QWidget:
        form = QWidget(self)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.data)
        column.addWidget(self.settings)
        column.addWidget(self._build_start())
        column.addStretch(1)
        return form

    def _build_start(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("newRunStart")
        theme.mark(card, surface="card")
        self._takes = QLabel(card)
        self._takes.setObjectName("newRunTakes")
        self._takes.setTextFormat(Qt.TextFormat.PlainText)
        self._takes.setWordWrap(True)
        self._details = QLabel(card)
        self._details.setWordWrap(True)
        theme.mark(self._details, tone="muted")
        self._warning = QLabel(card)
        self._warning.setWordWrap(True)
        theme.mark(self._warning, tone="warn")
        self._start = QPushButton(self.tr("Start"), card)
        self._start.setObjectName("startRun")
        theme.mark(self._start, kind="primary")
        self._start.clicked.connect(self._begin_runs)
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (self._takes, self._details, self._warning):
            words.addWidget(label)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 14)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(self._start, 0, Qt.AlignmentFlag.AlignVCenter)
        return card

    # ---- what it shows ----

    def _choose(self, card: Card) -> None:
        if card != self._filled:  # else all that was typed stays
            try:
                self._fill(card)
            except TrainingError as error:
                self._words.setText(translated(error.sentence))
                return
        self._card = card
        self._show(self._form, card.title, card.words)
        self.data.look_again()
        self.data.focus_first()
        self._look()

    def _fill(self, card: Card) -> None:
        self._filled = None
        self.settings.begin(card)
        source = None if card.recipe is None else card.recipe.data.train
        self.data.begin(FORMS[self.settings.bases[0].objective.kind], card.wants, source)
        self._filled = card

    def _recipes(self) -> list[Recipe]:
        """What is filled in; nothing while something is missing."""
        if self._card is None or self.data.source is None or self.settings.needs_model:
            return []
        return filled_in(self.settings.bases, self.data.source, self.settings.wishes())

    def _look(self) -> None:
        """What is to be trained may be another: find out what it takes."""
        if self._card is None or not self.isVisible():
            return
        recipes = self._recipes()
        self._estimate.measure(recipes)
        if not recipes:
            self._say(self._missing())
        elif self._estimate.estimates:
            self._show_estimate()

    def _missing(self) -> str:
        if self.settings.needs_model and self.data.source is not None:
            return self.tr("Choose the model to begin with.")
        return self.tr("Choose your data, and it is said here how long it takes.")

    def _on_begun(self) -> None:
        self._say(self.tr("Trying a few steps, to see how long it takes…"))

    def _show_estimate(self) -> None:
        estimates, minutes = self._estimate.estimates, self.settings.wishes().minutes
        self._say(
            new_run_estimate.words(estimates, minutes),
            new_run_estimate.details(estimates, self._recipes()[0]),
            new_run_estimate.warning(estimates),
        )
        self._start.setEnabled(True)

    def _refuse(self, sentence: Sentence) -> None:
        self._say(translated(sentence), tone="bad")

    def _say(self, takes: str, details: str = "", warning: str = "", tone: str = "") -> None:
        self._start.setEnabled(False)
        theme.mark(self._takes, tone=tone)
        texts = ((self._takes, takes), (self._details, details), (self._warning, warning))
        for label, text in texts:
            label.setText(text)
            label.setVisible(bool(text))
        announce(self._takes, self._takes.text)

    # ---- what becomes of it ----

    def _begin_runs(self) -> None:
        minutes, estimates = self.settings.wishes().minutes, self._estimate.estimates
        slower = at_once(len(estimates))
        recipes = [
            by_the_clock(recipe, minutes, slower * estimate.seconds_per_step)
            for recipe, estimate in zip(self._recipes(), estimates, strict=True)
        ]
        made = []
        try:
            for recipe in recipes:
                folder = RunFolder.create(free_name(paths.runs_dir(), recipe.name), recipe)
                made.append(str(folder.path))
        except TrainingError as error:
            self._refuse(error.sentence)
            return
        self._filled = None
        self.begin()
        self.made.emit(made)

    # ---- Qt ----

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._card is not None:
            self.data.look_again()
            self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.data.stop()
        self._estimate.stop()

    def _takes_files(self) -> bool:
        return self._card is not None

    def _take_files(self, paths: Sequence[str]) -> None:
        self.data.take(paths)
