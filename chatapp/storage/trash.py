"""What was deleted, erased for good: rows, index, free pages, log and the copies beside it.

SQLite leaves what it deletes in the file, in free pages and in the gaps of others. So the file is
written anew, and a mark in it says as long as that is due.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from chatapp.storage import search_index, tree
from chatapp.storage.backups import backup_files, remove_unfinished
from chatapp.storage.damage import is_damage
from chatapp.storage.database import insert, open_database, transaction
from chatapp.storage.files import replacing
from chatapp.storage.worker import aside

_CHOSEN = "(SELECT value FROM json_each(?))"


class Erasable(NamedTuple):
    """Identifiers of what is to be erased."""

    conversations: Sequence[str]
    messages: Sequence[str] = ()


def overdue(db: sqlite3.Connection, older_than_days: float) -> Erasable:
    """What was deleted longer ago than that, and what is left empty by it."""
    limit = (datetime.now(UTC) - timedelta(days=older_than_days)).isoformat(timespec="microseconds")
    conversations = db.execute(
        "SELECT id FROM conversation WHERE deleted_at <= :limit "
        "OR (leaf_id IS NULL AND updated_at <= :limit AND NOT EXISTS (SELECT 1 FROM draft "
        "WHERE conversation_id = conversation.id) AND NOT EXISTS (SELECT 1 FROM message "
        "WHERE conversation_id = conversation.id AND deleted_at > :limit))",
        {"limit": limit},
    )
    messages = db.execute("SELECT id FROM message WHERE deleted_at <= ?", (limit,))
    return Erasable([row[0] for row in conversations], [row[0] for row in messages])


def erase(db: sqlite3.Connection, what: Erasable) -> None:
    """Delete the rows, and mark the file as one to be written anew."""
    with transaction(db, synced=True):
        for conversation_id in what.conversations:
            search_index.unindex_conversation(db, conversation_id)
            db.execute("UPDATE conversation SET leaf_id = NULL WHERE id = ?", (conversation_id,))
            _delete_messages(db, "conversation_id = ?", conversation_id)
            db.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
            db.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))
        for message_id in what.messages:
            _erase_branch(db, tree.branch(db, message_id))
        tree.mend_leaves(db)
        if not is_unfinished(db):
            insert(db, "unfinished", task="erase")


def is_unfinished(db: sqlite3.Connection) -> bool:
    """Whether the file still has to be written anew."""
    return db.execute("SELECT 1 FROM unfinished WHERE task = 'erase'").fetchone() is not None


def write_anew(db: sqlite3.Connection, path: Path) -> None:
    """Replace the file by a copy that holds what the rows say and nothing else, and close it."""
    with replacing(path) as part:
        try:
            db.execute("VACUUM INTO ?", (str(part),))
            db.execute("PRAGMA wal_checkpoint (TRUNCATE)")
        finally:
            db.close()
        Path(f"{path}-wal").unlink(missing_ok=True)  # what it held is in the copy


def finish(db: sqlite3.Connection) -> None:
    """Take the mark off: the file was written anew."""
    with transaction(db):
        db.execute("DELETE FROM unfinished WHERE task = 'erase'")


def erase_in_copies(path: Path, what: Erasable, give_way: Callable[[], object]) -> None:
    """Erase from the backups, and from what a backup has replaced; a damaged backup is removed."""
    remove_unfinished(path)
    backups = backup_files(path)
    for copy in (*backups, *path.parent.glob(f"{path.name}.replaced-*")):
        try:
            aside(partial(_erase_in_copy, copy, what), give_way)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            if copy in backups:
                copy.unlink()


def _erase_in_copy(copy: Path, what: Erasable) -> None:
    with closing(open_database(copy, is_backed_up=False)) as db:
        erase(db, what)
        search_index.purge(db)
        write_anew(db, copy)


def _erase_branch(db: sqlite3.Connection, ids: Sequence[str]) -> None:
    for message_id in ids:
        search_index.unindex_message(db, message_id)
    chosen = msgspec.json.encode(ids).decode()
    db.execute(f"UPDATE conversation SET leaf_id = NULL WHERE leaf_id IN {_CHOSEN}", (chosen,))
    _delete_messages(db, f"id IN {_CHOSEN}", chosen)


def _delete_messages(db: sqlite3.Connection, condition: str, value: str) -> None:
    db.execute(
        f"DELETE FROM chunk WHERE message_id IN (SELECT id FROM message WHERE {condition})",
        (value,),
    )
    db.execute(f"DELETE FROM message WHERE {condition}", (value,))
