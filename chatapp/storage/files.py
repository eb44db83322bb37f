"""The files a database consists of, and names for what is set aside."""

import os
from contextlib import suppress
from pathlib import Path

from chatapp.paths import dated

_SUFFIXES = ("", "-wal", "-journal")


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
