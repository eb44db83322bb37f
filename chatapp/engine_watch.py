"""Watching over an engine process: what it owes, its silence, its log, the words for its end.

Shared by the blocking client and the window, each of which starts and reads the process in its
own way. Knows nothing about pipes, threads or Qt.
"""

import contextlib
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from chatapp import paths
from chatapp.errors import Sentence, say
from chatapp.protocol import Cancel, Done, Error, Event, Ready, Request, Unloaded

READY_S = 10.0  # from the start of the process to its first line
TICK_S = 0.6  # between two looks of the watch: three of them notice a hang within 2 s

CANCEL_S = 2.0  # from `cancel` to the end of the request it stops
_BUSY_CPU_S = 0.02  # a process that used less between two ticks does not compute
_BUSY_TICKS = 50  # how long an engine may compute without a sign of life
_KEPT_LOGS = 10
_TAIL_BYTES = 16 * 1024

STUCK = say("The engine does not answer any more and was ended. Restart it.")
NOT_READY = say(
    "The engine did not come up within {limit_s:.0f} s and was ended. Restart it.", limit_s=READY_S
)
GARBAGE = say("The engine printed something that cannot be understood and was ended. Restart it.")


class Watch:
    """Knows which requests are open and decides, tick by tick, when the engine is given up.

    An engine that owes an answer and says nothing from one tick to the next is asked for a sign of
    life: any `cancel` is answered at once, in the middle of a decode too. If that goes unanswered
    as well it is stuck, unless the process computes or waits for the disk: slow is not stuck. It
    is stuck, too, when a request does not end in time after its `cancel`.

    Attributes:
        pid: The process, 0 while it is not known.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._open: dict[str, float | None] = {}  # id -> when it must have ended, once cancelled
        self._is_up = False
        self._silent_ticks = 0
        self._cpu_s = 0.0

    @property
    def open_ids(self) -> tuple[str, ...]:
        """The requests that have not ended, oldest first."""
        return tuple(self._open)

    def sent(self, request: Request) -> None:
        """Note a request on its way to the engine."""
        self._open[request.id] = None
        if isinstance(request, Cancel) and request.target in self._open:
            self._open[request.target] = time.monotonic() + CANCEL_S

    def heard(self, event: Event) -> bool:
        """Note what the engine said; False for what belongs to no open request."""
        self._silent_ticks = 0
        self._is_up = True
        if isinstance(event, Ready | Unloaded):
            return True
        is_known = event.id in self._open
        if isinstance(event, Done | Error):
            self._open.pop(event.id, None)
        return is_known

    def tick(self) -> Literal["fine", "ask", "stuck"]:
        """What to do now; called every `TICK_S`, at least while a request is open."""
        if not (self._is_up and self._open):
            self._silent_ticks = 0
            return "fine"
        now = time.monotonic()
        if any(deadline is not None and now > deadline for deadline in self._open.values()):
            return "stuck"
        self._silent_ticks += 1
        if self._silent_ticks == 1:
            return "fine"
        is_at_work = self._is_at_work()
        if self._silent_ticks == 2:
            return "ask"
        return "fine" if is_at_work and self._silent_ticks < _BUSY_TICKS else "stuck"

    def _is_at_work(self) -> bool:
        """Whether the process has computed since the last look, or waits for the disk."""
        import psutil  # needed only once an engine is silent

        before = self._cpu_s
        try:
            process = psutil.Process(self.pid)
            times = process.cpu_times()
            self._cpu_s = times.user + times.system
            has_computed = self._cpu_s - before > _BUSY_CPU_S
            return has_computed or process.status() == psutil.STATUS_DISK_SLEEP
        except psutil.Error:
            return False


def new_log() -> Path:
    """A file for the log of one engine; of the older ones the last few are kept.

    Where none can be made the log goes nowhere: that keeps no engine from starting.
    """
    folder = paths.log_dir()
    for old in sorted(folder.glob("engine-*.log"))[: 1 - _KEPT_LOGS]:
        with contextlib.suppress(OSError):  # on Windows the log of a running engine stays
            old.unlink()
    if not os.access(folder, os.W_OK):
        return Path(os.devnull)
    return folder / f"engine-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"


def log_tail(log: Path) -> str:
    """The last 40 lines of a log, "" when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-40:])


def words_for_end(exit_code: int) -> Sentence:
    """What to tell the user of an engine that ended by itself.

    Args:
        exit_code: As `subprocess` gives it: a signal is its negative number.
    """
    if exit_code >= 0:
        code = _exit_code_text(exit_code)
        return say("The engine ended unexpectedly (code {code}). Restart it.", code=code)
    if exit_code == -9:
        return say(
            "The system ended the engine, most likely because memory ran out. Close other "
            "programs or take a smaller model, then restart it."
        )
    return say(
        "The engine crashed ({signal}). Restart it; if this happens again with the same model, "
        "give it a shorter context or copy its file again: it may be damaged.",
        signal=_signal_name(-exit_code),
    )


def words_for_no_start(reason: str) -> Sentence:
    """What to tell the user of an engine that cannot even be started."""
    return say(
        "The engine cannot be started: {reason}. Installing the program again may help.",
        reason=reason,
    )


def words_for_protocol(spoken: int, expected: int) -> Sentence:
    """What to tell the user of an engine of another version."""
    return say(
        "The engine speaks protocol {spoken}, this program speaks {expected}: they are of "
        "different versions. Install the program again.",
        spoken=spoken,
        expected=expected,
    )


def _exit_code_text(exit_code: int) -> str:
    # Windows reports a crash as an NTSTATUS, known by its hexadecimal form only.
    return hex(exit_code) if sys.platform == "win32" and exit_code > 255 else str(exit_code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
