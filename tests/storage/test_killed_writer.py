"""A process that writes and is killed loses nothing that it was told is written."""

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.storage.store import ConversationStore

WRITER = """
import itertools, sys
from pathlib import Path
from chatapp.chat import GenerationParams, new_id
from chatapp.storage.records import Draft
from chatapp.storage.store import ConversationStore

store = ConversationStore(Path(sys.argv[1]))
for turn in itertools.count():
    conversation, question, reply = new_id(), new_id(), new_id()
    store.create_conversation(conversation).result()
    store.add_user_message(question, conversation, None, f"Question {turn}").result()
    print("asked", conversation, question, flush=True)
    store.save_draft(conversation, Draft(f"Draft {turn}")).result()
    print("typed", conversation, turn, flush=True)
    store.start_reply(reply, conversation, question, model_path="", model_name="",
                      params=GenerationParams()).result()
    print("started", conversation, reply, flush=True)
    for piece in range(20):
        store.append_chunk(reply, f"{piece} ").result()
        print("wrote", conversation, reply, flush=True)
    store.finish_reply(reply, status="complete").result()
    print("finished", conversation, reply, flush=True)
"""
HOUSEKEEPER = """
import itertools, sys
from pathlib import Path
from chatapp.chat import new_id
from chatapp.storage.store import ConversationStore

store = ConversationStore(Path(sys.argv[1]))
for turn in itertools.count():
    kept, secret = new_id(), new_id()
    for conversation in (kept, secret):
        store.create_conversation(conversation).result()
        question = new_id()
        store.add_user_message(question, conversation, None, f"Words {conversation} " * 50).result()
        print("asked", conversation, question, flush=True)
    backup = store.back_up().result()
    print("backed_up", kept, backup, flush=True)
    store.delete([secret]).result()
    print("deleted", secret, "-", flush=True)
    store.erase([secret]).result()
    print("erased", secret, "-", flush=True)
    if turn % 2:
        store.restore_backup(backup).result()
        print("restored", kept, backup, flush=True)
"""
WHOLE = "".join(f"{piece} " for piece in range(20))


def killed_after(path: Path, n_lines: int, script: str = WRITER) -> Iterator[tuple[str, str, str]]:
    """What a writing process was told is written, until it was killed in its tracks."""
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(n_lines)]
        writer.kill()  # it did not wait for us, so this falls anywhere in what comes next
        lines += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    for line in lines:
        event, conversation, message = line.split()
        yield event, conversation, message


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(25))
def test_a_killed_process_loses_nothing_it_was_told_is_written(path: Path, seed: int) -> None:
    n_lines = random.Random(seed).randint(1, 60)
    pieces: dict[str, int] = {}  # written for each reply at least
    told = list(killed_after(path, n_lines))
    assert len(told) >= n_lines
    for event, _, message in told:
        if event == "typed":
            continue
        pieces[message] = pieces.get(message, 0) + (event == "wrote")

    with closing(ConversationStore(path)) as store:
        for event, conversation, message_id in told:
            if event == "typed":
                assert store.load_draft(conversation).result().text == f"Draft {message_id}"
                continue
            messages = store.open_conversation(conversation).result().messages
            message = {message.id: message for message in messages}[message_id]
            assert message.status in ("complete", "interrupted")
            if event == "asked":
                assert message.content.startswith("Question ")
            else:
                assert WHOLE.startswith(message.content)
                assert message.content.count(" ") >= pieces[message_id]
            if event == "finished":
                assert (message.content, message.status) == (WHOLE, "complete")
        assert store.problem is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM chunk").fetchone() == (0,)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(10))
def test_a_process_killed_while_it_keeps_house_loses_nothing_and_brings_nothing_back(
    path: Path, seed: int
) -> None:
    told = list(killed_after(path, random.Random(seed).randint(2, 25), HOUSEKEEPER))
    asked = [conversation for event, conversation, _ in told if event == "asked"]
    deleted = {conversation for event, conversation, _ in told if event == "deleted"}
    erased = {conversation for event, conversation, _ in told if event == "erased"}

    with closing(ConversationStore(path)) as store:
        store.purge_trash(older_than_days=0).result()
        listed = {line.id for line in store.list_conversations().result()}
        assert set(asked) - deleted - {asked[-1]} <= listed  # the last may be deleted, untold
        assert not listed & erased
        assert len(store.backups().result()) <= 3
        assert store.problem is None
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert not [id for id in erased if id.encode() in content]
        if file.suffix == ".sqlite3":
            with closing(sqlite3.connect(file)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
