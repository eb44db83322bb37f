"""The tree of versions: which path is shown, branches deleted and brought back, forks."""

import sqlite3
from typing import Any

import msgspec

from chatapp.chat import new_id
from chatapp.errors import StorageError, say
from chatapp.storage import conversations, search_index
from chatapp.storage.database import insert, now, transaction, update
from chatapp.storage.records import StoredConversation

_BRANCH = """
WITH RECURSIVE branch (conversation_id, id) AS (
    SELECT conversation_id, id FROM message WHERE id = :message_id
    UNION ALL
    SELECT message.conversation_id, message.id FROM message
    JOIN branch ON message.conversation_id = branch.conversation_id
    AND message.parent_id = branch.id
)
"""


def set_leaf(db: sqlite3.Connection, conversation_id: str, message_id: str) -> None:
    """Show the path that ends in `message_id`."""
    with transaction(db):
        _require(db, message_id)
        update(db, "conversation", conversation_id, leaf_id=message_id)


def delete_branch(db: sqlite3.Connection, message_id: str) -> str | None:
    """Hide a message and all below it, and give the leaf to show from now on."""
    with transaction(db):
        row = _require(db, message_id)
        before = conversations.read(db, row["conversation_id"])
        db.execute(
            f"{_BRANCH} UPDATE message SET deleted_at = :now "
            "WHERE id IN (SELECT id FROM branch) AND deleted_at IS NULL",
            {"now": now(), "message_id": message_id},
        )
        after = conversations.read(db, before.id)
        leaf_id = _leaf_without(before, after, message_id)
        update(db, "conversation", before.id, leaf_id=leaf_id)
    return leaf_id


def restore_branch(db: sqlite3.Connection, message_id: str) -> str:
    """Bring back what `delete_branch` hid, and give the leaf below it, which is shown again."""
    with transaction(db):
        row = _row(db, message_id)
        db.execute(
            f"{_BRANCH} UPDATE message SET deleted_at = NULL "
            "WHERE id IN (SELECT id FROM branch) AND deleted_at = :deleted_at",
            {"message_id": message_id, "deleted_at": row["deleted_at"]},
        )
        leaf_id = conversations.read(db, row["conversation_id"]).newest_leaf(message_id)
        update(db, "conversation", row["conversation_id"], leaf_id=leaf_id)
    return leaf_id


def branch(db: sqlite3.Connection, message_id: str) -> tuple[str, ...]:
    """A message and all below it, none if there is no such message."""
    rows = db.execute(f"{_BRANCH} SELECT id FROM branch", {"message_id": message_id})
    return tuple(row["id"] for row in rows)


def mend_leaves(db: sqlite3.Connection) -> None:
    """Show the newest message where what was shown is gone."""
    db.execute(
        "UPDATE conversation SET leaf_id = (SELECT id FROM message "
        "WHERE conversation_id = conversation.id AND deleted_at IS NULL "
        "ORDER BY number DESC LIMIT 1) "
        "WHERE NOT EXISTS (SELECT 1 FROM message WHERE conversation_id = conversation.id "
        "AND message.id = leaf_id AND message.deleted_at IS NULL)"
    )


def fork(
    db: sqlite3.Connection,
    conversation_id: str,
    message_id: str,
    new_conversation_id: str,
    title: str,
) -> None:
    """Copy the path down to a message into a conversation of its own."""
    with transaction(db):
        source = conversations.read(db, conversation_id)
        if message_id not in {message.id for message in source.messages}:
            raise StorageError(say("This message is not in the history."))
        path = msgspec.structs.replace(source, leaf_id=message_id).path()
        new_ids = {message.id: new_id() for message in path}
        columns = _columns(db, "conversation", conversation_id)
        moment = now()
        columns |= {
            "id": new_conversation_id,
            "title": title or source.title,
            "leaf_id": None,
            "created_at": moment,
            "updated_at": moment,
            "archived_at": None,
            "deleted_at": None,
        }
        insert(db, "conversation", **columns)
        for message in path:
            copy = _columns(db, "message", message.id)
            del copy["number"]
            left_out = [new_ids[id] for id in message.left_out if id in new_ids]
            copy |= {
                "id": new_ids[message.id],
                "conversation_id": new_conversation_id,
                "parent_id": message.parent_id and new_ids[message.parent_id],
                "left_out": msgspec.json.encode(left_out).decode(),
            }
            if message.status == "streaming":
                raise StorageError(say("This reply is still being written. Stop it first."))
            insert(db, "message", **copy)
            search_index.index_message(db, copy["id"])
        update(db, "conversation", new_conversation_id, leaf_id=new_ids[message_id])
        search_index.index_title(db, new_conversation_id)


def _leaf_without(
    before: StoredConversation, after: StoredConversation, message_id: str
) -> str | None:
    """The leaf as it was if it is still there, else that of the version beside, else above."""
    if before.leaf_id in {message.id for message in after.messages}:
        return before.leaf_id
    versions = before.versions(message_id)
    place = versions.index(message_id)
    beside = versions[place - 1] if place else next(iter(versions[1:]), None)
    if beside is not None:
        return after.newest_leaf(beside)
    return next(entry.parent_id for entry in before.messages if entry.id == message_id)


def _require(db: sqlite3.Connection, message_id: str) -> sqlite3.Row:
    row = _row(db, message_id)
    if row["deleted_at"] is not None:
        raise StorageError(say("This message was deleted."))
    return row


def _row(db: sqlite3.Connection, message_id: str) -> sqlite3.Row:
    row = db.execute(
        "SELECT conversation_id, deleted_at FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    if row is None:
        raise StorageError(say("This message is not in the history."))
    found: sqlite3.Row = row
    return found


def _columns(db: sqlite3.Connection, table: str, row_id: str) -> dict[str, Any]:
    return dict(db.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone())
