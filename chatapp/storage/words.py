"""How a text is cut into the words it is found by, and where they stand in it again.

Case and accents do not count. Chinese, Japanese and Thai put no spaces between words, so there
every two neighbouring characters are a word, and the last one of a run by itself.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

MAX_WORD = 64  # characters; what is longer is found by its beginning

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Myanmar, Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
)
# Compiled when they are first needed, and kept by `re`: that takes longer than to import the rest.
_RUNS = f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+"
_ASCII_RUNS = "[a-z0-9]+"
_KANA_VOICING = 8  # combining class: what makes another letter of a kana is no accent


class _Folding(dict[int, int]):
    """One character for one, so that a place in the folded text is a place in the text."""

    def __missing__(self, code: int) -> int:
        folded = ord(_folded(chr(code)))
        self[code] = folded
        return folded


_folding = _Folding()


def normalized(text: str) -> str:
    """The text in the form whose places `fold` keeps."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """A normalized text without case and accents, character for character."""
    return text.lower() if text.isascii() else text.translate(_folding)


def words(text: str) -> list[str]:
    """Every word of a text in its order, folded."""
    folded = fold(normalized(text))
    if folded.isascii():
        return [word[:MAX_WORD] for word in re.findall(_ASCII_RUNS, folded)]
    return [word for run in re.findall(_RUNS, folded) for word in _words_of(run)]


def runs(text: str) -> list[str]:
    """The folded pieces of a text that stand between its spaces and signs."""
    return [run[:MAX_WORD] for run in re.findall(_RUNS, fold(normalized(text)))]


def is_unspaced(run: str) -> bool:
    """Whether a piece is of a script without spaces."""
    return re.match(f"[{_UNSPACED}]", run) is not None


def pattern(pieces: Sequence[str], *, is_prefix: bool) -> str:
    """A regular expression for folded texts that finds `pieces` one after the other."""
    letter = f"[^\\W_{_UNSPACED}]"
    first, *others = map(re.escape, pieces)
    # The letters come first: that is what makes a regular expression quick.
    start = first if is_unspaced(pieces[0]) else f"{first}(?<!{letter}{first})"
    end = "" if is_prefix or is_unspaced(pieces[-1]) else f"(?!{letter})"
    return r"[\W_]*".join([start, *others]) + end


def _words_of(run: str) -> Iterator[str]:
    if not is_unspaced(run):
        yield run[:MAX_WORD]
        return
    for start in range(len(run)):
        yield run[start : start + 2]


def _folded(character: str) -> str:
    """The letter below the accents, in lower case; itself where that is not one character."""
    parts = unicodedata.normalize("NFKD", character)
    if all(unicodedata.combining(mark) not in (0, _KANA_VOICING) for mark in parts[1:]):
        character = parts[0]
    for lower in (character.casefold(), character.lower()):
        if len(lower) == 1:
            return lower
    return character
