"""A TOML file of the user's: read, and replaced as a whole, by a thread that waits for the disk."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chatapp.paths import dated

# What is asked for is done in order, and to the last also when the program ends.
_disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="toml")


class TomlFile:
    """One file.

    Attributes:
        path: Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_unread = False  # whether there is something in it that nobody knows

    def read(self) -> str:
        """What it holds, and what was asked to be written until now.

        Raises:
            OSError: If it cannot be read. It is then kept under another name before it is written.
            ValueError: If it holds no text.
        """
        try:
            return _disk.submit(self.path.read_text, encoding="utf-8").result()
        except FileNotFoundError:
            raise
        except OSError:
            self._is_unread = True
            raise

    def set_aside(self) -> Path:
        """Rename what makes no sense, and say to what.

        Raises:
            OSError: If that cannot be done.
        """
        aside = dated(self.path, "damaged")
        os.replace(self.path, aside)
        return aside

    def write(self, values: dict[str, Any], failed: Callable[[OSError], object]) -> None:
        """Replace what it holds, soon: after a power cut it is the old file or the new one.

        Args:
            values: What it is to hold.
            failed: Called, in another thread, if that cannot be done.
        """
        future = _disk.submit(self._write, values, failed)
        future.add_done_callback(lambda written: written.result())  # a mistake of ours is logged

    def _write(self, values: dict[str, Any], failed: Callable[[OSError], object]) -> None:
        try:
            if self._is_unread:
                os.rename(self.path, dated(self.path, "unread"))
                self._is_unread = False
            _replace(self.path, values)
        except OSError as error:
            failed(error)


def _replace(path: Path, values: dict[str, Any]) -> None:
    import tomli_w  # needed only once something changes

    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        tomli_w.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
