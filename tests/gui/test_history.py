import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThread, SignalInstance
from pytestqt.qtbot import QtBot

from chatapp.chat import GenerationParams, new_id
from chatapp.gui.history import History
from chatapp.storage.records import Draft
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
    with qtbot.waitSignals([history.listed] * 3):  # one by itself, for what may have changed
        history.list()
        history.list()
    assert [name for name, _ in said] == ["listed", "failed", "listed", "listed", "listed"]
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


def said_by(qtbot: QtBot, signal: SignalInstance, call: Callable[[], None]) -> list[Any]:
    """What a signal carries in answer to a call."""
    with qtbot.waitSignal(signal) as blocker:
        call()
    assert blocker.args is not None
    return blocker.args


def asked(history: History, text: str) -> tuple[str, str]:
    """A conversation with one question, and that question."""
    conversation, question = new_id(), new_id()
    history.create(conversation)
    history.add_user_message(question, conversation, None, text)
    return conversation, question


def test_every_view_has_a_signal_of_its_own(qtbot: QtBot, history: History) -> None:
    ids = [asked(history, text)[0] for text in ("active", "archived", "deleted")]
    history.set_archived(ids[1:2], True)
    history.delete(ids[2:])
    for view, signal in (
        ("active", history.listed),
        ("archived", history.archive_listed),
        ("deleted", history.trash_listed),
    ):
        (lines,) = said_by(qtbot, signal, lambda view=view: history.list(view))
        assert [line.title for line in lines] == [view]


def test_a_branch_is_deleted_and_comes_back_with_the_leaf_to_show(
    qtbot: QtBot, history: History
) -> None:
    conversation, question = asked(history, "Question")
    second = new_id()
    history.add_user_message(second, conversation, None, "Better question")
    assert said_by(qtbot, history.branch_deleted, lambda: history.delete_branch(second)) == [
        second,
        question,
    ]
    assert said_by(qtbot, history.branch_restored, lambda: history.restore_branch(second)) == [
        second,
        second,
    ]


def test_drafts_are_kept_and_the_newest_of_a_new_conversation_is_found(
    qtbot: QtBot, history: History
) -> None:
    new = new_id()
    history.save_draft(new, Draft("Half"))
    assert said_by(qtbot, history.draft_loaded, lambda: history.load_draft(new)) == [
        new,
        Draft("Half"),
    ]
    assert said_by(qtbot, history.new_draft_found, history.last_new_draft) == [new, Draft("Half")]


def test_only_the_last_of_several_searches_is_answered(qtbot: QtBot, history: History) -> None:
    asked(history, "Why is the sea salty?")
    answers: list[str] = []
    history.found.connect(lambda query, _: answers.append(query))
    with qtbot.waitSignal(history.found):
        for query in ("se", "sea", "sea sal"):
            history.search(query)
    assert answers == ["sea sal"]


def test_nothing_of_an_incognito_conversation_reaches_the_disk(
    qtbot: QtBot, history: History, path: Path
) -> None:
    secret, question, reply, fork, version = (new_id() for _ in range(5))
    history.begin_incognito(secret)
    history.save_draft(secret, Draft("Canary draft"))
    history.create(secret, system_prompt="Canary prompt")
    history.add_user_message(question, secret, None, "Canary question")
    history.start_reply(
        reply, secret, question, model_path="/m", model_name="M", params=GenerationParams()
    )
    history.append_chunk(reply, "Canary reply")
    history.finish_reply(reply, status="complete")
    history.add_edited_reply(version, secret, reply, "Canary version")
    history.set_keep(version, True)
    history.delete_branch(version)
    history.restore_branch(version)
    history.set_leaf(secret, reply)
    history.rename(secret, "Canary title")
    history.update(secret, system_prompt="Canary prompt")
    history.fork(secret, reply, fork)
    asked(history, "Not secret")

    (stored,) = said_by(qtbot, history.opened, lambda: history.open(secret))
    assert stored.is_incognito
    assert [message.content for message in stored.path()] == ["Canary question", "Canary reply"]
    (forked,) = said_by(qtbot, history.opened, lambda: history.open(fork))
    assert forked.is_incognito
    history.set_keep(forked.path()[0].id, True)
    (forked,) = said_by(qtbot, history.opened, lambda: history.open(fork))
    assert forked.path()[0].keep
    (lines,) = said_by(qtbot, history.listed, history.list)
    assert [line.title for line in lines] == ["Not secret"]
    (_, hits) = said_by(qtbot, history.found, lambda: history.search("canary"))
    assert hits == ()
    for file in path.parent.rglob("*"):
        assert file.is_dir() or b"canary" not in file.read_bytes().lower()
