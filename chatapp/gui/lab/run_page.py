"""The page of one run: what it does, how it learns, what it writes, and what came out."""

from collections.abc import Callable

from msgspec import structs
from PySide6.QtCore import QEvent, Qt, QThreadPool, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp import edition
from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.lab import wording
from chatapp.gui.lab.curves_card import CurvesCard
from chatapp.gui.lab.evaluation_card import EvaluationCard
from chatapp.gui.lab.figures_card import FiguresCard
from chatapp.gui.lab.recipe_card import RecipeCard
from chatapp.gui.lab.result_card import ResultCard
from chatapp.gui.lab.run_reader import AT_WORK, Phase, Record
from chatapp.gui.lab.samples_card import SamplesCard
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.page_area import PageArea
from chatapp.gui.sentences import translated

_NARROW = 700  # below, the cards stand one below another
_GAP = 16
_UNFINISHED: tuple[Phase, ...] = ("paused", "cut", "failed")
_WAITING: tuple[Phase, ...] = ("new", "paused", "cut", "stopped", "failed")  # for being started


class RunPage(QWidget):
    """Shows one run and hands on the user's wishes.

    Attributes:
        result: The card of what came out.
        make_try_it: Makes what tries the result of a run, below its card; None makes nothing.

    Signals:
        start_requested, pause_requested, stop_requested, removal_requested: Do that with the run.
        chat_requested: Chat with the model in that folder.
        folder_requested: Open that folder.
        like_requested: Begin another run like this; carries its `Recipe`.
        keep_requested: End the run, which is not at work, with what it has learned.
        measured: The folder of a run has a new report.
        back_requested: Back to the list, where both have no room.
    """

    start_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()
    like_requested = Signal(object)
    keep_requested = Signal()
    measured = Signal()
    removal_requested = Signal()
    chat_requested = Signal(str)
    folder_requested = Signal(str)
    back_requested = Signal()

    def __init__(self, pool: QThreadPool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.make_try_it: Callable[[Record], QWidget | None] = lambda record: None
        self._record: Record | None = None
        self._tried: tuple[str, int] | None = None  # the run, and the step of its result
        has_networks = edition.has_own_networks()
        self._missing = "" if has_networks else translated(edition.how_to_get_own_networks())
        self._curves = CurvesCard(pool, self)
        self._samples = SamplesCard(self)
        self._figures = FiguresCard(self)
        self._recipe = RecipeCard(self)
        self.result = ResultCard(self)
        self._evaluation = EvaluationCard(self)
        self._build_head()
        self._lay_out()
        self._connect()

    def show_record(self, record: Record) -> None:
        """Show this run, or what is new of it."""
        self._record = record
        self._show_head(record)
        self._curves.show_record(record)
        for card in (self._samples, self._figures, self._recipe, self.result, self._evaluation):
            card.show_record(record)
        run = record.summary
        is_out = record.has_result and run.phase not in AT_WORK
        tried = (run.path, run.status.step) if is_out else None
        if tried != self._tried:
            self._tried = tried
            self.result.set_try_it(None if tried is None else self.make_try_it(record))

    def set_back_visible(self, is_visible: bool) -> None:
        """Whether there is a way back to the list."""
        self._back.setVisible(is_visible)

    def shut_down(self) -> None:
        """The window closes."""
        self._evaluation.shut_down()

    def focus_back(self) -> None:
        """Let the keys begin at the way back."""
        self._back.setFocus()

    # ---- what it is made of ----

    def _build_head(self) -> None:
        self._back = QToolButton(self)
        self._back.setIcon(icons.icon("chevron-left"))
        self._back.setAccessibleName(self.tr("All runs"))
        self._back.setToolTip(self.tr("All runs"))
        theme.mark(self._back, kind="icon")
        self._back.hide()
        self._name = ElidedLabel(parent=self)
        self._name.setObjectName("runName")
        theme.set_font(self._name, 20, QFont.Weight.DemiBold)
        self._phase = QLabel(self)
        self._phase.setObjectName("runPhase")
        theme.mark(self._phase, tag="quiet")
        self._progress = QLabel(self)
        self._progress.setObjectName("runProgress")
        self._progress.setWordWrap(True)
        theme.mark(self._progress, tone="muted")
        self._start = QPushButton(self)
        theme.mark(self._start, kind="primary")
        self._pause = QPushButton(self.tr("Pause"), self)
        self._stop = QPushButton(self.tr("Stop and keep"), self)
        self._stop.setToolTip(self.tr("Ends here, and keeps the model as it was at its best."))
        self._like = QPushButton(self.tr("New run like this"), self)
        self._bar = QProgressBar(self)
        self._bar.setObjectName("runBar")
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Steps"))
        self._explanation = QFrame(self)
        self._explanation.setObjectName("runExplanation")
        self._reason = QLabel(self._explanation)
        self._reason.setObjectName("runReason")
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setWordWrap(True)
        self._reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QVBoxLayout(self._explanation)
        inside.setContentsMargins(16, 12, 16, 12)
        inside.addWidget(self._reason)

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(self._back)
        title.addWidget(self._name, 1)
        buttons = WrapRow(8)
        for button in (self._start, self._pause, self._stop, self._like):
            buttons.addWidget(button)
        state = QHBoxLayout()
        state.setSpacing(10)
        state.addWidget(self._phase, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._progress, 1, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addLayout(title)
        words.addLayout(state)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(10)
        self._head.addLayout(words, 1)
        self._head.addLayout(buttons)
        self._learning = _pair(self._curves, self._samples, (2, 1))
        self._about = _pair(self._figures, self._recipe, (1, 1))
        body = QWidget(self)
        self._page = QVBoxLayout(body)
        self._page.setSpacing(_GAP)
        self._page.addLayout(self._head)
        self._page.addWidget(self._bar)
        self._page.addWidget(self._explanation)
        self._page.addWidget(self.result)
        self._page.addWidget(self._evaluation)
        self._page.addLayout(self._learning, 1)
        self._page.addLayout(self._about)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(PageArea(body, self))

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._start.clicked.connect(self.start_requested)
        self._pause.clicked.connect(self.pause_requested)
        self._stop.clicked.connect(self._ask_to_stop)
        self._like.clicked.connect(self._ask_for_another)
        self._evaluation.measured.connect(self.measured)
        self._recipe.removal_requested.connect(self.removal_requested)
        self._recipe.folder_requested.connect(self._ask_for_folder)
        self.result.folder_requested.connect(self.folder_requested)
        self.result.chat_requested.connect(self.chat_requested)

    # ---- what it shows ----

    def _show_head(self, record: Record) -> None:
        run = record.summary
        self._name.setText(run.name)
        word, tone = wording.phase(run)
        self._phase.setText(word)
        theme.mark(self._phase, tag=tone)
        speed = record.curves.get("tokens_per_second")
        newest = speed.values[-1] if speed is not None and speed.values else None
        self._progress.setText(wording.progress(run, newest))
        is_at_work = run.phase in AT_WORK
        self._bar.setVisible(is_at_work)
        # Without an end it moves to and fro: nobody knows how long reading takes.
        self._bar.setMaximum(max(1, run.status.max_steps) if run.phase == "running" else 0)
        self._bar.setValue(run.status.step)
        self._show_buttons(record)
        explanation = wording.explanation(run)
        self._explanation.setVisible(bool(explanation))
        self._reason.setText(explanation)
        theme.mark(self._explanation, surface="bad" if run.phase == "failed" else "card")

    def _show_buttons(self, record: Record) -> None:
        run = record.summary
        self._start.setVisible(run.phase in _WAITING)
        self._start.setText(self.tr("Begin") if run.phase == "new" else self.tr("Resume"))
        self._start.setEnabled(not self._missing)
        self._start.setToolTip(self._missing)
        is_at_work = run.phase in AT_WORK
        can_be_kept = run.phase in _UNFINISHED and record.has_checkpoint
        self._pause.setVisible(is_at_work)
        self._stop.setVisible(is_at_work or can_be_kept)
        for button in (self._pause, self._stop):
            button.setEnabled(run.phase != "starting" and run.asked is None)
        if can_be_kept:
            self._stop.setEnabled(not self._missing)
        self._like.setEnabled(record.recipe is not None and not self._missing)
        self._like.setToolTip(self._missing)

    def _ask_to_stop(self) -> None:
        if self._record is not None:
            is_at_work = self._record.summary.phase in AT_WORK
            (self.stop_requested if is_at_work else self.keep_requested).emit()

    def _ask_for_another(self) -> None:
        if self._record is not None and self._record.recipe is not None:
            name = self._record.summary.name
            self.like_requested.emit(structs.replace(self._record.recipe, name=name))

    def _ask_for_folder(self) -> None:
        if self._record is not None:
            self.folder_requested.emit(self._record.summary.path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def _arrange(self) -> None:
        """One column where two have no room."""
        is_narrow = self.width() < theme.px(_NARROW)
        margin = 16 if self.width() < _NARROW else 32
        self._page.setContentsMargins(margin, 16 if is_narrow else 26, margin, 16)
        direction = (
            QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        )
        for layout in (self._head, self._learning, self._about):
            layout.setDirection(direction)


def _pair(first: QWidget, second: QWidget, shares: tuple[int, int]) -> QBoxLayout:
    row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
    row.setSpacing(_GAP)
    row.addWidget(first, shares[0])
    row.addWidget(second, shares[1])
    return row
