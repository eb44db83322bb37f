from collections.abc import Callable
from datetime import datetime, timedelta
from time import process_time

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.conversation_list import ID_ROLE
from chatapp.gui.chat.conversation_view import ConversationView
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.chat.selection_bar import SelectionBar
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


def click(
    view: ConversationView,
    title: str,
    *,
    twice: bool = False,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    spot = view.visualRect(index_of(view, title)).center()
    press = QTest.mouseDClick if twice else QTest.mouseClick
    press(view.viewport(), Qt.MouseButton.LeftButton, keys, spot)


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
    with qtbot.waitSignal(page.sidebar.rename_requested) as asked:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert asked.args == ["Sea", "Salt water"]
    assert "Sea" in lines(view)  # until the history says otherwise


def test_an_empty_title_or_escape_changes_nothing(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    with qtbot.assertNotEmitted(page.sidebar.rename_requested):
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
    with qtbot.assertNotEmitted(view.delete_requested):
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            QTest.keyClick(view, key)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        with qtbot.waitSignal(view.delete_requested) as asked:
            QTest.keyClick(view, key, CONTROL)
        assert asked.args == [["Sea"]]
    undone: list[str] = []
    page.show_notice("Moved “Sea”", undo=lambda: undone.append("move"))
    QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)  # nothing to undo is on show
    assert undone == []
    page.show_notice("Deleted “Sea”", "Undo", lambda: undone.append("by key"))
    QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)
    page.show_notice("Deleted “Sea”", "Undo", lambda: undone.append("by mouse"))
    undo = page.findChild(QPushButton, "undoButton")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert undone == ["by key", "by mouse"]
    assert not page.findChild(NoticeBar).isVisible()


def test_the_menu_opens_by_mouse_and_by_key(qtbot: QtBot, view: ConversationView) -> None:
    view.setCurrentIndex(index_of(view, "Sea"))
    spot = view.visualRect(index_of(view, "Bread")).center()
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        event = QContextMenuEvent(reason, spot, view.viewport().mapToGlobal(spot))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert [action.text() for action in menu.actions() if action.text()] == [
            "Rename",
            "Pin",
            "Move to folder",
            "Archive",
            "Export…",
            "Delete",
        ]
        menu.close()
    spot = view.visualRect(index_of(view, "Today")).center()
    mouse = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(mouse, spot, QPoint(0, 0)))
    assert QApplication.activePopupWidget() is None


def test_a_new_chat_is_one_click_away(qtbot: QtBot, page: ChatPage) -> None:
    with qtbot.waitSignal(page.new_requested):
        qtbot.mouseClick(page.findChild(QPushButton, "newChat"), Qt.MouseButton.LeftButton)


def test_ten_thousand_conversations_are_quick(
    qtbot: QtBot, page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    many = [summary(f"Conversation {n}", n / 20) for n in range(10_000)]
    begin = process_time()
    page.set_conversations(many, "Conversation 7")
    page.grab()
    assert process_time() - begin < 0.5
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 300_000)
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


def test_pins_and_folders_stand_above_the_times(
    page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    page.set_conversations(
        [
            summary("now"),
            replace(summary("pinned", 3), pinned=True, folder="work"),
            replace(summary("plan", 5), folder="Work"),
            replace(summary("bread", 9), folder="kitchen"),
        ],
        None,
    )
    assert lines(view) == ["Pinned", "pinned", "kitchen", "bread", "Work", "plan", "Today", "now"]


def test_a_folder_closes_and_opens_by_mouse_and_by_key(
    page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    page.set_conversations([replace(summary("plan"), folder="Work"), summary("now")], None)
    click(view, "Work")
    assert lines(view) == ["Work", "Today", "now"]
    view.setCurrentIndex(index_of(view, "Work"))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert lines(view) == ["Work", "plan", "Today", "now"]


def test_several_are_chosen_with_control_shift_and_all_at_once(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    bar = page.findChild(SelectionBar)
    click(view, "Sea")
    assert not bar.isVisible()
    with qtbot.assertNotEmitted(page.conversation_requested):
        click(view, "Letter", keys=CONTROL)
    assert view.chosen_ids() == ["Sea", "Letter"]
    assert bar.isVisible()
    click(view, "Sea")
    click(view, "Letter", keys=Qt.KeyboardModifier.ShiftModifier)
    assert view.chosen_ids() == ["Sea", "Bread", "Letter"]
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    QTest.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert len(view.chosen_ids()) == 3
    with qtbot.waitSignal(view.delete_requested) as asked:
        QTest.keyClick(view, Qt.Key.Key_Delete, CONTROL)
    assert asked.args == [["Sea", "Bread", "Letter"]]


@pytest.mark.parametrize(
    ("name", "signal", "args"),
    [
        ("Archive", "archive_requested", [["Sea", "Bread", "Letter"], True]),
        ("Export…", "export_requested", [["Sea", "Bread", "Letter"]]),
        ("Delete", "delete_requested", [["Sea", "Bread", "Letter"]]),
    ],
)
def test_the_bar_does_it_to_all_that_are_chosen(
    qtbot: QtBot, page: ChatPage, view: ConversationView, name: str, signal: str, args: list[object]
) -> None:
    view.selectAll()
    buttons = page.findChild(SelectionBar).findChildren(QToolButton)
    button = next(button for button in buttons if button.accessibleName() == name)
    with qtbot.waitSignal(getattr(view, signal)) as asked:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == args


def test_what_is_dragged_onto_a_group_goes_there(
    qtbot: QtBot, page: ChatPage, view: ConversationView, summary: Summary
) -> None:
    page.set_conversations(
        [
            summary("Sea"),
            replace(summary("plan"), folder="Work"),
            replace(summary("star"), pinned=True),
        ],
        None,
    )
    dragged = view.model().mimeData([index_of(view, "Sea")])
    for onto, signal, args in (
        ("Work", view.move_requested, [["Sea"], "Work"]),
        ("plan", view.move_requested, [["Sea"], "Work"]),
        ("Today", view.move_requested, [["Sea"], ""]),
        ("star", view.pin_requested, [["Sea"], True]),
    ):
        spot = view.visualRect(index_of(view, onto)).center()
        moves = Qt.DropAction.MoveAction
        where = (moves, dragged, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), QDragEnterEvent(spot, *where))
        QApplication.sendEvent(view.viewport(), QDragMoveEvent(spot, *where))
        with qtbot.waitSignal(signal) as asked:
            QApplication.sendEvent(view.viewport(), QDropEvent(spot.toPointF(), *where))
        assert asked.args == args


def test_a_new_folder_gets_its_name_in_a_dialog(qtbot: QtBot, view: ConversationView) -> None:
    menu = view.folder_menu(["Sea"], "", view)
    next(action for action in menu.actions() if action.text() == "New folder…").trigger()
    dialog = view.findChild(QInputDialog)
    dialog.setTextValue("  Day  trips ")
    with qtbot.waitSignal(view.move_requested) as asked:
        QTest.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Return)
    assert asked.args == [["Sea"], "Day trips"]


def test_the_menu_at_the_top_offers_what_concerns_everything(
    qtbot: QtBot, page: ChatPage, view: ConversationView
) -> None:
    sidebar = page.sidebar
    menu = sidebar.findChild(QToolButton).menu()
    actions = {action.text(): action for action in menu.actions()}
    for text, signal in (
        ("New incognito chat", sidebar.incognito_requested),
        ("Trash…", sidebar.trash_requested),
        ("Import…", sidebar.import_requested),
        ("Export…", sidebar.export_all_requested),
    ):
        with qtbot.waitSignal(signal):
            actions[text].trigger()
    with qtbot.waitSignal(sidebar.archive_shown) as asked:
        actions["Archived"].trigger()
    assert asked.args == [True]
    assert lines(view) == []
    back = next(b for b in sidebar.findChildren(QPushButton) if b.text() == "Archived")
    with qtbot.waitSignal(sidebar.archive_shown) as asked:
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert asked.args == [False]
