import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

import pytest
from histories import PARAMS, Talk
from limits import as_a_plain_user, file_size_limit, small_disk

from chatapp.chat import new_id
from chatapp.errors import StorageError
from chatapp.storage.store import ConversationStore

HOLDER = """
import sys, time
from pathlib import Path
from time import perf_counter
from chatapp.storage.store import ConversationStore
store = ConversationStore(Path(sys.argv[1]))
store.list_conversations().result()
print("open", flush=True)
time.sleep(float(sys.argv[2])) if len(sys.argv) > 2 else sys.stdin.read()
store.close()
"""


@contextmanager
def held(path: Path, *seconds: str) -> Iterator[subprocess.Popen[str]]:
    """Another process has the history open, for some seconds or until it is told to close."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path, *seconds],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder


def filled(path: Path) -> str:
    """A history with one long conversation, and what was asked in it first."""
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        parent = None
        for number in range(40):
            parent = talk.answer(talk.ask(f"Question {number} " * 40, parent), "Answer " * 200)
    return talk.id


@pytest.mark.parametrize("is_there", [True, False])
def test_the_history_and_the_files_beside_it_are_for_this_user_only(
    path: Path, is_there: bool
) -> None:
    if is_there:
        path.touch(mode=0o644)
    with closing(ConversationStore(path)) as store:
        Talk(store).ask("secret")
        files = list(path.parent.glob("history*"))
        assert len(files) >= 2
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("name", ["missing/history.sqlite3", "a_folder"])
def test_a_place_that_can_hold_no_history_is_a_plain_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a_folder").mkdir()
    store = ConversationStore(tmp_path / name)
    with closing(store), pytest.raises(StorageError, match="cannot be opened for writing"):
        store.list_conversations().result()
    assert [item.name for item in tmp_path.iterdir()] == ["a_folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders there are made read-only otherwise")
def test_a_read_only_folder_without_a_history_is_a_plain_error() -> None:
    with tempfile.TemporaryDirectory() as folder, as_a_plain_user(Path(folder)):
        os.chmod(folder, 0o500)
        store = ConversationStore(Path(folder) / "history.sqlite3")
        with closing(store), pytest.raises(StorageError, match="you may write to the file"):
            store.list_conversations().result()
        os.chmod(folder, 0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="folders there are made read-only otherwise")
def test_a_history_in_a_read_only_folder_is_read_and_takes_nothing_new() -> None:
    with tempfile.TemporaryDirectory() as folder, as_a_plain_user(Path(folder)):
        path = Path(folder) / "history.sqlite3"
        conversation = filled(path)
        path.chmod(0o400)
        os.chmod(folder, 0o500)
        before = path.read_bytes()
        with closing(ConversationStore(path)) as store:
            assert len(store.open_conversation(conversation).result().messages) == 80
            assert store.search("question").result()
            assert store.export_ids().result() == (conversation,)
            assert store.is_read_only
            assert store.problem is not None
            assert "can be read but not written" in str(store.problem)
            for change in (store.rename(conversation, "x"), store.delete([conversation])):
                with pytest.raises(StorageError, match="may write"):
                    change.result()
        assert path.read_bytes() == before
        assert [file.name for file in Path(folder).iterdir()] == [path.name]
        os.chmod(folder, 0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="folders there are made read-only otherwise")
@pytest.mark.parametrize("leftover", ["-wal", "-journal"])
def test_what_a_crash_left_to_be_written_is_not_read_without_it(leftover: str) -> None:
    with tempfile.TemporaryDirectory() as folder, as_a_plain_user(Path(folder)):
        path = Path(folder) / "history.sqlite3"
        filled(path)
        rest = Path(f"{path}{leftover}")
        rest.write_bytes(b"pages")
        rest.chmod(0o400)
        os.chmod(folder, 0o500)
        store = ConversationStore(path)
        with closing(store), pytest.raises(StorageError):
            store.list_conversations().result()
        assert not store.is_read_only
        os.chmod(folder, 0o700)


def test_a_history_that_another_program_holds_is_a_plain_error_and_usable_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = filled(path)
    monkeypatch.setattr("chatapp.storage.owner.BUSY_S", 0.1)
    with held(path) as holder, closing(ConversationStore(path)) as store:
        for _ in range(2):
            with pytest.raises(StorageError, match="Another program has the history"):
                store.list_conversations().result()
        holder.communicate()
        assert len(store.open_conversation(conversation).result().messages) == 80
        assert store.problem is None


def test_a_history_that_another_program_holds_for_five_seconds_is_waited_for(path: Path) -> None:
    conversation = filled(path)
    with held(path, "5"), closing(ConversationStore(path)) as store:
        assert len(store.open_conversation(conversation).result().messages) == 80


def test_a_history_that_another_program_holds_for_good_is_waited_for_only_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    monkeypatch.setattr("chatapp.storage.owner.BUSY_S", 1.0)
    with held(path) as holder:
        start = perf_counter()
        store = ConversationStore(path)
        waiting = [store.list_conversations() for _ in range(5)]
        store.close()
        assert all(isinstance(future.exception(), StorageError) for future in waiting)
        assert perf_counter() - start < 3.0
        holder.communicate()


def test_a_full_disk_is_a_plain_error_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remember(*args: object, **kwargs: object) -> sqlite3.Connection:
        # Usable from this thread too, to make the "disk" smaller while the store is at rest.
        connections.append(connect(*args, **kwargs, check_same_thread=False))
        return connections[-1]

    monkeypatch.setattr(sqlite3, "connect", remember)
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        question = talk.ask("Hello")
        reply = talk.start(question)
        (connection,) = connections
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageError, match="disk is full"):
            talk.ask("x" * 100_000, reply)
        with pytest.raises(StorageError, match="disk is full"):
            store.append_chunk(reply, "It was " + "very " * 5000, "well").result()
        assert store.open_conversation(talk.id).result().leaf_id == reply

        connection.execute("PRAGMA max_page_count = 1000000")
        store.append_chunk(reply, "good.").result()
        store.finish_reply(reply, status="stopped").result()
        message = store.open_conversation(talk.id).result().path()[-1]
    assert message.content == "It was " + "very " * 5000 + "good."
    assert message.reasoning == "well"


def test_a_disk_that_refuses_to_write_is_a_plain_error_and_loses_nothing(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        question = talk.ask("Hello")
        log_size = Path(f"{path}-wal").stat().st_size
        with file_size_limit(log_size + 1000), pytest.raises(StorageError, match="disk failed"):
            talk.ask("x" * 50_000, question)
        assert len(store.open_conversation(talk.id).result().messages) == 1
        talk.ask("x" * 50_000, question)
    with closing(ConversationStore(path)) as store:
        assert len(store.open_conversation(talk.id).result().messages) == 2


def test_a_disk_that_fills_up_takes_nothing_with_it(tmp_path: Path) -> None:
    """On a disk of its own, filled to the last byte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, size_kb=1024):
        filler = folder / "filler"
        filler.write_bytes(b"x" * 300_000)
        with closing(ConversationStore(folder / "history.sqlite3")) as store:
            talk = Talk(store)
            written = ask_until_full(talk)
            assert len(written) > 5
            for future in (
                store.start_reply(
                    new_id(), talk.id, written[-1], model_path="", model_name="", params=PARAMS
                ),
                store.rename(talk.id, "Full"),
                store.back_up(),
            ):
                assert future.exception() is None or "disk is full" in str(future.exception())
        with closing(ConversationStore(folder / "history.sqlite3")) as store:
            store.list_conversations().exception()
            filler.unlink()
            path = store.open_conversation(talk.id).result().path()
            assert [message.id for message in path][: len(written)] == written
            assert store.problem is None
            talk.store = store
            talk.ask("Room again", path[-1].id)
        assert [file.name for file in folder.glob("*.part*")] == []


def ask_until_full(talk: Talk) -> list[str]:
    """Ask one question below the other until there is no room, and give those that are safe."""
    written: list[str] = []
    while len(written) < 1000:
        message = new_id()
        parent = written[-1] if written else None
        error = talk.store.add_user_message(message, talk.id, parent, "words " * 3000).exception()
        if error is not None:
            assert "disk is full" in str(error)
            break
        written.append(message)
    return written
