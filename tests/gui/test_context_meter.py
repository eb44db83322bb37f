"""What the model reads, and what it does not, as the window tells it."""

from collections.abc import Callable

import pytest
from chat_place import Chat
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from chatapp.chat import Attachment
from chatapp.gui.chat.attachment_view import AttachmentView
from chatapp.gui.chat.prompt_inspector import PromptInspector
from chatapp.gui.chat.status_line import StatusLine
from chatapp.gui.chat.user_view import UserView

Open = Callable[..., Chat]


@pytest.fixture
def open_shown(open_chat: Open, qtbot: QtBot) -> Open:
    """Opens the Chat place on the screen."""

    def open_it(engine_name: str = "") -> Chat:
        chat = open_chat(engine_name)
        chat.page.resize(1000, 700)
        chat.page.show()
        chat.begin()
        return chat

    return open_it


def status(chat: Chat) -> str:
    return chat.page.findChild(StatusLine).text()


def type_in(chat: Chat, text: str) -> None:
    QTest.keyClicks(chat.page.prompt_box.edit, text)


def dialog(chat: Chat) -> PromptInspector:
    chat.wait(lambda: chat.page.findChild(PromptInspector))
    return chat.page.findChild(PromptInspector)


def test_the_meter_shows_what_the_next_turn_will_use_while_typing(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.ask("First")
    assert chat.page.used == 8
    type_in(chat, "More")
    chat.wait(lambda: chat.page.used == 5)
    assert "5 of 100 tokens" in status(chat)
    chat.page.set_prompt_text("")
    chat.wait(lambda: chat.page.used == 8)


def test_the_pace_is_known_about_while_a_reply_is_written_and_exactly_after(
    open_shown: Open,
) -> None:
    chat = open_shown("writes_for_a_while")
    chat.send("First")
    chat.wait(lambda: "~" in status(chat))
    chat.wait(lambda: "10 tokens/s" in status(chat))
    assert "~" not in status(chat)


def test_messages_that_were_not_read_and_those_that_will_not_be_are_grey(open_shown: Open) -> None:
    chat = open_shown("forgets")
    chat.ask("First")
    assert chat.page.unseen == {}
    chat.ask("Second")
    first, reply, *_ = (message.id for message in chat.controller.conversation.path())
    assert list(chat.page.unseen) == [first]
    assert "Not read for the last reply" in chat.page.unseen[first]
    type_in(chat, "And")
    chat.wait(lambda: chat.page.warning)
    assert chat.page.used == 90
    assert "The oldest messages will not be read any more (2)" in status(chat)
    assert "Will not be read" in chat.page.unseen[reply]
    chat.page.set_prompt_text("")
    chat.wait(lambda: not chat.page.warning)
    assert list(chat.page.unseen) == [first]


def test_the_exact_prompt_of_a_reply_can_be_read_and_copied(open_shown: Open) -> None:
    chat = open_shown("forgets")
    reply = chat.ask("First")
    chat.page.message_action_requested.emit("prompt", reply.id)
    shown = dialog(chat)
    assert shown.view.toPlainText() == "<|user|>First"
    assert shown.view.isReadOnly()
    assert "90 of 100 tokens" in shown.figures.text()
    chat.qtbot.mouseClick(shown.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "<|user|>First"


def test_the_status_line_leads_to_the_prompt_of_the_next_turn(open_shown: Open) -> None:
    chat = open_shown("forgets")
    chat.ask("First")
    type_in(chat, "Next")
    line = chat.page.findChild(StatusLine)
    (button,) = (b for b in line.findChildren(QPushButton) if b.isVisible())
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert dialog(chat).view.toPlainText() == "<|user|>First<|assistant|>Once<|user|>Next"


def test_what_was_attached_stands_over_the_message_and_can_be_read(open_shown: Open) -> None:
    chat = open_shown("polite")
    chat.controller.send("Sum it up", [Attachment("notes.txt", "a long text")])
    chat.wait(lambda: len(chat.page.messages) == 2 and not chat.controller.is_busy)
    (view,) = (v for v in chat.page.findChildren(UserView) if v.isVisible())
    (chip,) = (b for b in view.tab_stops() if "notes.txt" in b.accessibleName())
    assert isinstance(chip, QPushButton)
    chat.qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    chat.wait(lambda: chat.page.findChild(AttachmentView))
    opened = chat.page.findChild(AttachmentView)
    assert isinstance(opened, QDialog)
    opened.reject()


def test_the_real_model_counts_and_shows_what_it_reads(open_shown: Open) -> None:
    chat = open_shown()
    reply = chat.ask("Say yes.")
    type_in(chat, "Why?")
    before = chat.page.used
    chat.wait(lambda: chat.page.used != before)
    assert reply.usage is not None
    chat.page.message_action_requested.emit("prompt", reply.id)
    shown = dialog(chat)
    assert "<|im_start|>user\nSay yes.<|im_end|>" in shown.view.toPlainText()
    assert f"{reply.usage.prompt_tokens} of" in shown.figures.text()
