"""Which engine runs a model, chosen in the whole window and run by the real engine."""

from collections.abc import Callable
from pathlib import Path

import torch
from gguf_files import tiny_model, write_tiny_gguf
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams
from chatapp.errors import say
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.chat.error_card import ErrorCard
from chatapp.gui.chat.header import Header
from chatapp.gui.fields import Choice
from chatapp.gui.models.models_page import ModelsPage
from chatapp.gui.settings.dialog import SettingsDialog
from chatapp.presets import Preset
from chatapp.protocol import PROTOCOL, Error, Ready
from chatapp.settings import ModelValues, Settings, SettingsFile
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

Open = Callable[[], Program]
PATIENCE_MS = 60_000
BRIEF = Preset(name="Brief", params=GenerationParams(temperature=0.0, max_new_tokens=12))


def on_disk() -> Settings:
    return SettingsFile(paths.settings_file()).current


def open_models(program: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: program.controller.session.current is not None, timeout=PATIENCE_MS)
    QTest.keyClick(program.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not program.shelf.is_scanning, timeout=PATIENCE_MS)


def shown(program: Program, name: str) -> Choice:
    choices = program.window.findChildren(Choice)
    (choice,) = [one for one in choices if one.accessibleName() == name and one.isVisible()]
    return choice


def choose(choice: Choice, value: str) -> None:
    """With the keys, as far up or down as it goes to the value."""
    choice.setFocus()
    for key in (Qt.Key.Key_Home, *[Qt.Key.Key_Down] * choice.count()):
        if choice.currentData() != value:
            QTest.keyClick(choice, key)
    assert choice.currentData() == value


def device(program: Program) -> str:
    return program.window.findChild(Header).findChild(ElidedLabel).text()


def test_a_model_runs_in_own_networks_at_once_and_after_a_restart(
    open_program: Open, qtbot: QtBot
) -> None:
    SettingsFile(paths.settings_file()).change(presets=(BRIEF,), default_preset=BRIEF.name)
    program = open_program()
    open_models(program, qtbot)
    path = program.controller.session.current.path
    assert not shown(program, "Weights").isEnabled()
    choose(shown(program, "Runs with"), "native")
    choose(shown(program, "Weights"), "int4")
    assert on_disk().models == {path: ModelValues(backend="native", weights="int4")}
    qtbot.waitUntil(lambda: "int4" in device(program), timeout=PATIENCE_MS)
    with qtbot.waitSignal(program.history.finished, timeout=PATIENCE_MS):
        program.controller.send("What is the capital of France?")
    reply = program.controller.conversation.path()[-1]
    assert "Paris" in reply.content
    assert reply.model_name == program.shelf.entry(path).name
    program.window.close()
    program = open_program()
    open_models(program, qtbot)
    assert shown(program, "Weights").currentData() == "int4"
    assert "int4" in device(program)
    choose(shown(program, "Runs with"), "llama")
    qtbot.waitUntil(lambda: "llama.cpp" in device(program), timeout=PATIENCE_MS)
    assert on_disk().load_values(path).backend == "llama"


def test_the_choice_of_all_models_holds_where_a_model_has_none_of_its_own(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    open_models(program, qtbot)
    path = program.controller.session.current.path
    QTest.keyClick(program.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = program.window.findChildren(SettingsDialog)
    sections = dialog.findChild(QListWidget, "settingsList")
    while sections.currentItem().text() != "Models":
        QTest.keyClick(sections, Qt.Key.Key_Down)
    runs_with, weights = (
        next(one for one in dialog.findChildren(Choice) if one.accessibleName() == name)
        for name in ("Runs with", "Weights")
    )
    choose(runs_with, "native")
    choose(weights, "bf16")
    assert (on_disk().backend, on_disk().weights, on_disk().models) == ("native", "bf16", {})
    assert on_disk().load_values(path).backend == "native"
    qtbot.waitUntil(lambda: "bf16" in device(program), timeout=PATIENCE_MS)


def test_the_memory_told_is_that_of_the_engine_chosen(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    open_models(program, qtbot)
    path = program.controller.session.current.path
    needs = []
    for weights in ("f32", "bf16"):
        program.shelf.set_engine(path, backend="native", weights=weights)
        qtbot.waitUntil(lambda: not program.shelf.is_scanning, timeout=PATIENCE_MS)
        needs.append(program.shelf.entry(path).fit.needs_bytes)
    assert needs[0] == 2 * needs[1]


def test_without_the_packages_the_choice_is_grey_and_says_how_to_get_them(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    open_models(program, qtbot)
    lacking = Ready(protocol=PROTOCOL, version="", backends=("llama",), pid=0)
    program.engine.ready.emit(lacking)
    runs_with = shown(program, "Runs with")
    items = runs_with.model()
    assert isinstance(items, QStandardItemModel)
    assert not items.item(runs_with.findData("native")).isEnabled()
    hint = program.window.findChild(QLabel, "nativeMissing")
    assert hint.isVisible()
    assert "pip install torch" in hint.text()
    assert "pip install torch" in runs_with.accessibleDescription()
    runs_with.setFocus()
    QTest.keyClick(runs_with, Qt.Key.Key_Down)
    assert runs_with.currentData() == "llama"


def test_the_choice_stays_in_reach_where_there_is_hardly_any_height(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    open_models(program, qtbot)
    theme.notifier.resize(200)
    program.window.resize(640, 480)
    place = program.window.findChild(ModelsPage).rect()
    for name in ("Runs with", "Weights"):
        choice = shown(program, name)
        choice.setEnabled(True)
        before = choice.previousInFocusChain()
        while not (before.isVisible() and before.isEnabled() and before.focusPolicy()):
            before = before.previousInFocusChain()
        before.setFocus()
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert choice.hasFocus()
        corner = choice.mapTo(program.window.findChild(ModelsPage), QPoint())
        assert place.contains(choice.rect().translated(corner))


def test_a_failure_of_own_networks_leads_back_to_llama(open_program: Open, qtbot: QtBot) -> None:
    program = open_program()
    open_models(program, qtbot)
    session = program.controller.session
    path = session.current.path
    program.shelf.set_engine(path, backend="native")
    qtbot.waitUntil(lambda: "own networks" in device(program), timeout=PATIENCE_MS)
    session.failed.emit(
        Error(id="1", code="unsupported_architecture", message=say("Our networks lack it."))
    )
    (card,) = program.window.chat_page.findChildren(ErrorCard)
    assert "Our own networks cannot run this model." in card.accessibleName()
    first = card.findChildren(QPushButton)[0]
    assert first.text() == "Use llama.cpp"
    QTest.keyClick(program.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "llama.cpp" in device(program), timeout=PATIENCE_MS)
    assert on_disk().load_values(path).backend == "llama"
    qtbot.waitUntil(lambda: not program.window.chat_page.findChildren(ErrorCard))


def test_a_folder_runs_in_own_networks_alone(
    open_program: Open, qtbot: QtBot, starter_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "from-a-folder"
    opened = open_model(starter_model, torch.bfloat16)
    save_checkpoint(
        folder,
        opened.model,
        opened.tokenizer,
        chat_template=opened.chat_template,
        dtype=torch.bfloat16,
    )
    SettingsFile(paths.settings_file()).change(
        presets=(BRIEF,),
        default_preset=BRIEF.name,
        model_paths=(str(folder.parent),),
        default_model=str(folder),
    )
    program = open_program()
    open_models(program, qtbot)
    assert program.controller.session.current.path == str(folder)
    assert shown(program, "Runs with").currentData() == "native"
    items = shown(program, "Runs with").model()
    assert isinstance(items, QStandardItemModel)
    assert not items.item(0).isEnabled()
    choose(shown(program, "Weights"), "int8")
    qtbot.waitUntil(lambda: "int8" in device(program), timeout=PATIENCE_MS)
    with qtbot.waitSignal(program.history.finished, timeout=PATIENCE_MS):
        program.controller.send("What is the capital of France?")
    assert "Paris" in program.controller.conversation.path()[-1].content
    program.shelf.remove(str(folder))
    qtbot.waitUntil(lambda: not program.shelf.is_scanning, timeout=PATIENCE_MS)
    assert program.shelf.entry(str(folder)) is None
    program.shelf.undo()
    qtbot.waitUntil(lambda: program.shelf.entry(str(folder)) is not None, timeout=PATIENCE_MS)


def test_an_architecture_that_our_networks_lack_is_said_and_llama_takes_over(
    open_program: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    sizes = {key.replace("llama.", "phi3."): value for key, value in tiny_model()[0].items()}
    model = write_tiny_gguf(tmp_path / "tiny.gguf", {**sizes, "general.architecture": "phi3"})
    SettingsFile(paths.settings_file()).change(
        model_paths=(str(model),),
        default_model=str(model),
        models={str(model): ModelValues(backend="native")},
    )
    program = open_program()
    qtbot.waitUntil(
        lambda: bool(program.window.chat_page.findChildren(ErrorCard)), timeout=PATIENCE_MS
    )
    (card,) = program.window.chat_page.findChildren(ErrorCard)
    assert "Our own networks cannot run this model." in card.accessibleName()
    assert "phi3" in card.accessibleName()
    QTest.mouseClick(card.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert on_disk().load_values(str(model)).backend == "llama"
