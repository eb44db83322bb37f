"""A run is a folder: everything about it lies there, and whoever asks something of it asks there.

    config.toml      the recipe, with all its values
    status.json      what the run does now, written every second or so
    request          "pause" or "stop", put there by others and taken away by the run
    metrics.jsonl    a line for each figure measured
    samples.jsonl    what the model wrote at each evaluation
    checkpoints/     last, to go on from; best, by the loss of what is held out
    result/          the model that came out
    report.json      how good that model is, once it was measured
    bias.json        which way it leans, once it was probed
    adapter/         what was learned beside the weights, if anything; it is in result/ too
    log.txt          what the process said, when it was started by the window

Metrics of steps after the last checkpoint are taken away when a run goes on, so that its curve is
one.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import psutil
from msgspec import Struct

from chatapp.errors import Sentence, TrainingError, say
from chatapp.runs.recipe import Recipe, read_recipe, write_recipe
from chatapp.runs.report import Report

State = Literal["preparing", "running", "paused", "stopped", "done", "failed"]
Request = Literal["pause", "stop"]
CONFIG, STATUS, REQUEST = "config.toml", "status.json", "request"
METRICS, SAMPLES, LOG = "metrics.jsonl", "samples.jsonl", "log.txt"
CHECKPOINTS, RESULT, ADAPTER = "checkpoints", "result", "adapter"
REPORT, BIAS = "report.json", "bias.json"

_PATIENCE, _MOMENT_S = 20, 0.05  # for a file that somebody reads

_Line = TypeVar("_Line", bound=Struct)


class Status(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run does now.

    Attributes:
        state: paused, stopped and failed runs go on when they are resumed.
        step: Updates made.
        max_steps: Updates it is to make.
        seconds: Time it has trained, over all its processes.
        seconds_left: Time it will still take, as far as can be told.
        message: What a person is told: why it failed, or paused without being asked to.
        pid: The process.
        pid_time: When that process began, in seconds since 1970: a pid is given out again.
    """

    state: State = "preparing"
    step: int = 0
    max_steps: int = 0
    seconds: float = 0.0
    seconds_left: float = 0.0
    message: Sentence | None = None
    pid: int = 0
    pid_time: float = 0.0


class Metric(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured at a step.

    Attributes:
        step: Updates made until then.
        seconds: Time trained until then.
        loss: Mean loss of the training batches since the last line, in nats a token or an example.
        learning_rate: Of the step.
        grad_norm: Length of the gradient before it was clipped.
        tokens_per_second: Tokens read in training.
        evaluation: Figures of what is held out, by name; "loss" is among them.
    """

    step: int
    seconds: float
    loss: float | None = None
    learning_rate: float | None = None
    grad_norm: float | None = None
    tokens_per_second: float | None = None
    evaluation: dict[str, float] = {}


class Sample(Struct, frozen=True, kw_only=True):
    """What the model wrote at a step, after `prompt`."""

    step: int
    prompt: str
    text: str


class RunFolder:
    """One run on the disk.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, recipe: Recipe) -> "RunFolder":
        """Begin a run in a folder that is not there yet.

        Raises:
            TrainingError: If it is there already, or cannot be made.
        """
        try:
            path.mkdir(parents=True)
            (path / CHECKPOINTS).mkdir()
            write_recipe(path / CONFIG, recipe)
        except FileExistsError:
            raise TrainingError(
                say("{path} is there already. Choose another name for the run.", path=str(path))
            ) from None
        except OSError as error:
            raise TrainingError(
                say("{path} cannot be made: {reason}.", path=str(path), reason=error.strerror or "")
            ) from None
        return cls(path)

    @property
    def last(self) -> Path:
        """The checkpoint to go on from."""
        return self.path / CHECKPOINTS / "last.safetensors"

    @property
    def best(self) -> Path:
        """The checkpoint with the best loss of what is held out."""
        return self.path / CHECKPOINTS / "best.safetensors"

    @property
    def result(self) -> Path:
        """The model that came out."""
        return self.path / RESULT

    @property
    def adapter(self) -> Path:
        """What was learned beside the weights."""
        return self.path / ADAPTER

    def recipe(self) -> Recipe:
        """What the run is made of.

        Raises:
            TrainingError: If there is none, or it was damaged.
        """
        return read_recipe(self.path / CONFIG)

    def change_training(self, recipe: Recipe) -> None:
        """Go on as a recipe says, which may differ in how it is learned alone.

        Raises:
            TrainingError: If it differs in more, or the run's own was damaged.
        """
        mine = self.recipe()
        if msgspec.structs.replace(mine, training=recipe.training) != recipe:
            raise TrainingError(
                say(
                    "{path} is a run of another recipe: only [training] may be changed.",
                    path=str(self.path),
                )
            )
        if mine != recipe:
            write_recipe(self.path / CONFIG, recipe)

    def status(self) -> Status:
        """What the run does; one whose process is gone without a word is paused."""
        try:
            status = msgspec.json.decode((self.path / STATUS).read_bytes(), type=Status)
        except (OSError, msgspec.DecodeError):
            return Status(state="paused")
        is_at_work = status.state in ("preparing", "running")
        if is_at_work and not _is_alive(status):
            return msgspec.structs.replace(status, state="paused", pid=0)
        return status

    def write_status(self, status: Status) -> None:
        """Say what the run does, in the name of this process.

        Raises:
            OSError: If it cannot be written.
        """
        pid = os.getpid()
        status = msgspec.structs.replace(
            status, pid=pid, pid_time=psutil.Process(pid).create_time()
        )
        _replace(self.path / STATUS, msgspec.json.encode(status))

    def ask(self, request: Request) -> None:
        """Ask the run to pause or to stop, soon."""
        _replace(self.path / REQUEST, request.encode())

    def take_request(self) -> Request | None:
        """What was asked since the last call."""
        path = self.path / REQUEST
        try:
            text = path.read_text("utf-8", errors="replace")
            path.unlink()
        except OSError:
            return None
        return "pause" if text == "pause" else "stop" if text == "stop" else None

    def add_metric(self, metric: Metric) -> None:
        """Write a line of figures."""
        _append(self.path / METRICS, metric)

    def add_sample(self, sample: Sample) -> None:
        """Write what the model wrote."""
        _append(self.path / SAMPLES, sample)

    def metrics(self) -> list[Metric]:
        """The figures until now; a line cut short by a crash is left out."""
        return list(_read(self.path / METRICS, Metric))

    def samples(self) -> list[Sample]:
        """What the model wrote until now."""
        return list(_read(self.path / SAMPLES, Sample))

    def report(self, name: str) -> Report | None:
        """What was measured of the model that came out; None if nothing was yet.

        Args:
            name: REPORT or BIAS.
        """
        try:
            return msgspec.json.decode((self.path / name).read_bytes(), type=Report)
        except (OSError, msgspec.DecodeError):
            return None

    def keep_report(self, name: str, report: Report) -> None:
        """Keep what was measured of the model that came out.

        Raises:
            TrainingError: If it cannot be written.
        """
        path = self.path / name
        try:
            _replace(path, msgspec.json.encode(report))
        except OSError as error:
            raise TrainingError(
                say(
                    "{path} cannot be written: {reason}.",
                    path=str(path),
                    reason=error.strerror or "",
                )
            ) from None

    def forget_reports(self) -> None:
        """Take away what was measured of a model that is another now."""
        for name in (REPORT, BIAS):
            (self.path / name).unlink(missing_ok=True)

    def forget_after(self, step: int) -> None:
        """Take away what was measured after the checkpoint that the run goes on from."""
        _rewrite(self.path / METRICS, [one for one in self.metrics() if one.step <= step])
        _rewrite(self.path / SAMPLES, [one for one in self.samples() if one.step <= step])


def runs_in(folder: Path) -> list[RunFolder]:
    """The runs in a folder, the newest first."""
    try:
        found = [path for path in folder.iterdir() if (path / CONFIG).is_file()]
    except OSError:
        return []
    found.sort(key=lambda path: (path / CONFIG).stat().st_mtime, reverse=True)
    return [RunFolder(path) for path in found]


def free_name(folder: Path, name: str) -> Path:
    """A folder for a new run, `name` with the time: it sorts by age and is not there yet."""
    stem = "".join(one if one.isalnum() or one in "-_" else "-" for one in name.lower())
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{stem.strip('-') or 'run'}"
    number, free = 2, path
    while free.exists():
        free, number = path.with_name(f"{path.name}-{number}"), number + 1
    return free


def _is_alive(status: Status) -> bool:
    try:
        return abs(psutil.Process(status.pid).create_time() - status.pid_time) < 1
    except (psutil.Error, ValueError):
        return False


def _append(path: Path, line: Struct) -> None:
    with path.open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")


def _read(path: Path, kind: type[_Line]) -> Iterator[_Line]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError:
            continue


def _rewrite(path: Path, lines: list[Any]) -> None:
    if path.exists():
        _replace(path, b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(data)
    for _ in range(_PATIENCE):
        with suppress(PermissionError):  # on Windows, in the moment in which somebody reads it
            os.replace(temporary, path)
            return
        time.sleep(_MOMENT_S)
    os.replace(temporary, path)
