"""Conversations in the database: begun, read, listed, named, sorted away."""

import sqlite3
import struct
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.chat import GenerationParams
from chatapp.errors import StorageError, say
from chatapp.storage import search_index
from chatapp.storage.damage import DamagedError
from chatapp.storage.database import now, transaction, update
from chatapp.storage.records import ConversationSummary, StoredConversation, View
from chatapp.storage.rows import MESSAGE_COLUMNS, pack_params, read_message, read_params

TITLE_LENGTH = 48  # characters

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")
_IN_VIEW: dict[View, str] = {
    "active": "deleted_at IS NULL AND archived_at IS NULL",
    "archived": "deleted_at IS NULL AND archived_at IS NOT NULL",
    "deleted": "deleted_at IS NOT NULL",
}


def summaries(db: sqlite3.Connection, view: View) -> tuple[ConversationSummary, ...]:
    """Every conversation of a view that has messages, the one spoken in last first.

    All of them come as one row: for each row the thread would wait until the window, which starts
    at that time, lets go of the interpreter.
    """
    fields = "id, title, updated_at, model_name, pinned, folder, archived_at, deleted_at"
    (listing,) = db.execute(
        f"SELECT json_group_array(json_array({fields})) FROM (SELECT {fields} FROM conversation "
        f"WHERE leaf_id IS NOT NULL AND {_IN_VIEW[view]} ORDER BY updated_at DESC)"
    ).fetchone()
    return msgspec.json.decode(listing, type=tuple[ConversationSummary, ...], strict=False)


def any_begun(db: sqlite3.Connection) -> bool:
    """Whether there is a conversation with messages."""
    return db.execute("SELECT 1 FROM conversation WHERE leaf_id IS NOT NULL").fetchone() is not None


def create(
    db: sqlite3.Connection,
    conversation_id: str,
    *,
    title: str,
    system_prompt: str,
    params: GenerationParams | None,
    model_path: str,
) -> None:
    """Begin a conversation; one that held only a draft until now begins with these values."""
    moment = now()
    with transaction(db):
        cursor = db.execute(
            "INSERT INTO conversation (id, created_at, updated_at, title, system_prompt, params, "
            "model_path) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "created_at = excluded.created_at, updated_at = excluded.updated_at, "
            "title = excluded.title, system_prompt = excluded.system_prompt, "
            "params = excluded.params, model_path = excluded.model_path WHERE leaf_id IS NULL",
            (
                conversation_id,
                moment,
                moment,
                title,
                system_prompt,
                pack_params(params),
                model_path,
            ),
        )
        if cursor.rowcount == 0:
            raise StorageError(say("This conversation is in the history already."))
        search_index.index_title(db, conversation_id)


def read(
    db: sqlite3.Connection, conversation_id: str, *, is_incognito: bool = False
) -> StoredConversation:
    """A conversation with its messages, also when it is deleted."""
    row = db.execute(
        "SELECT id, title, system_prompt, params, model_path, leaf_id, pinned, folder, archived_at "
        "FROM conversation WHERE id = ?",
        (conversation_id,),
    ).fetchone()
    if row is None:
        raise StorageError(say("This conversation is not in the history."))
    messages = db.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM message WHERE conversation_id = ? AND deleted_at IS NULL "
        "ORDER BY number",
        (conversation_id,),
    )
    try:
        return StoredConversation(
            **dict(row)
            | {
                "params": read_params(row["params"]),
                "pinned": bool(row["pinned"]),
                "is_incognito": is_incognito,
                "messages": tuple(read_message(message) for message in messages),
            }
        )
    except (msgspec.MsgspecError, struct.error) as error:
        raise DamagedError(str(error)) from error


def change(
    db: sqlite3.Connection,
    conversation_id: str,
    *,
    system_prompt: str | UnsetType,
    params: GenerationParams | UnsetType | None,
    model_path: str | UnsetType,
) -> None:
    """Change what the next reply is asked for with; what is not given stays."""
    changes: dict[str, str | UnsetType | None] = {
        "system_prompt": system_prompt,
        "params": params if params is UNSET else pack_params(params),
        "model_path": model_path,
    }
    set_columns(db, [conversation_id], **{name: v for name, v in changes.items() if v is not UNSET})


def rename(db: sqlite3.Connection, conversation_id: str, title: str) -> None:
    """Give a conversation another title."""
    with transaction(db):
        update(db, "conversation", conversation_id, title=title)
        search_index.index_title(db, conversation_id)


def set_columns(db: sqlite3.Connection, ids: Sequence[str], **columns: Any) -> None:
    """Change the same columns of several conversations, of all or of none."""
    with transaction(db):
        for conversation_id in ids:
            update(db, "conversation", conversation_id, **columns)


def title_from(content: str) -> str:
    """A title made of the first words of a message, on one line and ending at a word."""
    line = " ".join(content.translate(_CONTROLS).split())
    if len(line) <= TITLE_LENGTH:
        return line
    words = line[: TITLE_LENGTH + 1].rpartition(" ")[0]
    # Some scripts put no spaces between words; there, half a line is worse than half a word.
    return (words if len(words) > TITLE_LENGTH // 2 else line[:TITLE_LENGTH]) + "…"
