"""JobProcess: asks something that takes long of a process beside the window, which never waits."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, QTemporaryDir, Signal

from chatapp import paths
from chatapp.errors import Sentence, say
from chatapp.gui.engine_process import process_environment

_END_MS = 2_000  # to wait for a process that was killed
_FAILED = 4  # what a job ends with that says why, as in chatapp.training.jobs


class JobProcess(QObject):
    """One job at a time: what is asked later takes the place of what was asked before.

    Args:
        job: Its name; see chatapp.training.jobs.
        answer_type: What it answers.
        command: Starts an engine; None is the program's own.

    Signals:
        said: What is being done meanwhile; carries a `Sentence`.
        answered: The answer, of `answer_type`.
        failed: Why there is none; carries a `Sentence`.
    """

    said = Signal(object)
    answered = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        job: str,
        answer_type: Any,
        parent: QObject | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = [*(command or paths.engine_command()), job]
        self._answer_type = answer_type
        self._process: QProcess | None = None
        self._line = b""  # the latest whole one

    @property
    def is_at_work(self) -> bool:
        """Whether an answer is to come."""
        return self._process is not None

    def ask(self, request: object) -> None:
        """Ask; `request` goes there as JSON."""
        self.stop()
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        folder = QTemporaryDir()  # what a killed process leaves behind goes with it
        environment = process_environment()
        for name in ("TMPDIR", "TEMP", "TMP"):
            environment.insert(name, folder.path())
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        process.finished.connect(lambda *_: folder.remove())
        process.errorOccurred.connect(self._on_error)
        self._process, self._line = process, b""
        process.start()
        process.write(msgspec.json.encode(request))
        process.closeWriteChannel()

    def stop(self) -> None:
        """End the job, if there is one; nothing is said of it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.readyReadStandardOutput.disconnect()
        process.finished.disconnect(self._on_finished)
        process.errorOccurred.disconnect()
        process.finished.connect(process.deleteLater)
        process.kill()

    def shut_down(self) -> None:
        """End all jobs, and wait until they are gone; for the end of the program."""
        self.stop()
        for process in self.findChildren(QProcess):
            process.waitForFinished(_END_MS)

    def _on_output(self) -> None:
        assert self._process is not None
        while self._process.canReadLine():
            self._line = bytes(self._process.readLine().data())
            with suppress(msgspec.DecodeError):  # the answer
                self.said.emit(msgspec.json.decode(self._line, type=Sentence))

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        process, self._process = self._process, None
        assert process is not None
        process.deleteLater()
        is_crash = status == QProcess.ExitStatus.CrashExit  # the code is then a signal's number
        kinds = {} if is_crash else {0: self._answer_type, _FAILED: Sentence}
        try:
            answer = msgspec.json.decode(self._line, type=kinds[exit_code])
        except (KeyError, msgspec.DecodeError):
            self.failed.emit(_WITHOUT_A_WORD)
            return
        (self.answered if exit_code == 0 else self.failed).emit(answer)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if error == QProcess.ProcessError.FailedToStart and process is not None:
            self._process = None
            process.deleteLater()
            self.failed.emit(
                say("The engine cannot be started: {reason}.", reason=process.errorString())
            )


_WITHOUT_A_WORD = say(
    "The process that looked at it has ended without a word. Perhaps it needed more memory than is "
    "free: close other programs, or take less data or a smaller model."
)
