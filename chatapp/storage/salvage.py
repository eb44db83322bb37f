"""Salvage: what can still be read of a damaged history, row by row, brought into a new one.

A damaged page costs the rows on it and no others. What is lost is looked for in the backups. Where
a message is lost but not those below it, a note takes its place, so that the path still holds.
"""

import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import msgspec

from chatapp.storage import backups, search_index, tree
from chatapp.storage.conversations import title_from
from chatapp.storage.damage import is_damage, is_unreadable
from chatapp.storage.database import insert, now, open_database, transaction
from chatapp.storage.files import replacing, set_aside
from chatapp.storage.rows import (
    MESSAGE_COLUMNS,
    pack_parts,
    read_message,
    read_params,
    read_parts,
)

_TABLES = ("conversation", "message", "chunk", "draft")
_MAX_GAP = 100_000  # rows one after the other that cannot be read, after which the end is reached
LOST = "This message was lost when the history was damaged."
_NONSENSE = (msgspec.MsgspecError, struct.error, ValueError, TypeError)


class Salvaged(NamedTuple):
    """Where the damaged file is now, how much came over, and how many messages could not."""

    aside: Path
    conversations: int
    messages: int
    lost: int


def salvage(path: Path) -> Salvaged:
    """Put a new history in the place of a damaged one, with all that can be read of that.

    The damaged file is set aside as the last step: whatever fails, this can be tried again.
    """
    with replacing(path) as part:
        with ExitStack() as stack:
            damaged = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            db = stack.enter_context(closing(open_database(part, is_backed_up=False)))
            damaged.execute("PRAGMA locking_mode = EXCLUSIVE")
            damaged.execute("PRAGMA writable_schema = ON")  # else a truncated file is not read
            copies = [stack.enter_context(closing(copy)) for copy in backups.readable(path)]
            counts = _fill(db, damaged, copies)
        aside = set_aside(path, "damaged")
    return Salvaged(aside, *counts)


def _fill(
    db: sqlite3.Connection, damaged: sqlite3.Connection, copies: Iterable[sqlite3.Connection]
) -> tuple[int, int, int]:
    """Bring everything into an empty history; gives conversations, messages, and those lost."""
    with transaction(db, synced=True):
        db.execute("PRAGMA defer_foreign_keys = ON")
        n_unread = _bring_over(damaged, db)
        n_read = _count(db, "message")
        for copy in copies:
            _bring_over(copy, db)
        n_messages = _count(db, "message")
        _mend_columns(db)
        _mend_tree(db)
        search_index.index_all(db)
        n_conversations = _count(db, "conversation")
    return n_conversations, n_messages, max(0, n_unread - (n_messages - n_read))


def _count(db: sqlite3.Connection, table: str) -> int:
    (number,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)


# ---- row by row ----


def _bring_over(source: sqlite3.Connection, db: sqlite3.Connection) -> int:
    """Copy the rows that are not there yet; gives the number of messages that did not come."""
    source.row_factory = sqlite3.Row
    source.text_factory = lambda text: text.decode(errors="replace")
    n_missed = 0
    for table in _TABLES:
        known = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
        for row in _rows(source, table):
            columns = {} if row is None else {k: v for k, v in dict(row).items() if k in known}
            if not (columns and insert(db, table, or_ignore=True, **columns)):
                n_missed += table == "message"
    return n_missed


def _rows(source: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row | None]:
    """The rows in their order, None for each that cannot be read as far as that is known."""
    if not _has_table(source, table):
        return
    place, n_missed = 1, 0
    last = _last_place(source, table)
    while n_missed < _MAX_GAP and (last is None or place <= last):
        try:
            row = source.execute(
                f"SELECT rowid AS place, * FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1",
                (place,),
            ).fetchone()
        except sqlite3.DatabaseError as error:
            if not is_unreadable(error):
                raise
            place, n_missed = place + 1, n_missed + 1
            continue
        if row is None:
            return
        yield from repeat(None, n_missed)
        yield row
        place, n_missed = row["place"] + 1, 0
    if last is not None:
        yield from repeat(None, n_missed)


def _last_place(source: sqlite3.Connection, table: str) -> int | None:
    """The last row of a table, as the table or else its first index says."""
    for index in ("", f"INDEXED BY sqlite_autoindex_{table}_1"):
        try:
            (last,) = source.execute(f"SELECT max(rowid) FROM {table} {index}").fetchone()
        except sqlite3.DatabaseError as error:
            if not is_unreadable(error) and "no such index" not in str(error):
                raise
            continue
        return int(last or 0)
    return None


def _has_table(source: sqlite3.Connection, table: str) -> bool:
    try:
        return any(source.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)))
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return False


# ---- sense again ----


def _mend_columns(db: sqlite3.Connection) -> None:
    """Empty the columns that make no sense any more; the text of a message stays, in some form."""
    moment = now()
    for table, column in (
        ("conversation", "created_at"),
        ("conversation", "updated_at"),
        ("message", "created_at"),
    ):
        db.execute(f"UPDATE {table} SET {column} = ? WHERE datetime({column}) IS NULL", (moment,))
    db.execute("UPDATE message SET role = 'user' WHERE role NOT IN ('system', 'user', 'assistant')")
    db.execute(
        "UPDATE message SET status = 'interrupted' WHERE status NOT IN "
        "('complete', 'stopped', 'interrupted', 'error', 'streaming')"
    )
    for id, params in db.execute("SELECT id, params FROM conversation").fetchall():
        try:
            read_params(params)
        except _NONSENSE:
            db.execute("UPDATE conversation SET params = NULL WHERE id = ?", (id,))
    for row in db.execute(f"SELECT {MESSAGE_COLUMNS} FROM message").fetchall():
        try:
            read_message(row)
        except _NONSENSE:
            db.execute(
                "UPDATE message SET parts = ?, params = NULL, usage = NULL, timings = NULL, "
                "ids = x'', reasoning_tokens = 0, left_out = '[]' WHERE id = ?",
                (_some_parts(row["parts"]), row["id"]),
            )


def _some_parts(column: object) -> str:
    try:
        text, reasoning, attachments = read_parts(str(column))
    except _NONSENSE:
        return pack_parts(str(column))
    return pack_parts(text, reasoning, attachments)


def _mend_tree(db: sqlite3.Connection) -> None:
    """Give back what was pointed to and is lost: conversations, parents, leaves."""
    ids = db.execute(
        "SELECT conversation_id FROM message UNION SELECT conversation_id FROM draft "
        "EXCEPT SELECT id FROM conversation"
    )
    for (conversation_id,) in ids.fetchall():
        _make_conversation(db, conversation_id)
    children = db.execute(
        "SELECT number, conversation_id, parent_id, role, created_at FROM message AS child "
        "WHERE parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message AS parent "
        "WHERE parent.conversation_id = child.conversation_id AND parent.id = child.parent_id) "
        "GROUP BY conversation_id, parent_id ORDER BY number"
    )
    for child in children.fetchall():
        _make_parent(db, child)
    tree.mend_leaves(db)
    db.execute(
        "DELETE FROM chunk WHERE message_id NOT IN "
        "(SELECT id FROM message WHERE status = 'streaming')"
    )


def _make_conversation(db: sqlite3.Connection, conversation_id: str) -> None:
    first = db.execute(
        "SELECT parts, created_at FROM message WHERE conversation_id = ? AND role = 'user' "
        "ORDER BY number LIMIT 1",
        (conversation_id,),
    ).fetchone()
    title, created_at = ("", now()) if first is None else (read_parts(first[0])[0], first[1])
    (updated_at,) = db.execute(
        "SELECT max(created_at) FROM message WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    insert(
        db,
        "conversation",
        id=conversation_id,
        created_at=created_at,
        updated_at=updated_at or created_at,
        title=title_from(title),
        model_path="",
        system_prompt="",
    )


def _make_parent(db: sqlite3.Connection, child: sqlite3.Row) -> None:
    """Put a note where the parent of `child` was, below what comes nearest before it."""
    role = "assistant" if child["role"] == "user" else "user"
    before = db.execute(
        "SELECT id FROM message WHERE conversation_id = ? AND number < ? AND role <> ? "
        "ORDER BY number DESC LIMIT 1",
        (child["conversation_id"], child["number"], role),
    ).fetchone()
    number = child["number"] - 1  # the rows that are lost have left numbers free
    while db.execute("SELECT 1 FROM message WHERE number = ?", (number,)).fetchone():
        number -= 1
    insert(
        db,
        "message",
        number=number,
        id=child["parent_id"],
        conversation_id=child["conversation_id"],
        parent_id=None if before is None else before["id"],
        role=role,
        status="error",
        created_at=child["created_at"],
        error=LOST,
        parts=pack_parts(""),
    )
