"""Open a window and print when it first stood on the screen, and what memory it takes.

`python benchmarks/_first_paint.py chatapp|bare STARTED`, where STARTED is the monotonic clock just
before this process was started. Imports nothing but what the window itself needs, and watches one
widget only: the list of conversations, or the text widget of the bare window.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QListView, QPlainTextEdit

SETTLED_MS = 1000  # what a program still does right after its first paint belongs to its memory


class Observer(QObject):
    """Waits for the first paint of `area` after `is_ready`, reports, and ends the process."""

    def __init__(self, area: QAbstractScrollArea, is_ready: Callable[[], bool]) -> None:
        super().__init__()
        self._area = area
        self._is_ready = is_ready
        area.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Qt says so before it paints; what is posted now arrives once all is on the screen."""
        if event.type() == QEvent.Type.Paint and self._is_ready():
            self._area.viewport().removeEventFilter(self)
            painted = QEvent(QEvent.Type.User)
            QCoreApplication.postEvent(self, painted, Qt.EventPriority.HighEventPriority.value)
        return False

    def customEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """The paint is over."""
        seconds = time.monotonic() - float(sys.argv[2])
        QTimer.singleShot(SETTLED_MS, self, partial(_report, seconds))


def _report(seconds: float) -> None:
    # Not the proportional size: that shrinks when any other program on the machine uses Qt.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    print(json.dumps({"seconds": seconds, "memory_bytes": int(kib) * 1024}), flush=True)
    os._exit(0)


def _open_bare() -> None:
    app = QApplication([])
    window = QPlainTextEdit()
    window.resize(1180, 760)
    window.show()
    observer = Observer(window, lambda: True)
    app.exec()
    del observer


def _open_chatapp() -> None:
    from chatapp.__main__ import main

    run = QApplication.exec

    def observed_run() -> int:
        windows = QApplication.topLevelWidgets()
        lists = (window.findChild(QListView, "conversationList") for window in windows)
        view = next(view for view in lists if view is not None)
        observer = Observer(view, lambda: view.model().rowCount() > 0)
        code = run()
        del observer
        return code

    QApplication.exec = observed_run  # type: ignore[method-assign]
    sys.argv = ["chatapp", *sys.argv[1:]]
    main([])


if __name__ == "__main__":
    {"bare": _open_bare, "chatapp": _open_chatapp}[sys.argv[1]]()
