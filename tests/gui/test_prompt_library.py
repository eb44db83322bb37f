"""Saved prompts by a slash, with real keys and clicks on the real page."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.prompt_box import PromptEdit
from chatapp.gui.chat.prompt_picker import PromptPicker
from chatapp.gui.chat.prompts_dialog import PromptsDialog
from chatapp.gui.prompt_library import PromptLibrary
from chatapp.gui.saved_prompts import SavedPrompt, SavedPrompts

ENTER, TAB, UP, DOWN, ESCAPE = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Escape,
)
FILE = "prompts.toml"


@pytest.fixture
def page(qtbot: QtBot) -> ChatPage:
    SavedPrompts(paths.config_dir() / FILE).save(
        [
            SavedPrompt("Letter", "Write to {{person}} about {{matter}} 🙂 for {{person}}."),
            SavedPrompt("List", "Make a list of tasks"),
            SavedPrompt("Poem", "A short poem"),
        ]
    )
    page = ChatPage()
    qtbot.addWidget(page)
    PromptLibrary(page, paths.config_dir() / FILE, page)
    page.resize(900, 600)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.focus_prompt()
    return page


@pytest.fixture
def edit(page: ChatPage) -> PromptEdit:
    return page.prompt_box.edit


def rows(page: ChatPage) -> list[str]:
    """What the list offers; nothing while it is not on show."""
    pickers = [picker for picker in page.findChildren(PromptPicker) if picker.isVisible()]
    if not pickers:
        return []
    shown = pickers[0].findChild(QListWidget)
    return [shown.item(row).text().partition(":")[0] for row in range(shown.count())]


def dialog(page: ChatPage) -> PromptsDialog:
    return page.findChild(PromptsDialog)


def saved() -> list[str]:
    return [prompt.name for prompt in SavedPrompts(paths.config_dir() / FILE).all]


def test_nothing_is_read_before_the_first_slash(page: ChatPage, edit: PromptEdit) -> None:
    QTest.keyClicks(edit, "either/or")
    assert not page.findChildren(SavedPrompts)
    assert rows(page) == []


def test_a_slash_offers_the_prompts_that_match_what_follows(
    page: ChatPage, edit: PromptEdit
) -> None:
    QTest.keyClicks(edit, "/")
    assert rows(page) == ["Letter", "List", "Poem", "Edit saved prompts…"]
    QTest.keyClicks(edit, "l")
    QTest.keyClicks(edit, "i")
    assert rows(page) == ["List", "Edit saved prompts…"]
    QTest.keyClicks(edit, "xyz")
    assert rows(page) == []
    sent: list[str] = []
    page.send_requested.connect(sent.append)
    QTest.keyClick(edit, ENTER)
    assert sent == ["/lixyz"]
    for _ in "xyz":
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert rows(page) == ["List", "Edit saved prompts…"]


@pytest.mark.parametrize("key", [ENTER, TAB])
def test_the_keys_choose_a_prompt(page: ChatPage, edit: PromptEdit, key: Qt.Key) -> None:
    QTest.keyClicks(edit, "/")
    for step in (DOWN, DOWN, UP):
        QTest.keyClick(edit, step)
    QTest.keyClick(edit, key)
    assert page.prompt_text() == "Make a list of tasks"
    assert rows(page) == []
    assert edit.hasFocus()


def test_a_click_chooses_a_prompt(page: ChatPage, edit: PromptEdit, qtbot: QtBot) -> None:
    QTest.keyClicks(edit, "/")
    shown = page.findChild(PromptPicker).findChild(QListWidget)
    where = shown.visualItemRect(shown.item(2)).center()
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert page.prompt_text() == "A short poem"


def test_escape_closes_the_list_and_nothing_else(page: ChatPage, edit: PromptEdit) -> None:
    QTest.keyClicks(edit, "/")
    override = QKeyEvent(QEvent.Type.ShortcutOverride, ESCAPE, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(edit, override)
    assert override.isAccepted()  # the window's Escape, which stops a reply, does not hear it
    QTest.keyClick(edit, ESCAPE)
    assert rows(page) == []
    assert page.prompt_text() == "/"
    QTest.keyClicks(edit, "l")
    assert rows(page) == []


def test_tab_goes_from_blank_to_blank(page: ChatPage, edit: PromptEdit) -> None:
    QTest.keyClicks(edit, "/letter")
    QTest.keyClick(edit, ENTER)
    assert edit.textCursor().selectedText() == "{{person}}"
    QTest.keyClicks(edit, "Ann")
    QTest.keyClick(edit, TAB)
    assert edit.textCursor().selectedText() == "{{matter}}"
    QTest.keyClicks(edit, "money")
    QTest.keyClick(edit, TAB)
    assert edit.textCursor().selectedText() == "{{person}}"
    QTest.keyClicks(edit, "Bob")
    assert page.prompt_text() == "Write to Ann about money 🙂 for Bob."
    QTest.keyClick(edit, TAB)
    assert not edit.hasFocus()


def test_what_is_written_can_be_saved_under_a_name(page: ChatPage, edit: PromptEdit) -> None:
    QTest.keyClicks(edit, "Tell me a joke about cats")
    page.prompt_box.prompts_button.click()
    assert "Save what is written…" in rows(page)
    for _ in range(3):
        QTest.keyClick(edit, DOWN)
    QTest.keyClick(edit, ENTER)
    name = dialog(page).findChild(QLineEdit)
    assert name.text() == "Tell me a joke about cats"
    QTest.keyClicks(name, "Joke")  # the name is selected
    dialog(page).accept()
    assert saved() == ["Joke", "Letter", "List", "Poem"]
    assert page.prompt_text() == "Tell me a joke about cats"


def test_prompts_are_renamed_changed_deleted_and_brought_back(
    page: ChatPage, edit: PromptEdit, qtbot: QtBot
) -> None:
    QTest.keyClicks(edit, "/")
    QTest.keyClick(edit, UP)
    for _ in range(3):
        QTest.keyClick(edit, DOWN)
    QTest.keyClick(edit, ENTER)
    assert page.prompt_text() == ""
    window = dialog(page)
    shown, name, text = (
        window.findChild(QListWidget),
        window.findChild(QLineEdit),
        window.findChild(QPlainTextEdit),
    )
    buttons = {button.text(): button for button in window.findChildren(QPushButton)}
    assert name.text() == "Letter"
    name.selectAll()
    QTest.keyClicks(name, "Mail")
    text.selectAll()
    QTest.keyClicks(text, "Write a mail")
    qtbot.mouseClick(buttons["Delete"], Qt.MouseButton.LeftButton)
    assert [shown.item(row).text() for row in range(shown.count())] == ["List", "Poem"]
    undo = window.findChild(QPushButton, "undoButton")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    shown.setCurrentRow(2)
    qtbot.mouseClick(buttons["Delete"], Qt.MouseButton.LeftButton)
    window.reject()  # Escape loses nothing
    prompts = SavedPrompts(paths.config_dir() / FILE).all
    assert prompts == (
        SavedPrompt("List", "Make a list of tasks"),
        SavedPrompt("Mail", "Write a mail"),
    )
