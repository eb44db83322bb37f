"""AttachmentReader: files are read beside the window, which may stop waiting at any time."""

import logging
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from PySide6.QtCore import QLocale, QObject, QTimer, Signal

from chatapp.chat import new_id
from chatapp.gui.attachments import (
    MOST_BYTES,
    MOST_CHARACTERS,
    AttachmentError,
    Cancelled,
    Problem,
    ReadFile,
    read_file,
)

logger = logging.getLogger(__name__)

_LISTEN_MS = 50


class _Reading(NamedTuple):
    """A file under way, and what its thread says of it: (pages, of how many), at last the result.

    The thread knows only this. It may outlive the window, and must not be the one that ends it.
    """

    path: Path
    cancelled: threading.Event
    said: SimpleQueue[tuple[int, int] | ReadFile | Exception]


class AttachmentReader(QObject):
    """Reads each file in a thread of its own.

    The threads are daemons: a file made to be read for ever does not hold the program at its end.

    Signals:
        progressed: Id of the reading, pages read, pages in all.
        finished: Id of the reading, its ReadFile.
        failed: Id of the reading, why the file cannot be attached, fit to be shown.
    """

    progressed = Signal(str, int, int)
    finished = Signal(str, object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: dict[str, _Reading] = {}
        self._timer = QTimer(self, interval=_LISTEN_MS)
        self._timer.timeout.connect(self._listen)

    def read(self, path: str) -> str:
        """Begin to read a file; answered by `finished` or `failed`, unless it is cancelled.

        Returns:
            The id of this reading.
        """
        reading_id = new_id()
        reading = _Reading(Path(path), threading.Event(), SimpleQueue())
        self._under_way[reading_id] = reading
        threading.Thread(target=_work, args=(reading,), daemon=True).start()
        self._timer.start()
        return reading_id

    def cancel(self, reading_id: str) -> None:
        """Wait for that file no longer."""
        self._under_way.pop(reading_id).cancelled.set()

    def close(self) -> None:
        """Wait for nothing any more."""
        for reading_id in list(self._under_way):
            self.cancel(reading_id)

    def _listen(self) -> None:
        for reading_id, reading in list(self._under_way.items()):
            while reading_id in self._under_way and not reading.said.empty():
                self._on_said(reading_id, reading.path, reading.said.get())
        if not self._under_way:
            self._timer.stop()

    def _on_said(
        self, reading_id: str, path: Path, said: tuple[int, int] | ReadFile | Exception
    ) -> None:
        if isinstance(said, tuple):
            self.progressed.emit(reading_id, *said)
            return
        del self._under_way[reading_id]
        if isinstance(said, ReadFile):
            self.finished.emit(reading_id, said)
        elif isinstance(said, AttachmentError):
            self.failed.emit(reading_id, self._explain(said, path.name))
        else:
            self.failed.emit(reading_id, self.tr("{} cannot be read: {}").format(path.name, said))

    def _explain(self, error: AttachmentError, name: str) -> str:
        texts: dict[Problem, str] = {
            "missing": self.tr("{name} is not there any more."),
            "unreadable": self.tr("{name} cannot be read: {detail}"),
            "too_large": self.tr("{name} is larger than {megabytes} MB. Attach a part of it."),
            "too_long": self.tr(
                "{name} has more than {characters} characters. Attach a part of it."
            ),
            "too_slow": self.tr(
                "{name} takes too long to read. Copy the part you need and paste it here."
            ),
            "empty": self.tr("{name} is empty."),
            "not_text": self.tr("{name} is neither a text nor a PDF. Only those can be attached."),
            "encrypted": self.tr(
                "{name} is locked by a password. Save a copy without it and attach that."
            ),
            "no_text": self.tr(
                "{name} holds pictures of pages and no text. Run text recognition on it first."
            ),
            "damaged": self.tr("{name} is a damaged PDF. Open it elsewhere and save it anew."),
        }
        return texts[error.problem].format(
            name=name,
            detail=error.detail,
            megabytes=MOST_BYTES // 1_000_000,
            characters=QLocale().toString(MOST_CHARACTERS),
        )


def _work(reading: _Reading) -> None:
    try:
        reading.said.put(
            read_file(
                reading.path,
                lambda done, total: reading.said.put((done, total)),
                reading.cancelled.is_set,
            )
        )
    except Cancelled:
        return
    except Exception as error:  # the top of a thread: the window must hear of it
        if not isinstance(error, AttachmentError):
            logger.exception("A file could not be read")
        reading.said.put(error)
