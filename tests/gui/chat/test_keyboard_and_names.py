"""Everything by keyboard, everything with a name, in every size."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp.gui import theme
from chatapp.gui.chat.blocks import CodeBlock
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.prompt_box import PromptEdit
from chatapp.gui.chat.sidebar import Sidebar
from chatapp.gui.chat.transcript import Transcript
from chatapp.gui.chat.wide_text import WideText
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]
TAB, BACKTAB = Qt.Key.Key_Tab, Qt.Key.Key_Backtab
CONTROL = Qt.KeyboardModifier.ControlModifier


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> QWidget:
    QTest.keyClick(focus(), key, *modifiers)
    return focus()


def test_tab_goes_through_a_message_and_on_to_the_prompt(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    code = "```\n" + "x" * 300 + "\n```"
    page.show_conversation([user("?"), reply(code)], {})
    message = transcript.views()[1]
    page.focus_prompt()
    assert press(BACKTAB) is message
    stops = [press(TAB) for _ in range(6)]
    assert [stop.accessibleName() for stop in stops] == [
        "Copy this code",
        "Code",
        "Copy this message",
        "Edit this message (F2)",
        "Write this reply again",
        "More to do with this message",
    ]
    assert isinstance(press(TAB), PromptEdit)
    assert press(BACKTAB) is message


def test_the_keys_move_in_the_conversation(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = [user("1"), reply("2\n\n" * 60), user("3")]
    page.show_conversation(messages, {})
    bar = transcript.verticalScrollBar()
    page.focus_prompt()
    assert press(BACKTAB).message is messages[2]
    assert press(Qt.Key.Key_Up, CONTROL).message is messages[1]
    assert press(Qt.Key.Key_Up, CONTROL).message is messages[0]
    assert press(Qt.Key.Key_Up, CONTROL).message is messages[0]
    assert press(Qt.Key.Key_Down, CONTROL).message is messages[1]
    press(Qt.Key.Key_Home)
    assert bar.value() == 0
    press(Qt.Key.Key_PageDown)
    assert bar.value() > 0
    press(Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    page.focus_prompt()
    press(Qt.Key.Key_PageUp)  # nothing to page in the prompt itself
    assert bar.value() < bar.maximum()


def test_wide_code_moves_by_the_arrow_keys(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    page.show_conversation([reply("```\n" + "x" * 300 + "\n```")], {})
    (view,) = transcript.findChild(CodeBlock).views()
    assert isinstance(view, WideText)
    view.setFocus()
    before = view.grab().toImage()
    press(Qt.Key.Key_Right)
    assert view.grab().toImage() != before
    press(Qt.Key.Key_Left)
    assert view.grab().toImage() == before


def test_what_is_typed_in_the_conversation_goes_into_the_prompt(
    page: ChatPage, transcript: Transcript, user: Make
) -> None:
    page.show_conversation([user("?")], {})
    transcript.views()[0].setFocus()
    QTest.keyClick(focus(), "a")
    assert page.prompt_text() == "a"
    assert isinstance(focus(), PromptEdit)
    QApplication.clipboard().setText("bc")
    transcript.views()[0].setFocus()
    press(Qt.Key.Key_V, CONTROL)
    assert page.prompt_text() == "abc"


def test_the_focus_can_be_seen_on_a_message(
    page: ChatPage, transcript: Transcript, user: Make
) -> None:
    page.show_conversation([user("?")], {})
    view = transcript.views()[0]
    plain = view.grab().toImage()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.grab().toImage() != plain
    view.clearFocus()
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    corner = view.grab().toImage().pixelColor(view.width() // 4, 0)
    assert corner != theme.colour("accent")


def test_every_control_has_a_name(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    thought = reply("```py\nx\n```\n\n|a|\n|-|\n|b|", reasoning="Hm.")
    page.show_conversation([user("?"), thought], {thought.id: ("a", thought.id)})
    page.show_notice("Done.", "Undo")
    page.show_error("It failed.", "Because.", [("retry", "Try again")], "log")
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QListView, QSlider, MessageView, WideText)
    controls = [w for kind in kinds for w in page.findChildren(kind) if "qt_" not in w.objectName()]
    assert len(controls) > 20
    unnamed = [
        control
        for control in controls
        if not isinstance(control.parent(), QLineEdit)  # Qt's own button that empties the field
        and not control.accessibleName()
        and not getattr(control, "text", str)()
    ]
    assert unnamed == []
    assert transcript.views()[0].accessibleName() == "You: ?"
    assert transcript.views()[1].accessibleName().startswith("SmolLM2: ```py")


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("width", [588, 720, 1128])
def test_nothing_is_cut_off_in_a_small_window(
    qapp: QApplication,
    qtbot: QtBot,
    page: ChatPage,
    transcript: Transcript,
    user: Make,
    reply: Make,
    name: str,
    width: int,
) -> None:
    theme.apply(qapp, name)  # type: ignore[arg-type]
    page.resize(width, 480)
    qtbot.waitUntil(lambda: page.width() == width)
    wide = (
        "word " * 40 + "\n\n```\n" + "x" * 300 + "\n```\n\n" + "|a" * 12 + "|\n" + "|-" * 12 + "|\n"
    )
    page.show_conversation([user("word " * 40), reply(wide)], {})
    QTest.qWait(10)
    for view in transcript.views():
        assert view.x() >= 0
        assert view.geometry().right() <= transcript.width()
        assert all(part.width() <= view.width() for part in view.views())
    for child in page.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if child.isVisible() and not child.isWindow():
            assert page.rect().contains(child.geometry())


def test_the_sidebar_gives_way_in_a_narrow_window(qtbot: QtBot, page: ChatPage) -> None:
    sidebar = page.findChild(Sidebar)
    assert sidebar.isVisible()
    page.resize(588, 480)
    qtbot.waitUntil(lambda: not sidebar.isVisible())
    assert not page.sidebar_visible()
    page.set_sidebar_visible(True)  # as Ctrl+B does
    assert sidebar.isVisible()
    page.resize(1128, 760)
    qtbot.waitUntil(lambda: page.width() == 1128)
    assert sidebar.isVisible()
    page.set_sidebar_visible(False)
    page.resize(588, 480)
    page.resize(1128, 760)
    QTest.qWait(10)
    assert not sidebar.isVisible()
