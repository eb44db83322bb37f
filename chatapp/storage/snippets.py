"""What is shown of a hit: a line of its text around what was found, with the places to mark."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from chatapp.storage import words
from chatapp.storage.search_query import Term

LENGTH = 160  # characters of a snippet, about
_BEFORE = 40  # of them before the first hit
_space = re.compile(r"\s")


class Hit(Struct, frozen=True, kw_only=True):
    """A message found, or a conversation found by its title.

    `created_at` is when the message was written, or the conversation begun; `marks` are the
    beginnings and ends of what was found in the snippet.
    """

    conversation_id: str
    message_id: str  # empty: it is the title that was found
    title: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    role: str
    created_at: str
    is_archived: bool


class Maker:
    """Makes the snippets of one search."""

    def __init__(self, terms: Sequence[Term]) -> None:
        patterns = [words.pattern(term.runs, is_prefix=term.is_prefix) for term in terms]
        # The longest one says most about where in the text the hit is.
        self._telling = re.compile(max(patterns, key=len)) if patterns else None
        self._any = re.compile("|".join(patterns)) if patterns else None

    def of(self, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The line for a text, and the places in it to mark."""
        text = words.normalized(text)
        start, end = _span(text, self._first(text))
        line = " ".join(text[start:end].split())
        before, after = "…" if start else "", "…" if end < len(text) else ""
        return before + line + after, tuple(self._marks(line, len(before)))

    def _first(self, text: str) -> int:
        found = self._telling and self._telling.search(words.fold(text))
        return found.start() if found else 0

    def _marks(self, line: str, shift: int) -> Iterator[tuple[int, int]]:
        if self._any is not None:
            for match in self._any.finditer(words.fold(line)):
                yield match.start() + shift, match.end() + shift


def _span(text: str, first: int) -> tuple[int, int]:
    """Where to cut a text for about LENGTH characters around `first`, beginning with a word."""
    start = max(0, first - _BEFORE)
    end = min(len(text), start + LENGTH)
    gap = _space.search(text, start, first) if start else None
    return gap.end() if gap else start, end
