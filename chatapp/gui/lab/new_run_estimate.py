"""Finds out what a new run will take, and says so; what it says decides whether it can begin."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTimer, Signal

from chatapp.errors import Sentence
from chatapp.gui.lab import wording
from chatapp.gui.lab.job_process import JobProcess
from chatapp.gui.lab.new_run_recipes import at_once, without_words
from chatapp.library.fit import memory_available
from chatapp.runs.estimate import Estimate
from chatapp.runs.recipe import Recipe

_PAUSE_MS = 700  # in what the user changes, before anything is measured

_COUNT_TOKENS = ("next_token", "masked_lm")


class NewRunEstimate(QObject):
    """Measures recipes, one after the other, each once.

    Attributes:
        estimates: What the recipes asked about last will take; empty until all are measured.

    Signals:
        begun: Something is being measured.
        measured: `estimates` are there.
        failed: A recipe cannot be trained; carries a `Sentence`.
    """

    begun = Signal()
    measured = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.estimates: list[Estimate] = []
        self._recipes: list[Recipe] = []
        self._found: list[Estimate] = []
        self._job = JobProcess("estimate", Estimate, self)
        self._job.answered.connect(self._on_answer)
        self._job.failed.connect(self._on_failed)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._measure_next)

    def measure(self, recipes: Sequence[Recipe]) -> None:
        """Measure these soon; what was measured already, or is being, is not begun again."""
        wanted = [without_words(one) for one in recipes]
        if wanted == self._recipes:
            return
        self.stop()
        self._recipes = wanted
        if wanted:
            self.begun.emit()
            self._pause.start()

    def stop(self) -> None:
        """Measure no more, and forget what was found."""
        self._pause.stop()
        self._job.stop()
        self._recipes, self._found, self.estimates = [], [], []

    def shut_down(self) -> None:
        """The window closes."""
        self.stop()
        self._job.shut_down()

    def _measure_next(self) -> None:
        self._job.ask(self._recipes[len(self._found)])

    def _on_answer(self, estimate: Estimate) -> None:
        self._found.append(estimate)
        if len(self._found) < len(self._recipes):
            self._measure_next()
        else:
            self.estimates = self._found
            self.measured.emit()

    def _on_failed(self, sentence: Sentence) -> None:
        self._found = []
        self.failed.emit(sentence)


def seconds(estimates: Sequence[Estimate], minutes: float) -> float:
    """What all runs take, begun at the same time."""
    longest = max(one.seconds for one in estimates) * at_once(len(estimates))
    return 60 * minutes if minutes else longest


def memory(estimates: Sequence[Estimate]) -> int:
    """What all runs hold at the same time, in bytes."""
    return sum(one.memory_bytes for one in estimates)


def words(estimates: Sequence[Estimate], minutes: float) -> str:
    """The most important: time and memory."""
    text = QCoreApplication.translate("lab", "About {time} and {memory} of memory")
    taken = wording.time_span(seconds(estimates, minutes))
    return text.format(time=taken, memory=_size(memory(estimates)))


def details(estimates: Sequence[Estimate], recipe: Recipe) -> str:
    """What is learned, from how much."""
    translate = QCoreApplication.translate
    first = estimates[0]
    parts = [translate("lab", "{} weights").format(wording.number(first.n_parameters))]
    if first.n_learning < first.n_parameters:
        learned = translate("lab", "{} of them learned")
        parts.append(learned.format(wording.number(first.n_learning)))
    if recipe.objective.kind in _COUNT_TOKENS:
        data = translate("lab", "{train} tokens to learn from, {held_out} held out")
    else:
        data = translate("lab", "{train} examples to learn from, {held_out} held out")
    train, held_out = wording.number(first.n_train), wording.number(first.n_validation)
    return " · ".join([*parts, data.format(train=train, held_out=held_out)])


def warning(estimates: Sequence[Estimate]) -> str:
    """What speaks against it; "" if nothing does."""
    available = memory_available()
    if memory(estimates) <= available:
        return ""
    text = QCoreApplication.translate(
        "lab", "Only {} of memory are free now: close other programs, or take a smaller model."
    )
    return text.format(_size(available))


def _size(n_bytes: int) -> str:
    """Bytes of memory, no finer than they can be foreseen."""
    digits = 0 if n_bytes < 10**9 else 1
    return QLocale().formattedDataSize(n_bytes, digits, QLocale.DataSizeFormat.DataSizeSIFormat)
