"""Takes the numbers of a model's configuration out of a stranger's mapping, each checked.

Knows nothing about what the numbers mean.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatapp.errors import ModelFileError, say
from chatapp.text.json_file import damaged

MAX_SIZE = 2**24  # larger than any width, vocabulary or context in use
MAX_LAYERS = 512


class Values:
    """The values that one file gives, by name; a missing or null one has its default."""

    def __init__(self, path: Path, values: Mapping[str, Any]) -> None:
        self._path = path
        self._values = values

    def size(self, name: str, default: int | None = None, limit: int = MAX_SIZE) -> int:
        """A whole number from 1 to `limit`.

        Raises:
            ModelFileError: If it is missing without a default, or anything else.
        """
        value = self._value(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= limit:
            raise self._senseless(name)
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number above 0.

        Raises:
            ModelFileError: If it is missing without a default, or anything else.
        """
        value = self._value(name, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._senseless(name)
        if not 0 < value < 1e30 or not math.isfinite(value):
            raise self._senseless(name)
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no.

        Raises:
            ModelFileError: If it is anything else.
        """
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self._senseless(name)
        return value

    def text(self, name: str, default: str = "") -> str:
        """A text.

        Raises:
            ModelFileError: If it is anything else.
        """
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self._senseless(name)
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """What is nested under a name, empty if nothing is.

        Raises:
            ModelFileError: If it is anything else.
        """
        value = self._value(name, {})
        if not isinstance(value, dict):
            raise self._senseless(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, () if it is missing.

        Raises:
            ModelFileError: If it is anything else.
        """
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._senseless(name)
        return tuple(value)

    def has(self, name: str) -> bool:
        """Whether there is such a value."""
        return self._values.get(name) is not None

    def _value(self, name: str, default: Any) -> Any:
        value = self._values.get(name)
        return default if value is None else value

    def _senseless(self, name: str) -> ModelFileError:
        return damaged(self._path, say("its {key} makes no sense", key=name))
