"""The whole program as a process that is to be killed: it types and sends without end.

Prints, a line each, what it knows of: `typed` and `streamed` with the time in milliseconds that is
the word in question, `committed` with the id of a message, `engine` with the id of a process.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parent.parent))
import engines

from chatapp import paths
from chatapp.gui import engine_process, theme
from chatapp.gui.app import Program
from chatapp.protocol import Delta, Ready
from chatapp.settings import SettingsFile

TYPING_MS = 25


def main() -> None:
    app = QApplication([])
    theme.apply(app, "light")
    engine_process.engine_command = lambda: engines.command("tells_the_time")
    program = Program(SettingsFile(paths.settings_file()))
    edit = program.window.chat_page.prompt_box.edit

    def type_a_word() -> None:
        word = round(time.monotonic() * 1000)
        QTest.keyClicks(edit, f"{word} ")
        say("typed", word)
        if not program.controller.is_busy:
            QTest.keyClick(edit, Qt.Key.Key_Return)

    typing = QTimer(interval=TYPING_MS)
    typing.timeout.connect(type_a_word)
    program.painted.connect(typing.start)
    program.history.committed.connect(lambda message_id: say("committed", message_id))
    program.engine.ready.connect(on_ready)
    program.engine.delta.connect(on_delta)
    program.start()
    app.exec()


def on_ready(ready: Ready) -> None:
    say("engine", ready.pid)


def on_delta(delta: Delta) -> None:
    say("streamed", delta.text)


def say(what: str, value: object) -> None:
    print(what, value, flush=True)


if __name__ == "__main__":
    main()
