"""Every statement of every operation made to fail once, with each kind of failure."""

import errno
import itertools
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from histories import PARAMS, REPLY, Talk

from chatapp.chat import new_id
from chatapp.errors import StorageError
from chatapp.storage.store import ConversationStore

T = TypeVar("T")


class Faults:
    """Fails the statement that is `countdown` statements away; at 0, none."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.countdown = 0

    def hit(self, statement: int, call: Callable[[], Future[T]]) -> bool:
        """Whether `call` failed, with a plain text, for its Nth statement failing."""
        self.countdown = statement
        error = call().exception()
        self.countdown = 0
        assert statement < 40, "It fails for good."
        assert error is None or (isinstance(error, StorageError) and len(str(error).split()) > 5)
        return error is not None

    def pass_or_fail(self) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise self.error


@pytest.fixture(
    params=[
        sqlite3.OperationalError("disk I/O error"),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
    ids=lambda error: type(error).__name__,
)
def faults(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Faults:
    faults = Faults(request.param)

    class FaultyConnection(sqlite3.Connection):
        def execute(self, *args: object) -> sqlite3.Cursor:
            faults.pass_or_fail()
            return super().execute(*args)

        def executescript(self, script: str) -> sqlite3.Cursor:
            faults.pass_or_fail()
            return super().executescript(script)

    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=FaultyConnection)
    )
    return faults


class Setting:
    """A history with something to do each operation on."""

    def __init__(self, store: ConversationStore) -> None:
        self.store = store
        self.talk = Talk(store)
        self.new = new_id()
        self.deleted = Talk(store)
        self.deleted.ask("Deleted")
        store.delete([self.deleted.id]).result()
        self.question = self.talk.ask("Question")
        self.answer = self.talk.answer(self.question, "Answer")
        self.open_reply = self.talk.start(self.question)
        store.append_chunk(self.open_reply, "once ").result()

    def state(self) -> tuple[object, ...]:
        return (
            self.store.list_conversations().result(),
            self.store.open_conversation(self.talk.id).result(),
            self.store.open_conversation(self.deleted.id).result(),
            self.store.open_conversation(self.new).exception() is None,
        )


OPERATIONS: dict[str, Callable[[Setting], Future[None]]] = {
    "create": lambda s: s.store.create_conversation(s.new, title="New"),
    "update": lambda s: s.store.update_conversation(s.talk.id, system_prompt="New", params=PARAMS),
    "set_leaf": lambda s: s.store.set_leaf(s.talk.id, s.answer),
    "rename": lambda s: s.store.rename(s.talk.id, "New"),
    "delete": lambda s: s.store.delete([s.talk.id]),
    "restore": lambda s: s.store.restore([s.deleted.id]),
    "ask": lambda s: s.store.add_user_message(new_id(), s.talk.id, s.answer, "And then?"),
    "start": lambda s: s.store.start_reply(
        new_id(), s.talk.id, s.question, model_path="/m", model_name="M", params=PARAMS
    ),
    "finish": lambda s: s.store.finish_reply(s.open_reply, status="complete", reply=REPLY),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_fault_at_any_statement_leaves_the_history_as_it_was(
    path: Path, faults: Faults, name: str
) -> None:
    with closing(ConversationStore(path)) as store:
        setting = Setting(store)
        before = setting.state()
        statement = 1
        while faults.hit(statement, lambda: OPERATIONS[name](setting)):
            assert setting.state() == before
            statement += 1
        assert statement > 3  # at least: synchronous, BEGIN, the change, COMMIT
        assert setting.state() != before


def test_a_fault_at_any_statement_of_a_chunk_loses_no_text(path: Path, faults: Faults) -> None:
    with closing(ConversationStore(path)) as store:
        setting = Setting(store)
        pieces = ["once "]

        def append() -> Future[None]:
            pieces.append(f"{len(pieces)} ")
            return store.append_chunk(setting.open_reply, pieces[-1])

        statement = 1
        while faults.hit(statement, append):
            statement += 1
        assert statement > 3
        assert faults.hit(2, append)
        store.finish_reply(setting.open_reply, status="stopped").result()
        assert store.open_conversation(setting.talk.id).result().path()[-1].content == "".join(
            pieces
        )


@pytest.mark.parametrize("is_there", [True, False])
def test_a_fault_at_any_statement_of_opening_leaves_a_history_that_opens(
    path: Path, faults: Faults, is_there: bool
) -> None:
    before: tuple[object, ...] = ()
    if is_there:
        with closing(ConversationStore(path)) as store:
            talk = Setting(store).talk
            before = store.list_conversations().result()
    for statement in itertools.count(1):
        with closing(ConversationStore(path)) as store:
            if not faults.hit(statement, store.list_conversations):
                break
            assert store.list_conversations().result() == before
    assert statement > 5
    if is_there:
        with closing(ConversationStore(path)) as store:
            message = store.open_conversation(talk.id).result().path()[-1]
            assert (message.content, message.status) == ("once ", "interrupted")
