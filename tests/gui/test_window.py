"""The whole program, as a user meets it: keys go in, words are read off the window."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from chat_place import GREEDY
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListView, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.chat.status_line import StatusLine
from chatapp.settings import SettingsFile
from chatapp.storage.store import ConversationStore

Open = Callable[[], Program]

PATIENCE_MS = 60_000
QUESTION = "What is two plus two?"
LONG = "Write a long story about a lighthouse keeper. Tell everything."


def prompt(program: Program) -> QPlainTextEdit:
    return program.window.findChild(QPlainTextEdit, "promptEdit")


def transcript(program: Program) -> list[str]:
    """What stands in each message on show, from top to bottom."""
    return [
        "\n".join(text.text() for text in view.views())
        for view in program.window.findChildren(MessageView)
    ]


def titles(program: Program) -> list[str]:
    """What stands in the list of conversations, the headings of the days among it."""
    model = program.window.findChild(QListView, "conversationList").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def status(program: Program) -> str:
    return program.window.findChild(StatusLine).text()


def shown_texts(program: Program) -> list[str]:
    return [label.text() for label in program.window.findChildren(QLabel) if label.isVisible()]


def button(program: Program, text: str) -> QPushButton | None:
    found = program.window.findChildren(QPushButton)
    return next((one for one in found if one.text() == text and one.isVisible()), None)


def type_and_send(program: Program, qtbot: QtBot, text: str) -> None:
    prompt(program).setFocus()
    qtbot.keyClicks(prompt(program), text)
    with qtbot.waitSignal(program.history.committed, timeout=PATIENCE_MS):
        qtbot.keyClick(prompt(program), Qt.Key.Key_Return)


def wait_for_words(program: Program, qtbot: QtBot, count: int) -> None:
    """Until the `count`th message on show has words in it."""
    qtbot.waitUntil(
        lambda: len(transcript(program)) >= count and bool(transcript(program)[count - 1].strip()),
        timeout=PATIENCE_MS,
    )


def test_a_typed_question_is_answered_and_both_are_there_at_the_next_start(
    open_program: Open, qtbot: QtBot
) -> None:
    SettingsFile(paths.settings_file()).change(presets=(GREEDY,), default_preset=GREEDY.name)
    program = open_program()
    with qtbot.waitSignal(program.history.finished, timeout=PATIENCE_MS):
        type_and_send(program, qtbot, QUESTION)
    question, reply = transcript(program)
    assert question == QUESTION
    assert "4" in reply
    assert QUESTION in titles(program)
    assert "tokens/s" in status(program)
    program.window.close()

    second = open_program()
    qtbot.waitUntil(lambda: QUESTION in titles(second))
    assert transcript(second) == []
    conversations = second.window.findChild(QListView, "conversationList")
    index = conversations.model().index(titles(second).index(QUESTION), 0)
    qtbot.mouseClick(
        conversations.viewport(),
        Qt.MouseButton.LeftButton,
        pos=conversations.visualRect(index).center(),
    )
    wait_for_words(second, qtbot, 2)
    assert transcript(second) == [question, reply]


def test_a_reply_cut_off_by_the_close_of_the_window_is_there_at_the_next_start(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    type_and_send(program, qtbot, LONG)
    wait_for_words(program, qtbot, 2)
    seen = transcript(program)[1]
    program.window.close()
    store = ConversationStore(paths.history_file())
    (summary,) = store.list_conversations().result()
    reply = store.open_conversation(summary.id).result().path()[1]
    store.close()
    assert reply.status == "stopped"
    assert seen.split() == reply.content.split()[: len(seen.split())]


def test_escape_stops_the_reply(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    type_and_send(program, qtbot, LONG)
    wait_for_words(program, qtbot, 2)
    with qtbot.waitSignal(program.history.finished, timeout=2000):
        qtbot.keyClick(prompt(program), Qt.Key.Key_Escape)
    seen = transcript(program)[1]
    assert seen
    type_and_send(program, qtbot, QUESTION)  # and the next question is heard
    wait_for_words(program, qtbot, 4)


def test_a_killed_engine_is_said_within_two_seconds_and_one_click_starts_it_again(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    pids: list[int] = []
    program.engine.ready.connect(lambda ready: pids.append(ready.pid))
    type_and_send(program, qtbot, LONG)
    wait_for_words(program, qtbot, 2)
    seen = transcript(program)[1]
    os.kill(pids[-1], signal.SIGKILL)
    qtbot.waitUntil(lambda: button(program, "Start again") is not None, timeout=2000)
    assert transcript(program)[1].startswith(seen.split("\n")[0][:20])
    start_again = button(program, "Start again")
    assert start_again is not None
    qtbot.mouseClick(start_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(set(pids)) == 2, timeout=PATIENCE_MS)
    wait_for_words(program, qtbot, 2)
    assert transcript(program)[0] == LONG
    assert button(program, "Start again") is None


def test_a_settings_file_full_of_garbage_is_said_and_set_aside(
    open_program: Open, qtbot: QtBot
) -> None:
    paths.settings_file().write_bytes(b"\x00\xff = [[[ not toml")
    program = open_program()
    notice = program.window.findChild(NoticeBar)
    qtbot.waitUntil(notice.isVisible)
    assert "The settings were damaged" in notice.accessibleName()
    assert list(paths.config_dir().glob("settings.toml.damaged-*"))
    assert program.window.width() == 1180


def test_the_window_stands_although_the_history_cannot_be_read(
    open_program: Open, qtbot: QtBot
) -> None:
    paths.history_file().mkdir()
    program = open_program()
    qtbot.waitUntil(lambda: "The history has a problem." in shown_texts(program))


def test_the_window_loads_no_library_of_the_engine() -> None:
    program = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from PySide6.QtCore import QTimer\n"
        "from chatapp.gui import app\n"
        "start = app.Program._on_painted\n"
        "def on_painted(self):\n"
        "    start(self)\n"
        "    self.window.show_models()\n"
        "    QTimer.singleShot(0, self.window.close)\n"
        "app.Program._on_painted = on_painted\n"
        "code = app.run(['chatapp'])\n"
        "heavy = {'torch', 'llama_cpp', 'transformers', 'numpy', 'jinja2', 'PySide6.QtNetwork'}\n"
        "print(sorted(heavy & set(sys.modules)), code)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.split() == ["[]", "0"], ended.stderr


def test_the_prompt_is_as_wide_as_the_column_in_a_window_made_small(
    qtbot: QtBot, open_program: Open
) -> None:
    page = open_program().window.chat_page
    words = page.findChild(StatusLine)
    qtbot.waitUntil(lambda: "of context" in words.text(), timeout=PATIENCE_MS)
    page.window().resize(640, 480)
    qtbot.waitUntil(lambda: words.width() > 500)
    qtbot.waitUntil(lambda: page.prompt_box.width() == words.width(), timeout=1_000)


def test_the_words_of_an_empty_list_stand_apart_from_the_search(
    qtbot: QtBot, open_program: Open
) -> None:
    sidebar = open_program().window.chat_page.sidebar
    words = sidebar.findChild(QLabel, "nothingListed")
    qtbot.waitUntil(words.isVisible)
    qtbot.waitUntil(lambda: words.height() >= words.fontMetrics().height() + 12)


def test_nothing_slow_is_loaded_before_the_first_paint() -> None:
    program = (
        "import linecache, sys\n"
        "from chatapp.gui import app\n"
        "def on_painted(self):\n"
        "    sources = [file for file in linecache.cache if 'chatapp' in file]\n"
        "    print(*sorted(slow & set(sys.modules)), *sources, 'painted')\n"
        "    self.window.close()\n"
        "slow = {'markdown_it', 'pygments', 'tomli_w', 'psutil', 'logging.handlers', 'hashlib'}\n"
        "slow |= {'html.entities'}\n"
        "app.Program._on_painted = on_painted\n"
        "app.run(['chatapp'])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.split() == ["painted"], ended.stderr
