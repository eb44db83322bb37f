import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pdf_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.gui import attachments
from chatapp.gui.attachments import AttachmentError, Cancelled, ReadFile, decode, read_file


def read(
    path: Path,
    progressed: Callable[[int, int], None] = lambda done, total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ReadFile:
    return read_file(path, progressed, is_cancelled)


def problem_of(path: Path) -> str:
    with pytest.raises(AttachmentError) as error:
        read(path)
    return error.value.problem


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes, name: str = "notes.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


Write = Callable[..., Path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_in_every_encoding_that_names_itself(file: Write, encoding: str) -> None:
    found = read(file("Grüße\r\n你好 🙂\r".encode(encoding)))
    assert (found.attachment.name, found.attachment.text) == ("notes.txt", "Grüße\n你好 🙂\n")
    assert not found.is_guessed


def test_an_old_western_text_is_read_and_marked_as_a_guess(file: Write) -> None:
    found = read(file("“Grüße” für 5 €".encode("cp1252")))
    assert found.attachment.text == "“Grüße” für 5 €"
    assert found.is_guessed


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"\x7fELF\2\1\1\0",
        b"PK\3\4\x14",
        b"a\0b\0",
        b"\xff\xfea\xd8a\0",
    ],
)
def test_what_is_no_text_is_refused(file: Write, data: bytes) -> None:
    assert problem_of(file(data)) == "not_text"


def test_empty_too_large_and_too_long_files_are_refused(
    file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problem_of(file(b" \n\n")) == "empty"
    monkeypatch.setattr(attachments, "MOST_CHARACTERS", 10)
    assert problem_of(file(b"12345678901")) == "too_long"
    assert problem_of(file(pdf_files.text_pdf("123456", "789012"))) == "too_long"
    monkeypatch.setattr(attachments, "MOST_BYTES", 10)
    assert problem_of(file(b"12345678901")) == "too_large"


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "gone.txt") == "missing"
    assert problem_of(tmp_path) == "not_text"
    os.mkfifo(tmp_path / "pipe")
    assert problem_of(tmp_path / "pipe") == "not_text"
    assert problem_of(Path("a\0b")) in ("missing", "unreadable")


def test_the_pages_of_a_pdf_are_read_one_after_another(file: Write) -> None:
    turned: list[tuple[int, int]] = []
    found = read(
        file(pdf_files.text_pdf("First page", "Second page")),
        lambda done, total: turned.append((done, total)),
    )
    assert found.attachment.text == "First page\n\nSecond page"
    assert found.attachment.media_type == "application/pdf"
    assert turned == [(1, 2), (2, 2)]


def test_a_pdf_without_text_says_why(file: Write) -> None:
    assert problem_of(file(pdf_files.locked_pdf())) == "encrypted"
    assert problem_of(file(pdf_files.scanned_pdf())) == "no_text"
    assert problem_of(file(pdf_files.text_pdf("cut off")[:300])) == "damaged"
    assert problem_of(file(b"%PDF-1.7\ngarbage")) == "damaged"


def test_a_pdf_that_unpacks_to_hundreds_of_megabytes_is_refused(file: Write) -> None:
    assert problem_of(file(pdf_files.bomb_pdf())) == "too_slow"


def test_a_pdf_that_takes_too_long_is_given_up(
    file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "PDF_TIME_S", 0.0)
    assert problem_of(file(pdf_files.text_pdf("one"))) == "too_slow"


def test_reading_a_pdf_can_be_cancelled_within_a_page(file: Write) -> None:
    asked = iter([False] * 5 + [True] * 5)
    with pytest.raises(Cancelled):
        read(file(pdf_files.pdf([b"q Q " * 100])), is_cancelled=lambda: next(asked))


@given(st.binary())
def test_any_bytes_are_text_or_are_refused(data: bytes) -> None:
    with suppress(AttachmentError):
        decode(data)[0].encode()


@given(st.binary(max_size=300), st.integers(0, 600))
def test_any_damage_to_a_pdf_is_told_as_such(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    data = pdf_files.text_pdf("Some words")
    path = tmp_path_factory.mktemp("pdf") / "x.pdf"
    path.write_bytes(data[:place] + noise + data[place + len(noise) :])
    with suppress(AttachmentError):
        read(path).attachment.text.encode()
