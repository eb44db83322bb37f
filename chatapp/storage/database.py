"""The file below the history: opening it, its transactions, and its errors in plain words.

Knows nothing about conversations.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import EACCES, ENOSPC, EPERM, EROFS
from pathlib import Path
from typing import Any

import msgspec

from chatapp.errors import StorageError, say
from chatapp.storage.damage import result_code
from chatapp.storage.files import finish_replacing
from chatapp.storage.migrations import migrate, refuse_newer, refuse_older

BUSY_S = 6.0  # a program that is just closing, or copies the file, has let go of it by then

_FULL = say("The disk is full, so the history in {path} cannot be written. Free some space first.")
_IN_USE = say("Another program has the history in {path} open. Close that program first.")
_DAMAGED = say(
    "The history in {path} is damaged. Try again: chatapp sets the file aside then and brings over "
    "what can be read of it."
)
_FORBIDDEN = say(
    "The history in {path} cannot be opened for writing ({error}). "
    "Check that the folder exists and that you may write to the file and the folder."
)
_MISSING = {
    "conversation": say("This conversation is not in the history."),
    "message": say("This message is not in the history."),
}
_UNUSABLE = say("The history in {path} cannot be used ({error}).")
_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
    sqlite3.SQLITE_IOERR: say("The disk failed to read or write {path} ({error}). Check the disk."),
    sqlite3.SQLITE_CONSTRAINT: say(
        "The history has no place for this: what it belongs to is not there, "
        "or it is there already ({error})."
    ),
}


def open_database(
    path: Path, *, is_backed_up: bool = True, busy_s: float = BUSY_S
) -> sqlite3.Connection:
    """Open the file for this process alone, up to date, and made if it is not there.

    What opening does not see of damage raises an error for which `is_damage` holds later on.

    Args:
        path: The file; its folder must be there.
        is_backed_up: Whether a file from an older program is backed up before it is changed.
        busy_s: How long to wait for another program to let go of it.

    Raises:
        StorageError: If a newer program wrote the file.
        sqlite3.Error: If the file cannot be used; `is_damage` says whether it is damaged.
        OSError: If the file cannot be made.
    """
    finish_replacing(path)
    if path.is_file():
        path.chmod(0o600)
    else:
        path.touch(mode=0o600)  # SQLite gives the files beside it the same mode
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
    try:
        # Held until the end: a second process would take our unfinished replies for interrupted.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        refuse_newer(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        _prepare(connection)
        migrate(connection, path if is_backed_up else None)
    except BaseException:
        connection.close()
        raise
    return connection


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a file of this program's that nobody may write to or beside, as it lies there.

    Raises:
        sqlite3.Error: If it cannot be read so. That holds for what an older program wrote, which
            would have to be changed, and for what a crash left to be written.
        StorageError: If a newer program wrote the file.
    """
    journals = (Path(f"{path}{suffix}") for suffix in ("-wal", "-journal"))
    if any(journal.exists() and journal.stat().st_size for journal in journals):
        raise sqlite3.OperationalError("a crash left something to be written")
    # Without this word SQLite makes files of its own even to read one.
    connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, isolation_level=None)
    try:
        refuse_newer(connection, path)
        refuse_older(connection)
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_in_memory() -> sqlite3.Connection:
    """Open a database that never reaches a file."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection)
    migrate(connection, None)
    return connection


def is_forbidden(error: sqlite3.Error | OSError) -> bool:
    """Whether the file or its folder may not be written to."""
    if isinstance(error, OSError):
        return error.errno in (EACCES, EPERM, EROFS)
    return _REASONS.get(result_code(error)) is _FORBIDDEN


@contextmanager
def transaction(connection: sqlite3.Connection, *, synced: bool = False) -> Iterator[None]:
    """Make what happens inside happen wholly or not at all.

    Args:
        connection: An open database.
        synced: Whether it must survive a power cut from now on. If not, it survives the end of
            this process, and a power cut only once something synced has followed.
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def now() -> str:
    """The time as it lies in the history."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def insert(db: sqlite3.Connection, table: str, *, or_ignore: bool = False, **columns: Any) -> bool:
    """Add a row, or with `or_ignore` leave one out that has no place; gives whether it is in."""
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    cursor = db.execute(
        f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        tuple(columns.values()),
    )
    return cursor.rowcount > 0


def update(db: sqlite3.Connection, table: str, row_id: str, **columns: Any) -> None:
    """Change columns of the row with that `id`.

    Raises:
        StorageError: If there is no such row.
    """
    assignments = ", ".join(f"{name} = ?" for name in columns)
    cursor = db.execute(
        f"UPDATE {table} SET {assignments} WHERE id = ?", (*columns.values(), row_id)
    )
    if cursor.rowcount == 0:
        raise StorageError(_MISSING[table])


@contextmanager
def plain_errors(path: Path | None) -> Iterator[None]:
    """Turn whatever the file, the disk or the data may raise into a StorageError."""
    place = str(path or "memory")
    try:
        yield
    except sqlite3.Error as error:
        reason = _REASONS.get(result_code(error), _UNUSABLE)
        raise StorageError(reason.about(path=place, error=str(error))) from error
    except OSError as error:
        reason = _FULL if error.errno == ENOSPC else _FORBIDDEN
        raise StorageError(reason.about(path=place, error=str(error.strerror))) from error
    except MemoryError as error:
        raise StorageError(say("There is not enough memory left for the history.")) from error
    except (UnicodeError, OverflowError, struct.error, msgspec.MsgspecError) as error:
        raise StorageError(
            say("The history cannot hold or understand this: {error}.", error=str(error))
        ) from error


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # no word of it in the folder for all
