"""How the database came to its present form, one step a version.

The list is only ever appended to: a database of any age is brought up to date by the steps it has
not seen, `PRAGMA user_version` being the number of those it has.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from chatapp.errors import StorageError, say
from chatapp.storage import search_index
from chatapp.storage.backups import make_backup

_FIRST = """
CREATE TABLE conversation (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL,                 -- times are UTC, ISO 8601
    updated_at TEXT NOT NULL,                 -- when a message was last added
    archived_at TEXT,
    deleted_at TEXT,                          -- set: deleted, and can be restored
    pinned INTEGER NOT NULL DEFAULT 0,
    folder TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL,
    model_path TEXT NOT NULL,
    model_name TEXT NOT NULL DEFAULT '',      -- of the last reply
    leaf_id TEXT,                             -- the end of the path that is shown
    params TEXT,                              -- JSON
    system_prompt TEXT NOT NULL,
    draft TEXT NOT NULL DEFAULT '',
    FOREIGN KEY (id, leaf_id) REFERENCES message (conversation_id, id)
);

CREATE TABLE message (
    number INTEGER PRIMARY KEY,               -- the order of writing
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    parent_id TEXT,
    role TEXT NOT NULL,
    status TEXT NOT NULL,                     -- streaming: the text is still in `chunk`
    created_at TEXT NOT NULL,
    rating INTEGER,
    error TEXT NOT NULL DEFAULT '',
    parts TEXT NOT NULL,                      -- JSON: [{"type": ..., "text": ...}, ...] of type
                                              -- text, reasoning, attachment, tool_call, tool_result
    -- what follows is known of replies only
    model_path TEXT NOT NULL DEFAULT '',
    model_name TEXT NOT NULL DEFAULT '',
    model_sha256 TEXT NOT NULL DEFAULT '',
    engine_build TEXT NOT NULL DEFAULT '',
    template_sha256 TEXT NOT NULL DEFAULT '',
    params TEXT,                              -- JSON
    seed INTEGER,
    finish_reason TEXT NOT NULL DEFAULT '',
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    left_out TEXT NOT NULL DEFAULT '[]',      -- JSON: message ids that were not in the prompt
    usage TEXT,                               -- JSON
    timings TEXT,                             -- JSON
    ids BLOB NOT NULL DEFAULT x'',            -- token ids, 32 bits each, little-endian
    logprobs BLOB,
    UNIQUE (conversation_id, id),
    FOREIGN KEY (conversation_id, parent_id) REFERENCES message (conversation_id, id)
);

CREATE INDEX message_streaming ON message (status) WHERE status = 'streaming';

-- Pieces of replies still being written. No further index: each commit then costs one page.
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES message (id),
    text TEXT NOT NULL,
    reasoning TEXT NOT NULL
);
"""

_SECOND = """
ALTER TABLE message ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;    -- never left out of the prompt
ALTER TABLE message ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;  -- a reply the user wrote over
ALTER TABLE message ADD COLUMN deleted_at TEXT;                    -- all of a branch have the same
CREATE INDEX message_below ON message (conversation_id, parent_id);

ALTER TABLE conversation DROP COLUMN draft;
CREATE TABLE draft (
    conversation_id TEXT NOT NULL PRIMARY KEY REFERENCES conversation (id),
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,                -- JSON
    saved_at TEXT NOT NULL
);
"""

_THIRD = f"""
{search_index.SCHEMA}

-- All that the list of conversations shows, so that it is read without their rows.
CREATE INDEX conversation_listed ON conversation (
    updated_at, id, title, created_at, model_name, pinned, folder, archived_at, deleted_at, leaf_id
) WHERE leaf_id IS NOT NULL;

CREATE TABLE unfinished (task TEXT NOT NULL PRIMARY KEY);  -- to be gone on with at the next start
"""

# Places were counted upwards before.
_FOURTH = """
INSERT INTO message_index (message_index) VALUES ('delete-all');
DELETE FROM message_place;
DELETE FROM title_index;
DELETE FROM title_place;
"""

MIGRATIONS = [_FIRST, _SECOND, _THIRD, _FOURTH]

# What SQL alone cannot do, in the same transaction as the step of that number.
_AFTERWARDS: dict[int, Callable[[sqlite3.Connection], None]] = {4: search_index.index_all}


def refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    """Leave a database alone that a newer program wrote.

    Raises:
        StorageError: If it has seen more steps than this program knows.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StorageError(
            say(
                "The history in {path} was written by a newer chatapp (its format is {version}, "
                "this one knows up to {known}). Update chatapp. The file was not changed.",
                path=str(path),
                version=version,
                known=len(MIGRATIONS),
            )
        )


def refuse_older(connection: sqlite3.Connection) -> None:
    """Leave a database alone that would have to be changed before it is read.

    Raises:
        sqlite3.OperationalError: If it has not seen every step.
    """
    if _version(connection) < len(MIGRATIONS):
        raise sqlite3.OperationalError("it is of an older version")


def migrate(connection: sqlite3.Connection, path: Path | None) -> None:
    """Bring a database up to date, after backing it up if it holds anything and `path` is given.

    Each step happens wholly or not at all; after an error the connection is good only for closing.
    """
    version = _version(connection)
    if path is not None and version < len(MIGRATIONS) and _holds_anything(connection):
        make_backup(connection, path)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number};")
        if number in _AFTERWARDS:
            _AFTERWARDS[number](connection)
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _holds_anything(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
