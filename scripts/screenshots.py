"""Write the pictures of docs/screenshots: `make screenshots`.

Drives the real window, with the starter model, through its states: light, dark, and twice as large.
Each picture is taken by a process of its own, whose history and settings are new. The likeliest
word is always taken, and what was measured of the machine is shared, so that the same replies are
written in all of them.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import lab_pictures
import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from chatapp import paths
from chatapp.chat import GenerationParams, new_id
from chatapp.gui import language, theme
from chatapp.gui.app import Program
from chatapp.gui.chat import formula
from chatapp.gui.chat.search_results import ResultView
from chatapp.gui.chat.status_line import StatusLine
from chatapp.gui.data.sheet import Table
from chatapp.library.shelf import find_models
from chatapp.presets import Preset
from chatapp.protocol import Progress
from chatapp.settings import SettingsFile, Theme
from chatapp.storage.store import ConversationStore

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
PATIENCE_S = 120
GREEDY = Preset(name="Greedy", params=GenerationParams(temperature=0.0))

# What stands in the sidebar: the first words of a conversation, and how many days ago it was.
PAST = (
    ("Why is the sea salty?", 0),
    ("Name three birds that cannot fly", 0),
    ("How do I ask for a raise?", 1),
    ("What is a large language model?", 3),
    ("A short poem about rain", 5),
    ("Explain entropy to a child", 24),
    ("Translate “good morning” into French", 40),
)
QUESTIONS = ("How do I reverse a string in Python?", "Write that function with a docstring.")
LONG_QUESTION = "What are three tips for better sleep?"
N_TURNS = 100  # of the long conversation
FORMULAS = (r"\(A = \pi r^2\)", r"$$\int_0^1 x^2\,dx = \frac{1}{3}$$")
MARKDOWN = rf"""> A quotation stands apart from what is said of it.

- Lists, and **lists**
  - inside of *lists*
- [x] A task that is done

| Bird | Flies | Weight |
|:--|:-:|--:|
| Kiwi | no | 2.8 kg |
| Emu | no | 40 kg |

The area of a circle is {FORMULAS[0]}, and

{FORMULAS[1]}

```python
def area(radius: float) -> float:
    return math.pi * radius**2
```
"""


class Stage:
    """The program on show, and what a user does with it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._n_asked = 0
        self._finished: list[str] = []
        self._text = ""
        program.history.finished.connect(self._finished.append)
        program.engine.delta.connect(self._on_delta)

    def wait_for_model(self) -> None:
        """Until there is one to write with."""
        loaded: list[object] = []
        self.program.engine.loaded.connect(loaded.append)
        self.wait_for(lambda: bool(loaded))
        self.settle()

    def hold(self, phase: str) -> None:
        """Have the engine stand still as soon as it tells how far it is in that phase."""
        held: list[object] = []

        def look(progress: Progress) -> None:
            if progress.phase == phase and progress.done:
                held.append(progress)
                for engine in psutil.Process().children():
                    engine.suspend()

        self.program.engine.progress.connect(look)
        self.wait_for(lambda: bool(held))

    def prompt(self) -> QPlainTextEdit:
        """Where one writes."""
        prompt = self.program.window.findChild(QPlainTextEdit, "promptEdit")
        assert prompt is not None
        return prompt

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        QTest.keyClicks(self.prompt(), question)
        QTest.keyClick(self.prompt(), Qt.Key.Key_Return)
        self._n_asked += 1

    def wait_for_reply(self) -> None:
        """Until every reply that was asked for is written and kept."""
        self.wait_for(lambda: len(self._finished) == self._n_asked)

    def wait_for_text(self, length: int) -> None:
        """Until so much of the reply has come."""
        self.wait_for(lambda: len(self._text) >= length)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Let the window live until something is so.

        Raises:
            RuntimeError: If it does not come true.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("The window did not come into the state that is to be shown.")
            _live(20)

    def has_rows(self, kind: type[QAbstractItemView]) -> bool:
        """Whether the list of that kind, wherever it is, holds something."""
        views = [view for view in QApplication.allWidgets() if isinstance(view, kind)]
        return any(view.model().rowCount() for view in views)

    def settle(self) -> None:
        """Let what is drawn late be drawn."""
        _live(400)

    def _on_delta(self, delta: object) -> None:
        self._text += getattr(delta, "text", "")


def _live(milliseconds: int) -> None:
    """Let the window live so long, and its threads: QTest.qWait would let none of Python's run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _nothing(stage: Stage) -> None:
    pass


def _no_model(stage: Stage) -> None:
    said = stage.program.window.findChild(StatusLine)
    assert said is not None
    stage.wait_for(lambda: "No model" in said.text())


def _loading(stage: Stage) -> None:
    stage.hold("load")


def _reading(stage: Stage) -> None:
    file = paths.data_dir() / "Log of the week.txt"
    file.write_text("A line that says what happened at the harbour today.\n" * 400)
    stage.program.prompts.attachments.attach([str(file)])
    stage.settle()
    stage.ask("What happened on Monday?")
    stage.hold("prompt")


def _conversation(stage: Stage) -> None:
    for question in QUESTIONS:
        stage.ask(question)
        stage.wait_for_reply()


def _show(stage: Stage, turns: Sequence[tuple[str, str]]) -> None:
    """Put a conversation into the history and open it."""
    store = stage.program.history.store
    conversation_id, parent = new_id(), None
    store.create_conversation(conversation_id)
    for question, reply in turns:
        question_id, reply_id = new_id(), new_id()
        store.add_user_message(question_id, conversation_id, parent, question)
        store.start_reply(
            reply_id,
            conversation_id,
            question_id,
            model_path="",
            model_name="SmolLM2",
            params=GREEDY.params,
        )
        store.append_chunk(reply_id, reply)
        parent, written = reply_id, store.finish_reply(reply_id, status="complete")
    written.result()
    stage.program.history.list()
    stage.program.controller.show(conversation_id)
    stage.wait_for(lambda: bool(stage.program.controller.conversation.messages))
    stage.settle()


def _long(stage: Stage) -> None:
    """A conversation of many turns, scrolled up."""
    turns = [
        (f"What is {n} times {n}?", f"**{n * n}**, the sum of the first {n} odd numbers.")
        for n in range(N_TURNS)
    ]
    _show(stage, turns)
    for _ in range(3):
        QTest.keyClick(stage.prompt(), Qt.Key.Key_PageUp)


def _markdown(stage: Stage) -> None:
    """A reply with all that is drawn as more than words."""
    _show(stage, [("What can a reply hold?", MARKDOWN)])
    stage.wait_for(lambda: not any(map(formula.is_waiting, FORMULAS)))


def _streaming(stage: Stage) -> None:
    stage.ask(LONG_QUESTION)
    stage.wait_for_text(300)


def _stopped(stage: Stage) -> None:
    _streaming(stage)
    QTest.keyClick(stage.prompt(), Qt.Key.Key_Escape)
    stage.wait_for_reply()


def _error(stage: Stage) -> None:
    """An engine that is killed while it writes."""
    _streaming(stage)
    for child in psutil.Process().children():
        child.kill()
    stage.wait_for_reply()


def _panel(stage: Stage) -> None:
    """The settings of the conversation, all of them."""
    window = stage.program.window
    window.move(0, window.screen().geometry().height() - window.height())  # it opens upwards then
    window.chat_page.prompt_box.sampling_button.click()
    panel = QApplication.activePopupWidget()
    assert panel is not None
    next(b for b in panel.findChildren(QAbstractButton) if b.isCheckable()).click()


def _search(stage: Stage) -> None:
    sidebar = stage.program.window.chat_page.sidebar
    sidebar.open_search()
    field = sidebar.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "that")
    stage.wait_for(lambda: stage.has_rows(ResultView))


def _prompt(stage: Stage) -> None:
    _conversation(stage)
    stage.program.meter.inspect_next()


def _trash(stage: Stage) -> None:
    history = stage.program.history
    history.delete([entry.id for entry in history.store.list_conversations().result()[:3]])
    history.list()
    stage.program.data.show_trash()
    stage.wait_for(lambda: stage.has_rows(Table))


def _incognito(stage: Stage) -> None:
    stage.program.incognito.begin()
    stage.ask(QUESTIONS[0])
    stage.wait_for_reply()


def _attachments(stage: Stage) -> None:
    files = [paths.data_dir() / name for name in ("Minutes of May.md", "prices.csv")]
    for file in files:
        file.write_text("Bread, 3.20\n" * 60)
    stage.program.prompts.attachments.attach([str(file) for file in files])


class State(NamedTuple):
    """A state of the window, how it is brought there, and what it finds when it starts."""

    drive: Callable[[Stage], None] = _nothing
    has_past: bool = True
    has_model: bool = True
    waits: bool = True  # for the model to be loaded
    settles: bool = True


class Look(NamedTuple):
    """What a state is shown in."""

    theme: Theme = "light"
    scale: int = 1


STATES = {
    "first_start": State(has_past=False),
    "no_model": State(_no_model, has_past=False, has_model=False, waits=False),
    "loading": State(_loading, waits=False),
    "empty": State(),
    "reading": State(_reading),
    "streaming": State(_streaming, settles=False),
    "stopped": State(_stopped),
    "error": State(_error),
    "conversation": State(_conversation),
    "long": State(_long),
    "incognito": State(_incognito),
    "attachments": State(_attachments),
    "prompt": State(_prompt),
    "panel": State(_panel),
    "search": State(_search),
    "trash": State(_trash),
    "settings": State(lambda stage: stage.program.choices.show()),
    "markdown": State(_markdown),
    "models": State(lambda stage: stage.program.window.show_models()),
    "lab_empty": State(lab_pictures.empty, waits=False),
    "lab_recipes": State(lab_pictures.recipes, waits=False),
    "lab_new_run": State(lab_pictures.new_run, waits=False),
    "lab_estimate": State(lab_pictures.estimate, waits=False),
    "lab_learning": State(lab_pictures.learning, waits=False),
    "lab_failed": State(lab_pictures.failed, waits=False),
    "lab_result": State(lab_pictures.result, waits=False),
    "lab_try": State(lab_pictures.try_it, waits=False),
    "lab_claims": State(lab_pictures.claims, waits=False),
    "lab_claim": State(lab_pictures.claim, waits=False),
}
LOOKS = {"": Look(), "_dark": Look(theme="dark"), "_200": Look(scale=2)}
PICTURES = {
    f"{name}{suffix}": (state, look)
    for name, state in STATES.items()
    for suffix, look in LOOKS.items()
}


def take(name: str) -> None:
    """Take one picture, in this process."""
    state, look = PICTURES[name]
    app = QApplication(["chatapp"])
    settings = SettingsFile(paths.settings_file())
    settings.change(theme=look.theme, presets=(GREEDY,), default_preset=GREEDY.name)
    if state.has_past:
        _fill_history()
        _add_broken_model()
    if not state.has_model:
        settings.change(hidden_models=tuple(entry.path for entry in find_models((), ())))
    language.install(app, "en")
    theme.apply(app, look.theme)
    program = Program(settings)
    program.start()
    program.window.activateWindow()  # there may be no window manager to do it
    stage = Stage(program)
    if state.waits:
        stage.wait_for_model()
    state.drive(stage)
    if state.settles:
        stage.settle()
    _write(_on_screen(program.window).toImage(), FOLDER / f"{name}.png")
    for engine in psutil.Process().children():
        engine.kill()  # it may stand still
    program.window.may_close = lambda: True  # there is nobody to be asked
    program.window.close()


def _write(picture: QImage, file: Path) -> None:
    """Write a picture in 256 colours, a third of the size: one of each kind, then the commonest."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    colours = [c for c, _ in Counter(memoryview(picture.constBits()).cast("I")).most_common()]
    kinds = {colour & 0xF0F0F0: colour for colour in reversed(colours)}
    palette = list(dict.fromkeys([*kinds.values(), *colours]))[:256]
    picture = picture.convertToFormat(
        QImage.Format.Format_Indexed8, palette, Qt.ImageConversionFlag.ThresholdDither
    )
    writer = QImageWriter(str(file))
    writer.setCompression(100)
    if not writer.write(picture):
        raise RuntimeError(f"{file} cannot be written: {writer.errorString()}.")


def _on_screen(window: QWidget) -> QPixmap:
    """The window with the dialogs and lists that are open over it."""
    picture = window.grab()
    painter = QPainter(picture)
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible():
            place = other.geometry().translated(-window.pos())
            painter.drawPixmap(place.topLeft(), other.grab())
            if isinstance(other, QDialog):
                painter.setPen(theme.colour("line"))  # in place of the frame that a desktop draws
                painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return picture


def _fill_history() -> None:
    store = ConversationStore(paths.history_file())
    days: dict[str, int] = {}
    for title, days_ago in reversed(PAST):
        conversation_id = new_id()
        days[conversation_id] = days_ago
        store.create_conversation(conversation_id)
        store.add_user_message(new_id(), conversation_id, None, title)
    store.close()
    # The store always writes the present time; the list is to show older days as well.
    with sqlite3.connect(paths.history_file()) as database:
        for conversation_id, days_ago in days.items():
            day = datetime.now(UTC) - timedelta(days=days_ago)
            database.execute(
                "UPDATE conversation SET updated_at = ? WHERE id = ?",
                (day.isoformat(), conversation_id),
            )
    database.close()


def _add_broken_model() -> None:
    """A download that was cut short."""
    (paths.models_dir() / "Half-downloaded.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")


def main(arguments: Sequence[str]) -> int:
    """Take the pictures that are named, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in arguments or PICTURES:
            environment = os.environ | {
                "CHATAPP_HOME": home,
                "QT_SCALE_FACTOR": str(PICTURES[name][1].scale),
            }
            command = [sys.executable, __file__, "--take", name]
            subprocess.run(command, env=environment, check=True)
            for folder in ("data", "config"):
                shutil.rmtree(Path(home) / folder)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--take"]:
        take(sys.argv[2])
    else:
        raise SystemExit(main(sys.argv[1:]))
