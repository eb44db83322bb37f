"""What runs have written: read whole once, then only what is new. Knows no widget.

A run of days has a hundred thousand lines of figures: this is for a thread beside the window.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

import msgspec
import psutil
from msgspec import Struct

from chatapp.errors import ChatAppError, Sentence, say
from chatapp.runs.recipe import Recipe
from chatapp.runs.report import Report
from chatapp.runs.run_folder import (
    BIAS,
    CONFIG,
    LOG,
    METRICS,
    REPORT,
    REQUEST,
    SAMPLES,
    Metric,
    Request,
    RunFolder,
    Sample,
    State,
    Status,
    runs_in,
)

# What a run does as the window sees it; besides what it says of itself:
# new: it was never begun; starting: it has a process that has not spoken yet;
# cut: its process is gone without a word.
Phase = Literal["new", "starting", "cut"] | State
AT_WORK: tuple[Phase, ...] = ("starting", "preparing", "running")
CURVES = ("loss", "learning_rate", "grad_norm", "tokens_per_second")
HELD_OUT = "held_out"  # the curve of the loss of what is held out

_MOST_PAIRS = 2_000  # of points of a curve
_LOG_BYTES = 4_000  # of its end, where the last line is looked for
_Line = TypeVar("_Line", bound=Struct)


class Summary(Struct, frozen=True, kw_only=True):
    """A run in the list.

    Attributes:
        path: Its folder.
        name: What it is called.
        began_at: When it was made, in seconds since 1970.
        phase: What it does.
        status: What it says of itself.
        asked: What it was asked for and has not heard yet.
        problem: Why it failed.
        best_loss: The least loss of what is held out.
        evaluation: Figures of the last evaluation.
    """

    path: str
    name: str
    began_at: float
    phase: Phase
    status: Status
    asked: Request | None = None
    problem: Sentence | None = None
    best_loss: float | None = None
    evaluation: dict[str, float] = {}


class Curve(NamedTuple):
    """What was measured, and after how many steps; both of one length."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    def index_near(self, step: float) -> int:
        """Where the step nearest to that one stands; there must be one."""
        at = bisect_left(self.steps, step)
        return min(
            range(max(0, at - 1), min(at + 1, len(self.steps))),
            key=lambda one: abs(self.steps[one] - step),
        )


class _Files(NamedTuple):
    """Of a record, what is there or not."""

    has_result: bool
    has_checkpoint: bool
    report: Report | None
    bias: Report | None


_Points = tuple[list[int], list[float]]  # steps, and what was measured then


class Record(Struct, frozen=True, kw_only=True, eq=False):
    """All of one run; the same object as long as nothing has changed.

    Attributes:
        summary: As in the list.
        recipe: What it is made of; None if that cannot be read.
        curves: By name, CURVES and HELD_OUT; those nothing was measured for may be missing.
        evaluations: The lines with figures of what is held out.
        samples: What the model wrote.
        has_result: Whether a model came out.
        has_checkpoint: Whether it can go on, or end where it had come.
        report: How good the model is; None if that was not measured.
        bias: Which way it leans; None if that was not measured.
    """

    summary: Summary
    recipe: Recipe | None
    curves: dict[str, Curve]
    evaluations: tuple[Metric, ...]
    samples: tuple[Sample, ...]
    has_result: bool
    has_checkpoint: bool
    report: Report | None
    bias: Report | None


class Tail(Generic[_Line]):
    """The lines of a file, each read once."""

    def __init__(self, path: Path, kind: type[_Line]) -> None:
        self._path = path
        self._kind = kind
        self._offset = 0
        self._file_id = 0

    def read(self) -> tuple[list[_Line], bool]:
        """What was written since the last time, and whether it stands in place of all before.

        A run that goes on from a checkpoint writes its files anew, without what came after that.
        """
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                is_anew = status.st_ino != self._file_id or status.st_size < self._offset
                self._file_id = status.st_ino
                self._offset = file.seek(0 if is_anew else self._offset)
                data = file.read()
        except OSError:
            is_anew, self._offset, self._file_id = self._offset > 0, 0, 0
            return [], is_anew
        whole = data[: data.rfind(b"\n") + 1]  # the rest is still being written
        self._offset += len(whole)
        return [line for one in whole.splitlines() if (line := self._decoded(one))], is_anew

    def _decoded(self, line: bytes) -> _Line | None:
        try:
            return msgspec.json.decode(line, type=self._kind)
        except msgspec.DecodeError:  # a crash cut it short
            return None


class RunReader:
    """Reads the runs in a folder.

    Args:
        folder: Where they lie.
        starts: By folder, the `pid_time` a run had when the window started a process for it;
            filled by others.
    """

    def __init__(self, folder: Path, starts: dict[str, float]) -> None:
        self._folder = folder
        self._starts = starts
        self._known: dict[Path, _Headline] = {}
        self._story: _Story | None = None

    def summaries(self) -> tuple[Summary, ...]:
        """All runs, the newest first."""
        found = [one.path for one in runs_in(self._folder)]
        self._known = {path: self._known.get(path) or _Headline(path) for path in found}
        return tuple(one.read(self._starts.get(str(one.path))) for one in self._known.values())

    def record(self, path: str) -> Record | None:
        """All of one run; None if it is gone. To be called after `summaries`."""
        headline = self._known.get(Path(path))
        if headline is None or headline.summary is None:
            self._story = None
            return None
        if self._story is None or self._story.path != headline.path:
            self._story = _Story(headline.path)
        return self._story.read(headline.summary, headline.recipe)


class _Headline:
    """What the list says of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe: Recipe | None = None
        self.summary: Summary | None = None
        self._folder = RunFolder(path)
        self._metrics = Tail(path / METRICS, Metric)
        self._evaluations: list[dict[str, float]] = []
        with suppress(ChatAppError):  # it has a status and figures all the same
            self.recipe = self._folder.recipe()

    def read(self, start: float | None) -> Summary:
        lines, is_anew = self._metrics.read()
        kept = [] if is_anew else self._evaluations
        self._evaluations = kept + [one.evaluation for one in lines if one.evaluation]
        status = self._folder.status()
        phase, problem = _phase(self.path, status, start)
        losses = [one["loss"] for one in self._evaluations if "loss" in one]
        self.summary = Summary(
            path=str(self.path),
            name=(self.recipe and self.recipe.name) or self.path.name,
            began_at=_changed_at(self.path / CONFIG),
            phase=phase,
            status=status,
            asked=_asked(self.path) if phase in AT_WORK else None,
            problem=problem,
            best_loss=min(losses, default=None),
            evaluation=self._evaluations[-1] if self._evaluations else {},
        )
        return self.summary


class _Story:
    """All that one run has written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = RunFolder(path)
        self._metrics = Tail(path / METRICS, Metric)
        self._samples = Tail(path / SAMPLES, Sample)
        self._points: dict[str, _Points] = {}
        self._evaluations: list[Metric] = []
        self._written: list[Sample] = []
        self._files: _Files | None = None
        self._record: Record | None = None

    def read(self, summary: Summary, recipe: Recipe | None) -> Record:
        is_measured, is_written = self._read_metrics(), self._read_samples()
        files = _files(self._folder)
        before = self._record
        is_same = before and before.summary == summary and self._files == files
        if before and is_same and not is_measured and not is_written:
            return before
        self._files = files
        if before is None or is_measured:
            curves = {
                name: thinned(steps, values) for name, (steps, values) in self._points.items()
            }
        else:
            curves = before.curves
        self._record = Record(
            summary=summary,
            recipe=recipe,
            curves=curves,
            evaluations=tuple(self._evaluations),
            samples=tuple(self._written),
            **files._asdict(),
        )
        return self._record

    def _read_metrics(self) -> bool:
        lines, is_anew = self._metrics.read()
        if is_anew:
            self._points = {name: ([], []) for name in (*CURVES, HELD_OUT)}
            self._evaluations = []
        for line in lines:
            values = {name: getattr(line, name) for name in CURVES}
            values[HELD_OUT] = line.evaluation.get("loss")
            for name, value in values.items():
                if value is not None:
                    steps, measured = self._points[name]
                    steps.append(line.step)
                    measured.append(value)
            if line.evaluation:
                self._evaluations.append(line)
        return bool(lines) or is_anew

    def _read_samples(self) -> bool:
        lines, is_anew = self._samples.read()
        self._written = lines if is_anew else self._written + lines
        return bool(lines) or is_anew


def _files(folder: RunFolder) -> _Files:
    return _Files(
        has_result=(folder.result / "config.json").exists(),
        has_checkpoint=folder.last.exists(),
        report=folder.report(REPORT),
        bias=folder.report(BIAS),
    )


def thinned(steps: Sequence[int], values: Sequence[float]) -> Curve:
    """A curve that looks the same with 4,000 points at most: more than a screen has to show.

    Of points next to each other the lowest and the highest stay, and so do the first and the last.
    """
    n = len(steps)
    if n <= 2 * _MOST_PAIRS:
        return Curve(tuple(steps), tuple(values))
    size = -(-n // (_MOST_PAIRS - 1))
    kept = {0, n - 1}
    for start in range(0, n, size):
        part = values[start : start + size]
        kept |= {start + part.index(min(part)), start + part.index(max(part))}
    chosen = sorted(kept)
    return Curve(tuple(steps[at] for at in chosen), tuple(values[at] for at in chosen))


def _phase(path: Path, status: Status, start: float | None) -> tuple[Phase, Sentence | None]:
    """What a run does, and why it failed."""
    if status.pid_time == start:  # the process that was started has not spoken yet
        return ("starting", None) if _has_process(path) else ("failed", _last_words(path))
    if status.state == "paused" and not status.pid:
        return ("cut", None) if status.pid_time else ("new", None)
    return status.state, status.message


def _last_words(path: Path) -> Sentence:
    with suppress(OSError), (path / LOG).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_BYTES))
        lines = log.read().decode("utf-8", "replace").split("\n")
        if words := [line.strip() for line in lines if line.strip()]:
            return say("The training ended before it began. Its log says: {line}", line=words[-1])
    return say("The training ended before it began, without a word.")


def _has_process(path: Path) -> bool:
    """Whether a process trains that run, or is about to; Qt does not say which one it started."""
    wanted = [["train", str(path)], ["keep", str(path)]]
    return any(
        (one.info["cmdline"] or [])[-2:] in wanted for one in psutil.process_iter(["cmdline"])
    )


def _asked(path: Path) -> Request | None:
    try:
        text = (path / REQUEST).read_text("utf-8", errors="replace")
    except OSError:
        return None
    return "stop" if text == "stop" else "pause"


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()
