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
    """An empty file for this user only, which takes the place of `path` when all went well."""
    part = path.with_name(f"{path.name}.part")
    _remove(part)
    part.touch(mode=0o600)
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        _remove(part)
        raise


def _remove(path: Path) -> None:
    for suffix in _SUFFIXES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
