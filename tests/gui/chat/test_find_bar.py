"""The find bar: hits counted, gone through, marked, also where no widget is."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.find_bar import FindBar
from chatapp.gui.chat.finder import Finder, Hit
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifiers)


def open_bar(page: ChatPage, words: str) -> FindBar:
    page.open_find()  # the key is the window's
    bar = page.findChild(FindBar)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    QTest.keyClicks(QApplication.focusWidget(), words)
    return bar


def count(bar: FindBar) -> str:
    (label,) = bar.findChildren(QLabel)
    return label.text()


def marked(transcript: Transcript) -> list[str]:
    """The marked words in sight, the one gone to in brackets."""
    found = []
    for view in transcript.views():
        for text in view.views():
            for number, cursor in enumerate(text.hits()):
                words = cursor.selectedText()
                found.append(f"[{words}]" if number == text._hit else words)
    return found


@pytest.fixture
def talk(page: ChatPage, transcript: Transcript, user: Make, reply: Make) -> list[StoredMessage]:
    messages = [
        message
        for n in range(200)
        for message in (user(f"Question {n}?"), reply(f"Answer {n}.\n\n- **item**\n- more"))
    ]
    page.show_conversation(messages, {})
    page.focus_prompt()
    return messages


def test_hits_are_counted_and_gone_through(
    page: ChatPage, transcript: Transcript, talk: list[StoredMessage]
) -> None:
    bar = open_bar(page, "answer 17")
    assert count(bar) == "1/11"  # 17 and 170 to 179, none of them at the end
    seen = [view.message for view in transcript.views()]
    assert talk[35] in seen
    press(Qt.Key.Key_Return)
    assert count(bar) == "2/11"
    assert talk[341] in [view.message for view in transcript.views()]
    press(Qt.Key.Key_Return, SHIFT)
    press(Qt.Key.Key_Return, SHIFT)
    assert count(bar) == "11/11"
    press(Qt.Key.Key_F3)
    assert count(bar) == "1/11"


def test_hits_are_marked_and_the_one_gone_to_is_in_sight(
    page: ChatPage, transcript: Transcript, talk: list[StoredMessage]
) -> None:
    bar = open_bar(page, "ITEM")
    assert count(bar).endswith("/200")
    press(Qt.Key.Key_Return)
    assert marked(transcript).count("[item]") == 1
    (view,) = [v for v in transcript.views() if any(t._hit is not None for t in v.views())]
    assert (
        0
        <= view.mapTo(transcript.viewport(), view.show_hit(0).topLeft()).y()
        < transcript.viewport().height()
    )
    press(Qt.Key.Key_Escape)
    assert marked(transcript) == []
    assert not bar.isVisible()
    assert transcript.isAncestorOf(QApplication.focusWidget()) or transcript.hasFocus()


def test_the_search_begins_with_what_is_in_sight(
    page: ChatPage, transcript: Transcript, talk: list[StoredMessage]
) -> None:
    transcript.scroll_to(talk[100].id)
    bar = open_bar(page, "Question")
    assert count(bar) == "51/200"


def test_what_is_said_meanwhile_is_counted_too(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make
) -> None:
    page.show_conversation([user("one word")], {})
    page.focus_prompt()
    bar = open_bar(page, "word")
    assert count(bar) == "1/1"
    page.add_message(user("another word"))
    assert count(bar) == "1/2"
    QTest.keyClicks(QApplication.focusWidget(), "y")
    assert count(bar) == "0/0"


def test_a_hit_deep_in_long_code_is_scrolled_to(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    code = "```\n" + "\n".join(f"line {n}" for n in range(300)) + "\n```"
    page.show_conversation([reply(code)], {})
    page.focus_prompt()
    open_bar(page, "line 250")
    (view,) = transcript.views()
    (text,) = view.views()
    place = view.show_hit(0)
    assert (
        0 <= view.mapTo(transcript.viewport(), place.topLeft()).y() < transcript.viewport().height()
    )
    assert text.geometry().top() < place.y() < view.height()


def test_the_bar_is_worked_by_keys_alone(
    page: ChatPage, transcript: Transcript, talk: list[StoredMessage]
) -> None:
    bar = open_bar(page, "Question")
    names = []
    for _ in range(4):
        names.append(QApplication.focusWidget().accessibleName())
        press(Qt.Key.Key_Tab)
    assert names == [
        "Find in this conversation",
        "Previous hit (Shift+Enter)",
        "Next hit (Enter)",
        "Close (Esc)",
    ]
    assert QWidget.isAncestorOf(bar, QApplication.focusWidget())


def test_finder_counts_hits_text_by_text() -> None:
    finder = Finder("a", ["xA", "none", "aa", ""])
    assert len(finder) == 3
    assert [finder[n] for n in range(3)] == [Hit(0, 0), Hit(2, 0), Hit(2, 1)]
    assert [finder.first_from(text) for text in range(4)] == [0, 1, 1, 0]
    assert len(Finder("", ["a"])) == 0


def test_hits_in_what_a_long_reply_comes_to_show_are_marked(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation([user("?")], {})
    page.focus_prompt()
    open_bar(page, "needle")
    page.add_message(reply("- words\n\n" * 2_000 + "a needle"))
    qtbot.waitUntil(lambda: marked(transcript) == ["[needle]"], timeout=20_000)
