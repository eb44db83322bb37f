"""ConversationStore: the history, kept by one thread.

Every method returns a Future at once; the work is done in the order of the calls by the writer
thread, which alone owns the connection. Knows nothing about windows and engines.
"""

import functools
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec import UNSET, UnsetType

from chatapp.chat import GenerationParams
from chatapp.errors import StorageError
from chatapp.storage.database import is_damage, open_database, plain_errors, set_aside, transaction
from chatapp.storage.records import (
    ConversationSummary,
    ReplyRecord,
    ReplyStatus,
    StoredConversation,
)
from chatapp.storage.rows import (
    MESSAGE_COLUMNS,
    pack_params,
    pack_parts,
    read_message,
    read_params,
    reply_row,
)

P = ParamSpec("P")
T = TypeVar("T")

TITLE_LENGTH = 48  # characters
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")


def _queued(
    operation: Callable[Concatenate["ConversationStore", P], T],
) -> Callable[Concatenate["ConversationStore", P], Future[T]]:
    """Have the writer thread do a method when its turn comes, and return its Future at once."""

    @functools.wraps(operation)
    def queue(self: "ConversationStore", /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def run() -> T:
            with plain_errors(self._path):
                return operation(self, *args, **kwargs)

        return self._writer.submit(run)

    return queue


class ConversationStore:
    """The history in one file: made, brought up to date and recovered when first asked for.

    Every method but `close` returns a Future. What fails raises StorageError out of it, with a
    plain text, and leaves the history as it was; the next call finds the store usable. Identifiers
    are made by the caller with `chat.new_id`.

    Attributes:
        problem: What was wrong with the file, fit to be shown; empty when nothing was. Known as
            soon as the first Future is done.
    """

    def __init__(self, path: Path) -> None:
        self.problem = ""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._unwritten: dict[str, tuple[str, str]] = {}  # chunks that met an error, by message
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")

    def close(self) -> None:
        """Wait until everything called for is done, then let go of the file."""
        self._close_file().exception()  # whatever it is, all that was asked for is committed
        self._writer.shutdown()

    # ---- conversations ----

    @_queued
    def list_conversations(self) -> tuple[ConversationSummary, ...]:
        """Every conversation that is not deleted, the one spoken in last first."""
        rows = self._db.execute(
            "SELECT id, title, created_at, updated_at, model_name FROM conversation "
            "WHERE deleted_at IS NULL ORDER BY updated_at DESC"
        )
        return tuple(ConversationSummary(*row) for row in rows)

    @_queued
    def create_conversation(
        self,
        conversation_id: str,
        *,
        title: str = "",
        system_prompt: str = "",
        params: GenerationParams | None = None,
        model_path: str = "",
    ) -> None:
        """Begin a conversation. Without a title it takes one from its first message."""
        now = _now()
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO conversation (id, created_at, updated_at, title, system_prompt, "
                "params, model_path) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (conversation_id, now, now, title, system_prompt, pack_params(params), model_path),
            )

    @_queued
    def open_conversation(self, conversation_id: str) -> StoredConversation:
        """A conversation with all its messages, also when it is deleted."""
        row = self._db.execute(
            "SELECT id, title, system_prompt, params, model_path, leaf_id FROM conversation "
            "WHERE id = ?",
            (conversation_id,),
        ).fetchone()
        if row is None:
            raise StorageError("This conversation is not in the history.")
        messages = self._db.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM message WHERE conversation_id = ? ORDER BY number",
            (conversation_id,),
        )
        return StoredConversation(
            **dict(row)
            | {
                "params": read_params(row["params"]),
                "messages": tuple(read_message(message) for message in messages),
            }
        )

    @_queued
    def update_conversation(
        self,
        conversation_id: str,
        *,
        system_prompt: str | UnsetType = UNSET,
        params: GenerationParams | UnsetType | None = UNSET,
        model_path: str | UnsetType = UNSET,
    ) -> None:
        """Change what the next reply is asked for with; what is not given stays."""
        changes: dict[str, str | UnsetType | None] = {
            "system_prompt": system_prompt,
            "params": params if params is UNSET else pack_params(params),
            "model_path": model_path,
        }
        self._change(conversation_id, **{name: v for name, v in changes.items() if v is not UNSET})

    @_queued
    def set_leaf(self, conversation_id: str, message_id: str) -> None:
        """Show the path that ends in `message_id`."""
        self._change(conversation_id, leaf_id=message_id)

    @_queued
    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        self._change(conversation_id, title=title)

    @_queued
    def delete(self, conversation_id: str) -> None:
        """Take a conversation off the list; `restore` brings it back."""
        self._change(conversation_id, deleted_at=_now())

    @_queued
    def restore(self, conversation_id: str) -> None:
        """Bring a deleted conversation back to where it was in the list."""
        self._change(conversation_id, deleted_at=None)

    # ---- messages ----

    @_queued
    def add_user_message(
        self, message_id: str, conversation_id: str, parent_id: str | None, content: str
    ) -> None:
        """Add what the user wrote below `parent_id`, safe from a power cut once it is done.

        It becomes the active leaf. An edit is another message below the same parent.
        """
        with transaction(self._db, synced=True):
            self._add_message(
                conversation_id,
                id=message_id,
                parent_id=parent_id,
                role="user",
                status="complete",
                parts=pack_parts(content),
            )
            self._db.execute(
                "UPDATE conversation SET title = ? WHERE id = ? AND title = ''",
                (title_from(content), conversation_id),
            )

    @_queued
    def start_reply(
        self,
        message_id: str,
        conversation_id: str,
        parent_id: str,
        *,
        model_path: str,
        model_name: str,
        params: GenerationParams,
    ) -> None:
        """Open a reply below `parent_id`, still without text.

        It becomes the active leaf. A reply written anew is another message below the same parent.
        """
        with transaction(self._db):
            self._add_message(
                conversation_id,
                id=message_id,
                parent_id=parent_id,
                role="assistant",
                status="streaming",
                parts=pack_parts(""),
                model_path=model_path,
                model_name=model_name,
                params=pack_params(params),
            )
            _update(
                self._db,
                "conversation",
                conversation_id,
                model_path=model_path,
                model_name=model_name,
            )

    @_queued
    def append_chunk(self, message_id: str, text: str, reasoning: str = "") -> None:
        """Write down the next piece of a reply.

        A piece that cannot be written is not lost: it goes with the next one, or with the end.
        """
        earlier_text, earlier_reasoning = self._unwritten.pop(message_id, ("", ""))
        chunk = (earlier_text + text, earlier_reasoning + reasoning)
        try:
            with transaction(self._db):
                _append(self._db, message_id, *chunk)
        except (sqlite3.Error, OSError, MemoryError):
            self._unwritten[message_id] = chunk
            raise

    @_queued
    def finish_reply(
        self,
        message_id: str,
        *,
        status: ReplyStatus,
        reply: ReplyRecord | None = None,
        error: str = "",
    ) -> None:
        """Close a reply: its pieces become its text, safe from a power cut once it is done.

        Args:
            message_id: A reply that was started and not finished.
            status: How it ended.
            reply: What the engine said of it, if it came that far.
            error: Why it ended, fit to be shown, if it failed.
        """
        record = {} if reply is None else reply_row(reply)
        with transaction(self._db, synced=True):
            if message_id in self._unwritten:
                _append(self._db, message_id, *self._unwritten[message_id])
            _fold(self._db, message_id, status=status, error=error, **record)
        self._unwritten.pop(message_id, None)

    # ---- the writer thread's own ----

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        try:
            return open_database(self._path, _recover)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        aside = set_aside(self._path)
        self.problem = (
            f"The history was damaged, so chatapp has begun a new one. "
            f"The damaged file was kept as {aside}."
        )
        return open_database(self._path, _recover)

    @_queued
    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _change(self, conversation_id: str, **columns: Any) -> None:
        with transaction(self._db):
            _update(self._db, "conversation", conversation_id, **columns)

    def _add_message(self, conversation_id: str, **columns: Any) -> None:
        now = _now()
        columns |= {"conversation_id": conversation_id, "created_at": now}
        self._db.execute(
            f"INSERT INTO message ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            tuple(columns.values()),
        )
        _update(self._db, "conversation", conversation_id, leaf_id=columns["id"], updated_at=now)


def title_from(content: str) -> str:
    """A title made of the first words of a message, on one line and ending at a word."""
    line = " ".join(content.translate(_CONTROLS).split())
    if len(line) <= TITLE_LENGTH:
        return line
    words = line[: TITLE_LENGTH + 1].rpartition(" ")[0]
    # Some scripts put no spaces between words; there, half a line is worse than half a word.
    return (words if len(words) > TITLE_LENGTH // 2 else line[:TITLE_LENGTH]) + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _update(db: sqlite3.Connection, table: str, row_id: str, **columns: Any) -> None:
    assignments = ", ".join(f"{name} = ?" for name in columns)
    cursor = db.execute(
        f"UPDATE {table} SET {assignments} WHERE id = ?", (*columns.values(), row_id)
    )
    if cursor.rowcount == 0:
        raise StorageError(f"This {table} is not in the history.")


def _append(db: sqlite3.Connection, message_id: str, text: str, reasoning: str) -> None:
    _require_open(db, message_id)
    db.execute(
        "INSERT INTO chunk (message_id, text, reasoning) VALUES (?, ?, ?)",
        (message_id, text, reasoning),
    )


def _fold(db: sqlite3.Connection, message_id: str, **columns: Any) -> None:
    """Turn the chunks of an open reply into its text, and set `columns`, `status` among them."""
    _require_open(db, message_id)
    chunks = db.execute(
        "SELECT text, reasoning FROM chunk WHERE message_id = ? ORDER BY number", (message_id,)
    ).fetchall()
    text = "".join(chunk["text"] for chunk in chunks)
    reasoning = "".join(chunk["reasoning"] for chunk in chunks)
    _update(db, "message", message_id, parts=pack_parts(text, reasoning), **columns)
    db.execute("DELETE FROM chunk WHERE message_id = ?", (message_id,))


def _require_open(db: sqlite3.Connection, message_id: str) -> None:
    if not db.execute(
        "SELECT 1 FROM message WHERE id = ? AND status = 'streaming'", (message_id,)
    ).fetchone():
        raise StorageError("This reply is not being written.")


def _recover(db: sqlite3.Connection) -> None:
    """Close the replies that the end of an earlier process cut short."""
    cut_short = db.execute("SELECT id FROM message WHERE status = 'streaming'").fetchall()
    with transaction(db, synced=True):
        for (message_id,) in cut_short:
            _fold(db, message_id, status="interrupted")
