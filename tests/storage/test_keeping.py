"""Views, folders, drafts, import, backups, and the history that is only in memory."""

import os
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from histories import PARAMS, Talk
from msgspec import structs

from chatapp.chat import Attachment, new_id
from chatapp.errors import StorageError
from chatapp.storage import backups
from chatapp.storage.records import Draft, StoredConversation, StoredMessage
from chatapp.storage.store import ConversationStore

DRAFT = Draft("Half a thou", (Attachment("a.txt", "text"),))


def told(store: ConversationStore, text: str) -> Talk:
    talk = Talk(store)
    talk.answer(talk.ask(text), "Yes")
    return talk


# ---- views ----


def test_a_conversation_is_in_one_view_at_a_time(store: ConversationStore) -> None:
    talks = [told(store, name) for name in ("a", "b", "c")]
    ids = [talk.id for talk in talks]
    store.set_archived(ids[1:], True).result()
    store.delete(ids[2:]).result()
    views = {
        view: [line.title for line in store.list_conversations(view).result()]
        for view in ("active", "archived", "deleted")
    }
    assert views == {"active": ["a"], "archived": ["b"], "deleted": ["c"]}
    (archived,) = store.list_conversations("archived").result()
    assert archived.archived_at is not None
    assert store.open_conversation(ids[1]).result().archived_at == archived.archived_at
    store.restore(ids[2:]).result()
    store.set_archived(ids[1:], False).result()
    assert [line.title for line in store.list_conversations().result()] == ["c", "b", "a"]


def test_several_conversations_are_pinned_and_filed_at_once(store: ConversationStore) -> None:
    ids = [told(store, name).id for name in ("a", "b", "c")]
    store.set_pinned(ids[:2], True).result()
    store.set_folder(ids[1:], "Work").result()
    lines = store.list_conversations().result()
    assert [(line.title, line.pinned, line.folder) for line in lines] == [
        ("c", False, "Work"),
        ("b", True, "Work"),
        ("a", True, ""),
    ]
    conversation = store.open_conversation(ids[1]).result()
    assert (conversation.pinned, conversation.folder) == (True, "Work")


def test_a_change_of_several_conversations_is_one_of_all_or_of_none(
    store: ConversationStore,
) -> None:
    talk = told(store, "a")
    with pytest.raises(StorageError, match="not in the history"):
        store.delete([talk.id, "unknown"]).result()
    assert [line.id for line in store.list_conversations().result()] == [talk.id]


def test_a_conversation_without_messages_is_not_listed(store: ConversationStore) -> None:
    talk = Talk(store, title="Empty")
    assert store.list_conversations().result() == ()
    assert store.export_ids().result() == ()
    talk.ask("Now")
    assert [line.title for line in store.list_conversations().result()] == ["Empty"]


# ---- drafts ----


def test_a_draft_comes_back_after_a_restart_and_is_gone_when_empty(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = told(store, "Hello")
        store.save_draft(talk.id, DRAFT).result()
        store.save_draft(talk.id, structs.replace(DRAFT, text="Half a thought")).result()
    with closing(ConversationStore(path)) as store:
        assert store.load_draft(talk.id).result() == structs.replace(DRAFT, text="Half a thought")
        store.save_draft(talk.id, Draft()).result()
        assert store.load_draft(talk.id).result() == Draft()
        assert store.load_draft("unknown").result() == Draft()


def test_a_draft_may_come_before_its_conversation(store: ConversationStore) -> None:
    told(store, "Another")
    older, newer = new_id(), new_id()
    assert store.last_new_draft().result() is None
    store.save_draft(older, Draft("older")).result()
    store.save_draft(newer, DRAFT).result()
    assert len(store.list_conversations().result()) == 1
    assert store.last_new_draft().result() == (newer, DRAFT)

    store.create_conversation(newer, system_prompt="Be brief.", params=PARAMS).result()
    store.add_user_message(new_id(), newer, None, "Begun").result()
    conversation = store.open_conversation(newer).result()
    assert (conversation.system_prompt, conversation.title) == ("Be brief.", "Begun")
    assert store.last_new_draft().result() == (older, Draft("older"))
    with pytest.raises(StorageError, match="already"):
        store.create_conversation(newer).result()


# ---- import ----


def imported() -> StoredConversation:
    def message(id: str, parent_id: str | None, **fields: object) -> StoredMessage:
        known = {"role": "user", "content": id, "status": "complete", "conversation_id": "x"}
        return StoredMessage(
            id=id, parent_id=parent_id, created_at="2025-01-01T00:00:00+00:00", **known | fields
        )

    return StoredConversation(
        id="x",
        title="From elsewhere",
        system_prompt="",
        params=PARAMS,
        model_path="",
        leaf_id="b",
        messages=(
            message("a", None, keep=True, attachments=(Attachment("f", "file"),)),
            message("b", "a", role="assistant", model_name="Other", ids=(1, 2), left_out=("a",)),
            message("c", "a", role="assistant", edited=True, reasoning="hm"),
            message("d", "lost"),
        ),
        pinned=True,
        folder="Old",
    )


def test_an_imported_conversation_is_as_it_was(store: ConversationStore) -> None:
    here = Talk(store)
    here.ask("Hello")
    conversation = imported()
    created, updated = "2025-01-01T00:00:00+00:00", "2025-01-02T00:00:00+00:00"
    assert store.import_conversation(conversation, created, updated).result() == "new"
    found = store.open_conversation("x").result()
    lost = structs.replace(conversation.messages[3], parent_id=None)
    assert found == structs.replace(conversation, messages=(*conversation.messages[:3], lost))
    line = store.list_conversations().result()[-1]
    assert (line.id, line.updated_at, line.model) == ("x", updated, "Other")
    assert store.export_ids().result() == ("x", here.id)  # by the time they were begun
    assert {hit.message_id for hit in store.search("file").result()} == {"a"}


def bring(store: ConversationStore, conversation: StoredConversation) -> str:
    return store.import_conversation(conversation, "2025", "2025").result()


def grown(conversation: StoredConversation, parent_id: str, *ids: str) -> StoredConversation:
    """The conversation with more messages one below the other, the last one on show."""
    messages = [*conversation.messages]
    for id in ids:
        of_parent = next(message for message in messages if message.id == parent_id)
        role = "assistant" if of_parent.role == "user" else "user"
        more = structs.replace(of_parent, id=id, parent_id=parent_id, role=role, content=id)
        messages.append(more)
        parent_id = id
    return structs.replace(conversation, messages=tuple(messages), leaf_id=parent_id)


def contents(store: ConversationStore, conversation_id: str = "x") -> list[str]:
    """What is on show of a conversation."""
    path = store.open_conversation(conversation_id).result().path()
    return [message.content for message in path]


def test_a_conversation_imported_again_brings_what_is_new(store: ConversationStore) -> None:
    first = imported()
    second = grown(first, "b", "e", "f")
    came = [bring(store, conversation) for conversation in (first, first, second, second)]
    assert came == ["new", "present", "grown", "present"]
    assert contents(store) == ["a", "b", "e", "f"]
    assert len(store.open_conversation("x").result().messages) == len(second.messages)
    assert [hit.message_id for hit in store.search('role:user "e"').result()] == ["e"]
    (line,) = store.list_conversations().result()
    assert line.model == "Other"


def test_what_was_said_and_named_here_stays_as_it_is(store: ConversationStore) -> None:
    bring(store, imported())
    store.rename("x", "Mine").result()
    store.add_user_message("mine", "x", "b", "mine").result()
    assert bring(store, grown(imported(), "b", "e")) == "grown"
    assert contents(store) == ["a", "b", "mine"]
    conversation = store.open_conversation("x").result()
    assert conversation.title == "Mine"
    assert conversation.versions("e") == ("mine", "e")


def test_what_is_new_below_a_deleted_message_comes_back_with_it(store: ConversationStore) -> None:
    bring(store, imported())
    store.delete_branch("b").result()
    assert bring(store, grown(imported(), "b", "e")) == "grown"
    assert contents(store) == ["a", "c"]
    store.restore_branch("b").result()
    assert contents(store) == ["a", "b", "e"]


def test_identifiers_that_another_conversation_has_are_replaced_always_by_the_same(
    store: ConversationStore,
) -> None:
    other = structs.replace(imported(), id="y")
    assert [bring(store, c) for c in (imported(), other, other)] == ["new", "new", "present"]
    first, second = (store.open_conversation(id).result() for id in ("x", "y"))
    assert contents(store, "y") == ["a", "b"]
    assert second.path()[1].left_out == (second.path()[0].id,)
    assert not {m.id for m in first.messages} & {m.id for m in second.messages}


# ---- backups ----


def test_a_copy_of_a_backup_that_the_user_made_is_left_alone(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        told(store, "Hello")
        made = store.back_up().result()
        copy = made.with_name(f"{made.stem} (copy){made.suffix}")
        copy.write_bytes(made.read_bytes())
        assert [backup.path for backup in store.backups().result()] == [made]
        assert store.back_up_if_due().result() is None
        for _ in range(3):
            store.back_up().result()
    assert copy.exists()
    assert not made.exists()


def test_the_newest_three_backups_are_kept_for_this_user_only(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        made = []
        for number in range(5):
            told(store, f"Conversation {number}")
            made.append(store.back_up().result())
        found = store.backups().result()
    assert [backup.path for backup in found] == made[:1:-1]
    assert [backup.n_conversations for backup in found] == [5, 4, 3]
    for backup in found:
        assert backup.size == backup.path.stat().st_size
        age = datetime.now(UTC) - datetime.fromisoformat(backup.made_at)
        assert timedelta(0) < age < timedelta(minutes=1)
        assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
    assert {file.name for file in path.parent.iterdir()} == {
        path.name,
        *(backup.path.name for backup in found),
    }


def test_the_backup_of_the_day_is_made_once_a_day(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ConversationStore(path)) as store:
        assert store.back_up_if_due().result() is None  # there is nothing to back up
        told(store, "Hello")
        assert store.back_up_if_due().result() is not None
        assert store.back_up_if_due().result() is None
        monkeypatch.setattr(backups, "EVERY", timedelta(0))
        assert store.back_up_if_due().result() is not None


def test_the_history_goes_on_from_a_backup_and_the_present_one_is_set_aside(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        kept = told(store, "Kept")
        before = store.open_conversation(kept.id).result()
        backup = store.back_up().result()
        content = backup.read_bytes()
        later = told(store, "Later")
        store.restore_backup(backup).result()
        assert [line.id for line in store.list_conversations().result()] == [kept.id]
        kept.ask("It goes on.", before.leaf_id)
    (replaced,) = path.parent.glob("*.replaced-*")
    assert backup.read_bytes() == content
    with closing(ConversationStore(replaced)) as store:
        assert [line.id for line in store.list_conversations().result()] == [later.id, kept.id]


def test_a_damaged_backup_is_refused_and_the_present_history_stays(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = told(store, "Hello")
        backup = store.back_up().result()
        content = bytearray(backup.read_bytes())
        content[4096:12288] = os.urandom(8192)
        backup.write_bytes(content)
        with pytest.raises(StorageError, match="cannot be used"):
            store.restore_backup(backup).result()
        with pytest.raises(StorageError):
            store.restore_backup(path.with_name("missing")).result()
        assert [line.id for line in store.list_conversations().result()] == [talk.id]
        assert list(path.parent.glob("*.part")) == []


def test_a_backup_made_while_a_reply_is_written_has_what_was_written_of_it(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        reply = talk.start(talk.ask("Hello"))
        store.append_chunk(reply, "Once upon").result()
        backup = store.back_up().result()
        store.finish_reply(reply, status="complete").result()
        store.restore_backup(backup).result()
        message = store.open_conversation(talk.id).result().path()[-1]
        assert (message.content, message.status) == ("Once upon", "interrupted")


# ---- in memory ----


def test_what_is_kept_in_memory_reaches_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    before = set(os.listdir("/proc/self/fd"))
    store = ConversationStore(None)
    talk = Talk(store)
    question = talk.ask("Secret " * 100_000)
    reply = talk.answer(question, *["Hush " * 10_000] * 20)
    talk.ask("More secret " * 100_000, reply)
    store.save_draft(talk.id, Draft("Secret draft " * 100_000)).result()
    store.fork(talk.id, reply, new_id()).result()
    assert store.search("secret").result()
    conversation = store.open_conversation(talk.id).result()
    assert conversation.is_incognito
    assert len(conversation.path()) == 3
    opened = set(os.listdir("/proc/self/fd")) - before
    assert not [fd for fd in opened if os.path.isfile(f"/proc/self/fd/{fd}")]
    store.erase([talk.id]).result()
    with pytest.raises(StorageError, match="not in the history"):
        store.open_conversation(talk.id).result()
    store.close()
    assert list(tmp_path.iterdir()) == []
