"""RunWatcher: the runs on this computer as the window sees them, read in a thread of its own.

Starts the processes that train them too. These live on when the window is closed, and are found
again by their folders.
"""

import logging
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QThreadPool, QTimer, Signal

from chatapp import paths
from chatapp.gui.background import short_turns
from chatapp.gui.engine_process import process_environment
from chatapp.gui.lab.run_reader import AT_WORK, Record, RunReader, Summary
from chatapp.runs.run_folder import LOG, Request, RunFolder, Status

logger = logging.getLogger(__name__)

_WORKING_MS, _RESTING_MS = 1_000, 5_000  # between two looks


class _Carrier(QObject):
    """Brings what a worker read into the window's thread, whatever became of the watcher."""

    read = Signal(object, object)


class RunWatcher(QObject):
    """Holds the runs, and all of the one that is chosen.

    Args:
        pool: Where the reading is done, in one thread.

    Attributes:
        runs: The newest first.
        chosen: The folder of the run of which all is wanted; "" for none.
        has_looked: Whether the folder was read once.

    Signals:
        changed: `runs` are others, or do something else.
        record_changed: There is more to show of the chosen run; carries the `Record`.
        failed: Something could not be done; carries a text fit to be shown.
    """

    changed = Signal()
    record_changed = Signal(object)
    failed = Signal(str)

    def __init__(self, pool: QThreadPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: tuple[Summary, ...] = ()
        self.chosen = ""
        self.has_looked = False
        self._starts: dict[str, float] = {}  # see RunReader
        self._reader = RunReader(paths.runs_dir(), self._starts)
        self._record: Record | None = None
        self._is_reading = self._is_outdated = False
        self._pool = pool
        self._timer = QTimer(self, interval=_RESTING_MS)
        self._timer.timeout.connect(self.refresh)

    def watch(self, is_on: bool) -> None:
        """Follow what happens, or look no more until told."""
        if is_on:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()

    def refresh(self) -> None:
        """Read what is new; the signals say what it is."""
        if self._is_reading:
            self._is_outdated = True
            return
        self._is_reading = True
        carrier = _Carrier()
        carrier.read.connect(self._on_read)
        self._pool.start(partial(_read, carrier, self._reader, self.chosen))

    def choose(self, path: str) -> None:
        """Have all of that run read, from now on."""
        if path != self.chosen:
            self.chosen = path
            self._record = None
            self.refresh()

    def run(self, path: str) -> Summary | None:
        """What is known of a run."""
        return next((one for one in self.runs if one.path == path), None)

    def start(self, path: str) -> None:
        """Begin a run, or go on with it, in a process that outlives the window."""
        self._start("train", path)

    def keep(self, path: str) -> None:
        """Have what a run has learned until its last checkpoint made its model."""
        self._start("keep", path)

    def _start(self, job: str, path: str) -> None:
        before = RunFolder(Path(path)).status()
        if self._is_starting(path, before) or before.state in AT_WORK:
            return
        command = [*paths.engine_command(), job, path]
        if not _start_detached(command, Path(path) / LOG):
            self.failed.emit(self.tr("The training cannot be started: {}").format(command[0]))
            return
        self._starts[path] = before.pid_time
        self.refresh()

    def pause(self, path: str) -> None:
        """Ask a run to pause; it goes on where it was when it is started again."""
        self._ask(path, "pause")

    def stop(self, path: str) -> None:
        """Ask a run to end and to keep what it has learned."""
        self._ask(path, "stop")

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._is_outdated = False

    def _is_starting(self, path: str, status: Status) -> bool:
        """Whether a process was started that has not spoken yet, nor ended as far as is known."""
        run = self.run(path)
        has_failed = run is not None and run.phase == "failed"
        return self._starts.get(path) == status.pid_time and not has_failed

    def _ask(self, path: str, request: Request) -> None:
        try:
            RunFolder(Path(path)).ask(request)
        except OSError as error:
            text = self.tr("The run cannot be asked: {}").format(error.strerror or str(error))
            self.failed.emit(text)
        self.refresh()

    def _on_read(self, found: tuple[Summary, ...] | None, record: Record | None) -> None:
        self._is_reading = False
        runs = self.runs if found is None else found
        is_at_work = any(one.phase in AT_WORK for one in runs)
        self._timer.setInterval(_WORKING_MS if is_at_work else _RESTING_MS)
        if runs != self.runs or not self.has_looked:
            self.runs, self.has_looked = runs, True
            self.changed.emit()
        is_wanted = record is not None and record.summary.path == self.chosen
        if is_wanted and record is not self._record:
            self._record = record
            self.record_changed.emit(record)
        if self._is_outdated:
            self._is_outdated = False
            self.refresh()


def _start_detached(command: Sequence[str], log: Path) -> bool:
    """Start a process that outlives this one, its words in `log`; whether it was started."""
    if sys.platform == "win32":  # Qt opens a console for it there, and to close that ends it
        try:
            with log.open("ab") as words:
                subprocess.Popen(
                    command, env=paths.engine_environment(), stdin=subprocess.DEVNULL,
                    stdout=words, stderr=words, creationflags=subprocess.CREATE_NO_WINDOW,
                )  # fmt: skip
        except OSError:
            return False
        return True
    process = QProcess()
    process.setProgram(command[0])
    process.setArguments(command[1:])
    process.setProcessEnvironment(process_environment())
    process.setStandardInputFile(QProcess.nullDevice())
    process.setStandardOutputFile(str(log), QProcess.OpenModeFlag.Append)
    process.setStandardErrorFile(str(log), QProcess.OpenModeFlag.Append)
    has_begun: object = process.startDetached()  # without the pid that its stub promises
    return bool(has_begun)


def _read(carrier: _Carrier, reader: RunReader, chosen: str) -> None:
    runs: tuple[Summary, ...] | None = None
    record: Record | None = None
    with short_turns():
        try:
            runs = reader.summaries()
            record = reader.record(chosen) if chosen else None
        except Exception:  # the top of a thread; the window goes on, and looks again
            logger.exception("The runs cannot be read")
    with suppress(RuntimeError):  # the program has ended meanwhile
        carrier.read.emit(runs, record)
