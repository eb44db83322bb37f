import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from histories import Talk

from chatapp.errors import StorageError
from chatapp.storage import migrations
from chatapp.storage.migrations import MIGRATIONS
from chatapp.storage.store import ConversationStore


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*-backup-*"))


@pytest.mark.parametrize("content", [None, b""])
def test_a_new_history_is_at_the_newest_version_without_a_backup(
    path: Path, content: bytes | None
) -> None:
    if content is not None:
        path.write_bytes(content)
    with closing(ConversationStore(path)) as store:
        assert store.list_conversations().result() == ()
    assert version(path) == len(MIGRATIONS)
    assert backups(path) == []


def test_a_history_from_before_the_first_version_is_copied_then_brought_up_to_date(
    path: Path,
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE something (old TEXT)")
        connection.execute("INSERT INTO something VALUES ('kept')")
        connection.commit()
    with closing(ConversationStore(path)) as store:
        Talk(store).ask("Hello")
    assert version(path) == len(MIGRATIONS)
    (backup,) = backups(path)
    assert version(backup) == 0
    assert tables(backup) == {"something"}
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_an_older_history_is_copied_then_brought_up_to_date_with_all_it_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ConversationStore(path)) as store:
        talk = Talk(store)
        talk.answer(talk.ask("Hello"), "Hi")
        before = store.open_conversation(talk.id).result()
    later = ["CREATE TABLE second (a);", "CREATE TABLE third (a); CREATE TABLE fourth (a);"]
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS + later)

    for _ in range(2):  # the second time there is nothing to do
        with closing(ConversationStore(path)) as store:
            assert store.open_conversation(talk.id).result() == before
    assert version(path) == len(MIGRATIONS) + 2
    assert tables(path) >= {"second", "third", "fourth"}
    (backup,) = backups(path)
    monkeypatch.undo()
    with closing(ConversationStore(backup)) as store:
        assert store.open_conversation(talk.id).result() == before


def test_what_an_older_program_indexed_is_found_the_newest_first(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        questions = [Talk(store, title=f"Sea {n}").ask(f"The sea {n}") for n in range(3)]
    with closing(sqlite3.connect(path)) as connection:  # as if its places counted upwards
        connection.executescript(
            "INSERT INTO message_index (message_index) VALUES ('delete-all');"
            "UPDATE message_place SET place = -place; UPDATE title_place SET place = -place;"
            "PRAGMA user_version = 3;"
        )
    with closing(ConversationStore(path)) as store:
        hits = store.search("sea").result()
    assert [hit.title for hit in hits[:3]] == ["Sea 2", "Sea 1", "Sea 0"]
    assert [hit.message_id for hit in hits[3:]] == questions[::-1]


def test_a_step_that_fails_leaves_the_version_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ConversationStore(path)) as store:
        Talk(store).ask("Hello")
    later = ["CREATE TABLE second (a);", "CREATE TABLE third (a); CREATE TABLE second (a);"]
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", MIGRATIONS + later)
        store = ConversationStore(path)
        with closing(store), pytest.raises(StorageError, match="already exists"):
            store.list_conversations().result()
    assert version(path) == len(MIGRATIONS) + 1
    assert "third" not in tables(path)
    assert len(backups(path)) == 1


def test_a_newer_history_is_refused_and_not_touched(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        Talk(store).ask("Hello")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    content, changed = path.read_bytes(), path.stat().st_mtime_ns

    with closing(ConversationStore(path)) as store:
        for _ in range(2):
            with pytest.raises(StorageError, match="Update chatapp"):
                store.list_conversations().result()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, changed)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
