"""Work: something long that is done in a thread of its own while the window goes on."""

import threading
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, Signal

from chatapp.errors import ChatAppError
from chatapp.gui.sentences import translated
from chatapp.transfer.watch import CancelledError, Watch


class Work(QObject):
    """Does one thing at a time.

    Signals:
        progressed: How much is done, from 0 to 1.
        succeeded: It is done; carries what came of it.
        failed: It could not be done; carries a text fit to be shown.
        cancelled: It has ended because the user wished so.
    """

    progressed = Signal(float)
    succeeded = Signal(object)
    failed = Signal(str)
    cancelled = Signal()

    _ended = Signal(object, object)  # from the thread: what came of it, or what went wrong

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._is_closed = False
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether something is being done."""
        return self._thread is not None

    def start(self, job: Callable[[Watch], object]) -> None:
        """Begin; what is being done already goes on instead."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, args=(job,), name="data")
            self._thread.start()

    def cancel(self) -> None:
        """Have the work end soon."""
        self._stop.set()

    def close(self) -> None:
        """End the work and wait until it has ended; nothing is said of it any more."""
        self._is_closed = True
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def _run(self, job: Callable[[Watch], object]) -> None:
        result: object = None
        failure: BaseException | None = None
        try:
            result = job(Watch(self.progressed.emit, self._stop.is_set))
        except BaseException as error:  # the top of a thread: the window is where it is dealt with
            failure = error
        with suppress(RuntimeError):  # the window is gone
            self._ended.emit(result, failure)

    def _on_ended(self, result: object, failure: BaseException | None) -> None:
        self._thread = None
        if self._is_closed:
            return
        if failure is None:
            self.succeeded.emit(result)
        elif isinstance(failure, CancelledError):
            self.cancelled.emit()
        elif isinstance(failure, ChatAppError):
            self.failed.emit(translated(failure.sentence))
        else:
            raise failure
