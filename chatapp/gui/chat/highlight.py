"""The colours of code: which stretch of a text is a keyword, a string, a number, a comment.

Knows nothing about widgets; a colour is a name of the palette.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer


class Span(NamedTuple):
    """A stretch of one line of code; `start` and `length` count UTF-16 units, as Qt does."""

    line: int
    start: int
    length: int
    colour: str


def spans(code: str, language: str) -> Iterator[Span]:
    """The coloured stretches, found as they are asked for; none in an unknown language."""
    lexer = _lexer(language)
    if lexer is None:
        return
    from pygments.token import (
        Comment,
        Generic,
        Keyword,
        Number,
        Operator,
        String,
        is_token_subtype,
    )

    colours = (
        (Comment, "com"),
        (String, "str"),
        (Number, "num"),
        (Keyword, "kw"),
        (Operator.Word, "kw"),
        (Generic.Deleted, "bad"),
        (Generic.Inserted, "str"),
        (Generic.Heading, "kw"),
    )
    line = start = 0
    for _, token, text in lexer.get_tokens_unprocessed(code):
        colour = next((name for kind, name in colours if is_token_subtype(token, kind)), "")
        for index, part in enumerate(text.split("\n")):
            if index:
                line, start = line + 1, 0
            length = units(part)
            if colour and length:
                yield Span(line, start, length, colour)
            start += length


def warm_up() -> None:
    """Have the lexers ready before the first code comes."""
    list(spans("x = 1", "python"))


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _lexer(language: str) -> "Lexer | None":
    if not language:
        return None
    from pygments.lexers import get_lexer_by_name  # 30 ms that the first paint does not wait for
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None
