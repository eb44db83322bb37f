import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from chatapp.chat import GenerationParams, new_id
from chatapp.gui.history import History
from chatapp.storage.store import ConversationStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    history = History(ConversationStore(path))
    yield history
    history.close()


@pytest.fixture
def said(history: History) -> list[tuple[str, Any]]:
    """What the history said, in order: the signal's name and what it carried."""
    said: list[tuple[str, Any]] = []
    for name in ("listed", "opened", "committed", "finished", "failed"):
        getattr(history, name).connect(lambda value, name=name: said.append((name, value)))
    return said


def test_a_whole_turn_comes_back_as_signals_in_order(
    qtbot: QtBot, history: History, said: list[tuple[str, Any]]
) -> None:
    conversation, question, reply = new_id(), new_id(), new_id()
    with qtbot.waitSignal(history.listed):
        history.create(conversation, system_prompt="Be brief.", params=GenerationParams())
        history.add_user_message(question, conversation, None, "Why is the sea salty?")
        history.start_reply(
            reply,
            conversation,
            question,
            model_path="/m",
            model_name="M",
            params=GenerationParams(),
        )
        history.append_chunk(reply, "Because ", "hm")
        history.append_chunk(reply, "of rocks.")
        history.finish_reply(reply, status="complete")
        history.update(conversation, system_prompt="Be kind.")
        history.set_leaf(conversation, question)
        history.rename(conversation, "Salty sea")
        history.open(conversation)
        history.list()

    names, (committed, finished, stored, listed) = zip(*said, strict=True)
    assert names == ("committed", "finished", "opened", "listed")
    assert (committed, finished) == (question, reply)
    assert (stored.system_prompt, stored.title) == ("Be kind.", "Salty sea")
    assert [message.id for message in stored.path()] == [question]
    assert stored.messages[-1].content == "Because of rocks."
    assert [line.id for line in listed] == [conversation]


def test_results_arrive_in_the_thread_of_the_window(qtbot: QtBot, history: History) -> None:
    threads: list[object] = []
    history.listed.connect(
        lambda _: threads.append((threading.get_ident(), QThread.isMainThread()))
    )
    with qtbot.waitSignal(history.listed):
        history.list()
        assert threads == []  # never inside the call
    assert threads == [(threading.main_thread().ident, True)]


def test_what_cannot_be_done_is_said_and_the_next_call_is_done(
    qtbot: QtBot, history: History, said: list[tuple[str, Any]]
) -> None:
    with qtbot.waitSignal(history.listed):
        history.open("unknown")
        history.list()
    (failed, text), (listed, _) = said
    assert (failed, listed) == ("failed", "listed")
    assert "not in the history" in text


def test_deleting_can_be_undone(
    qtbot: QtBot, history: History, said: list[tuple[str, Any]]
) -> None:
    conversation = new_id()
    with qtbot.waitSignals([history.listed, history.listed]):
        history.create(conversation)
        history.add_user_message(new_id(), conversation, None, "Hello")
        history.delete([conversation])
        history.list()
        history.restore([conversation])
        history.list()
    (_, deleted), (_, restored) = said[1:]
    assert deleted == ()
    assert [line.id for line in restored] == [conversation]


def test_a_damaged_history_is_said_once_after_the_new_one_is_listed(
    qtbot: QtBot, path: Path, history: History, said: list[tuple[str, Any]]
) -> None:
    path.write_bytes(b"garbage" * 1000)
    with qtbot.waitSignal(history.failed):
        history.list()
    with qtbot.waitSignals([history.listed, history.listed]):
        history.list()
        history.list()
    assert [name for name, _ in said] == ["listed", "failed", "listed", "listed"]
    text = said[1][1]
    assert "damaged" in text
    assert str(next(path.parent.glob("*.damaged-*"))) in text


def test_everything_asked_for_is_written_when_closing(path: Path) -> None:
    history = History(ConversationStore(path))
    ids = [new_id() for _ in range(100)]
    for conversation in ids:
        history.create(conversation)
        history.add_user_message(new_id(), conversation, None, "Hello")
    history.close()
    store = ConversationStore(path)
    assert {line.id for line in store.list_conversations().result()} == set(ids)
    store.close()
