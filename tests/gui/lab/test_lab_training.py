"""A run from the Lab by a process of its own: begun, found again, paused, resumed, chatted with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from lab_place import open_lab
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program
from chatapp.gui.lab.lab_page import LabPage
from chatapp.runs.recipe import Data, Model, Recipe, Training, Vocabulary, read_recipe, write_recipe
from chatapp.runs.run_folder import RunFolder, runs_in
from chatapp.runs.source import Source

Open = Callable[[], Program]
PATIENCE_MS = 120_000  # torch is loaded by each process
TEXT = "the quick brown fox jumps over the lazy dog.\n" * 60


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Of a run that goes on until it is stopped."""
    (tmp_path / "fox.txt").write_text(TEXT)
    path = tmp_path / "fox.toml"
    source = Source(kind="text", paths=(str(tmp_path / "fox.txt"),))
    values = Recipe(
        name="Foxes",
        data=Data(train=source),
        tokenizer=Vocabulary(kind="characters"),
        model=Model(sizes={"block_size": 64, "n_layer": 1, "n_head": 2, "n_embd": 16}),
        training=Training(
            max_steps=1_000_000, batch_size=4, eval_interval=100, precision="f32", n_threads=1
        ),
    )
    write_recipe(path, values)
    return path


@pytest.fixture(autouse=True)
def _no_process_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    for folder in runs_in(paths.runs_dir()):
        if folder.status().state in ("preparing", "running") and folder.status().pid:
            psutil.Process(folder.status().pid).kill()


def press(page: LabPage, text: str) -> None:
    (button,) = [
        one for one in page.findChildren(QPushButton) if one.text() == text and one.isVisible()
    ]
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def begin(page: LabPage, recipe: Path) -> RunFolder:
    folder = RunFolder.create(paths.runs_dir() / "foxes", read_recipe(recipe))
    page.begin(folder.path)
    return folder


def n_processes(folder: RunFolder) -> int:
    command_lines = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    return sum(one[-2:] == ["train", str(folder.path)] for one in command_lines)


def wait_for_phase(page: LabPage, qtbot: QtBot, phase: str) -> None:
    label = page.findChild(QLabel, "runPhase")
    qtbot.waitUntil(lambda: label.text() == phase, timeout=PATIENCE_MS)


def test_a_run_outlives_the_window_is_found_again_stopped_and_chatted_with(
    open_program: Open, qtbot: QtBot, recipe: Path
) -> None:
    program = open_program()
    page = open_lab(program, qtbot)
    folder = begin(page, recipe)
    page.begin(folder.path)  # impatient
    assert n_processes(folder) == 1
    wait_for_phase(page, qtbot, "learning")
    program.window.close()

    pid, step = folder.status().pid, folder.status().step
    qtbot.waitUntil(lambda: folder.status().step > step, timeout=PATIENCE_MS)
    second = open_program()
    page = open_lab(second, qtbot)
    wait_for_phase(page, qtbot, "learning")
    assert folder.status().pid == pid
    press(page, "Pause")
    wait_for_phase(page, qtbot, "paused")
    step = folder.status().step
    press(page, "Resume")
    wait_for_phase(page, qtbot, "learning")
    assert folder.status().pid != pid
    press(page, "Stop and keep")
    wait_for_phase(page, qtbot, "stopped")
    assert folder.status().step > step
    steps = [one.step for one in folder.metrics() if one.loss is not None]
    assert steps == sorted(set(steps))

    press(page, "Chat with it")
    qtbot.waitUntil(second.window.chat_page.isVisible, timeout=PATIENCE_MS)
    chats = second.controller
    qtbot.waitUntil(lambda: chats.session.current is not None, timeout=PATIENCE_MS)
    assert chats.session.current.backend == "native"
    assert chats.model_path() == str(folder.result)
    assert second.shelf.entry(str(folder.result)).name == "Foxes"
    with qtbot.waitSignal(second.history.finished, timeout=PATIENCE_MS):
        chats.send("the quick brown")
    assert chats.conversation.path()[-1].content


def test_a_paused_run_is_kept_as_it_is_without_training_on(
    open_program: Open, qtbot: QtBot, recipe: Path
) -> None:
    page = open_lab(open_program(), qtbot)
    folder = begin(page, recipe)
    wait_for_phase(page, qtbot, "learning")
    press(page, "Pause")
    wait_for_phase(page, qtbot, "paused")
    paused = folder.status()
    assert not folder.result.exists()
    press(page, "Stop and keep")
    wait_for_phase(page, qtbot, "stopped")
    assert folder.status().step == paused.step
    assert (folder.result / "config.json").exists()
    wait_for_words(page, qtbot, "What it had learned when it was stopped")


def wait_for_words(page: LabPage, qtbot: QtBot, words: str) -> None:
    qtbot.waitUntil(
        lambda: words in [one.text() for one in page.findChildren(QLabel) if one.isVisible()],
        timeout=PATIENCE_MS,
    )


def test_a_run_that_cannot_begin_says_what_is_wrong_with_its_data(
    open_program: Open, qtbot: QtBot, recipe: Path
) -> None:
    (recipe.parent / "fox.txt").write_bytes(b"caf\xe9 in Latin-1\n" * 20)
    page = open_lab(open_program(), qtbot)
    begin(page, recipe)
    wait_for_phase(page, qtbot, "failed")
    assert "fox.txt" in page.findChild(QLabel, "runReason").text()


def test_a_process_that_cannot_even_start_is_told_with_its_last_words(
    open_program: Open, qtbot: QtBot, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.paths.engine_command", lambda: ["/bin/sh", "-c", "echo No luck."])
    page = open_lab(open_program(), qtbot)
    begin(page, recipe)
    wait_for_phase(page, qtbot, "failed")
    assert "No luck." in page.findChild(QLabel, "runReason").text()
