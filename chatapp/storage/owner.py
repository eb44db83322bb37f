"""The thread that owns the connection: it opens the file, and salvages it where it is damaged."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from chatapp.errors import Sentence, say
from chatapp.storage import messages
from chatapp.storage.damage import is_damage
from chatapp.storage.database import (
    BUSY_S,
    is_forbidden,
    open_database,
    open_in_memory,
    open_read_only,
    plain_errors,
)
from chatapp.storage.salvage import salvage
from chatapp.storage.worker import Worker, queued_long


class Owner(Worker):
    """A worker with a database: made, brought up to date and recovered when first asked for.

    Args:
        path: The file; None keeps everything in memory, and nothing reaches any file.

    Attributes:
        problem: What was wrong with the file, None when nothing was. Known as
            soon as the Future is done whose work met it, mostly the first.
        is_read_only: Whether the file can be read but not written; known as soon as `problem`,
            which says why.
    """

    def __init__(self, path: Path | None) -> None:
        super().__init__(thread_name="history")
        self.problem: Sentence | None = None
        self.is_read_only = False
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._is_recovered = False
        self._busy_s = BUSY_S

    def close(self) -> None:
        """Wait until everything called for is done, then let go of the file."""
        self._close_file().exception()  # whatever it is, all that was asked for is committed
        self._end()

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    @property
    def _file(self) -> Path:
        assert self._path is not None, "A history in memory has no file."
        return self._path

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return open_in_memory()
        busy_s, self._busy_s = self._busy_s, 0.1  # who is not gone by then may never be
        try:
            connection = open_database(self._path, busy_s=busy_s)
        except (sqlite3.Error, OSError) as error:
            if not is_forbidden(error):
                raise
            return self._open_to_read(self._path, error)
        self._busy_s = BUSY_S
        try:
            if not self._is_recovered:  # later on, an open reply is one that is being written
                messages.close_cut_short(connection)
        except BaseException:
            connection.close()
            raise
        self._is_recovered = True
        return connection

    def _open_to_read(self, path: Path, reason: sqlite3.Error | OSError) -> sqlite3.Connection:
        """Open what cannot be written; where it cannot be read either, that is the error."""
        try:
            connection = open_read_only(path)
        except (sqlite3.Error, OSError):
            raise reason from None
        self.is_read_only = True
        self.problem = say(
            "The history in {path} can be read but not written ({error}), so nothing new can be "
            "kept in it. Check that you may write to the file and the folder, then start chatapp "
            "again.",
            path=str(path),
            error=str(reason.strerror if isinstance(reason, OSError) else reason),
        )
        return connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @queued_long
    def _close_file(self) -> None:
        self._let_go()

    def _perform(self, call: Callable[[], object]) -> object:
        """Make a call; where it meets damage, make it again on what can be saved."""
        with plain_errors(self._path):
            try:
                return call()
            except sqlite3.DatabaseError as error:
                # Of a job that gives way, the file under its feet must stay.
                if not is_damage(error) or self._path is None or self._is_nested:
                    raise
            self._replace_damaged()
            return call()

    def _replace_damaged(self) -> None:
        self._let_go()
        saved = salvage(self._file)
        self.problem = say(
            "The history was damaged. What could be read of it was brought into a new one: "
            "conversations: {conversations}, messages: {messages}, messages lost: {lost}. "
            "The damaged file was kept as {path}.",
            conversations=saved.conversations,
            messages=saved.messages,
            lost=saved.lost,
            path=str(saved.aside),
        )
