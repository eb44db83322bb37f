from pathlib import Path

import pdf_files
import pytest
from pytestqt.qtbot import QtBot

from chatapp.gui.attachment_reader import AttachmentReader
from chatapp.gui.attachments import ReadFile

PATIENCE_MS = 30_000


@pytest.fixture
def reader() -> AttachmentReader:
    return AttachmentReader()


def test_a_file_is_read_beside_the_window(
    reader: AttachmentReader, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "two.pdf"
    path.write_bytes(pdf_files.text_pdf("one", "two"))
    turned: list[tuple[str, int, int]] = []
    reader.progressed.connect(lambda *figures: turned.append(figures))
    with qtbot.waitSignal(reader.finished, timeout=PATIENCE_MS) as finished:
        reading_id = reader.read(str(path))
    assert finished.args[0] == reading_id
    assert isinstance(finished.args[1], ReadFile)
    assert finished.args[1].attachment.text == "one\n\ntwo"
    assert turned == [(reading_id, 1, 2), (reading_id, 2, 2)]


def test_a_failure_names_the_file_and_says_what_to_do(
    reader: AttachmentReader, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0")
    with qtbot.waitSignal(reader.failed, timeout=PATIENCE_MS) as failed:
        reader.read(str(path))
    assert failed.args[1] == ("photo.png is neither a text nor a PDF. Only those can be attached.")


def test_what_is_cancelled_is_heard_of_no_more(
    reader: AttachmentReader, qtbot: QtBot, tmp_path: Path
) -> None:
    slow, quick = tmp_path / "slow.pdf", tmp_path / "quick.txt"
    slow.write_bytes(pdf_files.busy_pdf())
    quick.write_text("quick")
    heard: list[str] = []
    reader.finished.connect(lambda reading_id, _: heard.append(reading_id))
    reader.failed.connect(lambda reading_id, _: heard.append(reading_id))
    cancelled = reader.read(str(slow))
    with qtbot.waitSignal(reader.finished, timeout=PATIENCE_MS):
        quick_id = reader.read(str(quick))  # a slow one holds up no other
    reader.cancel(cancelled)
    assert heard == [quick_id]
    reader.close()
