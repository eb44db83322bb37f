"""One window for each history: a second start raises the first window and ends.

A lock file in the data folder says who is first; it costs nothing at start, and one left behind
by a program that crashed is taken over. The first listens on a local socket once its window
stands; the second asks it there to come to the front.
"""

import hashlib
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread, Signal

_PATIENCE_MS = 3000  # how long a second start tries to reach a first one that is still starting
_RETRY_MS = 50


class SingleInstance(QObject):
    """This program's claim on a data folder.

    Signals:
        raise_requested: A second start asks for the window.
    """

    raise_requested = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Names of sockets must be short; folders need not be.
        self._name = f"chatapp-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # old is not stale: only a dead owner makes it so
        self.is_first = self._lock.tryLock(0) or self._lock.error() != _TAKEN

    def listen(self) -> None:
        """Begin to hear second starts; called by the first once its window is painted."""
        from PySide6.QtNetwork import QLocalServer  # after the first paint: it costs time to load

        QLocalServer.removeServer(self._name)  # a socket left behind by a crash
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        self._server.listen(self._name)

    def raise_first(self) -> bool:
        """Ask the first for its window; False when it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        deadline = QDeadlineTimer(_PATIENCE_MS)
        while not deadline.hasExpired():
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            if socket.waitForConnected(_RETRY_MS):
                return socket.waitForDisconnected(deadline.remainingTime())
            QThread.msleep(_RETRY_MS)
        return False

    def release(self) -> None:
        """Give the claim up, so that the next start is the first."""
        self._lock.unlock()

    def _on_new_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            # Hanging up is the answer.
            socket.disconnected.connect(socket.deleteLater)
            socket.disconnectFromServer()
            self.raise_requested.emit()


_TAKEN = QLockFile.LockError.LockFailedError
