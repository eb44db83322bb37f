"""Reading files to be attached: texts and PDFs become text, everything else is refused plainly.

Made for a thread of its own: no Qt in here, and whoever waits is told how far it has come.
Source of the limits on hostile PDFs: pypdf.Configuration.
"""

import codecs
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from chatapp.chat import Attachment, clean
from chatapp.errors import ChatAppError, Sentence

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_BYTES = 20_000_000
MOST_CHARACTERS = 2_000_000
PDF_TIME_S = 120.0

Problem = Literal[
    "missing",
    "unreadable",
    "too_large",
    "too_long",
    "too_slow",
    "empty",
    "not_text",
    "encrypted",
    "no_text",
    "damaged",
]

_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN = 1024  # some writers put a few bytes before it
_BOMS = (  # the longer ones first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Below the space, all but backspace, tab, line ends, form feed and escape.
_BINARY = bytes(set(range(32)) - set(b"\b\t\n\v\f\r\x1b\x1a"))

Progressed = Callable[[int, int], None]  # pages read, of how many


class AttachmentError(ChatAppError):
    """A file cannot be attached: `problem` says why, `detail` what the system said of it."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(Sentence("{problem} {detail}", {"problem": problem, "detail": detail}))
        self.problem: Problem = problem
        self.detail = detail


class Cancelled(Exception):  # noqa: N818  # nothing went wrong
    """Nobody waits for the file any more."""


class ReadFile(Struct, frozen=True):
    """A file that was read; `is_guessed` when its encoding is not known for certain."""

    attachment: Attachment
    is_guessed: bool = False


def read_file(path: Path, progressed: Progressed, is_cancelled: Callable[[], bool]) -> ReadFile:
    """Read a text file or a PDF.

    Args:
        path: Where it lies.
        progressed: Called after each page of a PDF.
        is_cancelled: Asked often; once it is true the reading ends.

    Raises:
        AttachmentError: If it cannot be attached.
        Cancelled: If `is_cancelled` was true.
    """
    data = _bytes(path)
    if _PDF_MARK in data[:_PDF_MARK_WITHIN]:
        text = _pdf_text(data, progressed, is_cancelled)
        return ReadFile(Attachment(clean(path.name), clean(text), "application/pdf"))
    text, is_guessed = decode(data)
    if not text.strip():
        raise AttachmentError("empty")
    _refuse_long(len(text))
    return ReadFile(Attachment(clean(path.name), clean(text)), is_guessed)


def decode(data: bytes) -> tuple[str, bool]:
    """The text in these bytes, and whether its encoding had to be guessed.

    A byte order mark decides; else it is UTF-8, or what Windows wrote in the west before that.

    Raises:
        AttachmentError: If it is no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return _with_unix_lines(data.decode(encoding)), False
            except UnicodeDecodeError as error:
                raise AttachmentError("not_text") from error
    if len(data.translate(None, _BINARY)) < len(data):
        raise AttachmentError("not_text")
    try:
        return _with_unix_lines(data.decode("utf-8")), False
    except UnicodeDecodeError:
        return _with_unix_lines(data.decode("cp1252", "replace")), True


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise AttachmentError("missing")
        if not path.is_file():  # a pipe or a device may never end
            raise AttachmentError("not_text")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise AttachmentError("unreadable", str(error)) from error
    if len(data) > MOST_BYTES:
        raise AttachmentError("too_large")
    return data


def _pdf_text(data: bytes, progressed: Progressed, is_cancelled: Callable[[], bool]) -> str:
    import pypdf  # needed only by those who attach a PDF
    from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

    deadline = time.monotonic() + PDF_TIME_S

    def look_up(*_: object) -> None:
        """Called at every drawing command, so that one endless page does not hold us."""
        if is_cancelled():
            raise Cancelled
        if time.monotonic() > deadline:
            raise AttachmentError("too_slow")

    try:
        with pypdf.apply_configuration(
            disable_legacy_handling=True,
            zlib_maximum_output_length=MOST_BYTES,
            lzw_maximum_output_length=MOST_BYTES,
            run_length_maximum_output_length=MOST_BYTES,
            array_based_stream_maximum_output_length=MOST_BYTES,
        ):
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):  # some open without a password
                raise AttachmentError("encrypted")
            return _page_texts(reader, progressed, look_up)
    except DependencyError as error:  # ciphers are no part of pypdf
        raise AttachmentError("encrypted") from error
    except LimitReachedError as error:
        raise AttachmentError("too_slow", str(error)) from error
    # Written by anybody, broken in every way: not all of it ends as an error of the reader's own.
    except (
        PyPdfError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
    ) as error:
        raise AttachmentError("damaged", str(error)) from error
    except (RecursionError, MemoryError, NotImplementedError, AssertionError) as error:
        raise AttachmentError("damaged", type(error).__name__) from error


def _page_texts(reader: "PdfReader", progressed: Progressed, look_up: Callable[..., None]) -> str:
    texts: list[str] = []
    n_characters = 0
    n_pages = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        look_up()
        text = page.extract_text(visitor_operand_before=look_up).strip()
        texts.append(text)
        n_characters += len(text)
        _refuse_long(n_characters)
        progressed(number, n_pages)
    if not n_characters:
        raise AttachmentError("no_text")
    return "\n\n".join(text for text in texts if text)


def _refuse_long(n_characters: int) -> None:
    if n_characters > MOST_CHARACTERS:
        raise AttachmentError("too_long")


def _with_unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
