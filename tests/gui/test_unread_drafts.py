"""Drafts that come late or not at all: none is written over, nothing typed meanwhile is lost."""

import sqlite3
import threading
from collections.abc import Callable

import pytest
from prompt_keys import draft_on_disk
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import new_id
from chatapp.gui.app import Program
from chatapp.storage import drafts
from chatapp.storage.records import Draft
from chatapp.storage.store import ConversationStore

Open = Callable[[], Program]
BEFORE = "from the last time"


@pytest.fixture
def begun() -> str:
    """A conversation that a draft was left in at the last start."""
    conversation_id = new_id()
    store = ConversationStore(paths.history_file())
    store.create_conversation(conversation_id)
    store.add_user_message(new_id(), conversation_id, None, "First question")
    store.save_draft(conversation_id, Draft(BEFORE)).result()
    store.close()
    return conversation_id


def write(program: Program, text: str) -> None:
    QTest.keyClicks(program.window.chat_page.prompt_box.edit, text)


def wait_for_prompt(qtbot: QtBot, program: Program, text: str) -> None:
    qtbot.waitUntil(lambda: program.window.chat_page.prompt_text() == text)


def show(program: Program, conversation_id: str) -> None:
    program.window.chat_page.conversation_requested.emit(conversation_id)


def in_the_moment_it_is_shown(
    program: Program, conversation_id: str, act: Callable[[], object]
) -> None:
    """Do that when its draft has been asked for, and its answer has not come."""
    program.controller.shown.connect(lambda shown_id: shown_id == conversation_id and act())


def test_a_draft_that_cannot_be_read_is_not_written_over(
    open_program: Open, qtbot: QtBot, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_program()

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("chatapp.storage.drafts.load", fail)
        with qtbot.waitSignal(first.history.draft_unread):
            show(first, begun)
    write(first, "typed since")
    qtbot.waitUntil(lambda: draft_on_disk() == Draft("typed since"), timeout=1000)
    assert draft_on_disk(begun) == Draft(BEFORE)
    first.window.close()
    second = open_program()
    wait_for_prompt(qtbot, second, "typed since")
    show(second, begun)
    wait_for_prompt(qtbot, second, BEFORE)


def test_what_is_typed_and_the_window_closed_before_the_draft_has_come_is_kept_beside_it(
    open_program: Open, qtbot: QtBot, begun: str
) -> None:
    first = open_program()

    def write_and_close() -> None:
        write(first, "typed since")
        first.window.close()

    in_the_moment_it_is_shown(first, begun, write_and_close)
    with qtbot.waitSignal(first.window.closed):
        show(first, begun)
    assert draft_on_disk() == Draft("typed since")
    assert draft_on_disk(begun) == Draft(BEFORE)
    second = open_program()
    wait_for_prompt(qtbot, second, "typed since")
    show(second, begun)
    wait_for_prompt(qtbot, second, BEFORE)


def test_a_window_closed_before_the_draft_has_come_leaves_it_as_it_is(
    open_program: Open, qtbot: QtBot, begun: str
) -> None:
    program = open_program()
    in_the_moment_it_is_shown(program, begun, program.window.close)
    with qtbot.waitSignal(program.window.closed):
        show(program, begun)
    assert draft_on_disk(begun) == Draft(BEFORE)
    assert draft_on_disk() == Draft()


def test_what_is_typed_and_left_before_the_draft_has_come_is_kept_with_it(
    open_program: Open, qtbot: QtBot, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = open_program()
    may_read = threading.Event()
    load = drafts.load

    def load_late(db: sqlite3.Connection, conversation_id: str) -> Draft:
        may_read.wait()
        return load(db, conversation_id)

    monkeypatch.setattr("chatapp.storage.drafts.load", load_late)
    with qtbot.waitSignal(program.controller.shown):
        show(program, begun)
    write(program, "typed since")
    program.window.new_requested.emit()  # what is typed is put away, and cannot be written yet
    with qtbot.waitSignal(program.history.draft_loaded):
        may_read.set()
    both = Draft(f"{BEFORE}\n\ntyped since")
    qtbot.waitUntil(lambda: draft_on_disk(begun) == both, timeout=1000)
    assert draft_on_disk() == Draft()
    show(program, begun)
    wait_for_prompt(qtbot, program, both.text)
