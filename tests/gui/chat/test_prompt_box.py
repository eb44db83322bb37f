from time import process_time

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.prompt_box import PromptBox, PromptEdit

ENTER, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def sent(page: ChatPage) -> list[str]:
    texts: list[str] = []
    page.send_requested.connect(texts.append)
    return texts


@pytest.fixture
def edit(page: ChatPage) -> PromptEdit:
    page.focus_prompt()
    return page.findChild(PromptEdit)


@pytest.fixture
def button(page: ChatPage) -> QToolButton:
    return page.findChild(PromptBox).action_button


def test_enter_sends_and_shift_enter_breaks_the_line(edit: PromptEdit, sent: list[str]) -> None:
    QTest.keyClicks(edit, "one")
    QTest.keyClick(edit, ENTER, SHIFT)
    QTest.keyClicks(edit, "two")
    QTest.keyClick(edit, ENTER)
    assert sent == ["one\ntwo"]
    QTest.keyClick(edit, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert sent == ["one\ntwo"] * 2


def test_the_text_stays_until_it_is_taken_away(page: ChatPage, edit: PromptEdit) -> None:
    QTest.keyClicks(edit, "keep me")
    QTest.keyClick(edit, ENTER)
    assert page.prompt_text() == "keep me"
    page.set_prompt_text("")
    assert page.prompt_text() == ""


def test_nothing_but_white_space_is_not_sent(
    edit: PromptEdit, sent: list[str], button: QToolButton
) -> None:
    assert not button.isEnabled()
    QTest.keyClicks(edit, "   ")
    assert not button.isEnabled()
    QTest.keyClick(edit, ENTER)
    assert sent == []
    QTest.keyClicks(edit, "x")
    assert button.isEnabled()


def test_the_enter_of_an_input_method_never_sends(edit: PromptEdit, sent: list[str]) -> None:
    QApplication.sendEvent(edit, QInputMethodEvent("nihao", []))
    QTest.keyClick(edit, ENTER)
    assert sent == []
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你好")
    QApplication.sendEvent(edit, commit)
    press = QKeyEvent(QKeyEvent.Type.KeyPress, ENTER, Qt.KeyboardModifier.NoModifier, "\r")
    QApplication.sendEvent(edit, press)  # some pass on the key that chose the word
    assert sent == []
    QTest.qWait(1)
    QTest.keyClick(edit, ENTER)
    assert sent == ["你好"]


def test_a_paste_is_plain_and_clean(page: ChatPage, edit: PromptEdit) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("a\0b\ud800c 🙂\r\nd")
    edit.insertFromMimeData(data)
    assert page.prompt_text() in ("abc 🙂\nd", "ab?c 🙂\nd", "ab\ufffdc 🙂\nd")
    page.prompt_text().encode()


def test_it_grows_to_eight_lines(qtbot: QtBot, page: ChatPage, edit: PromptEdit) -> None:
    heights = []
    for lines in (1, 2, 8, 20):
        page.set_prompt_text("\n".join(["x"] * lines))
        QTest.qWait(1)
        heights.append(edit.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]
    page.set_prompt_text("word " * 100)
    qtbot.waitUntil(lambda: heights[1] <= edit.height() < heights[3])


def test_a_huge_text_stays_responsive(page: ChatPage, edit: PromptEdit) -> None:
    text = "All the words of a very long document, one after another. \n" * 3_500
    begin = process_time()
    edit.insertPlainText(text)
    QTest.qWait(1)
    assert process_time() - begin < 1
    begin = process_time()
    QTest.keyClicks(edit, "abcde")
    page.grab()
    assert (process_time() - begin) / 5 < 0.1
    assert len(page.prompt_text()) > 200_000


def test_the_button_stops_while_a_reply_is_written(
    qtbot: QtBot, page: ChatPage, edit: PromptEdit, sent: list[str], button: QToolButton
) -> None:
    QTest.keyClicks(edit, "next")
    page.set_reply_wanted(True)
    for phase in ("loading", "waiting", "reading", "writing"):
        page.set_phase(phase)
        assert button.accessibleName() == "Stop (Esc)"
        with qtbot.waitSignal(page.stop_requested):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sent == []
    QTest.keyClick(edit, ENTER)  # to be sent after the reply
    assert sent == ["next"]
    page.set_phase("idle")
    page.set_reply_wanted(False)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sent == ["next", "next"]


def test_without_a_model_nothing_is_sent(page: ChatPage, edit: PromptEdit, sent: list[str]) -> None:
    page.set_phase("no_model")
    QTest.keyClicks(edit, "hello")
    QTest.keyClick(edit, ENTER)
    assert sent == []
    assert page.prompt_text() == "hello"
