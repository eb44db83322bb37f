"""A damaged history: set aside, never deleted, and all that can be read of it brought over."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from histories import REPLY, Talk
from limits import file_size_limit

from chatapp.chat import Attachment, new_id
from chatapp.errors import StorageError
from chatapp.storage import salvage
from chatapp.storage.records import Draft, StoredConversation
from chatapp.storage.store import ConversationStore

PAGE = 4096
N_TALKS = 4
N_TURNS = 10


def fill(path: Path) -> dict[str, StoredConversation]:
    """A history of some conversations, each with an attachment, a version and a draft."""
    with closing(ConversationStore(path)) as store:
        talks = [Talk(store) for _ in range(N_TALKS)]
        leaves: dict[str, str | None] = {talk.id: None for talk in talks}
        for number in range(N_TURNS):
            for talk in talks:  # side by side, as the rows of one conversation seldom are
                asked = talk.ask(f"Question {number} " * 40, leaves[talk.id])
                leaves[talk.id] = talk.answer(asked, f"Answer {number} " * 100)
        for talk in talks:
            question = store.open_conversation(talk.id).result().messages[0].id
            talk.answer(question, "Another answer")
            store.add_user_message(
                new_id(),
                talk.id,
                leaves[talk.id],
                "With a file",
                [Attachment("a.txt", "All of it")],
            ).result()
            store.save_draft(talk.id, Draft("Not yet sent")).result()
        return {talk.id: store.open_conversation(talk.id).result() for talk in talks}


def pages_of(path: Path, table: str) -> list[int]:
    """The pages of a table's rows, without those that only lead to them."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    content = path.read_bytes()
    found, waiting = [], [root]
    while waiting:
        page = waiting.pop()
        start = (page - 1) * PAGE
        if content[start] == 13:  # a leaf of a table
            found.append(page)
            continue
        assert content[start] == 5
        n_cells = int.from_bytes(content[start + 3 : start + 5], "big")
        waiting.append(int.from_bytes(content[start + 8 : start + 12], "big"))
        for cell in range(n_cells):
            pointer = start + 12 + 2 * cell
            place = start + int.from_bytes(content[pointer : pointer + 2], "big")
            waiting.append(int.from_bytes(content[place : place + 4], "big"))
    return sorted(found)


def damage(path: Path, *pages: int) -> bytes:
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE : page * PAGE] = os.urandom(PAGE)
    path.write_bytes(content)
    return bytes(content)


def aside(path: Path) -> Path:
    (found,) = [file for file in path.parent.glob("*.damaged-*") if file.suffix[-4:] != "-wal"]
    return found


def open_all(store: ConversationStore, ids: dict[str, StoredConversation]) -> int:
    """Open every conversation and give how many messages there are, notes of lost ones left out."""
    found = [store.open_conversation(id).result() for id in ids]
    assert all(conversation.path() for conversation in found)
    return sum(
        message.error != salvage.LOST for conversation in found for message in conversation.messages
    )


def test_garbage_is_set_aside_and_said(path: Path) -> None:
    garbage = b"this was never a database " * 400
    path.write_bytes(garbage)
    with closing(ConversationStore(path)) as store:
        assert store.list_conversations().result() == ()
        assert aside(path).read_bytes() == garbage
        assert str(aside(path)) in str(store.problem)
        assert "conversations: 0, messages: 0" in str(store.problem)
        Talk(store).ask("A new beginning")
    with closing(ConversationStore(path)) as store:
        assert len(store.list_conversations().result()) == 1
        assert store.problem is None


@pytest.mark.parametrize("nth", [0, 1, 2, -2, -1])
def test_a_damaged_page_costs_only_the_rows_on_it(path: Path, nth: int) -> None:
    before = fill(path)
    n_before = sum(len(conversation.messages) for conversation in before.values())
    pages = pages_of(path, "message")
    content = damage(path, pages[nth])
    with closing(ConversationStore(path)) as store:
        n_after = open_all(store, before)
        assert aside(path).read_bytes() == content
        lost = n_before - n_after
        assert 0 < lost <= n_before / len(pages) * 4
        assert f"conversations: {N_TALKS}, messages: {n_after}, messages lost: {lost}." in str(
            store.problem
        )
        for id, conversation in before.items():
            found = store.open_conversation(id).result()
            known = {message.id: message for message in conversation.messages}
            for message in found.messages:
                assert message.error == salvage.LOST or message == known[message.id]
            assert found.title == conversation.title
            assert store.load_draft(id).result() == Draft("Not yet sent")
        store.search("question").result()
        Talk(store).ask("It goes on.")
    with closing(ConversationStore(path)) as store:
        assert open_all(store, before) == n_after
        assert store.problem is None


@pytest.mark.parametrize("table", ["conversation", "message", "draft", "message_place"])
def test_what_leads_to_the_rows_may_be_damaged_too(path: Path, table: str) -> None:
    before = fill(path)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    damage(path, root)
    with closing(ConversationStore(path)) as store:
        store.list_conversations().result()
        for id in before:
            store.open_conversation(id).exception()
            store.load_draft(id).exception()
        store.search("question").exception()
        talk = Talk(store)
        talk.answer(talk.ask("It goes on."), "Yes")
        if table != "message":
            assert open_all(store, before) == sum(len(c.messages) for c in before.values())
    with closing(ConversationStore(path)) as store:
        assert store.list_conversations().result()
        assert store.problem is None


def test_lost_conversations_take_a_title_from_their_first_message(path: Path) -> None:
    before = fill(path)
    damage(path, *pages_of(path, "conversation"))
    with closing(ConversationStore(path)) as store:
        titles = {line.id: line.title for line in store.list_conversations().result()}
        assert titles == {id: conversation.title for id, conversation in before.items()}
        assert open_all(store, before) == sum(len(c.messages) for c in before.values())
        assert "messages lost: 0." in str(store.problem)


def test_what_is_lost_is_taken_from_the_backups(path: Path) -> None:
    before = fill(path)
    with closing(ConversationStore(path)) as store:
        backup = store.back_up().result()
        talk = Talk(store)
        talk.answer(talk.ask("Only in the newest"), "Yes")
        after = before | {talk.id: store.open_conversation(talk.id).result()}
    damage(path, *pages_of(path, "message")[:3])
    content = backup.read_bytes()
    with closing(ConversationStore(path)) as store:
        for id, conversation in after.items():
            assert store.open_conversation(id).result() == conversation
        assert "messages lost: 0." in str(store.problem)
    assert backup.read_bytes() == content


def test_a_history_of_which_nothing_is_left_comes_back_from_the_backup(path: Path) -> None:
    before = fill(path)
    with closing(ConversationStore(path)) as store:
        store.back_up().result()
    path.write_bytes(os.urandom(50_000))
    with closing(ConversationStore(path)) as store:
        for id, conversation in before.items():
            assert store.open_conversation(id).result() == conversation
        assert f"conversations: {N_TALKS}" in str(store.problem)


def test_a_truncated_history_keeps_what_was_before_the_end(path: Path) -> None:
    before = fill(path)
    content = path.read_bytes()[:-20_000]
    path.write_bytes(content)
    with closing(ConversationStore(path)) as store:
        assert len(store.list_conversations().result()) > 0
        assert aside(path).read_bytes() == content
        found = sum(
            len(store.open_conversation(line.id).result().messages)
            for line in store.list_conversations().result()
        )
        assert found > sum(len(c.messages) for c in before.values()) / 2


@pytest.mark.parametrize("column", ["usage", "params", "ids", "left_out", "timings", "parts"])
def test_a_row_that_makes_no_sense_keeps_its_text(path: Path, column: str) -> None:
    before = fill(path)
    chosen = next(iter(before.values())).messages[3]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"UPDATE message SET {column} = CAST(x'7b80' AS TEXT), role = 'x' WHERE id = ?",
            (chosen.id,),
        )
        connection.commit()
    with closing(ConversationStore(path)) as store:
        n_messages = sum(len(c.messages) for c in before.values())
        assert open_all(store, before) == n_messages
        found = store.open_conversation(chosen.conversation_id).result().messages[3]
        assert found.content == ("{\ufffd" if column == "parts" else chosen.content)
        assert found.status == chosen.status
        assert f"messages: {n_messages}, messages lost: 0." in str(store.problem)


def test_damage_met_while_a_reply_is_written_loses_nothing_of_the_reply(path: Path) -> None:
    fill(path)
    pages = pages_of(path, "message")
    content = damage(path, pages[1])
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        reply = talk.start(talk.ask("Hello"))
        store.append_chunk(reply, "Once ").result()
        assert store.problem is None
        store.export_ids().result()
        for line in store.list_conversations().result():
            store.open_conversation(line.id).result()
        assert store.problem is not None
        store.append_chunk(reply, "upon a time").result()
        store.finish_reply(reply, status="complete", reply=REPLY).result()
        message = store.open_conversation(talk.id).result().path()[-1]
        assert (message.content, message.status) == ("Once upon a time", "complete")
    assert len(content) <= len(aside(path).read_bytes())


def test_damage_that_nobody_has_met_is_found_by_the_backup_of_the_day(path: Path) -> None:
    before = fill(path)
    damage(path, pages_of(path, "message")[2])
    with closing(ConversationStore(path)) as store:
        store.list_conversations().result()
        assert store.problem is None
        assert store.back_up_if_due().result() is not None
        assert "The history was damaged" in str(store.problem)
        open_all(store, before)
        assert len(store.backups().result()) == 1


def crashed(path: Path, first_page: int) -> Path:
    """A history as a crash left it, its log not yet written back, and then damaged."""
    fill(path)
    crashed = path.with_name("crashed.sqlite3")
    with closing(ConversationStore(path)) as store:
        Talk(store).ask("Only in the log so far")
        damaged = path.read_bytes()[: first_page * PAGE] + os.urandom(40 * PAGE)
        crashed.write_bytes(damaged + path.read_bytes()[len(damaged) :])
        Path(f"{crashed}-wal").write_bytes(Path(f"{path}-wal").read_bytes())
    return crashed


@pytest.mark.parametrize("first_page", [0, 3])
def test_what_only_the_log_of_a_damaged_history_holds_is_kept(path: Path, first_page: int) -> None:
    damaged = crashed(path, first_page)
    with closing(ConversationStore(damaged)) as store:
        for line in store.list_conversations().result():
            store.open_conversation(line.id).exception()
        kept = b"".join(file.read_bytes() for file in path.parent.glob("crashed*"))
        assert b"Only in the log so far" in kept
        Talk(store).ask("It goes on.")


def test_salvage_that_fails_half_way_is_done_again(path: Path) -> None:
    before = fill(path)
    content = damage(path, pages_of(path, "message")[1])
    with closing(ConversationStore(path)) as store:
        with file_size_limit(8192):
            failed = [store.open_conversation(id).exception() for id in before]
        assert any(isinstance(error, StorageError) for error in failed)
        assert path.read_bytes() == content
        assert list(path.parent.glob("*.damaged-*")) == []
        open_all(store, before)
        assert "messages lost" in str(store.problem)
        assert aside(path).read_bytes() == content


def test_salvage_that_ends_just_before_its_last_step_is_taken_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    before = fill(path)
    damage(path, pages_of(path, "conversation")[0])
    with monkeypatch.context() as patch, closing(ConversationStore(path)) as store:
        patch.setattr("chatapp.storage.files.os.replace", refuse)
        for id in before:
            with pytest.raises(StorageError):
                store.open_conversation(id).result()
    assert not path.exists()
    assert aside(path)
    with closing(ConversationStore(path)) as store:
        assert open_all(store, before) == sum(len(c.messages) for c in before.values())
