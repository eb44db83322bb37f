"""EngineProcess: the window's end of the protocol, over a QProcess that never blocks the window.

Knows nothing about conversations or widgets.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from chatapp import engine_watch
from chatapp.chat import new_id
from chatapp.engine_watch import Watch
from chatapp.errors import ErrorCode, ProtocolError, Sentence, say
from chatapp.paths import engine_command, engine_environment
from chatapp.protocol import (
    MAX_LINE_BYTES,
    PROTOCOL,
    Cancel,
    Counted,
    Delta,
    Done,
    Error,
    Loaded,
    Progress,
    Quit,
    Ready,
    Rendered,
    Request,
    Unloaded,
    decode_event,
    encode,
)

_GRACE_MS = 500  # for an engine that was asked to end
_STOPPED = say("The engine was stopped.")
_NOT_RUNNING = say("The engine is not running. Restart it.")
_TOO_MUCH = say("This is too much text at once.")


class EngineProcess(QObject):
    """One engine process after another: started, spoken to, watched over.

    Signals:
        ready: A `Ready`; the engine is up. Requests may be sent before.
        progress, loaded, delta, rendered, counted: The event of that name.
        done, failed: A `Done` or an `Error`; every request sent ends in exactly one of the two.
        unloaded: An `Unloaded`; the engine freed an idle model.
        died: The engine ended by itself, printed garbage or fell silent: a `Sentence` for the user,
            and its exit code (negative for a signal, 0 when it had to be ended). Comes once an
            engine, after the `failed` of each open request.
    """

    ready = Signal(object)
    progress = Signal(object)
    loaded = Signal(object)
    delta = Signal(object)
    rendered = Signal(object)
    counted = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    unloaded = Signal(object)
    died = Signal(object, int)

    def __init__(self, command: Sequence[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command or engine_command())
        self._process: QProcess | None = None
        self._log: Path | None = None
        self._watch = Watch(0)
        self._partial_line = bytearray()
        self._is_stopping = False
        self._ready_timer = self._timer(engine_watch.READY_S, self._on_not_ready, once=True)
        self._grace_timer = self._timer(_GRACE_MS / 1000, self._on_grace_over, once=True)
        self._watch_timer = self._timer(engine_watch.TICK_S, self._on_tick)
        self._signals = {
            Ready: self.ready,
            Progress: self.progress,
            Loaded: self.loaded,
            Delta: self.delta,
            Rendered: self.rendered,
            Counted: self.counted,
            Done: self.done,
            Error: self.failed,
            Unloaded: self.unloaded,
        }

    @property
    def is_running(self) -> bool:
        """Whether there is an engine that takes requests."""
        return self._process is not None and not self._is_stopping

    def start(self) -> None:
        """Start an engine, unless one is running."""
        if self.is_running:
            return
        self._let_go("cancelled", _STOPPED)
        self._log = engine_watch.new_log()
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.setProcessEnvironment(process_environment())
        process.setStandardErrorFile(str(self._log))
        process.started.connect(self._on_started)
        process.readyReadStandardOutput.connect(self._on_output)
        process.errorOccurred.connect(self._on_error)
        process.finished.connect(self._on_finished)
        self._process = process
        self._ready_timer.start()
        process.start()  # last: on Windows a failure is reported from inside

    def send(self, request: Request) -> None:
        """Send a request; it is answered through the signals, never before this returns."""
        line = encode(request)
        if self._process is None or self._is_stopping:
            self._refuse(request, "engine_died", _NOT_RUNNING)
        elif len(line) > MAX_LINE_BYTES:
            self._refuse(request, "bad_request", _TOO_MUCH)
        else:
            self._watch.sent(request)
            self._process.write(line)
            if not self._watch_timer.isActive():
                self._watch_timer.start()

    def stop(self) -> None:
        """Let the engine end what it does and then itself; it is ended soon if it does not."""
        if self._process is not None and not self._is_stopping:
            self._process.write(encode(Quit(id=new_id())))
            self._is_stopping = True
            self._grace_timer.start()

    def restart(self) -> None:
        """Start an engine, in place of the one that may be running."""
        self._let_go("cancelled", say("The engine was restarted."))
        self.start()

    def shut_down(self) -> None:
        """End the engine now and wait for it, a second at most; for the end of the program."""
        self._let_go("cancelled", _STOPPED)
        for process in self.findChildren(QProcess):
            process.waitForFinished(2 * _GRACE_MS)

    def log_tail(self) -> str:
        """The last lines of the log of the latest engine."""
        return engine_watch.log_tail(self._log) if self._log else ""

    def _on_started(self) -> None:
        assert self._process is not None
        self._watch.pid = self._process.processId()

    def _on_output(self) -> None:
        process = self._process
        if process is None:
            return
        *lines, rest = bytes(process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            self._partial_line += line
            whole_line = bytes(self._partial_line)
            self._partial_line.clear()
            self._take(whole_line)
            if process is not self._process:  # let go of meanwhile, by us or by whoever listens
                return
        self._partial_line += rest
        if len(self._partial_line) > MAX_LINE_BYTES:
            self._give_up("engine_died", engine_watch.GARBAGE)

    def _take(self, line: bytes) -> None:
        try:
            event = decode_event(line)
        except ProtocolError:
            self._give_up("engine_died", engine_watch.GARBAGE)
            return
        if isinstance(event, Ready):
            self._ready_timer.stop()
            if event.protocol != PROTOCOL:
                sentence = engine_watch.words_for_protocol(event.protocol, PROTOCOL)
                self._give_up("engine_died", sentence)
                return
        if self._watch.heard(event):
            self._signals[type(event)].emit(event)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            sentence = engine_watch.words_for_no_start(self._process.errorString())
            self._give_up("engine_died", sentence)

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        if self._process is None:
            return
        if self._is_stopping:
            self._let_go("cancelled", _STOPPED)
            return
        is_signal = status == QProcess.ExitStatus.CrashExit and sys.platform != "win32"
        exit_code = -exit_code if is_signal else exit_code
        self._give_up("engine_died", engine_watch.words_for_end(exit_code), exit_code)

    def _on_not_ready(self) -> None:
        self._give_up("engine_silent", engine_watch.NOT_READY)

    def _on_tick(self) -> None:
        verdict = self._watch.tick()
        if verdict == "stuck":
            self._give_up("engine_silent", engine_watch.STUCK)
        elif verdict == "ask" and self._process is not None:
            self._process.write(encode(Cancel(id=new_id(), target="")))
        elif not self._watch.open_ids:
            self._watch_timer.stop()

    def _on_grace_over(self) -> None:
        self._let_go("cancelled", _STOPPED)

    def _give_up(self, code: ErrorCode, sentence: Sentence, exit_code: int = 0) -> None:
        self._let_go(code, sentence)
        self.died.emit(sentence, exit_code)

    def _let_go(self, code: ErrorCode, sentence: Sentence) -> None:
        """End the engine, if there is one, and every request that is open."""
        process, self._process = self._process, None
        if process is None:
            return
        for timer in (self._ready_timer, self._grace_timer, self._watch_timer):
            timer.stop()
        open_ids = self._watch.open_ids
        self._watch = Watch(0)
        self._partial_line.clear()
        self._is_stopping = False
        process.started.disconnect()
        process.readyReadStandardOutput.disconnect()
        process.errorOccurred.disconnect()
        process.finished.disconnect()
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
        else:
            process.finished.connect(process.deleteLater)
            process.kill()
        for id in open_ids:
            self.failed.emit(Error(id=id, code=code, message=sentence))

    def _refuse(self, request: Request, code: ErrorCode, sentence: Sentence) -> None:
        error = Error(id=request.id, code=code, message=sentence)
        QTimer.singleShot(0, self, lambda: self.failed.emit(error))

    def _timer(
        self, seconds: float, on_timeout: Callable[[], None], *, once: bool = False
    ) -> QTimer:
        timer = QTimer(self, interval=round(seconds * 1000), singleShot=once)
        timer.timeout.connect(on_timeout)
        return timer


def process_environment() -> QProcessEnvironment:
    """The environment to start an engine in, as Qt takes it."""
    environment = QProcessEnvironment()
    for name, value in engine_environment().items():
        environment.insert(name, value)
    return environment
