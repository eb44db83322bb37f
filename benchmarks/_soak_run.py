"""An hour of chat in fast motion for `soak`, in a process of its own; prints JSON.

`python -m benchmarks._soak_run REPLIES CONVERSATION_SWITCHES MODEL_SWITCHES`. The whole program
with its real window; the engine is a scripted one that writes as fast as it is read. What it costs
is looked at twice, with an empty conversation on show: after a fifth of it all, and at the end.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator

import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks import harness
from chatapp import paths
from chatapp.gui import engine_process, theme
from chatapp.gui.app import Program
from chatapp.settings import SettingsFile

ENGINE = harness.FOLDER.parent / "tests" / "engines.py"
STEP_MS = 5
SETTLED_S = 2.0

Condition = Callable[[], bool]
Steps = Iterator[Condition]  # what is done up to each holds before the next is begun


class Chatter:
    """Somebody who chats without a pause.

    Attributes:
        looks: Memory in bytes and number of descriptors, whenever they were looked at.
    """

    def __init__(self, program: Program) -> None:
        self.looks: list[tuple[int, int]] = []
        self._program = program
        self._page = program.window.chat_page
        self._chat = program.controller
        self._ids: list[str] = []  # of the conversations, in the order they were begun

    def chat(self, n_replies: int, n_switches: int, n_models: int) -> Steps:
        """All of it."""
        yield lambda: len(self._program.shelf.entries) > 1
        for number in range(n_replies):
            if number == n_replies // 5:
                yield from self._look()
            if number % (n_replies // n_switches) == 0:
                yield from self._switch()
            if number % (n_replies // n_models) == 0:
                yield from self._change_model()
            yield from self._ask(f"Question {number}")
        yield from self._look()

    def _ask(self, text: str) -> Steps:
        edit = self._page.prompt_box.edit
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        yield lambda: self._is_answered(text)
        if self._chat.conversation.id not in self._ids:
            self._ids.append(self._chat.conversation.id)

    def _is_answered(self, text: str) -> bool:
        last = self._chat.conversation.path()[-2:]
        if self._chat.is_busy or not last or last[0].content != text:
            return False
        assert last[-1].status == "complete", last[-1].error
        return True

    def _switch(self) -> Steps:
        """Begin a conversation, and every other time go back to one half as old."""
        if len(self._ids) % 2 and self._chat.conversation.id == self._ids[-1]:
            wanted = self._ids[len(self._ids) // 2]
            self._page.conversation_requested.emit(wanted)
            yield lambda: self._chat.conversation.id == wanted and not self._chat.is_busy
        else:
            self._program.window.new_requested.emit()
            yield lambda: not self._chat.conversation.messages

    def _change_model(self) -> Steps:
        present = self._chat.model_path()
        entries = self._program.shelf.entries
        other = next(entry.path for entry in entries if entry.path != present)
        self._page.model_requested.emit(other)
        yield lambda: self._chat.session.holds(other)

    def _look(self) -> Steps:
        shown = self._chat.conversation.id
        self._program.window.new_requested.emit()
        begun = time.monotonic()
        yield lambda: time.monotonic() - begun > SETTLED_S
        process = psutil.Process()
        self.looks.append((process.memory_info().rss, process.num_fds()))
        if shown in self._ids:
            self._page.conversation_requested.emit(shown)
            yield lambda: self._chat.conversation.id == shown and not self._chat.is_busy


def main(n_replies: int, n_switches: int, n_models: int) -> None:
    """Chat, and print what was seen."""
    app = QApplication([])
    theme.apply(app, "light")
    engine = [sys.executable, str(ENGINE), "recites"]
    engine_process.engine_command = lambda: engine  # type: ignore[attr-defined]
    program = Program(SettingsFile(paths.settings_file()))
    chatter = Chatter(program)
    steps = chatter.chat(n_replies, n_switches, n_models)
    is_done = next(steps)

    def go_on() -> None:
        nonlocal is_done
        if is_done():
            is_done = next(steps, end)

    def end() -> bool:
        app.quit()
        return False

    timer = QTimer(interval=STEP_MS)
    timer.timeout.connect(go_on)
    program.painted.connect(timer.start)
    program.start()
    app.exec()
    timer.stop()
    program.window.close()
    print(json.dumps(chatter.looks))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
