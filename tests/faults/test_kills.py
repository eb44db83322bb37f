"""Killed while a reply is written, at any moment, the app and its engine lose next to nothing.

KILLS in the environment says how often each is killed; scripts/faults.py asks for more.
"""

import os
import random
import signal
import sqlite3
import sys
from contextlib import closing

import pytest
from victim import started

from chatapp import paths
from chatapp.storage.records import StoredMessage
from chatapp.storage.store import ConversationStore

KILLS = int(os.environ.get("KILLS", "25"))
REPLY_MS = 500  # what a reply may be behind
DRAFT_MS = 1000

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")


def check_history(told: dict[str, list[str]]) -> list[StoredMessage]:
    """Whether the history has all it must have of what was told; gives the replies in it."""
    path = paths.history_file()
    with closing(ConversationStore(path)) as store:
        summaries = store.list_conversations().result()
        conversations = [store.open_conversation(line.id).result() for line in summaries]
        drafts = [store.load_draft(line.id).result().text for line in summaries]
        assert store.problem is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    messages = [message for conversation in conversations for message in conversation.messages]
    questions = [message for message in messages if message.role == "user"]
    replies = [message for message in messages if message.role == "assistant"]
    assert set(told["committed"]) <= {message.id for message in questions}

    written = "".join(reply.content for reply in replies).split()
    streamed = told["streamed"]
    assert written == streamed[: len(written)]
    assert behind_ms(streamed, written) <= REPLY_MS

    kept = " ".join([*(message.content for message in questions), *drafts]).split()
    assert set(kept) <= set(told["typed"]) | {kept[-1]}  # it is typed before it is told
    assert behind_ms(told["typed"], kept) <= DRAFT_MS
    return replies


def behind_ms(told: list[str], kept: list[str]) -> int:
    """How old the oldest is of what was told and not kept."""
    there = set(kept)
    lost = [int(word) for word in told if word not in there]
    return int(told[-1]) - lost[0] if lost else 0


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_program_has_everything_but_the_last_moment(seed: int) -> None:
    with started("busy_program.py") as victim:
        victim.listen_for("streamed")
        victim.listen_for("typed", random.Random(seed).randint(1, 40))
    *whole, last = check_history(victim.told)
    assert {reply.status for reply in whole} <= {"complete"}
    assert last.status in ("interrupted", "complete")
    if last.status == "complete":  # it was killed between two replies
        assert last.content.split()[-1] == victim.told["streamed"][-1]


def test_a_killed_engine_takes_no_word_with_it() -> None:
    moments = random.Random(KILLS)
    with started("busy_program.py") as victim:
        for _ in range(KILLS):
            engine = victim.listen_for("engine")
            victim.listen_for("typed", moments.randint(1, 30))
            victim.listen_for("streamed")
            os.kill(int(engine), signal.SIGKILL)
        victim.listen_for("engine")
        victim.listen_for("streamed")
    replies = check_history(victim.told)
    errors = [reply for reply in replies if reply.status == "error"]
    assert len(errors) >= KILLS * 0.8  # the others fell on the end of a reply
    assert all(reply.error for reply in errors)
    assert {reply.status for reply in replies} <= {"error", "complete", "interrupted"}
