"""The files a database consists of, and names for what is set aside or not finished."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """An empty file for this user only, which takes the place of `path` when all went well.

    What is there may be set aside as the last step before.
    """
    part = _part(path)
    was_there = path.exists()
    _remove(part)
    part.touch(mode=0o600)
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        if path.exists() or not was_there:  # else it is complete, and the only one
            _remove(part)
        raise


def finish_replacing(path: Path) -> None:
    """Put in place what the end of the process kept from it, the file before being set aside."""
    if not path.exists():
        with suppress(FileNotFoundError):
            os.replace(_part(path), path)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _remove(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
