import errno
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from histories import Talk

from chatapp.chat import Attachment, new_id
from chatapp.errors import StorageError
from chatapp.storage import trash
from chatapp.storage.records import Draft
from chatapp.storage.store import ConversationStore

CANARY = "Xylokarp"


def files_with(folder: Path, word: str = CANARY) -> list[str]:
    """The names of all files that hold the word in any usual writing."""
    forms = [form.encode() for form in (word, word.lower(), word.upper())]
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def secret_talk(store: ConversationStore) -> Talk:
    """A conversation that has the canary everywhere it can be."""
    talk = Talk(store, title=f"About {CANARY}", system_prompt=f"You are {CANARY}.")
    question = new_id()
    store.add_user_message(
        question, talk.id, None, f"{CANARY} {CANARY}?", [Attachment(CANARY, f"{CANARY} " * 5000)]
    ).result()
    reply = talk.answer(question, *(f"{number} {CANARY}\n" for number in range(300)))
    talk.answer(question, f"Another {CANARY}")
    store.add_edited_reply(new_id(), talk.id, reply, f"Better {CANARY}").result()
    store.save_draft(talk.id, Draft(f"And {CANARY}", (Attachment(CANARY, CANARY),))).result()
    store.rename(talk.id, f"Renamed {CANARY}").result()
    return talk


def other_talk(store: ConversationStore) -> Talk:
    talk = Talk(store)
    talk.answer(talk.ask("Why is the sea salty?"), "Rocks. " * 300)
    return talk


def n_unfinished(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM unfinished").fetchone()[0])


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_erased_conversation_is_in_no_file_any_more(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        first = other_talk(store)
        secret = secret_talk(store)
        store.back_up().result()
        last = other_talk(store)
        before = store.open_conversation(last.id).result()
        store.back_up().result()
        store.restore_backup(store.backups().result()[0].path).result()
        store.fork(secret.id, before.leaf_id, new_id()).exception()
        assert len(files_with(path.parent)) >= 4  # the history, two backups, what was replaced
        store.delete([secret.id]).result()
        store.erase([secret.id]).result()

        assert files_with(path.parent) == []
        assert {line.id for line in store.list_conversations().result()} == {first.id, last.id}
        assert store.list_conversations("deleted").result() == ()
        assert store.open_conversation(last.id).result() == before
        with pytest.raises(StorageError, match="not in the history"):
            store.open_conversation(secret.id).result()
        assert [backup.n_conversations for backup in store.backups().result()] == [2, 1]
        last.ask("It goes on.", before.leaf_id)
        files = [file for file in path.parent.iterdir() if file.is_file()]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert files_with(path.parent) == []


def test_what_is_older_than_thirty_days_in_the_trash_is_purged_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ConversationStore(path)) as store:
        old, recent, kept = secret_talk(store), other_talk(store), other_talk(store)
        store.delete([recent.id]).result()
        with monkeypatch.context() as patch:
            patch.setattr("chatapp.storage.store.now", lambda: "2026-01-01T00:00:00.000000+00:00")
            store.delete([old.id]).result()
        assert store.purge_trash().result() == (old.id,)
        assert files_with(path.parent) == []
        assert [line.id for line in store.list_conversations().result()] == [kept.id]
        assert [line.id for line in store.list_conversations("deleted").result()] == [recent.id]
        assert store.purge_trash().result() == ()


def test_a_deleted_branch_is_purged_with_the_trash(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = other_talk(store)
        question = store.open_conversation(talk.id).result().messages[0].id
        branch = talk.answer(question, f"{CANARY} " * 500)
        talk.ask(f"Below {CANARY}", branch)
        store.back_up().result()
        store.delete_branch(branch).result()
        before = store.open_conversation(talk.id).result()
        assert files_with(path.parent) != []
        assert store.purge_trash(older_than_days=0).result() == ()
        assert files_with(path.parent) == []
        assert store.backups().result()[0].n_conversations == 1
        assert store.open_conversation(talk.id).result() == before
        with pytest.raises(StorageError, match="not in the history"):
            store.restore_branch(branch).result()


def test_what_was_cut_short_while_erasing_is_finished_at_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ConversationStore(path)) as store:
        secret, kept = secret_talk(store), other_talk(store)
        with monkeypatch.context() as patch:
            patch.setattr("chatapp.storage.files._sync", no_space)
            with pytest.raises(StorageError, match="disk is full"):
                store.erase([secret.id]).result()
    assert n_unfinished(path) == 1
    with closing(ConversationStore(path)) as store:
        assert [line.id for line in store.list_conversations().result()] == [kept.id]
        store.purge_trash().result()
        Talk(store).ask("It goes on.")
    assert n_unfinished(path) == 0
    assert files_with(path.parent) == []


def test_a_reply_goes_on_being_written_while_another_conversation_is_erased(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        secret, talk = secret_talk(store), Talk(store)
        reply = talk.start(talk.ask("Hello"))
        store.append_chunk(reply, "Once ").result()
        store.erase([secret.id]).result()
        store.append_chunk(reply, "upon a time").result()
        store.finish_reply(reply, status="complete").result()
        assert store.open_conversation(talk.id).result().path()[-1].content == "Once upon a time"


def test_what_the_end_of_the_process_left_of_a_backup_is_erased_too(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        secret = secret_talk(store)
        backup = store.back_up().result()
        for suffix in (".part", ".part-journal"):
            Path(f"{backup}{suffix}").write_bytes(CANARY.encode())
        store.erase([secret.id]).result()
    assert files_with(path.parent) == []


def test_a_message_is_saved_while_the_backups_are_written_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = threading.Event()

    def once_it_is_saved(copy: Path, what: trash.Erasable) -> None:
        assert saved.wait(20)
        erase_in_copy(copy, what)

    erase_in_copy = trash._erase_in_copy
    monkeypatch.setattr(trash, "_erase_in_copy", once_it_is_saved)
    with closing(ConversationStore(path)) as store:
        secret, talk = secret_talk(store), Talk(store)
        store.back_up().result()
        erasing = store.erase([secret.id])
        talk.ask("Meanwhile")
        saved.set()
        erasing.result()
        (message,) = store.open_conversation(talk.id).result().messages
    assert message.content == "Meanwhile"
    assert files_with(path.parent) == []


def test_a_backup_of_an_older_program_is_rewritten_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatapp.storage import migrations

    steps = migrations.MIGRATIONS
    with closing(ConversationStore(path)) as store:
        secret = secret_talk(store)
    monkeypatch.setattr(migrations, "MIGRATIONS", [*steps, "CREATE TABLE later (a);"])
    with closing(ConversationStore(path)) as store:
        store.list_conversations().result()
        assert len(files_with(path.parent)) == 2
        store.erase([secret.id]).result()
    assert files_with(path.parent) == []
    assert len(list(path.parent.glob("*-backup-*"))) == 1
