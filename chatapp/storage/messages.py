"""Messages in the database: added, written piece by piece, finished, marked."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from chatapp.chat import Attachment, GenerationParams
from chatapp.errors import StorageError, say
from chatapp.storage import search_index
from chatapp.storage.conversations import title_from
from chatapp.storage.database import insert, now, transaction, update
from chatapp.storage.records import ReplyRecord, ReplyStatus
from chatapp.storage.rows import pack_params, pack_parts, read_parts, reply_row


def add_user_message(
    db: sqlite3.Connection,
    message_id: str,
    conversation_id: str,
    parent_id: str | None,
    content: str,
    attachments: Sequence[Attachment],
) -> None:
    """Add what the user wrote below `parent_id`; it becomes the active leaf."""
    with transaction(db, synced=True):
        _add(
            db,
            conversation_id,
            id=message_id,
            parent_id=parent_id,
            role="user",
            status="complete",
            parts=pack_parts(content, attachments=attachments),
        )
        title = title_from(content) or ", ".join(attachment.name for attachment in attachments)
        search_index.index_message(db, message_id)
        if db.execute(
            "UPDATE conversation SET title = ? WHERE id = ? AND title = ''",
            (title, conversation_id),
        ).rowcount:
            search_index.index_title(db, conversation_id)


def add_edited_reply(
    db: sqlite3.Connection, message_id: str, conversation_id: str, of_message_id: str, content: str
) -> None:
    """Add a version beside a reply, with the user's words; it becomes the active leaf."""
    with transaction(db, synced=True):
        original = db.execute(
            "SELECT parent_id, role, model_path, model_name FROM message "
            "WHERE id = ? AND conversation_id = ? AND role = 'assistant'",
            (of_message_id, conversation_id),
        ).fetchone()
        if original is None:
            raise StorageError(say("This reply is not in the history."))
        _add(
            db,
            conversation_id,
            **dict(original),
            id=message_id,
            status="complete",
            edited=True,
            parts=pack_parts(content),
        )
        search_index.index_message(db, message_id)


def start_reply(
    db: sqlite3.Connection,
    message_id: str,
    conversation_id: str,
    parent_id: str,
    *,
    model_path: str,
    model_name: str,
    params: GenerationParams,
    content: str,
    reasoning: str,
) -> None:
    """Open a reply below `parent_id` that begins with `content`; it becomes the active leaf."""
    with transaction(db):
        _add(
            db,
            conversation_id,
            id=message_id,
            parent_id=parent_id,
            role="assistant",
            status="streaming",
            parts=pack_parts(content, reasoning),
            model_path=model_path,
            model_name=model_name,
            params=pack_params(params),
        )
        update(db, "conversation", conversation_id, model_path=model_path, model_name=model_name)


def append_chunk(db: sqlite3.Connection, message_id: str, text: str, reasoning: str) -> None:
    """Write down the next piece of a reply."""
    with transaction(db):
        _append(db, message_id, text, reasoning)


def finish_reply(
    db: sqlite3.Connection,
    message_id: str,
    *,
    status: ReplyStatus,
    reply: ReplyRecord | None,
    error: str,
    unwritten: tuple[str, str] | None,
) -> None:
    """Close a reply: its pieces, and one still unwritten, become its text."""
    record = {} if reply is None else reply_row(reply)
    with transaction(db, synced=True):
        if unwritten is not None:
            _append(db, message_id, *unwritten)
        _fold(db, message_id, status=status, error=error, **record)


def set_keep(db: sqlite3.Connection, message_id: str, keep: bool) -> None:
    """Have a message always in the prompt, or no longer."""
    with transaction(db):
        update(db, "message", message_id, keep=keep)


def close_cut_short(db: sqlite3.Connection) -> None:
    """Close the replies that the end of an earlier process cut short."""
    cut_short = db.execute("SELECT id FROM message WHERE status = 'streaming'").fetchall()
    with transaction(db, synced=True):
        for (message_id,) in cut_short:
            _fold(db, message_id, status="interrupted")


def _add(db: sqlite3.Connection, conversation_id: str, **columns: Any) -> None:
    moment = now()
    if db.execute(
        "SELECT 1 FROM message WHERE id = ? AND deleted_at IS NOT NULL", (columns["parent_id"],)
    ).fetchone():
        raise StorageError(say("The message that this belongs to was deleted."))
    insert(db, "message", conversation_id=conversation_id, created_at=moment, **columns)
    update(db, "conversation", conversation_id, leaf_id=columns["id"], updated_at=moment)


def _append(db: sqlite3.Connection, message_id: str, text: str, reasoning: str) -> None:
    _parts_of_open(db, message_id)
    insert(db, "chunk", message_id=message_id, text=text, reasoning=reasoning)


def _fold(db: sqlite3.Connection, message_id: str, **columns: Any) -> None:
    """Turn the chunks of an open reply into its text, and set `columns`, `status` among them."""
    text, reasoning, _ = read_parts(_parts_of_open(db, message_id))
    chunks = db.execute(
        "SELECT text, reasoning FROM chunk WHERE message_id = ? ORDER BY number", (message_id,)
    ).fetchall()
    text += "".join(chunk["text"] for chunk in chunks)
    reasoning += "".join(chunk["reasoning"] for chunk in chunks)
    update(db, "message", message_id, parts=pack_parts(text, reasoning), **columns)
    db.execute("DELETE FROM chunk WHERE message_id = ?", (message_id,))
    search_index.index_message(db, message_id)


def _parts_of_open(db: sqlite3.Connection, message_id: str) -> str:
    row = db.execute(
        "SELECT parts FROM message WHERE id = ? AND status = 'streaming'", (message_id,)
    ).fetchone()
    if row is None:
        raise StorageError(say("This reply is not being written."))
    parts: str = row["parts"]
    return parts
