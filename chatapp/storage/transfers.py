"""Whole conversations out of the history and into it."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from msgspec import structs

from chatapp.storage import search_index
from chatapp.storage.database import insert, transaction
from chatapp.storage.records import Imported, StoredConversation, StoredMessage
from chatapp.storage.rows import message_row, pack_params


def export_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """The conversations that are not deleted and have messages, the oldest first."""
    rows = db.execute(
        "SELECT id FROM conversation WHERE leaf_id IS NOT NULL AND deleted_at IS NULL "
        "ORDER BY created_at"
    )
    return tuple(row["id"] for row in rows)


def import_conversation(
    db: sqlite3.Connection, conversation: StoredConversation, created_at: str, updated_at: str
) -> Imported:
    """Add a conversation with all its messages, or to one that is there those that it lacks.

    A message whose parent does not come before it becomes a first message; one whose identifier
    another conversation has gets one that is the same whenever this is done.
    """
    with transaction(db):
        is_new = insert(
            db,
            "conversation",
            or_ignore=True,
            id=conversation.id,
            created_at=created_at,
            updated_at=updated_at,
            archived_at=conversation.archived_at,
            pinned=conversation.pinned,
            folder=conversation.folder,
            title=conversation.title,
            model_path=conversation.model_path,
            params=pack_params(conversation.params),
            system_prompt=conversation.system_prompt,
        )
        if is_new:
            search_index.index_title(db, conversation.id)
        ids: dict[str | None, str] = {}  # what each message is called here
        added = [m for m in conversation.messages if _add_message(db, conversation.id, m, ids)]
        if added:
            models = [message.model_name for message in added if message.model_name]
            db.execute(
                "UPDATE conversation SET leaf_id = ?, updated_at = max(updated_at, ?), "
                "model_name = coalesce(?, model_name) WHERE id = ?",
                (
                    _leaf(db, conversation, ids, [message.id for message in added]),
                    updated_at,
                    models[-1] if models else None,
                    conversation.id,
                ),
            )
    return "new" if is_new else "grown" if added else "present"


def _add_message(
    db: sqlite3.Connection, conversation_id: str, message: StoredMessage, ids: dict[str | None, str]
) -> bool:
    """Add a message that is not there yet, deleted if its parent is; either way it gets its id."""
    ids[message.id] = message.id
    owner = _value(db, "SELECT conversation_id FROM message WHERE id = ?", message.id)
    if owner not in (None, conversation_id):
        ids[message.id] = _derived_id(conversation_id, message.id)
        owner = _value(db, "SELECT conversation_id FROM message WHERE id = ?", ids[message.id])
    if owner is not None:
        return False
    parent_id = ids.get(message.parent_id)
    stored = structs.replace(
        message,
        id=ids[message.id],
        conversation_id=conversation_id,
        parent_id=parent_id,
        status="interrupted" if message.status == "streaming" else message.status,
        left_out=tuple(ids[id] for id in message.left_out if id in ids),
    )
    deleted_at = _value(db, "SELECT deleted_at FROM message WHERE id = ?", parent_id)
    insert(db, "message", **message_row(stored), deleted_at=deleted_at)
    search_index.index_message(db, stored.id)
    return True


def _derived_id(conversation_id: str, message_id: str) -> str:
    from hashlib import blake2b  # slow to load, and hardly ever needed

    return blake2b(f"{conversation_id}/{message_id}".encode(), digest_size=16).hexdigest()


def _leaf(
    db: sqlite3.Connection,
    conversation: StoredConversation,
    ids: dict[str | None, str],
    added: Sequence[str],
) -> str | None:
    """What to show now: what the file shows, unless the user has turned to another version."""
    shown: str | None = _value(db, "SELECT leaf_id FROM conversation WHERE id = ?", conversation.id)
    above = {ids[message.id]: ids.get(message.parent_id) for message in conversation.messages}
    for wanted in (conversation.leaf_id, *reversed(added)):
        leaf = step = ids.get(wanted)
        while step not in (None, shown):
            step = above[step]
        if step == shown and _value(
            db, "SELECT deleted_at IS NULL FROM message WHERE id = ?", leaf
        ):
            return leaf
    return shown


def _value(db: sqlite3.Connection, select: str, row_id: str | None) -> Any:
    row = db.execute(select, (row_id,)).fetchone()
    return None if row is None else row[0]
