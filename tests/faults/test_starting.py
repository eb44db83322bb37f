"""Whatever became of the disk and the files, the program starts, says so, and loses nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from victim import started

from chatapp import paths
from chatapp.chat import new_id
from chatapp.storage.store import ConversationStore

PROGRAM = "started_program.py"
NOT_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
TEXTS = [f"Question {number}. " * 100 for number in range(20)]
PAGE = 4096
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(5)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="other rights, other locks")


def fill_history() -> None:
    """Twenty conversations of one message each."""
    with closing(ConversationStore(paths.history_file())) as store:
        for text in TEXTS:
            conversation_id = new_id()
            store.create_conversation(conversation_id).result()
            store.add_user_message(new_id(), conversation_id, None, text).result()


def texts_on_disk() -> list[str]:
    with closing(ConversationStore(paths.history_file())) as store:
        ids = [summary.id for summary in store.list_conversations().result()]
        conversations = [store.open_conversation(id).result() for id in ids]
    return sorted(m.content for conversation in conversations for m in conversation.messages)


@contextmanager
def read_only(folder: Path) -> Iterator[tuple[str, ...]]:
    """Nothing can be written below `folder`; gives the command that makes it so for root too."""
    is_root = os.geteuid() == 0
    if is_root and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere")
    files = [folder, *folder.rglob("*")]
    for path in files:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        yield NOT_ROOT if is_root else ()
    finally:
        for path in files:
            path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A disk of its own for the program's home."""
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(home)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    yield home
    subprocess.run(["umount", "--lazy", home], check=True)


@pytest.mark.parametrize("is_filled", [True, False])
def test_a_read_only_home_is_said_and_nothing_is_lost(home: Path, is_filled: bool) -> None:
    home.mkdir()
    if is_filled:
        fill_history()
    with read_only(home) as prefix, started(PROGRAM, *prefix) as program:
        said = program.listen_for("said")
        if is_filled:
            assert "can be read but not written" in said
            assert program.told["listed"] or program.listen_for("listed")
            assert program.told["listed"][-1] == str(len(TEXTS))
            assert program.told["model"] or program.listen_for("model")
        else:
            assert "cannot be opened for writing" in said
    if is_filled:
        assert texts_on_disk() == sorted(TEXTS)


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Path) -> None:
    fill_history()
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        while True:
            try:
                os.write(file.fileno(), b"x" * 4096)
            except OSError:
                break
    with started(PROGRAM) as program:
        assert "disk" in program.listen_for("said")
        assert program.told["model"] or program.listen_for("model")
    filler.unlink()
    assert texts_on_disk() == sorted(TEXTS)


def test_a_history_that_another_program_holds_for_five_seconds_is_waited_for() -> None:
    fill_history()
    command = [sys.executable, "-c", HOLDER, paths.history_file()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with started(PROGRAM) as program:
            assert program.listen_for("listed") == "20"
            assert program.told["said"] == []
    assert texts_on_disk() == sorted(TEXTS)


def test_garbage_in_place_of_the_history_is_set_aside_and_said() -> None:
    garbage = os.urandom(50_000)
    paths.history_file().write_bytes(garbage)
    with started(PROGRAM) as program:
        said = program.listen_for("said")
    (aside,) = paths.data_dir().glob("*.damaged-*")
    assert str(aside) in said
    assert aside.read_bytes() == garbage
    assert texts_on_disk() == []


def test_a_damaged_page_costs_only_the_rows_on_it_and_is_said() -> None:
    fill_history()
    content = bytearray(paths.history_file().read_bytes())
    page = content.index(TEXTS[7].encode()) // PAGE * PAGE
    content[page : page + 100] = os.urandom(100)
    paths.history_file().write_bytes(content)
    with started(PROGRAM) as program:
        said = program.listen_for("said")
    assert "The history was damaged." in said
    assert len(set(TEXTS) - set(texts_on_disk())) <= PAGE // len(TEXTS[0])
