"""Lines and texts of files that a person brings: UTF-8, perhaps packed with gzip.

Whatever is wrong with them is said with file and line. Knows nothing about what they hold.
"""

import gzip
import io
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chatapp.errors import DataError, Sentence, say

_MOST_OF_A_LINE = 2**25  # bytes; a line is an example, and nobody writes 32 MB of one
_GZIP = b"\x1f\x8b"
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)  # the first begins UTF-32 too
# No text holds these; others below the space do occur in it.
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1b")


class Line(NamedTuple):
    """A line without its end, and its number from 1."""

    number: int
    text: str


def fault(path: Path, what: Sentence, line: int = 0) -> DataError:
    """The error about a line of a file, or with line 0 about the file."""
    sentence = (
        say("{file}, line {line:,}: {what}", file=path.name, line=line, what=what)
        if line
        else say("{file}: {what}", file=path.name, what=what)
    )
    return DataError(sentence, str(path), line)


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """The bytes of a file, unpacked.

    Raises:
        DataError: If it cannot be read, is empty or damaged.
    """
    try:
        if path.exists() and not path.is_file():  # to open a pipe is to wait for its other end
            raise fault(path, say("This is no file; name the files in it."))
        with path.open("rb") as file:
            bytes_of = _unpacked(file)
            if not bytes_of.peek(1):
                raise fault(path, say("The file is empty."))
            yield bytes_of
    except FileNotFoundError as error:
        raise fault(path, say("There is no such file.")) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise fault(path, say("The packed file is damaged; copy or download it again.")) from error
    except OSError as error:
        reason = say("The file cannot be read ({reason}).", reason=str(error.strerror))
        raise fault(path, reason) from error


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file one after the other.

    Raises:
        DataError: As `opened`, and if a line is no text.
    """
    is_blank = True
    with opened(path) as file:
        rest = iter(lambda: file.readline(_MOST_OF_A_LINE), b"")
        for number, line in enumerate(rest, start=1):
            if len(line) == _MOST_OF_A_LINE:
                limit = say("It is longer than {n:,} bytes.", n=_MOST_OF_A_LINE)
                raise fault(path, limit, number)
            text = _decoded(path, line, first_line=number)
            text = text.removesuffix("\n").removesuffix("\r")
            is_blank = is_blank and not text.strip()
            yield Line(number, text)
    if is_blank:
        raise fault(path, say("The file is empty."))


def read_text(path: Path, most_bytes: int | None = None) -> str:
    r"""The text of a file with lines that end in \n, or its beginning.

    Args:
        path: The file.
        most_bytes: How much of it; None is all.

    Raises:
        DataError: As `read_lines`.
    """
    with opened(path) as file:
        content = file.read(-1 if most_bytes is None else most_bytes)
        is_whole = not file.peek(1)
    text = _decoded(path, content, is_whole=is_whole)
    if not text.strip():
        raise fault(path, say("The file is empty."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unpacked(file: io.BufferedReader) -> io.BufferedReader:
    if file.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    return file


def _decoded(path: Path, content: bytes, *, first_line: int = 1, is_whole: bool = True) -> str:
    """Text of what a file holds from `first_line` on; what is not whole may end within a letter."""
    if b"\0" in content:
        line = first_line + content.count(b"\n", 0, content.index(b"\0"))
        raise fault(path, _what_is_binary(content), line)
    try:
        text = getincrementaldecoder("utf-8")().decode(content, is_whole)
    except UnicodeDecodeError as error:
        line = first_line + content.count(b"\n", 0, error.start)
        begin = content.rfind(b"\n", 0, error.start) + 1
        raise fault(path, _what_is_wrong(content, error.start, begin), line) from error
    return text.removeprefix("\ufeff") if first_line == 1 else text


def _what_is_wrong(content: bytes, at: int, begin: int) -> Sentence:
    """What the byte at `at`, which is no UTF-8, tells of the file; its line begins at `begin`."""
    if content.startswith(_UTF16) or _CONTROLS.intersection(content[begin : at + 256]):
        return _what_is_binary(content)
    return say(
        "The byte {byte} at place {place:,} is no UTF-8: the file seems to be Latin-1 or"
        " Windows-1252. Open it in a text editor and save it as UTF-8.",
        byte=f"0x{content[at]:02X}",
        place=at - begin + 1,
    )


def _what_is_binary(content: bytes) -> Sentence:
    if content.startswith(_UTF16):
        return say("The file is UTF-16. Open it in a text editor and save it as UTF-8.")
    return say(
        "This is no text but some program's own file, perhaps Excel, Word or PDF. Save it there as"
        " CSV or plain text."
    )
