"""Write the pictures of docs/screenshots: `make screenshots`.

Drives the real window, with the starter model, through its states. Each picture is taken by a
process of its own, whose history and settings are new. The likeliest word is always taken, and what
was measured of the machine is shared, so that the same replies are written in all of them.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psutil
from PySide6.QtCore import Qt
from PySide6.QtGui import QImageWriter, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget

from chatapp import paths
from chatapp.chat import GenerationParams, new_id
from chatapp.gui import language, theme
from chatapp.gui.app import Program
from chatapp.presets import Preset
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


class Stage:
    """The program on show, and what a user does with it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._n_asked = 0
        self._finished: list[str] = []
        self._text = ""
        program.history.finished.connect(self._finished.append)
        program.engine.delta.connect(self._on_delta)
        loaded: list[object] = []
        program.engine.loaded.connect(loaded.append)
        self.wait_for(lambda: bool(loaded))
        self.settle()

    def ask(self, question: str) -> None:
        """Type a question and press Enter."""
        prompt = self.program.window.findChild(QPlainTextEdit, "promptEdit")
        assert prompt is not None
        QTest.keyClicks(prompt, question)
        QTest.keyClick(prompt, Qt.Key.Key_Return)
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
            QTest.qWait(20)

    def settle(self) -> None:
        """Let what is drawn late be drawn."""
        QTest.qWait(400)

    def _on_delta(self, delta: object) -> None:
        self._text += getattr(delta, "text", "")


def _empty(stage: Stage) -> None:
    pass


def _conversation(stage: Stage) -> None:
    for question in QUESTIONS:
        stage.ask(question)
        stage.wait_for_reply()


def _streaming(stage: Stage) -> None:
    stage.ask(LONG_QUESTION)
    stage.wait_for_text(300)


def _models(stage: Stage) -> None:
    stage.program.window.show_models()


def _error(stage: Stage) -> None:
    """An engine that is killed while it writes."""
    _streaming(stage)
    for child in psutil.Process().children():
        child.kill()
    stage.wait_for_reply()


def _settings(stage: Stage) -> None:
    stage.program.choices.show()


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


def _prompt(stage: Stage) -> None:
    _conversation(stage)
    stage.program.meter.inspect_next()


def _trash(stage: Stage) -> None:
    history = stage.program.history
    history.delete([entry.id for entry in history.store.list_conversations().result()[:3]])
    history.list()
    stage.program.data.show_trash()


def _incognito(stage: Stage) -> None:
    stage.program.incognito.begin()
    stage.ask(QUESTIONS[0])
    stage.wait_for_reply()


def _attachments(stage: Stage) -> None:
    files = [paths.data_dir() / name for name in ("Minutes of May.md", "prices.csv")]
    for file in files:
        file.write_text("Bread, 3.20\n" * 60)
    stage.program.prompts.attach([str(file) for file in files])


class Picture(NamedTuple):
    """A state of the window, and how it is brought there."""

    drive: Callable[[Stage], None]
    theme: Theme = "light"
    scale: int = 1
    settles: bool = True


_OTHERS: dict[str, Callable[[Stage], None]] = {
    "settings": _settings,
    "panel": _panel,
    "search": _search,
    "prompt": _prompt,
    "trash": _trash,
    "incognito": _incognito,
    "attachments": _attachments,
}
PICTURES = {
    "empty": Picture(_empty),
    "conversation": Picture(_conversation),
    "streaming": Picture(_streaming, settles=False),
    "models": Picture(_models),
    "error": Picture(_error),
    "dark": Picture(_conversation, theme="dark"),
    "models_dark": Picture(_models, theme="dark"),
    "scale_200": Picture(_conversation, scale=2),
    **{name: Picture(drive) for name, drive in _OTHERS.items()},
    **{f"{name}_dark": Picture(drive, theme="dark") for name, drive in _OTHERS.items()},
    **{f"{name}_200": Picture(drive, scale=2) for name, drive in _OTHERS.items()},
}


def take(name: str) -> None:
    """Take one picture, in this process."""
    picture = PICTURES[name]
    app = QApplication(["chatapp"])
    settings = SettingsFile(paths.settings_file())
    settings.change(theme=picture.theme, presets=(GREEDY,), default_preset=GREEDY.name)
    _fill_history()
    _add_broken_model()
    language.install(app, "en")
    theme.apply(app, picture.theme)
    program = Program(settings)
    program.start()
    stage = Stage(program)
    picture.drive(stage)
    if picture.settles:
        stage.settle()
    writer = QImageWriter(str(FOLDER / f"{name}.png"))
    writer.setCompression(100)  # PNG loses nothing
    if not writer.write(_on_screen(program.window).toImage()):
        raise RuntimeError(f"{writer.fileName()} cannot be written: {writer.errorString()}.")
    program.window.close()


def _on_screen(window: QWidget) -> QPixmap:
    """The window with the dialogs and lists that are open over it."""
    picture = window.grab()
    painter = QPainter(picture)
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible():
            place = other.geometry().translated(-window.pos())
            painter.drawPixmap(place.topLeft(), other.grab())
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
                "QT_SCALE_FACTOR": str(PICTURES[name].scale),
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
