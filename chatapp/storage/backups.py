"""Rolling backups: whole copies of the history beside it, the newest three of them."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from chatapp.errors import StorageError, say
from chatapp.storage.files import set_aside
from chatapp.storage.records import Backup

N_KEPT = 3

_STEP_PAGES = 256  # copied at a time; other work is done in between
_MADE_AT = "%Y%m%dT%H%M%S%f"


def make_backup(
    connection: sqlite3.Connection, path: Path, between: Callable[[], None] = lambda: None
) -> Path:
    """Copy the history in `path`, remove the backups that are too old, and give the copy's name.

    Args:
        connection: The open history.
        path: Its file.
        between: Is called every now and then, and may use the connection.
    """
    made_at = datetime.now(UTC)
    backup = path.with_name(f"{path.stem}-backup-{made_at:{_MADE_AT}}{path.suffix}")
    part = backup.with_name(f"{backup.name}.part")
    part.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy, pages=_STEP_PAGES, progress=lambda *_: between(), sleep=0)
        os.replace(part, backup)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    for old in backup_files(path)[N_KEPT:]:
        old.unlink()
    return backup


def backup_files(path: Path) -> list[Path]:
    """The backups of the history in `path`, the newest first."""
    return sorted(path.parent.glob(f"{path.stem}-backup-*{path.suffix}"), reverse=True)


def list_backups(path: Path) -> tuple[Backup, ...]:
    """What is known of each backup that can be read, the newest first."""
    found = []
    for backup in backup_files(path):
        try:
            with closing(sqlite3.connect(f"{backup.as_uri()}?immutable=1", uri=True)) as connection:
                (count,) = connection.execute(
                    "SELECT count(*) FROM conversation "
                    "WHERE leaf_id IS NOT NULL AND deleted_at IS NULL"
                ).fetchone()
        except sqlite3.Error:
            continue
        found.append(Backup(backup, made_at(path, backup), count, backup.stat().st_size))
    return tuple(found)


def check(backup: Path) -> None:
    """See whether a backup holds together.

    Raises:
        StorageError: If it does not.
    """
    try:
        with closing(sqlite3.connect(f"{backup.as_uri()}?immutable=1", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise StorageError(
            say(
                "The backup {path} cannot be used ({reason}). Choose another one.",
                path=str(backup),
                reason=str(verdict),
            )
        )


def put_in_place(backup: Path, path: Path) -> None:
    """Make a copy of a backup the history in `path`; what was there is set aside."""
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    shutil.copyfile(backup, part)
    set_aside(path, "replaced")
    os.replace(part, path)


def made_at(path: Path, backup: Path) -> str:
    """When a backup of `path` was made, as its name says."""
    date = backup.stem.removeprefix(f"{path.stem}-backup-")
    return datetime.strptime(date, _MADE_AT).replace(tzinfo=UTC).isoformat()
