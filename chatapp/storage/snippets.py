"""What is shown of a hit: a line of its text around what was found, with the places to mark."""

import re
from collections.abc import Sequence

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
        snippet = _line(text, self._first(text))
        if self._any is None:
            return snippet, ()
        return snippet, tuple(m.span() for m in self._any.finditer(words.fold(snippet)))

    def _first(self, text: str) -> int:
        found = self._telling and self._telling.search(words.fold(text))
        return found.start() if found else 0


def _line(text: str, first: int) -> str:
    """About LENGTH characters around `first`, from word to word, on one line."""
    start, end = max(0, first - _BEFORE), min(len(text), first - _BEFORE + LENGTH)
    if start:
        gap = _space.search(text, start, first)
        start = gap.end() if gap else start
    line = " ".join(text[start : max(end, LENGTH)].split())
    return ("…" if start else "") + line + ("…" if end < len(text) else "")
