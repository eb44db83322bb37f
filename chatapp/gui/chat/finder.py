"""Where words occur in a row of texts. Knows nothing about widgets."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Hit(NamedTuple):
    """An occurrence: in which text, and the how manieth there."""

    text: int
    nth: int


class Finder:
    """All occurrences of some words, whatever the case of their letters."""

    def __init__(self, words: str, texts: Iterable[str]) -> None:
        wanted = words.lower()
        counts = (text.lower().count(wanted) for text in texts) if wanted else ()
        self._ends = list(accumulate(counts))  # how many there are up to the end of each text

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, number: int) -> Hit:
        """The hit of that number, counted from 0."""
        text = bisect_right(self._ends, number)
        return Hit(text, number - (self._ends[text - 1] if text else 0))

    def first_from(self, text: int) -> int:
        """The number of the first hit in a text or after it; the very first if there is none."""
        before = self._ends[text - 1] if text else 0
        return before if before < len(self) else 0
