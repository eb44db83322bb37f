"""The JSON inside a chosen file, as streams: the file itself, or those of its members that count.

Nothing is ever unpacked to the disk, so a path inside an archive leads nowhere.
"""

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chatapp.errors import TransferError, say
from chatapp.transfer.watch import Watch

ITEM_LIMIT = 1 << 30  # bytes of one conversation; no stretch of a file larger than this is held

_BOM = b"\xef\xbb\xbf"
_MEMBERS = re.compile(r"(?:.*/)?(?:history|conversations(?:-\d+)?|chat-export-\d+)\.json")
_MOST_MEMBERS = 1000
# Text shrinks to a twentieth; what shrinks further than this, and is large, was made to do harm.
_RATIO = 200
_SUSPICIOUS = 64 << 20


class Progress:
    """How many bytes of all sources were read."""

    def __init__(self, total: int, watch: Watch) -> None:
        self._total = max(total, 1)
        self._done = 0
        self._watch = watch

    def add(self, n_bytes: int) -> None:
        """Count what was read; ends the work if the user wishes so."""
        self._done += n_bytes
        self._watch.step(self._done / self._total)


class Source:
    """One stream of JSON, as a file object with nothing but `read`.

    Attributes:
        position: How many bytes were read so far.
    """

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._item_start = 0
        self.position = 0

    def begin_item(self) -> None:
        """Say that a conversation begins about here."""
        self._item_start = self.position

    def read(self, n_bytes: int = -1) -> bytes:
        """The next bytes of the stream, without a byte order mark.

        Raises:
            TransferError: If a single conversation is larger than any can be.
        """
        is_first = self.position == 0 and n_bytes != 0
        chunk = self._file.read(n_bytes)
        self.position += len(chunk)
        self._progress.add(len(chunk))
        if self.position - self._item_start > ITEM_LIMIT:
            raise TransferError(say("It holds a conversation that is larger than any can be."))
        return chunk.removeprefix(_BOM) if is_first else chunk


@contextmanager
def open_sources(path: Path, watch: Watch) -> Iterator[Iterator[Source]]:
    """Open a JSON file, or a .zip with some inside.

    Raises:
        TransferError: If it cannot be opened, or is an archive that holds no conversations.
        CancelledError: While reading, when the user had enough.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = _members(archive)
                progress = Progress(sum(member.file_size for member in members), watch)
                yield _open_members(archive, members, progress)
        else:
            with path.open("rb") as file:
                yield iter([Source(file, Progress(path.stat().st_size, watch))])
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise TransferError(
            say("{name} is a damaged archive ({reason}).", name=path.name, reason=str(error))
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise TransferError(
            say("{name} cannot be read ({reason}).", name=path.name, reason=reason)
        ) from error


def _open_members(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], progress: Progress
) -> Iterator[Source]:
    for member in members:
        with archive.open(member) as file:
            yield Source(file, progress)


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [info for info in archive.infolist() if _MEMBERS.fullmatch(info.filename)]
    members.sort(key=lambda info: info.filename)
    if not members:
        raise TransferError(say("The archive holds no conversations (no conversations.json)."))
    if len(members) > _MOST_MEMBERS:
        raise TransferError(
            say("The archive holds more files of conversations than any export does.")
        )
    for info in members:
        if info.flag_bits & 1:
            raise TransferError(say("The archive is locked with a password. Unlock it first."))
        if info.file_size > max(_SUSPICIOUS, _RATIO * info.compress_size):
            raise TransferError(say("The archive unpacks to far more than it can honestly hold."))
    return members
