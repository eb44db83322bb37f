"""Searching and sorting conversations in the real window, over the real history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from chat_place import Chat
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton

from chatapp.chat import new_id
from chatapp.gui.chat.conversation_list import ID_ROLE
from chatapp.gui.chat.search_box import SearchBox
from chatapp.gui.chat.search_results import HIT_ROLE, ResultView
from chatapp.gui.chat.selection_bar import SelectionBar
from chatapp.storage.records import StoredConversation, StoredMessage

CONTROL = Qt.KeyboardModifier.ControlModifier


def add(chat: Chat, title: str, *texts: str, days_ago: float = 0) -> str:
    """A conversation in the history; the texts are versions of its only message."""
    moment = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    messages = tuple(
        StoredMessage(
            id=new_id(),
            conversation_id="c",
            parent_id=None,
            role="user",
            content=text,
            status="complete",
            created_at=moment,
        )
        for text in texts
    )
    conversation = StoredConversation(
        id=new_id(),
        title=title,
        system_prompt="",
        params=None,
        model_path="",
        leaf_id=messages[-1].id,
        messages=messages,
    )
    chat.history.store.import_conversation(conversation, moment, moment).result()
    return conversation.id


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    chat = open_chat("polite")
    add(chat, "Sea", "Why is the sea salty?", "Why is the ocean salty?")
    add(chat, "Bread", "Bake bread with salt", days_ago=1)
    add(chat, "Letter", "Dear landlord", days_ago=2)
    chat.page.resize(1128, 760)
    chat.page.show()
    chat.page.activateWindow()
    chat.qtbot.waitUntil(chat.page.isActiveWindow)
    chat.controller.start()
    chat.history.list()
    chat.wait(lambda: len(chat.page.summaries) == 3)
    return chat


@pytest.fixture
def field(chat: Chat) -> QLineEdit:
    chat.page.open_search()
    field = chat.page.findChild(SearchBox).findChild(QLineEdit)
    chat.wait(field.hasFocus)
    return field


def results(chat: Chat) -> list[tuple[str, str]]:
    """The title of each hit, and its snippet with the marks in brackets."""
    model = chat.page.findChild(ResultView).model()
    hits = [model.index(row, 0).data(HIT_ROLE) for row in range(model.rowCount())]
    return [(hit.title, _marked(hit)) for hit in hits if hit is not None]


def _marked(hit) -> str:  # type: ignore[no-untyped-def]
    text = hit.snippet
    for start, end in reversed(hit.marks):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def search(chat: Chat, field: QLineEdit, text: str) -> None:
    def is_last(query: str, _: object) -> bool:
        return query == field.text()

    with chat.qtbot.waitSignal(chat.history.found, check_params_cb=is_last):
        QTest.keyClicks(field, text)


def titles(chat: Chat) -> list[str]:
    model = chat.page.sidebar.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def index(chat: Chat, title: str) -> QModelIndex:
    return chat.page.sidebar.view.model().index(titles(chat).index(title), 0)


def choose(chat: Chat, *names: str) -> None:
    view = chat.page.sidebar.view
    view.clearSelection()
    for name in names:
        spot = view.visualRect(index(chat, name)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, CONTROL, spot)


def undo(chat: Chat) -> None:
    button = chat.page.findChild(QPushButton, "undoButton")
    chat.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_one_letter_finds_titles_and_two_find_messages(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "s")
    assert results(chat) == [("Sea", "[S]ea")]
    search(chat, field, "alt")
    assert results(chat) == [
        ("Sea", "Why is the ocean [salt]y?"),
        ("Sea", "Why is the sea [salt]y?"),
        ("Bread", "Bake bread with [salt]"),
    ]


def test_enter_opens_the_very_version(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "why")
    QTest.keyClick(field, Qt.Key.Key_Down)
    with chat.qtbot.waitSignal(chat.controller.shown):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert chat.page.texts() == ["Why is the sea salty?"]
    chat.page.open_search()
    QTest.keyClick(field, Qt.Key.Key_Up)
    with chat.qtbot.waitSignal(chat.controller.shown):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert chat.page.texts() == ["Why is the ocean salty?"]


def test_a_click_opens_a_hit(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "bake")
    view = chat.page.findChild(ResultView)
    spot = view.visualRect(view.model().index(1, 0)).center()
    with chat.qtbot.waitSignal(chat.controller.shown):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chat.page.texts() == ["Bake bread with salt"]


def test_escape_empties_the_field_then_leaves_it(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "salt")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert chat.page.sidebar.view.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert chat.page.prompt_box.edit.hasFocus()


def test_the_help_says_what_a_filter_wants(chat: Chat, field: QLineEdit) -> None:
    help = chat.page.findChild(QLabel, "searchHelp")
    assert "model: role: before: after: pinned: folder:" in help.text()
    QTest.keyClicks(field, "before:so")
    assert help.text() == "before: wants a year, a month or a day, such as 2024-05-31"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not help.isVisible()


def test_nothing_found_is_said(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "zebra")
    chat.wait(lambda: any(label.text() == "Nothing was found." for label in _shown_labels(chat)))
    for _ in "zebra":
        QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert "Nothing was found." not in [label.text() for label in _shown_labels(chat)]


def _shown_labels(chat: Chat) -> list[QLabel]:
    return [label for label in chat.page.sidebar.findChildren(QLabel) if label.isVisible()]


def test_the_results_can_be_painted_and_read_aloud(chat: Chat, field: QLineEdit) -> None:
    search(chat, field, "salt")
    assert not chat.page.sidebar.grab().isNull()
    view = chat.page.findChild(ResultView)
    spoken = view.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Sea. You. ")
    assert spoken.endswith(". Why is the ocean salty?")


@pytest.mark.parametrize(
    ("button", "notice", "left"),
    [
        ("Archive", "Archived 2 conversation(s)", ["Letter"]),
        ("Delete", "Deleted 2 conversation(s)", ["Letter"]),
    ],
)
def test_what_is_done_to_several_can_be_undone(
    chat: Chat, button: str, notice: str, left: list[str]
) -> None:
    choose(chat, "Sea", "Bread")
    bar = chat.page.findChild(SelectionBar)
    buttons = {entry.accessibleName(): entry for entry in bar.findChildren(QToolButton)}
    chat.qtbot.mouseClick(buttons[button], Qt.MouseButton.LeftButton)
    chat.wait(lambda: [entry.title for entry in chat.page.summaries] == left)
    assert chat.page.notices[-1] == notice
    assert not bar.isVisible()
    undo(chat)
    chat.wait(lambda: len(chat.page.summaries) == 3)


def test_pins_and_folders_are_kept_and_can_be_undone(chat: Chat) -> None:
    before = titles(chat)
    view = chat.page.sidebar.view
    menu = {action.text(): action for action in view.menu(index(chat, "Bread")).actions()}
    menu["Pin"].trigger()
    chat.wait(lambda: titles(chat)[:2] == ["Pinned", "Bread"])
    undo(chat)
    chat.wait(lambda: titles(chat) == before)
    choose(chat, "Bread", "Letter")
    view.move_requested.emit(view.chosen_ids(), "Home")
    chat.wait(lambda: titles(chat)[:3] == ["Home", "Bread", "Letter"])
    out = {a.text(): a for a in view.folder_menu([], "Home", view).actions()}
    assert not out["Home"].isEnabled()
    undo(chat)
    chat.wait(lambda: titles(chat) == before)


def test_the_archive_is_looked_at_and_emptied_again(chat: Chat) -> None:
    sidebar, view = chat.page.sidebar, chat.page.sidebar.view
    menu = {action.text(): action for action in view.menu(index(chat, "Bread")).actions()}
    menu["Archive"].trigger()
    chat.wait(lambda: "Bread" not in titles(chat))
    top = {action.text(): action for action in sidebar.findChild(QToolButton).menu().actions()}
    top["Archived"].trigger()
    chat.wait(lambda: "Bread" in titles(chat))
    assert "Sea" not in titles(chat)
    menu = {action.text(): action for action in view.menu(index(chat, "Bread")).actions()}
    menu["Take out of the archive"].trigger()
    chat.wait(lambda: titles(chat) == [])
    back = next(b for b in sidebar.findChildren(QPushButton) if b.text() == "Archived")
    chat.qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    chat.wait(lambda: "Bread" in titles(chat))


def test_a_conversation_dropped_on_a_folder_stays_in_it(chat: Chat) -> None:
    view = chat.page.sidebar.view
    view.move_requested.emit([index(chat, "Letter").data(ID_ROLE)], "Home")
    chat.wait(lambda: "Home" in titles(chat))
    data = view.model().mimeData([index(chat, "Sea")])
    move = Qt.DropAction.MoveAction
    assert view.model().canDropMimeData(data, move, -1, -1, index(chat, "Home"))
    view.model().dropMimeData(data, move, -1, -1, index(chat, "Home"))
    chat.wait(lambda: titles(chat)[:3] == ["Home", "Sea", "Letter"])
