"""A history of 100,000 messages opens and lists as fast as a short one, or nearly."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import perf_counter

import pytest

from chatapp.storage.store import ConversationStore

N_CONVERSATIONS = 2000
N_EACH = 50


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "history.sqlite3"
    with closing(ConversationStore(path)) as store:
        store.list_conversations().result()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            "INSERT INTO conversation (id, created_at, updated_at, title, model_path, "
            "system_prompt) VALUES (?, ?, ?, ?, '/models/model.gguf', ?)",
            (
                (f"c{n}", moment(n), moment(n), f"Conversation {n}", "x" * 500)
                for n in range(N_CONVERSATIONS)
            ),
        )
        connection.executemany(
            "INSERT INTO message (id, conversation_id, role, status, created_at, parts) "
            "VALUES (?, ?, 'user', 'complete', ?, ?)",
            (
                (f"m{n}", f"c{n // N_EACH}", moment(n), '[{"type":"text","text":"hello there"}]')
                for n in range(N_CONVERSATIONS * N_EACH)
            ),
        )
        connection.execute("UPDATE conversation SET leaf_id = 'm' || (substr(id, 2) * 50)")
        connection.commit()
    return path


def moment(number: int) -> str:
    return f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00.000000+00:00"


def seconds(path: Path) -> float:
    with closing(ConversationStore(path)) as store:
        start = perf_counter()
        store.list_conversations().result()
        return perf_counter() - start


def test_a_long_history_is_opened_and_listed_in_a_few_milliseconds(
    tmp_path: Path, long_history: Path
) -> None:
    empty, long = tmp_path / "history.sqlite3", long_history
    seconds(empty)
    fastest = {path: min(seconds(path) for _ in range(7)) for path in (empty, long)}
    assert fastest[long] - fastest[empty] < 0.02  # 3 ms where nothing else runs


def test_the_list_is_read_without_the_rows_of_the_conversations(long_history: Path) -> None:
    """What the figure above rests on; rows hold prompts of any length."""
    statements: list[str] = []
    with closing(sqlite3.connect(long_history)) as connection:
        from chatapp.storage import conversations

        connection.set_trace_callback(statements.append)
        assert len(conversations.summaries(connection, "active")) == N_CONVERSATIONS
        connection.set_trace_callback(None)
        plans = [
            row[3] for sql in statements for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    (scan,) = (plan for plan in plans if "conversation" in plan)
    assert scan == "SCAN conversation USING COVERING INDEX conversation_listed"


def test_work_goes_on_while_a_long_history_is_backed_up(long_history: Path) -> None:
    with closing(ConversationStore(long_history)) as store:
        store.list_conversations().result()
        order: list[str] = []
        backup = store.back_up()
        backup.add_done_callback(lambda _: order.append("backup"))
        for number in range(20):
            line = store.rename("c7", f"Renamed {number}")
            line.add_done_callback(lambda _: order.append("rename"))
        line.result()
        path = backup.result()
        assert order == ["rename"] * 20 + ["backup"]
    with closing(ConversationStore(path)) as copy:
        assert copy.open_conversation("c7").result().title == "Renamed 19"
        assert len(copy.list_conversations().result()) == N_CONVERSATIONS
