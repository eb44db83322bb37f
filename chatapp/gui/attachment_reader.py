"""AttachmentReader: files are read beside the window, which may stop waiting at any time."""

import logging
import threading
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, Qt, Signal

from chatapp.chat import new_id
from chatapp.gui.attachments import (
    MOST_BYTES,
    MOST_CHARACTERS,
    AttachmentError,
    Cancelled,
    Problem,
    read_file,
)

logger = logging.getLogger(__name__)


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

    _came = Signal(str, object)  # from a thread to this one: a ReadFile or what went wrong
    _turned = Signal(str, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: dict[str, tuple[Path, threading.Event]] = {}
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)
        self._turned.connect(self._on_turned, Qt.ConnectionType.QueuedConnection)

    def read(self, path: str) -> str:
        """Begin to read a file; answered by `finished` or `failed`, unless it is cancelled.

        Returns:
            The id of this reading.
        """
        reading_id = new_id()
        cancelled = threading.Event()
        self._under_way[reading_id] = Path(path), cancelled
        threading.Thread(
            target=self._work, args=(reading_id, Path(path), cancelled), daemon=True
        ).start()
        return reading_id

    def cancel(self, reading_id: str) -> None:
        """Wait for that file no longer."""
        _, cancelled = self._under_way.pop(reading_id)
        cancelled.set()

    def close(self) -> None:
        """Wait for nothing any more."""
        for reading_id in list(self._under_way):
            self.cancel(reading_id)

    def _work(self, reading_id: str, path: Path, cancelled: threading.Event) -> None:
        result: object
        try:
            result = read_file(
                path,
                lambda done, total: self._turned.emit(reading_id, done, total),
                cancelled.is_set,
            )
        except Cancelled:
            return
        except Exception as error:  # the top of a thread: the window must hear of it
            if not isinstance(error, AttachmentError):
                logger.exception("A file could not be read")
            result = error
        with suppress(RuntimeError):  # the program has ended meanwhile
            self._came.emit(reading_id, result)

    def _on_turned(self, reading_id: str, done: int, total: int) -> None:
        if reading_id in self._under_way:
            self.progressed.emit(reading_id, done, total)

    def _on_came(self, reading_id: str, result: object) -> None:
        if reading_id not in self._under_way:
            return
        path, _ = self._under_way.pop(reading_id)
        if isinstance(result, AttachmentError):
            self.failed.emit(reading_id, self._explain(result, path.name))
        elif isinstance(result, Exception):
            self.failed.emit(reading_id, self.tr("{} cannot be read: {}").format(path.name, result))
        else:
            self.finished.emit(reading_id, result)

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
