"""TrialProcess: a trained model, opened by a process beside the window, to be tried."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from chatapp import paths
from chatapp.errors import Sentence, say
from chatapp.gui.engine_process import process_environment
from chatapp.runs.trial import Answer, Ask, Ready

_END_MS = 2_000  # to wait for a process that was killed
_REST_MS = 5 * 60_000  # without a question; then the model's memory is given back


class TrialProcess(QObject):
    """Has one model open at a time, and asks it one thing at a time.

    What is asked while an answer is awaited waits, and only the newest of it is kept. A process
    that was ended because nothing was asked comes back with the next question; one that failed
    waits to be opened again, and is then given what it was asked last.

    Args:
        command: Starts an engine; None is the program's own.
        rest_ms: Without a question, after which the process is ended.

    Attributes:
        folder: Of the model; "" if none is open.

    Signals:
        opened: The model can be asked; carries a `Ready`.
        answered: What it was asked and what it said; carries an `Ask` and an `Answer`.
        failed: Why there is no answer; carries a `Sentence`.
    """

    opened = Signal(object)
    answered = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        command: Sequence[str] | None = None,
        rest_ms: int = _REST_MS,
    ) -> None:
        super().__init__(parent)
        self._command = command
        self.folder = ""
        self._process: QProcess | None = None
        self._is_ready = False
        self._has_failed = False
        self._asked: Ask | None = None  # and not yet answered
        self._next: Ask | None = None
        self._rest = QTimer(self, singleShot=True, interval=rest_ms)
        self._rest.timeout.connect(self._end)

    @property
    def pid(self) -> int:
        """The process; 0 if there is none."""
        return 0 if self._process is None else self._process.processId()

    def open(self, folder: str) -> None:
        """Open the model of a folder, in place of any other."""
        if self.folder not in ("", folder):
            self.close()
        self.folder, self._has_failed = folder, False
        if self._process is None:
            self._start()

    def ask(self, ask: Ask) -> None:
        """Ask the model as soon as it is free."""
        self._next = ask
        if self._process is None and self.folder and not self._has_failed:
            self._start()
        self._ask_next()

    def close(self) -> None:
        """Let the model go, and all that was asked."""
        self._end()
        self.folder, self._next = "", None

    def shut_down(self) -> None:
        """Close, and wait until the process is gone; for the end of the program."""
        self.close()
        for process in self.findChildren(QProcess):
            process.waitForFinished(_END_MS)

    def _start(self) -> None:
        command = [*(self._command or paths.engine_command()), "try", self.folder]
        process = QProcess(self)
        process.setProgram(command[0])
        process.setArguments(command[1:])
        process.setProcessEnvironment(process_environment())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()

    def _end(self) -> None:
        """End the process, if there is one; nothing is said of it."""
        process, self._process = self._process, None
        self._is_ready, self._asked = False, None
        self._rest.stop()
        if process is None:
            return
        process.readyReadStandardOutput.disconnect()
        process.finished.disconnect()
        process.errorOccurred.disconnect()
        process.finished.connect(process.deleteLater)
        process.kill()

    def _ask_next(self) -> None:
        is_free = self._is_ready and self._asked is None
        if self._process is None or not is_free or self._next is None:
            return
        self._asked, self._next = self._next, None
        self._rest.stop()
        self._process.write(msgspec.json.encode(self._asked) + b"\n")

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self._take(bytes(self._process.readLine().data()))

    def _take(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line, type=Answer if self._is_ready else Ready)
        except msgspec.DecodeError:
            self._fail(_reason_in(line))
            return
        self._rest.start()
        if isinstance(message, Ready):
            self._is_ready = True
            self.opened.emit(message)
        else:
            asked, self._asked = self._asked, None
            self.answered.emit(asked, message)
        self._ask_next()

    def _on_finished(self) -> None:
        self._fail(_WITHOUT_A_WORD)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self._process.deleteLater()
            self._process = None
            self._fail(say("The engine cannot be started: {reason}.", reason=reason))

    def _fail(self, reason: Sentence) -> None:
        self._next = self._next or self._asked
        self._has_failed = True
        self._end()
        self.failed.emit(reason)


_WITHOUT_A_WORD = say(
    "The process that had the model open has ended without a word. Perhaps it needed more memory "
    "than is free: close other programs, or give it a shorter text."
)


def _reason_in(line: bytes) -> Sentence:
    try:
        return msgspec.json.decode(line, type=Sentence)
    except msgspec.DecodeError:
        return _WITHOUT_A_WORD
