"""Drafts in the database: what is typed and not yet sent, one for each conversation."""

import sqlite3

from chatapp.storage.database import now, transaction
from chatapp.storage.records import Draft
from chatapp.storage.rows import pack_attachments, read_attachments


def save(db: sqlite3.Connection, conversation_id: str, draft: Draft) -> None:
    """Keep a draft; an empty one is forgotten. A conversation not begun yet is made for it."""
    moment = now()
    with transaction(db):
        if draft == Draft():
            db.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
            return
        db.execute(
            "INSERT INTO conversation (id, created_at, updated_at, title, system_prompt, "
            "model_path) VALUES (?, ?, ?, '', '', '') ON CONFLICT DO NOTHING",
            (conversation_id, moment, moment),
        )
        db.execute(
            "INSERT OR REPLACE INTO draft (conversation_id, text, attachments, saved_at) "
            "VALUES (?, ?, ?, ?)",
            (conversation_id, draft.text, pack_attachments(draft.attachments), moment),
        )


def load(db: sqlite3.Connection, conversation_id: str) -> Draft:
    """The draft of a conversation, empty if it has none."""
    row = db.execute(
        "SELECT text, attachments FROM draft WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return Draft() if row is None else Draft(row["text"], read_attachments(row["attachments"]))


def last_new(db: sqlite3.Connection) -> tuple[str, Draft] | None:
    """The newest draft of a conversation that was never begun, with the conversation's id."""
    row = db.execute(
        "SELECT id, text, attachments FROM draft JOIN conversation ON id = conversation_id "
        "WHERE leaf_id IS NULL AND deleted_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM message WHERE message.conversation_id = conversation.id) "
        "ORDER BY saved_at DESC LIMIT 1"
    ).fetchone()
    return (
        None
        if row is None
        else (row["id"], Draft(row["text"], read_attachments(row["attachments"])))
    )
