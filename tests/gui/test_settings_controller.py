"""What the panel in a conversation asks for, as the whole window carries it out."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams
from chatapp.gui.app import Program
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.presets import BUILT_IN, Preset
from chatapp.settings import ModelValues, Settings, SettingsFile

Open = Callable[[], Program]
KIND = Preset(name="Kind", system_prompt="Be kind.", params=GenerationParams(temperature=1.25))
PATIENCE_MS = 60_000


def on_disk() -> Settings:
    return SettingsFile(paths.settings_file()).current


def sampling(program: Program) -> str:
    return program.window.chat_page.prompt_box.sampling_button.text()


def undo(program: Program) -> None:
    bar = program.window.chat_page.findChild(NoticeBar)
    assert bar.isVisible()
    QTest.mouseClick(bar.findChild(QPushButton, "undoButton"), Qt.MouseButton.LeftButton)


def test_a_saved_preset_is_kept_offered_and_taken_back(open_program: Open) -> None:
    program = open_program()
    page = program.window.chat_page
    page.preset_saved.emit(KIND)
    assert on_disk().presets == (KIND,)
    page.params_changed.emit(KIND.params)
    page.set_conversation_settings("", KIND.params)
    assert "Kind" in sampling(program)
    undo(program)
    assert on_disk().presets == ()
    assert "Kind" not in sampling(program)


def test_values_of_a_model_hold_for_its_new_conversations_until_undone(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    qtbot.waitUntil(lambda: bool(program.shelf.entries), timeout=PATIENCE_MS)
    path = program.shelf.entries[0].path
    precise = BUILT_IN[1].params
    program.window.chat_page.model_params_chosen.emit(path, precise)
    assert on_disk().models == {path: ModelValues(params=precise)}
    program.controller.new()
    assert "Precise" in sampling(program)
    program.window.chat_page.params_changed.emit(BUILT_IN[3].params)  # of this conversation
    program.controller.new()
    assert "Precise" in sampling(program)
    undo(program)
    assert on_disk().models == {}
    assert "Balanced" in sampling(program)


def test_settings_that_cannot_be_written_are_said_and_in_force_all_the_same(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    paths.settings_file().with_name("settings.toml.new").mkdir()
    program.window.chat_page.preset_saved.emit(KIND)
    bar = program.window.chat_page.findChild(NoticeBar)
    qtbot.waitUntil(lambda: "cannot be written" in bar.accessibleName(), timeout=PATIENCE_MS)
    program.window.chat_page.set_conversation_settings("", KIND.params)
    assert "Kind" in sampling(program)


def test_the_first_conversation_begins_with_the_default_preset(open_program: Open) -> None:
    settings = SettingsFile(paths.settings_file())
    settings.change(presets=(KIND,), default_preset="Kind")
    program = open_program()
    assert "Kind" in sampling(program)
    assert program.controller.conversation.system_prompt == "Be kind."
