"""The Settings dialog, opened in the whole window: every change is in force and on the disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.settings.dialog import SettingsDialog
from chatapp.presets import Preset
from chatapp.settings import ModelValues, Settings, SettingsFile

Open = Callable[[], Program]
PIRATE = Preset(name="Pirate", system_prompt="Arr.", params=GenerationParams(temperature=1.4))


def on_disk() -> Settings:
    return SettingsFile(paths.settings_file()).current


def open_dialog(program: Program, section: str = "General") -> SettingsDialog:
    """By the keys, then down the list of sections."""
    QTest.keyClick(program.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = program.window.findChildren(SettingsDialog)
    sections = dialog.findChild(QListWidget, "settingsList")
    QTest.keyClick(sections, Qt.Key.Key_Home)
    while sections.currentItem().text() != section:
        QTest.keyClick(sections, Qt.Key.Key_Down)
    return dialog


def field(dialog: SettingsDialog, kind: type[Any], name: str) -> Any:
    (found,) = [each for each in dialog.findChildren(kind) if each.accessibleName() == name]
    return found


def choose(choice: Choice, words: str) -> None:
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Home)
    while choice.currentText() != words:
        QTest.keyClick(choice, Qt.Key.Key_Down)


def enter(number: NumberField, text: str) -> None:
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, text)
    QTest.keyClick(number, Qt.Key.Key_Return)


def press(place: QWidget, text: str) -> None:
    (button,) = [each for each in place.findChildren(QAbstractButton) if each.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def notice(dialog: SettingsDialog) -> str:
    bar = dialog.findChild(NoticeBar)
    return bar.accessibleName() if bar.isVisible() else ""


def test_it_is_built_when_it_is_first_asked_for_and_kept(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    assert not program.window.findChildren(SettingsDialog)
    dialog = open_dialog(program)
    dialog.activateWindow()  # there may be no window manager to do it
    qtbot.waitUntil(dialog.isActiveWindow)
    assert len(dialog.findChildren(NumberField)) == 1  # the other sections are still to be built
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert open_dialog(program) is dialog


def test_a_theme_that_is_chosen_is_in_force_and_kept(open_program: Open) -> None:
    dialog = open_dialog(open_program())
    choose(field(dialog, Choice, "Colours"), "Dark")
    assert theme.is_dark()
    assert on_disk().theme == "dark"


def test_letters_follow_the_field_and_the_keys_and_stay_within_bounds(open_program: Open) -> None:
    program = open_program()
    dialog = open_dialog(program)
    size = field(dialog, NumberField, "Size of letters")
    enter(size, "150")
    assert theme.notifier.percent == on_disk().font_percent == 150
    assert program.window.font().pixelSize() == 20
    enter(size, "999")
    assert on_disk().font_percent <= 200
    dialog.hide()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(program.window, Qt.Key.Key_0, control)
    assert (theme.notifier.percent, size.value()) == (100, 100)
    QTest.keyClick(program.window, Qt.Key.Key_Plus, control)
    assert (theme.notifier.percent, size.value()) == (110, 110)
    for _ in range(5):
        QTest.keyClick(program.window, Qt.Key.Key_Minus, control)
    assert on_disk().font_percent == 80


def test_a_language_is_kept_for_the_next_start(open_program: Open) -> None:
    choose(field(open_dialog(open_program()), Choice, "Language"), "Español")
    assert on_disk().language == "es"


def test_folders_of_data_and_logs_can_be_opened(
    open_program: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    dialog = open_dialog(open_program())
    press(dialog, "Open the folder of your data")
    press(dialog, "Open the folder of the logs")
    assert opened == [str(paths.data_dir()), str(paths.log_dir())]


def test_new_conversations_begin_as_the_section_chat_says(open_program: Open, qtbot: QtBot) -> None:
    SettingsFile(paths.settings_file()).change(presets=(PIRATE,))
    program = open_program()
    dialog = open_dialog(program, "Chat")
    told = field(dialog, QPlainTextEdit, "What every new conversation is told beforehand")
    QTest.keyClicks(told, "Be brief.")
    qtbot.waitUntil(lambda: on_disk().system_prompt == "Be brief.")
    choose(field(dialog, Choice, "Preset of new conversations"), "Pirate")
    assert on_disk().default_preset == "Pirate"
    assert "Pirate" in program.window.chat_page.prompt_box.sampling_button.text()
    program.controller.new()
    assert program.controller.conversation.system_prompt == "Arr."


def test_an_own_preset_is_renamed_and_deleted_and_that_is_undone(
    open_program: Open, qtbot: QtBot
) -> None:
    SettingsFile(paths.settings_file()).change(presets=(PIRATE,), default_preset="Pirate")
    dialog = open_dialog(open_program(), "Chat")
    rename(dialog, qtbot, "Balanced")
    qtbot.waitUntil(lambda: "already" in notice(dialog))
    assert on_disk().presets == (PIRATE,)
    rename(dialog, qtbot, "Captain")
    qtbot.waitUntil(lambda: on_disk().default_preset == "Captain")
    assert [preset.name for preset in on_disk().presets] == ["Captain"]
    press(dialog, "Delete")
    assert on_disk().presets == ()
    press(dialog, "Undo")
    assert [preset.name for preset in on_disk().presets] == ["Captain"]
    assert on_disk().preset().name == "Captain"


def test_undo_of_a_saved_preset_leaves_alone_what_was_renamed_since(
    open_program: Open, qtbot: QtBot
) -> None:
    SettingsFile(paths.settings_file()).change(presets=(PIRATE,))
    program = open_program()
    program.window.chat_page.preset_saved.emit(Preset(name="Kind"))
    rename(open_dialog(program, "Chat"), qtbot, "Captain")
    qtbot.waitUntil(lambda: [one.name for one in on_disk().presets] == ["Captain", "Kind"])
    press(program.window.chat_page.findChild(NoticeBar), "Undo")
    assert [one.name for one in on_disk().presets] == ["Captain"]


def test_a_folder_that_no_program_opens_is_said(
    open_program: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    dialog = open_dialog(open_program())
    press(dialog, "Open the folder of your data")
    assert str(paths.data_dir()) in notice(dialog)


def rename(dialog: SettingsDialog, qtbot: QtBot, name: str) -> None:
    presets = field(dialog, QListWidget, "Your presets")
    press(dialog, "Rename")
    editor = presets.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_a_model_has_values_of_its_own_until_it_follows_the_others_again(
    open_program: Open, qtbot: QtBot, starter_model: Path
) -> None:
    program = open_program()
    qtbot.waitUntil(lambda: bool(program.shelf.entries), timeout=60_000)
    dialog = open_dialog(program, "Models")
    context = field(dialog, NumberField, "Context, in tokens")
    enter(context, "4096")
    assert on_disk().n_ctx == 4096
    choose(field(dialog, Choice, "Whose values"), program.shelf.entries[0].name)
    enter(context, "17")  # no real context: the least there is
    path = program.shelf.entries[0].path
    assert on_disk().models == {path: ModelValues(n_ctx=256)}
    assert on_disk().load_values(path).n_ctx == 256
    press(dialog, "As for all models")
    assert on_disk().models == {}
    assert context.value() == 4096


def test_what_a_model_writes_with_is_told_and_forgotten(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    qtbot.waitUntil(lambda: bool(program.shelf.entries), timeout=60_000)
    entry = program.shelf.entries[0]
    program.window.chat_page.model_params_chosen.emit(entry.path, PIRATE.params)
    dialog = open_dialog(program, "Models")
    choose(field(dialog, Choice, "Whose values"), entry.name)
    assert any("Temperature 1" in label.text() for label in dialog.findChildren(QLabel))
    press(dialog, "Forget")
    assert on_disk().models == {}


def test_a_change_that_cannot_be_written_is_said_and_in_force(
    open_program: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = open_dialog(open_program())

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    choose(field(dialog, Choice, "Colours"), "Dark")
    assert theme.is_dark()
    qtbot.waitUntil(lambda: "No space left" in notice(dialog))


def test_everything_has_a_name_and_room_in_the_smallest_window_at_twice_the_size(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    program.window.resize(640, 480)
    dialog = open_dialog(program)
    theme.notifier.resize(200)
    dialog.resize(640, 480)
    sections = dialog.findChild(QListWidget, "settingsList")
    for row in range(sections.count()):
        sections.setCurrentRow(row)
        assert dialog.width() == 640
        nameless = [
            each
            for each in dialog.findChildren(QWidget)
            if isinstance(each, QAbstractButton | Choice | NumberField | QPlainTextEdit)
            and each.isVisibleTo(dialog)
            and not QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name)
        ]
        assert not nameless
