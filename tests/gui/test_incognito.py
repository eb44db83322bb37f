"""Incognito chats: marked, asked about, and in no file; by real keys in the whole window."""

from collections.abc import Callable

import engines
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CANARY = "cerulean-canary-5521"
PATIENCE_MS = 20_000


class Window:
    """The program, used by keys."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program = program
        self.window = program.window
        self.page = program.window.chat_page
        self.chat = program.controller
        self.qtbot = qtbot

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def begin(self) -> None:
        QTest.keyClick(self.window, Qt.Key.Key_N, CONTROL | SHIFT)
        assert self.chat.conversation.is_incognito

    def ask(self, text: str) -> None:
        edit = self.page.prompt_box.edit
        self.wait(lambda: edit.hasFocus())
        QTest.keyClicks(edit, text)
        with self.qtbot.waitSignal(self.chat.became_free, timeout=PATIENCE_MS):
            QTest.keyClick(edit, Qt.Key.Key_Return)

    def click(self, label: str) -> None:
        buttons = self.window.findChildren(QPushButton)
        (button,) = [one for one in buttons if one.text() == label and one.isVisible()]
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def question(self) -> QMessageBox | None:
        boxes = [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]
        return boxes[-1] if boxes else None

    def answer(self, label: str) -> None:
        self.wait(self.question)
        box = self.question()
        assert box is not None
        (button,) = [one for one in box.buttons() if one.text().replace("&", "") == label]
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def window(
    open_program: Callable[[], Program], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Window:
    monkeypatch.setattr(
        "chatapp.gui.engine_process.engine_command", lambda: engines.command("polite")
    )
    window = Window(open_program(), qtbot)
    window.wait(lambda: window.program.shelf.entries)
    return window


def test_an_incognito_chat_is_marked_and_another_is_not(window: Window) -> None:
    assert not window.page.incognito_bar.isVisible()
    window.begin()
    assert window.page.incognito_bar.isVisible()
    assert "nothing is saved" in window.page.incognito_bar.accessibleName()
    QTest.keyClick(window.window, Qt.Key.Key_N, CONTROL)
    assert not window.page.incognito_bar.isVisible()


def test_nothing_of_it_reaches_a_file_or_the_list(window: Window) -> None:
    window.begin()
    window.ask(CANARY)
    assert len(window.chat.conversation.messages) == 2
    assert window.program.history.store.list_conversations().result() == ()
    home = paths.data_dir().parent
    for file in [path for path in home.rglob("*") if path.is_file()]:
        assert CANARY.encode() not in file.read_bytes(), file


def test_one_can_go_back_to_it_until_the_window_closes(window: Window) -> None:
    window.begin()
    window.ask("Hello")
    left = window.chat.conversation.id
    QTest.keyClick(window.window, Qt.Key.Key_N, CONTROL)
    window.click("Go back")
    window.wait(lambda: window.chat.conversation.id == left)
    assert window.page.incognito_bar.isVisible()
    assert len(window.chat.conversation.messages) == 2


def test_closing_asks_once_and_cancel_keeps_it(window: Window) -> None:
    window.begin()
    window.ask("Hello")
    assert not window.window.close()
    window.answer("Cancel")
    window.wait(lambda: window.question() is None)
    assert window.window.isVisible()
    assert not window.window.close()
    window.answer("Close")
    window.wait(lambda: not window.window.isVisible())


def test_closing_without_messages_asks_nothing(window: Window) -> None:
    window.begin()
    assert window.window.close()


def test_a_second_wish_to_close_is_obeyed(window: Window) -> None:
    window.begin()
    window.ask("Hello")
    assert not window.window.close()
    assert window.window.close()


def test_ending_it_asks_and_forgets_it(window: Window) -> None:
    window.begin()
    window.ask("Hello")
    ended = window.chat.conversation.id
    window.click("End chat")
    window.answer("End chat")
    window.wait(lambda: not window.chat.conversation.is_incognito)
    with window.qtbot.waitSignal(window.program.history.failed, timeout=PATIENCE_MS):
        window.program.history.open(ended)
    assert window.window.close()


def test_ending_it_while_a_reply_is_written_is_no_failure(
    open_program: Callable[[], Program], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chatapp.gui.engine_process.engine_command", lambda: engines.command("writes_for_a_while")
    )
    window = Window(open_program(), qtbot)
    failures: list[str] = []
    window.program.history.failed.connect(failures.append)
    window.wait(lambda: window.program.shelf.entries)
    window.begin()
    QTest.keyClicks(window.page.prompt_box.edit, "Hello")
    with qtbot.waitSignal(window.program.engine.delta, timeout=PATIENCE_MS):
        QTest.keyClick(window.page.prompt_box.edit, Qt.Key.Key_Return)
    ended = window.chat.conversation.id
    window.click("End chat")
    with qtbot.waitSignal(window.program.history.finished, timeout=PATIENCE_MS):
        window.answer("End chat")
    assert failures == []
    with qtbot.waitSignal(window.program.history.failed, timeout=PATIENCE_MS):
        window.program.history.open(ended)
