"""The page of a new run: a recipe among the cards, then data, wishes, what it takes, and Start."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp import paths
from chatapp.errors import Sentence, TrainingError
from chatapp.gui import icons, theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab import new_run_estimate
from chatapp.gui.lab.new_run_cards import NewRunCards
from chatapp.gui.lab.new_run_data import NewRunData
from chatapp.gui.lab.new_run_estimate import NewRunEstimate
from chatapp.gui.lab.new_run_recipes import FORMS, Card, at_once, by_the_clock, filled_in
from chatapp.gui.lab.new_run_settings import NewRunSettings
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.sentences import translated
from chatapp.runs.recipe import Recipe
from chatapp.runs.run_folder import RunFolder, free_name

_WIDTH = 780
_NARROW = 700


class NewRunPage(QWidget):
    """Leads from a recipe to runs that can begin. What it looks at, it looks at beside the window.

    Signals:
        made: Runs were made, to be trained; carries their folders as paths.
        recipe_file_requested: The user wants to begin with a recipe of their own.
        export_requested: The user wants to export conversations to learn from.
        back_requested: The user wants no new run.
    """

    made = Signal(list)
    recipe_file_requested = Signal()
    export_requested = Signal()
    back_requested = Signal()

    def __init__(self, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._card: Card | None = None
        self._cards = NewRunCards(self)
        self.data = NewRunData(self)
        self.settings = NewRunSettings(shelf, self)
        self._estimate = NewRunEstimate(self)
        self._build()
        self._cards.chosen.connect(self._choose)
        self._cards.recipe_file_requested.connect(self.recipe_file_requested)
        self.data.changed.connect(self._look)
        self.data.export_requested.connect(self.export_requested)
        self.settings.changed.connect(self._look)
        self._estimate.begun.connect(self._on_begun)
        self._estimate.measured.connect(self._show_estimate)
        self._estimate.failed.connect(self._refuse)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self._go_back)

    def begin(self) -> None:
        """Show the recipes to choose from."""
        self._card = None
        self.data.stop()
        self._estimate.stop()
        self._title.setText(self.tr("New run"))
        self._words.setText(self.tr("What shall a model learn?"))
        self._form.hide()
        self._cards.show()
        self._area.verticalScrollBar().setValue(0)
        self._cards.focus_first()

    def shut_down(self) -> None:
        """The window closes: end what is being looked at."""
        self.data.shut_down()
        self._estimate.shut_down()

    # ---- what it is made of ----

    def _build(self) -> None:
        self._back = QToolButton(self)
        self._back.setIcon(icons.icon("chevron-left"))
        self._back.setAccessibleName(self.tr("Back"))
        self._back.setToolTip(self.tr("Back"))
        theme.mark(self._back, kind="icon")
        self._back.clicked.connect(self._go_back)
        self._title = QLabel(self)
        self._title.setObjectName("newRunTitle")
        self._title.setWordWrap(True)
        theme.set_font(self._title, 20, QFont.Weight.DemiBold)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        theme.mark(self._words, tone="muted")
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._title)
        words.addWidget(self._words)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._form = QWidget(self)
        column = QVBoxLayout(self._form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.data)
        column.addWidget(self.settings)
        column.addWidget(self._build_start())
        column.addStretch(1)
        middle = QWidget(self)
        middle.setMaximumWidth(theme.px(_WIDTH))
        self._middle = middle
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addLayout(head)
        inside.addSpacing(8)
        inside.addWidget(self._cards)
        inside.addWidget(self._form)
        inside.addStretch(1)
        body = QWidget(self)
        theme.mark(body, surface="bg")
        self._page = QHBoxLayout(body)
        self._page.addWidget(middle)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.mark(self._area, surface="bg")
        self._area.setWidget(body)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(self._area)

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
        try:
            self.settings.begin(card)
        except TrainingError as error:
            self._words.setText(translated(error.sentence))
            return
        self._card = card
        self._title.setText(card.title)
        self._words.setText(card.words)
        self._cards.hide()
        self._form.show()
        self._area.verticalScrollBar().setValue(0)
        self.data.begin(FORMS[self.settings.bases[0].objective.kind], card.wants)
        self.data.focus_first()
        self._look()

    def _go_back(self) -> None:
        if self._card is None:
            self.back_requested.emit()
        else:
            self.begin()

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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._card is not None and _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.data.take(_files(event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def _arrange(self) -> None:
        margin = 16 if self.width() < _NARROW else 32
        self._page.setContentsMargins(margin, 16 if self.width() < _NARROW else 26, margin, 16)
        self._middle.setMaximumWidth(theme.px(_WIDTH))


def _files(event: QDropEvent) -> Sequence[str]:
    """The files among what is dragged."""
    urls = event.mimeData().urls()
    return [url.toLocalFile() for url in urls if url.isLocalFile()]
