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
from chatapp.storage.store import ConversationStore

store = ConversationStore(Path(sys.argv[1]))
for turn in itertools.count():
    conversation, question, reply = new_id(), new_id(), new_id()
    store.create_conversation(conversation).result()
    store.add_user_message(question, conversation, None, f"Question {turn}").result()
    print("asked", conversation, question, flush=True)
    store.start_reply(reply, conversation, question, model_path="", model_name="",
                      params=GenerationParams()).result()
    print("started", conversation, reply, flush=True)
    for piece in range(20):
        store.append_chunk(reply, f"{piece} ").result()
        print("wrote", conversation, reply, flush=True)
    store.finish_reply(reply, status="complete").result()
    print("finished", conversation, reply, flush=True)
"""
WHOLE = "".join(f"{piece} " for piece in range(20))


def killed_after(path: Path, n_lines: int) -> Iterator[tuple[str, str, str]]:
    """What a writing process was told is written, until it was killed in its tracks."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True
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
@pytest.mark.parametrize("seed", range(6))
def test_a_killed_process_loses_nothing_it_was_told_is_written(path: Path, seed: int) -> None:
    n_lines = random.Random(seed).randint(1, 60)
    pieces: dict[str, int] = {}  # written for each reply at least
    told = list(killed_after(path, n_lines))
    assert len(told) >= n_lines
    for event, _, message in told:
        pieces[message] = pieces.get(message, 0) + (event == "wrote")

    with closing(ConversationStore(path)) as store:
        for event, conversation, message_id in told:
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
