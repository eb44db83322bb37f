"""The files a database consists of, and names for what is set aside or not finished."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from chatapp.paths import dated

_SUFFIXES = ("", "-wal", "-journal")


class DamagedError(sqlite3.DatabaseError):
    """The file can be read, but does not hold together."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def set_aside(path: Path, word: str) -> Path:
    """Rename a database with what SQLite left beside it, and return its new name.

    Args:
        path: The file.
        word: Why, for the name: "damaged" or "replaced".
    """
    aside = dated(path, word)
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def part_of(path: Path) -> Path:
    """An empty file for this user only, to be written and then renamed to `path`."""
    part = path.with_name(f"{path.name}.part")
    for suffix in _SUFFIXES:
        Path(f"{part}{suffix}").unlink(missing_ok=True)
    part.touch(mode=0o600)
    return part
