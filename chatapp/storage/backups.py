"""Rolling backups: whole copies of the history beside it, the newest three of them."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from glob import escape
from pathlib import Path

from chatapp.errors import StorageError, say
from chatapp.storage.damage import DamagedError, is_damage
from chatapp.storage.files import replacing, set_aside
from chatapp.storage.records import Backup
from chatapp.storage.worker import aside

N_KEPT = 3
EVERY = timedelta(days=1)

_STEP_PAGES = 256  # copied at a time; other work is done in between
_MADE_AT = "%Y%m%dT%H%M%S%f"
_ANY_TIME = f"{'[0-9]' * 8}T{'[0-9]' * 12}"  # in a pattern; a copy that the user made is not ours


def make_backup(
    connection: sqlite3.Connection, path: Path, give_way: Callable[[], None] = lambda: None
) -> Path:
    """Copy the history in `path`, remove the backups that are too old, and give the copy's name.

    Args:
        connection: The open history.
        path: Its file.
        give_way: Is called every few milliseconds, and may use the connection.

    Raises:
        DamagedError: If the history does not hold together. The older backups are left.
    """
    remove_unfinished(path)
    backup = path.with_name(f"{path.stem}-backup-{datetime.now(UTC):{_MADE_AT}}{path.suffix}")
    with replacing(backup) as part:
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy, pages=_STEP_PAGES, progress=lambda *_: give_way(), sleep=0)
        aside(partial(_check, part), give_way)  # one long statement
    for old in backup_files(path)[N_KEPT:]:
        old.unlink()
    return backup


def is_due(path: Path) -> bool:
    """Whether the newest backup of the history in `path` is a day old."""
    newest = next(iter(backup_files(path)), None)
    return newest is None or datetime.now(UTC) - _made_at(path, newest) >= EVERY


def backup_files(path: Path) -> list[Path]:
    """The backups of the history in `path`, the newest first."""
    return sorted(path.parent.glob(_pattern(path)), reverse=True)


def remove_unfinished(path: Path) -> None:
    """Remove what the end of the process has left of backups it was making."""
    for leftover in path.parent.glob(f"{_pattern(path)}.part*"):
        leftover.unlink()


def list_backups(path: Path) -> tuple[Backup, ...]:
    """What is known of each backup that can be read, the newest first."""
    found = []
    for backup in backup_files(path):
        with suppress(sqlite3.Error, OSError), closing(_open(backup)) as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM conversation WHERE leaf_id IS NOT NULL AND deleted_at IS NULL"
            ).fetchone()
            made_at = _made_at(path, backup).isoformat()
            found.append(Backup(backup, made_at, count, backup.stat().st_size))
    return tuple(found)


def readable(path: Path) -> Iterator[sqlite3.Connection]:
    """The backups, opened for reading, the newest first."""
    for backup in backup_files(path):
        with suppress(sqlite3.Error):
            yield _open(backup)


def put_in_place(backup: Path, path: Path) -> None:
    """Make a copy of a backup the history in `path`; what was there is set aside.

    Raises:
        StorageError: If the backup is damaged.
    """
    with replacing(path) as part:
        shutil.copyfile(backup, part)
        try:
            _check(part)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise StorageError(
                say(
                    "The backup {path} cannot be used ({reason}). Choose another one.",
                    path=str(backup),
                    reason=str(error),
                )
            ) from error
        set_aside(path, "replaced")


def _check(copy: Path) -> None:
    """See whether a copy that nobody writes to holds together.

    Raises:
        DamagedError: If it does not.
        sqlite3.DatabaseError: If it cannot even be read.
    """
    with closing(_open(copy)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DamagedError(verdict)


def _open(copy: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)


def _pattern(path: Path) -> str:
    return f"{escape(path.stem)}-backup-{_ANY_TIME}{path.suffix}"


def _made_at(path: Path, backup: Path) -> datetime:
    date = backup.stem.removeprefix(f"{path.stem}-backup-")
    return datetime.strptime(date, _MADE_AT).replace(tzinfo=UTC)
