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
from msgspec import structs

from chatapp.chat import Attachment, new_id
from chatapp.errors import StorageError
from chatapp.storage.records import Draft
from chatapp.storage.store import ConversationStore

T = TypeVar("T")


def sqlite_error(code: int, text: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


# What fails, and what the user is told of it.
FAILURES = {
    "locked": (sqlite_error(sqlite3.SQLITE_BUSY, "database is locked"), "Another program"),
    "disk_full": (sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"), "disk is full"),
    "io_error": (sqlite_error(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"), "Check the disk"),
    "out_of_memory": (MemoryError(), "not enough memory"),
    "no_space_for_a_file": (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
}


class Faults:
    """Fails the statement that is `countdown` statements away; at 0, none."""

    def __init__(self, error: Exception, text: str) -> None:
        self.error = error
        self.text = text
        self.countdown = 0

    def hit(self, statement: int, call: Callable[[], Future[T]]) -> bool:
        """Whether `call` failed, with a plain text, for its Nth statement failing."""
        self.countdown = statement
        error = call().exception()
        self.countdown = 0
        assert statement < 200, "It fails for good."
        assert error is None or (isinstance(error, StorageError) and self.text in str(error))
        return error is not None

    def pass_or_fail(self) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise self.error


@pytest.fixture(params=FAILURES)
def faults(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Faults:
    faults = Faults(*FAILURES[request.param])

    class FaultyConnection(sqlite3.Connection):
        def execute(self, *args: object) -> sqlite3.Cursor:
            faults.pass_or_fail()
            return super().execute(*args)

        def executescript(self, script: str) -> sqlite3.Cursor:
            faults.pass_or_fail()
            return super().executescript(script)

        def backup(self, *args: object, **kwargs: object) -> None:
            faults.pass_or_fail()
            super().backup(*args, **kwargs)

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
        self.another = structs.replace(
            store.open_conversation(self.deleted.id).result(), id=new_id()
        )
        self.gone = self.talk.answer(self.question, "Gone")
        present = store.open_conversation(self.talk.id).result()
        more = structs.replace(present.messages[-1], id=new_id(), content="From elsewhere")
        self.grown = structs.replace(present, messages=(*present.messages, more))
        store.delete_branch(self.gone).result()
        self.open_reply = self.talk.start(self.question)
        store.append_chunk(self.open_reply, "once ").result()

    def state(self) -> tuple[object, ...]:
        store = self.store
        return (
            store.list_conversations().result(),
            store.list_conversations("archived").result(),
            [
                (id, store.open_conversation(id).result(), store.load_draft(id).result())
                for id in (self.talk.id, self.deleted.id, self.new)
                if store.open_conversation(id).exception() is None
            ],
            [hit.message_id for hit in store.search("question").result()],
            [backup.n_conversations for backup in store.backups().result()],
        )


# The first ten are what a chat is made of, the rest what happens around it.
OPERATIONS: dict[str, Callable[[Setting], Future[object]]] = {
    "create": lambda s: s.store.create_conversation(s.new, title="New"),
    "ask": lambda s: s.store.add_user_message(
        new_id(), s.talk.id, s.answer, "And then? question", [Attachment("a", "b")]
    ),
    "start": lambda s: s.store.start_reply(
        new_id(), s.talk.id, s.question, model_path="/m", model_name="M", params=PARAMS
    ),
    "finish": lambda s: s.store.finish_reply(s.open_reply, status="complete", reply=REPLY),
    "edit": lambda s: s.store.add_edited_reply(new_id(), s.talk.id, s.answer, "Better"),
    "set_leaf": lambda s: s.store.set_leaf(s.talk.id, s.answer),
    "rename": lambda s: s.store.rename(s.talk.id, "New question"),
    "update": lambda s: s.store.update_conversation(s.talk.id, system_prompt="New", params=PARAMS),
    "delete": lambda s: s.store.delete([s.talk.id]),
    "save_draft": lambda s: s.store.save_draft(s.new, Draft("Not yet")),
    "restore": lambda s: s.store.restore([s.deleted.id]),
    "archive": lambda s: s.store.set_archived([s.talk.id, s.deleted.id], True),
    "keep": lambda s: s.store.set_keep(s.question, True),
    "delete_branch": lambda s: s.store.delete_branch(s.answer),
    "restore_branch": lambda s: s.store.restore_branch(s.gone),
    "fork": lambda s: s.store.fork(s.talk.id, s.answer, s.new, "Fork"),
    "import": lambda s: s.store.import_conversation(s.another, "2025", "2025"),
    "import what is new": lambda s: s.store.import_conversation(s.grown, "2025", "2025"),
    "back_up": lambda s: s.store.back_up(),
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
        assert statement > (1 if name == "back_up" else 3)  # synchronous, BEGIN, the change, COMMIT
        assert setting.state() != before
        assert not list(path.parent.glob("*.part*"))


def test_a_fault_at_any_statement_of_erasing_is_made_good_by_erasing_again(
    path: Path, faults: Faults
) -> None:
    with closing(ConversationStore(path)) as store:
        setting = Setting(store)
        store.back_up().result()
        kept = store.open_conversation(setting.talk.id).result()
        statement = 1
        while faults.hit(statement, lambda: store.erase([setting.deleted.id])):
            assert store.open_conversation(setting.talk.id).result() == kept
            statement += 1
        assert statement > 10
        assert not list(path.parent.glob("*.part*"))
        assert store.open_conversation(setting.deleted.id).exception() is not None
        store.append_chunk(setting.open_reply, "upon").result()
        store.finish_reply(setting.open_reply, status="complete").result()
    assert not [f for f in path.parent.iterdir() if setting.deleted.id.encode() in f.read_bytes()]


def test_a_fault_at_any_statement_of_putting_a_backup_back_loses_neither(
    path: Path, faults: Faults
) -> None:
    with closing(ConversationStore(path)) as store:
        setting = Setting(store)
        backup = store.back_up().result()
        later = Talk(store)
        later.ask("Later")
        statement = 1
        while faults.hit(statement, lambda: store.restore_backup(backup)):
            assert len(store.list_conversations().result()) == 2
            statement += 1
        assert statement > 1
        assert [line.id for line in store.list_conversations().result()] == [setting.talk.id]
        assert len(list(path.parent.glob("*.replaced-*"))) == 1


def test_a_fault_at_any_statement_of_salvage_loses_nothing_that_can_be_read(
    path: Path, faults: Faults
) -> None:
    with closing(ConversationStore(path)) as store:
        talk = Setting(store).talk
    content = path.read_bytes()[:-4096]
    path.write_bytes(content)
    for statement in itertools.count(1):
        with closing(ConversationStore(path)) as store:
            if not faults.hit(statement, store.list_conversations):
                break
        if path.read_bytes() == content:
            assert not list(path.parent.glob("*.damaged-*"))
    assert statement > 20
    with closing(ConversationStore(path)) as store:
        texts = [message.content for message in store.open_conversation(talk.id).result().messages]
        whole = ["Question", "Answer", "once "]
        # What a disk does not give is taken for lost, and is still in the file set aside.
        assert texts == whole or (faults.text == "Check the disk" and set(texts) <= {*whole, ""})


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
