from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.conversation_list import ID_ROLE
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.chat.sidebar import ConversationView, Sidebar
from chatapp.storage.records import ConversationSummary

Summary = Callable[..., ConversationSummary]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(page: ChatPage, summary: Summary) -> ConversationView:
    view = page.findChild(ConversationView)
    page.set_conversations([summary("Sea"), summary("Bread"), summary("Letter", 1)], "Bread")
    view.setFocus()
    return view


def lines(view: ConversationView) -> list[str]:
    return [view.model().index(row, 0).data() for row in range(view.model().rowCount())]


def index_of(view: ConversationView, title: str) -> QModelIndex:
    return view.model().index(lines(view).index(title), 0)


def click(view: ConversationView, title: str, *, twice: bool = False) -> None:
    spot = view.visualRect(index_of(view, title)).center()
    press = QTest.mouseDClick if twice else QTest.mouseClick
    press(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


def test_conversations_stand_in_groups_by_day(page: ChatPage, summary: Summary) -> None:
    long_ago = datetime.now().astimezone() - timedelta(days=800)
    ages = {"now": 0, "yesterday": 1, "week": 5, "old": 800}
    page.set_conversations([summary(title, age) for title, age in ages.items()], None)
    view = page.findChild(ConversationView)
    assert lines(view) == [
        "Today",
        "now",
        "Yesterday",
        "yesterday",
        "Previous 7 days",
        "week",
        f"{long_ago:%B %Y}",
        "old",
    ]


def test_a_click_or_enter_opens(qtbot: QtBot, page: ChatPage, view: ConversationView) -> None:
    with qtbot.waitSignal(page.conversation_requested) as asked:
        click(view, "Sea")
    assert asked.args == ["Sea"]
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)  # over the name of the group
    with qtbot.waitSignal(page.conversation_requested) as asked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert asked.args == ["Letter"]


def test_the_name_of_a_group_is_nothing_to_click(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    with qtbot.assertNotEmitted(page.conversation_requested):
        click(view, "Today")


@pytest.mark.parametrize("way", ["F2", "double click", "menu"])
def test_a_title_is_changed_in_place(
    qtbot: QtBot, page: ChatPage, view: ConversationView, way: str
) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    if way == "F2":
        QTest.keyClick(view, Qt.Key.Key_F2)
    elif way == "double click":
        click(view, "Sea")
        click(view, "Sea", twice=True)
    else:
        view.menu(index_of(view, "Sea")).actions()[0].trigger()
    editor = view.findChild(QLineEdit, "titleEditor")
    assert editor.text() == "Sea"
    editor.selectAll()
    QTest.keyClicks(editor, "  Salt  water ")
    with qtbot.waitSignal(page.rename_requested) as asked:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert asked.args == ["Sea", "Salt water"]
    assert "Sea" in lines(view)  # until the history says otherwise


def test_an_empty_title_or_escape_changes_nothing(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    with qtbot.assertNotEmitted(page.rename_requested):
        for text, key in (("   ", Qt.Key.Key_Return), ("New", Qt.Key.Key_Escape)):
            QTest.keyClick(view, Qt.Key.Key_F2)
            editor = view.findChildren(QLineEdit, "titleEditor")[-1]
            editor.selectAll()
            QTest.keyClicks(editor, text)
            QTest.keyClick(editor, key)
            QTest.qWait(1)


def test_a_title_being_typed_is_not_taken_away(
    qtbot: QtBot, page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit, "titleEditor")
    QTest.keyClicks(editor, "X")
    page.set_conversations([summary("Other")], None)
    assert editor.isVisible()
    assert editor.text() == "X"
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert lines(view) == ["Today", "Other"]


def test_delete_needs_control_and_can_be_undone(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    with qtbot.assertNotEmitted(page.delete_requested):
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            QTest.keyClick(view, key)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        with qtbot.waitSignal(page.delete_requested) as asked:
            QTest.keyClick(view, key, CONTROL)
        assert asked.args == ["Sea"]
    with qtbot.assertNotEmitted(page.undo_requested):
        QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)  # nothing to undo is on show
    page.show_notice("Deleted “Sea”", "Undo")
    with qtbot.waitSignal(page.undo_requested):
        QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)
    page.show_notice("Deleted “Sea”", "Undo")
    undo = page.findChild(QPushButton, "undoButton")
    with qtbot.waitSignal(page.undo_requested):
        qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert not page.findChild(NoticeBar).isVisible()


def test_the_menu_opens_by_mouse_and_by_key(qtbot: QtBot, view: ConversationView) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    spot = view.visualRect(index_of(view, "Bread")).center()
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        event = QContextMenuEvent(reason, spot, view.viewport().mapToGlobal(spot))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert [action.text() for action in menu.actions()] == ["Rename", "Delete"]
        menu.close()
    spot = view.visualRect(index_of(view, "Today")).center()
    mouse = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(mouse, spot, QPoint(0, 0)))
    assert QApplication.activePopupWidget() is None


def test_the_filter_finds_titles_as_one_types(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    field = page.findChild(Sidebar).findChild(QLineEdit)
    QTest.keyClicks(field, "bRe")
    assert lines(view) == ["Today", "Bread"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert view.hasFocus()
    QTest.keyClicks(field, "zz")
    assert lines(view) == []
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert len(lines(view)) == 5


def test_a_new_chat_is_one_click_away(qtbot: QtBot, page: ChatPage) -> None:
    with qtbot.waitSignal(page.new_requested):
        qtbot.mouseClick(page.findChild(QPushButton, "newChat"), Qt.MouseButton.LeftButton)


def test_five_thousand_conversations_are_quick(
    qtbot: QtBot, page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    many = [summary(f"Conversation {n}", n / 20) for n in range(5_000)]
    begin = process_time()
    page.set_conversations(many, "Conversation 7")
    page.grab()
    assert process_time() - begin < 0.5
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 150_000)
    begin = process_time()
    bar.setValue(bar.maximum())
    page.grab()
    assert process_time() - begin < 0.2
    assert view.indexAt(view.viewport().rect().bottomLeft() - QPoint(-20, 20)).data(ID_ROLE)


def test_the_list_stays_where_it_is_when_only_words_change(
    qtbot: QtBot, page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    many = [summary(f"Conversation {n}") for n in range(200)]
    page.set_conversations(many, "Conversation 7")
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 5_000)
    view.verticalScrollBar().setValue(1_000)
    page.set_conversations(many, "Conversation 7")
    assert view.verticalScrollBar().value() == 1_000
