from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program
from chatapp.gui.shortcuts import Shortcuts, is_usable
from chatapp.settings import SettingsFile
from chatapp.storage.records import StoredMessage

CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[], Program]


@pytest.fixture
def settings() -> SettingsFile:
    return SettingsFile(paths.settings_file())


@pytest.fixture
def shortcuts(settings: SettingsFile, qapp: QApplication) -> Shortcuts:
    return Shortcuts(settings)


def texts(keys: tuple[QKeySequence, ...]) -> list[str]:
    return [sequence.toString() for sequence in keys]


def test_the_table_holds_each_name_and_each_key_once(shortcuts: Shortcuts) -> None:
    clashes = [
        (row.name, keys)
        for row in shortcuts.table.values()
        for keys in shortcuts.keys(row.name)
        if shortcuts.clash(row.name, keys) is not None
    ]
    assert clashes == []
    assert sum(map(len, shortcuts.groups().values())) == len(shortcuts.table)


def test_keys_are_chosen_kept_and_put_back(shortcuts: Shortcuts) -> None:
    shortcuts.choose("sidebar", QKeySequence("Ctrl+Alt+L"))
    shortcuts.choose("quit", QKeySequence())
    again = Shortcuts(SettingsFile(paths.settings_file()))
    assert texts(again.keys("sidebar")) == ["Ctrl+Alt+L"]
    assert again.keys("quit") == ()
    assert again.words("quit") == ""
    again.reset("sidebar")
    assert texts(again.keys("sidebar")) == ["Ctrl+B"]
    assert again.keys("quit") == ()
    again.reset()
    assert texts(again.keys("quit")) == ["Ctrl+Q"]


@pytest.mark.parametrize("garbage", ["x", "Ctrl", "no keys", "Ctrl+K, Ctrl+B", "Return", "\0"])
def test_keys_in_the_file_that_could_not_be_chosen_are_passed_over(
    settings: SettingsFile, garbage: str
) -> None:
    settings.change(shortcuts={"sidebar": garbage, "of a newer version": "Ctrl+J"})
    assert texts(Shortcuts(settings).keys("sidebar")) == ["Ctrl+B"]


@pytest.mark.parametrize(
    ("keys", "usable"),
    [("Ctrl+J", True), ("F5", True), ("Esc", True), ("J", False), ("Shift+J", False), ("", False)],
)
def test_keys_one_writes_with_cannot_be_taken(keys: str, usable: bool) -> None:
    assert is_usable(QKeySequence(keys)) is usable


def test_keys_of_two_places_may_be_the_same(shortcuts: Shortcuts) -> None:
    assert shortcuts.clash("stop", QKeySequence("Ctrl+O")) is None  # among the models only
    taken = shortcuts.clash("stop", QKeySequence("Ctrl+B"))
    assert taken is not None
    assert taken.name == "sidebar"


def test_every_key_of_the_table_does_something(open_program: Open) -> None:
    window = open_program().window
    window.show_models()
    table = window.shortcuts.table.values()
    assert {row.name for row in table if not row.is_fixed} == window.shortcuts.bound


def test_the_keys_are_named_where_they_can_be_learnt(open_program: Open) -> None:
    window = open_program().window
    window.shortcuts.choose("new", QKeySequence("Ctrl+J"))
    (hint,) = [label for label in window.findChildren(QLabel) if label.objectName() == "keyHint"]
    assert hint.text() == "Ctrl+J"
    window.shortcuts.choose("models", QKeySequence("Ctrl+M"))
    tips = [button.toolTip() for button in window.findChildren(QToolButton)]
    assert "Models (Ctrl+M)" in tips


def test_another_key_is_in_force_at_once(open_program: Open) -> None:
    window = open_program().window
    page = window.chat_page
    assert page.sidebar_visible()
    window.shortcuts.choose("sidebar", QKeySequence("Ctrl+L"))
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    assert page.sidebar_visible()
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    assert not page.sidebar_visible()


def test_the_conversation_on_show_is_searched_by_key(open_program: Open, qtbot: QtBot) -> None:
    page = open_program().window.chat_page
    page.focus_prompt()
    QTest.keyClick(page.prompt_box.edit, Qt.Key.Key_F, CTRL)  # nothing to search yet
    assert page.prompt_box.edit.hasFocus()
    message = StoredMessage(
        id="1", conversation_id="1", parent_id=None, role="user", content="Why?",
        status="complete", created_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    page.show_conversation([message], {})
    QTest.keyClick(page.prompt_box.edit, Qt.Key.Key_F, CTRL)
    assert isinstance(QApplication.focusWidget(), QLineEdit)


def sheet(program: Program, qtbot: QtBot) -> QDialog:
    QTest.keyClick(program.window, Qt.Key.Key_Slash, CTRL)
    dialogs = program.window.findChildren(QDialog)
    (dialog,) = [one for one in dialogs if one.isVisible()]
    with qtbot.waitExposed(dialog):
        pass
    return dialog


def rows(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = [item.child(number) for number in range(item.childCount())]
    return [child for child in children if not child.isHidden()]


def test_the_sheet_shows_every_key_and_is_searched(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    dialog = sheet(program, qtbot)
    tree = dialog.findChild(QTreeWidget)
    headings = rows(tree.invisibleRootItem())
    assert len(headings) == 3
    table = program.window.shortcuts.table
    assert sum(len(rows(heading)) for heading in headings) == len(table)
    QTest.keyClicks(dialog.findChild(QLineEdit), "ctrl+b")
    (heading,) = rows(tree.invisibleRootItem())
    assert [(row.text(0), row.text(1)) for row in rows(heading)] == [
        (table["sidebar"].text, "Ctrl+B")
    ]


def button(dialog: QDialog, words: str) -> QPushButton:
    buttons = dialog.findChildren(QPushButton)
    return next(one for one in buttons if words in (one.text(), one.accessibleName()))


def field(dialog: QDialog, words: str) -> QKeySequenceEdit:
    fields = dialog.findChildren(QKeySequenceEdit)
    return next(one for one in fields if words in one.accessibleName())


@pytest.fixture
def editor(open_program: Open, qtbot: QtBot) -> tuple[Program, QDialog]:
    program = open_program()
    button(sheet(program, qtbot), "Change keys…").click()
    dialogs = program.window.findChildren(QDialog)
    (dialog,) = [one for one in dialogs if one.findChildren(QKeySequenceEdit)]
    with qtbot.waitExposed(dialog):
        pass
    return program, dialog


def test_keys_are_changed_by_pressing_them(editor: tuple[Program, QDialog]) -> None:
    program, dialog = editor
    shortcuts = program.window.shortcuts
    one = field(dialog, "Show or hide the list")
    assert one.keySequence().toString() == "Ctrl+B"
    QTest.keyClick(one, Qt.Key.Key_L, CTRL)
    assert texts(shortcuts.keys("sidebar")) == ["Ctrl+L"]
    button(dialog, "No keys for: Show or hide the list").click()
    assert shortcuts.keys("sidebar") == ()
    assert one.keySequence().isEmpty()
    button(dialog, "Put back the keys for: Show or hide the list").click()
    assert texts(shortcuts.keys("sidebar")) == ["Ctrl+B"]
    assert one.keySequence().toString() == "Ctrl+B"


def test_keys_that_are_taken_are_refused_in_words(editor: tuple[Program, QDialog]) -> None:
    program, dialog = editor
    shortcuts = program.window.shortcuts
    one = field(dialog, "Show or hide the list")
    for key, modifiers, words in (
        (Qt.Key.Key_N, CTRL, "Ctrl+N is taken by “New conversation”"),
        (Qt.Key.Key_C, CTRL, "Ctrl+C is taken by “Copy”"),
        (Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier, "J is needed for writing"),
    ):
        QTest.keyClick(one, key, modifiers)
        labels = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
        assert any(text.startswith(words) for text in labels)
        assert texts(shortcuts.keys("sidebar")) == ["Ctrl+B"]
        assert one.keySequence().toString() == "Ctrl+B"


def test_all_keys_are_put_back_at_once(editor: tuple[Program, QDialog]) -> None:
    program, dialog = editor
    shortcuts = program.window.shortcuts
    QTest.keyClick(field(dialog, "Close chatapp"), Qt.Key.Key_J, CTRL)
    QTest.keyClick(field(dialog, "Show or hide the list"), Qt.Key.Key_Q, CTRL)
    assert texts(shortcuts.keys("sidebar")) == ["Ctrl+Q"]
    button(dialog, "Put all keys back").click()
    assert texts(shortcuts.keys("sidebar")) == ["Ctrl+B"]
    assert texts(shortcuts.keys("quit")) == ["Ctrl+Q"]
    assert not button(dialog, "Put all keys back").isEnabled()
