"""What was deleted: brought back, or erased for good."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chatapp.storage.database import transaction


def erase(db: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Remove conversations with all that belongs to them."""
    with transaction(db, synced=True):
        for conversation_id in ids:
            db.execute(
                "DELETE FROM chunk WHERE message_id IN "
                "(SELECT id FROM message WHERE conversation_id = ?)",
                (conversation_id,),
            )
            db.execute("UPDATE conversation SET leaf_id = NULL WHERE id = ?", (conversation_id,))
            db.execute("DELETE FROM message WHERE conversation_id = ?", (conversation_id,))
            db.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
            db.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))


def overdue(db: sqlite3.Connection, older_than_days: float) -> tuple[str, ...]:
    """The conversations deleted longer ago than that."""
    limit = (datetime.now(UTC) - timedelta(days=older_than_days)).isoformat(timespec="microseconds")
    rows = db.execute("SELECT id FROM conversation WHERE deleted_at <= ?", (limit,))
    return tuple(row["id"] for row in rows)
