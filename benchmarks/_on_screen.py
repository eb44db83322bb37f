"""Start a program and print when its window stood on the screen, as seen from outside.

`python benchmarks/_on_screen.py PICTURE COMMAND...`: PICTURE is what the list of conversations
looks like. Where there is none yet the program is given time, and its list becomes the picture.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QImage

LIST = (70, 200, 160, 400)  # x, y, width and height of a part of the list, on an empty screen
LOOK_S = 0.004
SETTLED_S = 5.0
LIMIT_S = 60.0


def main(picture: str, *command: str) -> None:
    """Start the program, wait for its list, end the program."""
    app = QGuiApplication([])
    before = _look()
    started = time.monotonic()
    with subprocess.Popen(command) as program:
        if Path(picture).exists():
            known = QImage(picture)
            _wait(lambda: _look() == known)
        else:
            _wait(lambda: _look() != before)
            time.sleep(SETTLED_S)
            _look().save(picture)
        seconds = time.monotonic() - started
        program.terminate()
    print(json.dumps(seconds), flush=True)
    del app


def _look() -> QImage:
    QCoreApplication.processEvents()
    screen = QGuiApplication.primaryScreen().grabWindow(0, *LIST)
    return screen.toImage().convertToFormat(QImage.Format.Format_RGB32)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("The list of conversations did not appear as it did before.")
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
