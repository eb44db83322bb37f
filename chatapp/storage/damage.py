"""How a damaged database is told from everything else that may go wrong with one."""

import sqlite3


class DamagedError(sqlite3.DatabaseError):
    """The file can be read, but does not hold together."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is no database, or one that does not hold together."""
    is_no_text = str(error).startswith("Could not decode to UTF-8")  # this one carries no code
    return is_no_text or result_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_unreadable(error: sqlite3.Error) -> bool:
    """Whether a place in the file cannot be read, now or ever."""
    return is_damage(error) or result_code(error) == sqlite3.SQLITE_IOERR


def result_code(error: sqlite3.Error) -> int:
    """The primary result code: extended ones carry theirs in the upper bytes."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
