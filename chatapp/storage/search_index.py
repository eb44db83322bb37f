"""The full-text index beside the messages and titles, kept as they are written.

A row of the index is called a place: the second a message was made, or a later one that is free,
below zero. So walking the index upwards, which FTS5 does fastest, is walking back in time, and
`before:` and `after:` are ranges of rows. Filters are words too, in characters of the private use
area that no text is cut into.

Whoever writes a message calls `index_message` in the same transaction once its text is final, and
`unindex_message` before its row goes; `index_title` and `unindex_title` likewise.
"""

import itertools
import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from chatapp.chat import Role
from chatapp.storage import words
from chatapp.storage.rows import read_parts

# No text lies in the index of messages: it would be all the history once more.
SCHEMA = """
CREATE VIRTUAL TABLE message_index USING fts5(
    words, content = '', columnsize = 0, prefix = '1 2 3 4', tokenize = 'ascii'
);
CREATE TABLE message_place (
    place INTEGER PRIMARY KEY,                -- row of message_index
    number INTEGER NOT NULL UNIQUE            -- of the message
);
CREATE VIRTUAL TABLE title_index USING fts5(
    words, columnsize = 0, prefix = '1 2 3 4', tokenize = 'ascii'
);
CREATE TABLE title_place (
    place INTEGER PRIMARY KEY,                -- row of title_index
    conversation_id TEXT NOT NULL UNIQUE
);
CREATE TABLE model_found (                    -- every model that has written a message
    name TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
CREATE INDEX conversation_pinned ON conversation (id) WHERE pinned;
CREATE INDEX conversation_folder ON conversation (folder) WHERE folder <> '';
"""

MAX_INDEXED = 200_000  # characters of one message, its attachments among them

ROLE_WORDS: dict[Role, str] = {"user": "\ue000", "assistant": "\ue001", "system": "\ue002"}
NO_MODEL = "\ue003none"  # which is the word of none: those are hexadecimal
_IN_ORDER = 8  # messages of one second that keep their order
_MERGED_PAGES = 500


class _Message(NamedTuple):
    number: int
    conversation_id: str
    role: Role
    created_at: str
    model_name: str
    parts: str


def index_message(db: sqlite3.Connection, message_id: str) -> None:
    """Have a message found whose text is final; inside the transaction that writes it."""
    message = _message(db, message_id)
    row = _free_place(db, "message_place", message.created_at)
    db.execute("INSERT INTO message_place VALUES (?, ?)", (row, message.number))
    db.execute("INSERT INTO message_index (rowid, words) VALUES (?, ?)", (row, _words(message)))
    db.execute("INSERT OR IGNORE INTO model_found VALUES (?)", (message.model_name,))


def unindex_message(db: sqlite3.Connection, message_id: str) -> None:
    """Have a message no longer found; before its row is changed or deleted."""
    message = _message(db, message_id)
    row = db.execute(
        "DELETE FROM message_place WHERE number = ? RETURNING place", (message.number,)
    ).fetchone()
    if row is not None:
        db.execute(
            "INSERT INTO message_index (message_index, rowid, words) VALUES ('delete', ?, ?)",
            (row[0], _words(message)),
        )


def index_title(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have a conversation found by the title it has now; inside the transaction that sets it."""
    unindex_title(db, conversation_id)
    title, created_at = db.execute(
        "SELECT title, created_at FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    row = _free_place(db, "title_place", created_at)
    db.execute("INSERT INTO title_place VALUES (?, ?)", (row, conversation_id))
    db.execute(
        "INSERT INTO title_index (rowid, words) VALUES (?, ?)",
        (row, " ".join([conversation_word(conversation_id), *words.words(title)])),
    )


def unindex_title(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have a conversation no longer found by its title."""
    row = db.execute(
        "DELETE FROM title_place WHERE conversation_id = ? RETURNING place", (conversation_id,)
    ).fetchone()
    if row is not None:
        db.execute("DELETE FROM title_index WHERE rowid = ?", tuple(row))


def unindex_conversation(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have nothing of a conversation found; before its rows are deleted."""
    unindex_title(db, conversation_id)
    for (message_id,) in db.execute(
        "SELECT id FROM message WHERE conversation_id = ?", (conversation_id,)
    ).fetchall():
        unindex_message(db, message_id)


def index_all(db: sqlite3.Connection) -> None:
    """Have everything found that was written before there was an index."""
    # The newest second first: to go back to a lower row costs FTS5 as much again as the row.
    order = "ORDER BY substr(created_at, 1, 19) DESC, created_at, rowid"
    for (conversation_id,) in db.execute(f"SELECT id FROM conversation {order}").fetchall():
        index_title(db, conversation_id)
    for (message_id,) in db.execute(
        f"SELECT id FROM message WHERE status <> 'streaming' {order}"
    ).fetchall():
        index_message(db, message_id)


def purge(db: sqlite3.Connection, give_way: Callable[[], object] = lambda: None) -> None:
    """Take the words of what is no longer found out of the file; outside of a transaction.

    Until then they lie in older parts of the index, which this writes anew step by step.

    Args:
        db: An open database.
        give_way: Is called between the steps.
    """
    for table in ("message_index", "title_index"):
        pages = -_MERGED_PAGES  # begins to merge all into one
        while True:
            before = db.total_changes
            db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))
            if db.total_changes - before < 2:  # as documented: there was nothing left to merge
                break
            pages = _MERGED_PAGES
            give_way()
    db.execute("DELETE FROM model_found WHERE name NOT IN (SELECT model_name FROM message)")


# ---- rows and their words ----


def model_word(name: str) -> str:
    """The word that the messages a model has written are found by."""
    return "\ue003" + name.encode().hex()


def conversation_word(conversation_id: str) -> str:
    """The word that everything in a conversation is found by."""
    return "\ue004" + conversation_id.encode().hex()


def searched_text(parts: str) -> str:
    """What of a message is searched: its text, then its attachments, not the reasoning."""
    text, _, attachments = read_parts(parts)
    pieces = [text, *(piece for a in attachments for piece in (a.name, a.text))]
    return "\n".join(pieces)[:MAX_INDEXED]


def place(created_at: str) -> int:
    """The place for a moment, unless it is taken."""
    try:
        moment = datetime.fromisoformat(created_at)
        return -int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    except (ValueError, OverflowError):  # an import may say anything
        return 0


def _message(db: sqlite3.Connection, message_id: str) -> _Message:
    return _Message(
        *db.execute(
            "SELECT number, conversation_id, role, created_at, model_name, parts FROM message "
            "WHERE id = ?",
            (message_id,),
        ).fetchone()
    )


def _words(message: _Message) -> str:
    """All a message is found by; the same whenever asked, so that it can be taken out again."""
    filters = [
        ROLE_WORDS[message.role],
        conversation_word(message.conversation_id),
        model_word(message.model_name),
    ]
    return " ".join([*filters, *words.words(searched_text(message.parts))])


def _free_place(db: sqlite3.Connection, table: str, created_at: str) -> int:
    """The place for a moment, or one after it, far after it where thousands share a second."""
    first = place(created_at)
    near = range(first, first - _IN_ORDER, -1)
    taken = f"SELECT 1 FROM {table} WHERE place = ?"
    far = (first - random.randrange(1 << bits) for bits in itertools.count(4))
    places = itertools.chain(near, far)
    return next(row for row in places if db.execute(taken, (row,)).fetchone() is None)
