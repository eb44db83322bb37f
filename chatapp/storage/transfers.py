"""Whole conversations out of the history and into it."""

import sqlite3

from msgspec import structs

from chatapp.chat import new_id
from chatapp.storage import search_index
from chatapp.storage.database import insert, transaction
from chatapp.storage.records import StoredConversation
from chatapp.storage.rows import message_row, pack_params


def export_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """The conversations that are not deleted and have messages, the oldest first."""
    rows = db.execute(
        "SELECT id FROM conversation WHERE leaf_id IS NOT NULL AND deleted_at IS NULL "
        "ORDER BY created_at"
    )
    return tuple(row["id"] for row in rows)


def add_conversation(
    db: sqlite3.Connection, conversation: StoredConversation, created_at: str, updated_at: str
) -> str:
    """Add a conversation with all its messages, and give the id it has now.

    Identifiers that are taken are replaced; a message whose parent does not come before it becomes
    a first message.
    """
    with transaction(db):
        conversation_id = _free_id(db, "conversation", conversation.id)
        insert(
            db,
            "conversation",
            id=conversation_id,
            created_at=created_at,
            updated_at=updated_at,
            archived_at=conversation.archived_at,
            pinned=conversation.pinned,
            folder=conversation.folder,
            title=conversation.title,
            model_path=conversation.model_path,
            model_name=next(
                (m.model_name for m in conversation.messages[::-1] if m.model_name), ""
            ),
            params=pack_params(conversation.params),
            system_prompt=conversation.system_prompt,
        )
        ids: dict[str | None, str] = {}
        for message in conversation.messages:
            ids[message.id] = _free_id(db, "message", message.id)
            stored = structs.replace(
                message,
                id=ids[message.id],
                conversation_id=conversation_id,
                parent_id=ids.get(message.parent_id),
                status="interrupted" if message.status == "streaming" else message.status,
                left_out=tuple(ids[id] for id in message.left_out if id in ids),
            )
            insert(db, "message", **message_row(stored))
            search_index.index_message(db, stored.id)
        last = conversation.messages[-1].id if conversation.messages else None
        db.execute(
            "UPDATE conversation SET leaf_id = ? WHERE id = ?",
            (ids.get(conversation.leaf_id, ids.get(last)), conversation_id),
        )
        search_index.index_title(db, conversation_id)
    return conversation_id


def _free_id(db: sqlite3.Connection, table: str, wanted: str) -> str:
    is_taken = db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (wanted,)).fetchone()
    return new_id() if is_taken or not wanted else wanted
