"""ClaimResults: what was measured on this computer of what textbooks say, and what is being.

A measurement is a process of its own: the window goes on meanwhile. It ends with the window, and
one that was cancelled leaves nothing behind.
"""

import logging
import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QThreadPool, Signal

from chatapp import paths
from chatapp.errors import Sentence
from chatapp.gui.background import short_turns
from chatapp.gui.lab.job_process import JobProcess
from chatapp.runs.comparison import Claim, ClaimName, Comparison, Finding, comparisons_in
from chatapp.runs.run_folder import free_name

logger = logging.getLogger(__name__)


class Result(NamedTuple):
    """A measurement that was made.

    Attributes:
        folder: Where its report lies.
        finding: What came out.
    """

    folder: Path
    finding: Finding


class _Carrier(QObject):
    """Brings what a worker read into the window's thread, whatever became of the rest."""

    read = Signal(object)


class ClaimResults(QObject):
    """Holds the results, and measures one claim at a time.

    Args:
        pool: Where the disk is read.

    Attributes:
        all: Every result, the newest first.
        measured: The claim that is being measured, None for none.
        done: What is being done of it.
        reasons: Why the latest measurement of a claim came to nothing.

    Signals:
        changed: There are other results.
        begun: A measurement was begun.
        ended: It has ended; carries the `Claim`, and the `Result` or None.
    """

    changed = Signal()
    begun = Signal()
    ended = Signal(object, object)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: tuple[Result, ...] = ()
        self.measured: Claim | None = None
        self.done: Sentence | None = None
        self.reasons: dict[ClaimName, Sentence] = {}
        self._folder = Path()
        self._clock = QElapsedTimer()
        self._pool = pool
        self._job = JobProcess("compare", Comparison, self)
        self._job.said.connect(self._on_said)
        self._job.answered.connect(self._on_answered)
        self._job.failed.connect(self._on_failed)

    @property
    def seconds(self) -> float:
        """How long the measurement has been going on."""
        return self._clock.elapsed() / 1_000

    def of(self, name: ClaimName) -> list[Result]:
        """The results of a claim, the newest first."""
        return [one for one in self.all if one.finding.claim == name]

    def refresh(self) -> None:
        """Look for results on the disk."""
        carrier = _Carrier()
        carrier.read.connect(self._on_read)
        self._pool.start(partial(_read, carrier))

    def measure(self, claim: Claim) -> None:
        """Measure a claim."""
        self._folder = free_name(paths.runs_dir(), claim.name)
        self.measured, self.done = claim, None
        self.reasons.pop(claim.name, None)
        self._clock.start()
        self._job.ask((claim, str(self._folder)))
        self.begun.emit()

    def cancel(self) -> None:
        """Measure no more; what was begun goes away."""
        self._job.stop()
        remove = partial(_remove, self._folder)
        for process in self._job.findChildren(QProcess):  # it may still be writing
            process.finished.connect(lambda *_: self._pool.start(remove))
        self._end(None)

    def shut_down(self) -> None:
        """The window closes."""
        is_at_work = self._job.is_at_work
        self._job.shut_down()
        if is_at_work:
            _remove(self._folder)

    def _on_said(self, sentence: Sentence) -> None:
        self.done = sentence

    def _on_answered(self, comparison: Comparison) -> None:
        result = Result(self._folder, comparison.findings[0])
        self.all = (result, *self.all)
        self._end(result)
        self.changed.emit()

    def _on_failed(self, reason: Sentence) -> None:
        assert self.measured is not None
        self.reasons[self.measured.name] = reason
        self._pool.start(partial(_remove, self._folder))
        self._end(None)

    def _end(self, result: Result | None) -> None:
        claim, self.measured = self.measured, None
        self.ended.emit(claim, result)

    def _on_read(self, found: tuple[Result, ...]) -> None:
        if found != self.all:
            self.all = found
            self.changed.emit()


def _read(carrier: _Carrier) -> None:
    found: list[Result] = []
    with short_turns():
        try:
            for folder, comparison in comparisons_in(paths.runs_dir()):
                found += [Result(folder, one) for one in comparison.findings if one.claim]
        except OSError:
            logger.exception("The measurements cannot be read")
    with suppress(RuntimeError):  # the program has ended meanwhile
        carrier.read.emit(tuple(found))


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
