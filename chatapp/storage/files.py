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

    What is there may be set aside as the last step before. From then on a power cut does not bring
    it back.
    """
    part = _part(path)
    was_there = path.exists()
    _remove(part)
    part.touch(mode=0o600)
    try:
        yield part
        _sync(part)
        os.replace(part, path)
        with suppress(OSError):  # where a folder cannot be opened there is nothing more to do
            _sync(path.parent)
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


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
