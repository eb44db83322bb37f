"""One window for each history: a second start raises the first window and ends.

A lock file says who is first; one left behind by a program that crashed is taken over. A second
start leaves a note beside the lock, which the first sees and takes away. A local socket would do
the same, but the module for it costs a tenth of the memory the whole window may take.
"""

import contextlib
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QFileSystemWatcher, QLockFile, QObject, QThread, Signal

_PATIENCE_MS = 5000  # how long a second start waits for a first one that is still starting
_LOOK_MS = 20


class SingleInstance(QObject):
    """This program's claim on a data folder.

    Attributes:
        is_first: Whether no other program has the folder.

    Signals:
        raise_requested: A second start asks for the window.
    """

    raise_requested = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder / "window"
        self._note = self._folder / "raise"
        with contextlib.suppress(
            OSError
        ):  # without a lock there may be two windows, but there is one
            self._folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = QLockFile(str(self._folder / "lock"))
        self._lock.setStaleLockTime(0)  # old is not stale: only a dead owner makes it so
        self.is_first = self._lock.tryLock(0) or self._lock.error() != _TAKEN
        if self.is_first:
            self._take_note()  # one that nobody took

    def listen(self) -> None:
        """Begin to hear second starts; called by the first once its window is painted."""
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(self._on_changed)
        self._on_changed()

    def raise_first(self) -> bool:
        """Ask the first for its window; False when it does not answer."""
        self._note.touch()
        deadline = QDeadlineTimer(_PATIENCE_MS)
        while self._note.exists() and not deadline.hasExpired():
            QThread.msleep(_LOOK_MS)
        return not self._take_note()

    def release(self) -> None:
        """Give the claim up, so that the next start is the first."""
        self._lock.unlock()

    def _on_changed(self) -> None:
        if self._take_note():
            self.raise_requested.emit()

    def _take_note(self) -> bool:
        """Whether there was a note; there is none afterwards."""
        try:
            self._note.unlink()
        except OSError:
            return False
        return True


_TAKEN = QLockFile.LockError.LockFailedError
