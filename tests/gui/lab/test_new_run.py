"""A new run by real events: a recipe chosen, data looked at, what it takes, begun."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from lab_place import RECIPE, open_lab, write_run
from msgspec import structs
from PySide6.QtCore import QMimeData, QPoint, QPointF, QProcess, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams, new_id
from chatapp.gui.app import Program
from chatapp.gui.data.export_dialog import ExportDialog
from chatapp.gui.fields import Choice, NumberField
from chatapp.gui.lab.data_preview import DataPreview
from chatapp.gui.lab.job_process import JobProcess
from chatapp.gui.lab.new_run_cards import RecipeButton
from chatapp.gui.lab.run_page import RunPage
from chatapp.runs.recipe import Adapter, Data, Model, Recipe, Training
from chatapp.runs.run_folder import Status, runs_in
from chatapp.runs.source import Source

Open = Callable[[], Program]
PATIENCE_MS = 60_000  # torch is loaded by each estimate
FOX = "the quick brown fox jumps over the lazy dog.\n" * 60
# In place of the engine where estimates are to cost nothing, and nothing is to be trained.
QUICK = """
import sys
sys.stdin.read()
if sys.argv[1] == "estimate":
    print('{"n_parameters": 800000, "n_learning": 800000, "n_train": 2430, "n_validation": 270,'
          '"seconds_per_step": 0.05, "seconds": 100, "memory_bytes": 300000000}')
"""


class NewRun:
    """The page of a new run, and what a user does there."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program, self.qtbot = program, qtbot
        self.lab = open_lab(program, qtbot)
        self.page = self.lab.new_run
        self.click("New run", self.lab)

    def click(self, text: str, where: QWidget | None = None) -> None:
        button = next(
            one
            for one in (where or self.page).findChildren(QPushButton)
            if one.text() == text and one.isVisible()
        )
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose(self, title: str) -> None:
        (card,) = [one for one in self.cards() if one.accessibleName() == title]
        self.qtbot.mouseClick(card, Qt.MouseButton.LeftButton)

    def cards(self) -> list[RecipeButton]:
        return [one for one in self.page.findChildren(RecipeButton) if one.isVisible()]

    def drop(self, *files: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        copy, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        left = Qt.MouseButton.LeftButton
        entering = QDragEnterEvent(QPoint(50, 50), copy, data, left, keys)
        QApplication.sendEvent(self.page, entering)
        assert entering.isAccepted()
        dropping = QDropEvent(QPointF(50, 50), copy, data, left, keys)
        QApplication.sendEvent(self.page, dropping)

    def text(self, name: str) -> str:
        label = self.page.findChild(QLabel, name)
        return label.text() if label.isVisible() else ""

    def wait_for(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def field(self, kind: type, name: str) -> QWidget:
        (field,) = [one for one in self.page.findChildren(kind) if one.accessibleName() == name]
        return field

    def enter(self, name: str, value: str) -> None:
        field = self.field(NumberField, name)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, value)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def start_button(self) -> QPushButton:
        return self.page.findChild(QPushButton, "startRun")

    def processes(self) -> list[int]:
        found = self.page.findChildren(QProcess)
        return [one.processId() for one in found if one.state() != QProcess.ProcessState.NotRunning]


@pytest.fixture
def new_run(open_program: Open, qtbot: QtBot) -> NewRun:
    return NewRun(open_program(), qtbot)


@pytest.fixture(autouse=True)
def _no_process_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    for folder in runs_in(paths.runs_dir()):
        if folder.status().state in ("preparing", "running") and folder.status().pid:
            psutil.Process(folder.status().pid).kill()


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / "fox.txt"
    path.write_text(FOX)
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimates that cost nothing; files are looked at as ever."""
    real = paths.engine_command()
    monkeypatch.setattr(paths, "engine_command", lambda: [sys.executable, "-c", QUICK])
    monkeypatch.setattr(
        "chatapp.gui.lab.new_run_data.JobProcess",
        lambda job, kind, parent: JobProcess(job, kind, parent, real),
    )


def recipes() -> list[Recipe]:
    return [folder.recipe() for folder in reversed(runs_in(paths.runs_dir()))]


def test_a_text_becomes_a_run_that_is_done(new_run: NewRun, qtbot: QtBot, fox: Path) -> None:
    first = new_run.cards()[0]
    new_run.wait_for(first.hasFocus)
    QTest.keyClick(first, Qt.Key.Key_Space)
    new_run.click("Choose files…")
    dialog = new_run.page.findChild(QFileDialog)
    dialog.setDirectory(str(fox.parent))
    dialog.selectFile(fox.name)
    dialog.accept()
    new_run.wait_for(lambda: "characters in all" in new_run.text("dataState"))
    assert new_run.page.findChild(DataPreview).table.item(0, 0).text().startswith("the quick brown")
    assert not new_run.start_button().isEnabled()
    new_run.click("More")
    new_run.enter("Steps", "6")
    QTest.keyClicks(new_run.page.settings.findChild(QWidget, "runNameField"), "Foxes")
    new_run.wait_for(new_run.start_button().isEnabled)
    assert "of memory" in new_run.text("newRunTakes")
    QTest.keyClick(new_run.start_button(), Qt.Key.Key_Space)
    (recipe,) = recipes()
    assert (recipe.name, recipe.training.max_steps) == ("Foxes", 6)
    assert recipe.data.train.paths == (str(fox),)
    assert new_run.lab.findChild(RunPage).isVisible()
    (folder,) = runs_in(paths.runs_dir())
    new_run.wait_for(lambda: folder.status().state == "done")


def test_the_roles_of_unknown_columns_are_chosen_in_the_table(
    new_run: NewRun, tmp_path: Path, quick: None
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"kind {n % 25},thing {n}\n" for n in range(250)))
    new_run.choose("Spam or not")
    new_run.drop(path)
    new_run.wait_for(lambda: "which column holds" in new_run.text("dataState"))
    assert "its label" in new_run.text("dataState")
    header = new_run.page.findChild(QCheckBox)
    if not header.isChecked():
        QTest.keyClick(header, Qt.Key.Key_Space)
        heads = new_run.page.findChild(DataPreview).table
        new_run.wait_for(lambda: heads.horizontalHeaderItem(1).text() == "b")
    text = new_run.field(Choice, "What the column b holds")
    label = new_run.field(Choice, "What the column a holds")
    for field in (label, text):
        field.setFocus()
    QTest.keyClicks(text, "the")
    QTest.keyClicks(label, "its")
    new_run.wait_for(lambda: "250 example" in new_run.text("dataState"))
    assert new_run.page.data.source.columns == {"label": "a", "text": "b"}


def test_what_is_wrong_is_said_with_file_and_line(new_run: NewRun, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("label\ttext\n" + "x\ty\n" * 40 + "alone\n")
    new_run.choose("Sort by topic")
    new_run.drop(path)
    new_run.wait_for(lambda: "a.tsv, line 42" in new_run.text("dataProblems"))
    assert not new_run.start_button().isEnabled()
    (tmp_path / "b.txt").write_text("Just words.\n" * 50)
    new_run.drop(tmp_path / "b.txt")
    new_run.wait_for(lambda: "These are plain texts." in new_run.text("dataProblems"))
    new_run.drop(tmp_path / "none.txt")
    new_run.wait_for(lambda: "no such file" in new_run.text("dataProblems"))
    assert new_run.page.data.source is None


def test_a_recipe_that_cannot_be_trained_is_refused_before_it_starts(
    new_run: NewRun, fox: Path
) -> None:
    new_run.choose("Write like Shakespeare")
    new_run.drop(fox)
    new_run.wait_for(lambda: new_run.page.data.source)
    fox.unlink()
    new_run.wait_for(lambda: "no such file" in new_run.text("newRunTakes"))
    assert not new_run.start_button().isEnabled()


def test_four_networks_begin_at_once_in_the_minutes_there_are(
    quick: None, new_run: NewRun, fox: Path
) -> None:
    new_run.choose("RNN, LSTM, GRU and GPT side by side")
    assert not new_run.field(Choice, "Size of the model").isVisible()
    new_run.drop(fox)
    assert not new_run.page.findChild(QLineEdit, "runNameField").acceptDrops()
    new_run.enter("How long", "3")
    new_run.wait_for(new_run.start_button().isEnabled)
    assert "3 min and 1.2 GB" in new_run.text("newRunTakes")
    new_run.click("Start")
    found = recipes()
    assert {one.model.architecture for one in found} == {"gpt", "lstm", "gru", "rnn"}
    assert len({one.training.max_steps for one in found}) == 1
    assert {one.training.max_minutes for one in found} == {3}
    assert {one.data.train.paths for one in found} == {(str(fox),)}


def test_leaving_the_page_ends_what_is_being_looked_at(new_run: NewRun, fox: Path) -> None:
    new_run.choose("Write like Shakespeare")
    new_run.drop(fox)
    new_run.wait_for(lambda: new_run.page.data.source)
    new_run.wait_for(new_run.processes)
    pids = new_run.processes()
    new_run.program.window.show_chat()
    new_run.wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    new_run.program.window.show_lab()
    new_run.wait_for(new_run.processes)  # it is asked again
    (pid,) = new_run.processes()
    new_run.program.window.close()
    assert not psutil.pid_exists(pid)


def test_a_model_that_must_be_there_is_asked_for_and_another_chosen(
    quick: None, new_run: NewRun, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    line = '{"context": "It is red.", "question": "What colour is %d?", "answers": "red"}\n'
    path.write_text("".join(line % n for n in range(40)))
    new_run.choose("Answer from a text")
    new_run.drop(path)
    new_run.wait_for(lambda: new_run.text("newRunTakes") == "Choose the model to begin with.")
    start = new_run.field(Choice, "Begins with")
    start.setFocus()
    QTest.keyClicks(start, "another")
    dialog = new_run.page.findChild(QFileDialog)
    (tmp_path / "encoder").mkdir()
    dialog.setDirectory(str(tmp_path / "encoder"))
    dialog.accept()
    new_run.wait_for(new_run.start_button().isEnabled)
    new_run.click("Start")
    (recipe,) = recipes()
    assert recipe.model.start == str(tmp_path / "encoder")
    assert recipe.objective.kind == "answers"


def test_the_style_is_taught_to_the_model_one_chats_with_and_conversations_are_exported(
    quick: None, new_run: NewRun
) -> None:
    new_run.wait_for(lambda: new_run.program.shelf.default())
    new_run.choose("Teach the assistant my style")
    default = new_run.program.shelf.default()
    assert new_run.field(Choice, "Begins with").currentData() == default.path
    new_run.click("Export conversations…")
    dialog = new_run.program.window.findChild(ExportDialog)
    assert "Training data (JSONL)" in [one.currentText() for one in dialog.findChildren(Choice)]
    dialog.close()


def test_exported_conversations_are_looked_at_at_once(
    quick: None, new_run: NewRun, tmp_path: Path
) -> None:
    store, params = new_run.program.history.store, GenerationParams()
    for number in range(12):
        talk, question, reply = new_id(), new_id(), new_id()
        store.create_conversation(talk)
        store.add_user_message(question, talk, None, f"What is {number} and {number}?")
        store.start_reply(reply, talk, question, model_path="", model_name="", params=params)
        store.append_chunk(reply, f"{number + number}.")
        store.finish_reply(reply, status="complete").result()
    new_run.choose("Teach the assistant my style")
    new_run.click("Export conversations…")
    dialog = new_run.program.window.findChild(ExportDialog)
    new_run.click("Export…", dialog)
    asking = dialog.findChild(QFileDialog)
    asking.setDirectory(str(tmp_path))
    asking.selectFile("talks.jsonl")
    asking.accept()
    new_run.wait_for(lambda: new_run.page.data.source)
    assert new_run.page.data.source.paths == (str(tmp_path / "talks.jsonl"),)
    assert "12" in new_run.text("dataState")
    dialog.close()


def test_files_are_kept_for_another_recipe_that_learns_from_the_same(
    quick: None, new_run: NewRun, fox: Path
) -> None:
    new_run.choose("Write like Shakespeare")
    new_run.drop(fox)
    new_run.wait_for(lambda: new_run.page.data.source)
    new_run.page.begin()
    new_run.choose("RNN, LSTM, GRU and GPT side by side")
    new_run.wait_for(lambda: new_run.page.data.source)
    new_run.page.begin()
    new_run.choose("Spam or not")
    assert new_run.page.data.source is None
    assert new_run.text("dataState") == ""


def test_what_was_typed_stays_when_the_same_card_is_chosen_again(
    quick: None, new_run: NewRun, fox: Path
) -> None:
    new_run.choose("Write like Shakespeare")
    new_run.drop(fox)
    name = new_run.page.findChild(QLineEdit, "runNameField")
    QTest.keyClicks(name, "Foxes")
    new_run.enter("How long", "3")
    new_run.wait_for(new_run.start_button().isEnabled)
    QTest.keyClick(name, Qt.Key.Key_Escape)
    new_run.choose("Write like Shakespeare")
    assert new_run.page.data.source.paths == (str(fox),)
    new_run.wait_for(new_run.start_button().isEnabled)
    assert "3 min" in new_run.text("newRunTakes")
    new_run.click("Start")
    (recipe,) = recipes()
    assert (recipe.name, recipe.training.max_minutes) == ("Foxes", 3)
    new_run.click("New run", new_run.lab)
    new_run.choose("Write like Shakespeare")
    assert name.text() == ""  # that one was begun


@pytest.mark.parametrize(
    "model", [RECIPE.model, Model(start="/home/anna/smol", adapter=Adapter(rank=4))]
)
def test_a_run_like_another_begins_with_all_that_one_was_made_of(
    quick: None, open_program: Open, qtbot: QtBot, fox: Path, model: Model
) -> None:
    first = structs.replace(
        RECIPE,
        data=Data(
            train=Source(kind="text", paths=(str(fox),)), licence="public domain", held_out=0.2
        ),
        model=model,
        training=Training(max_steps=70, learning_rate=0.5, n_threads=1),
    )
    write_run("run", Status(state="failed", step=10, max_steps=70), first)
    new_run = NewRun(open_program(), qtbot)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    new_run.wait_for(lambda: new_run.lab.findChild(QLabel, "runName").text() == first.name)
    new_run.click("New run like this", new_run.lab)
    assert new_run.field(Choice, "Begins with").isVisible() == bool(model.start)
    assert not new_run.field(Choice, "Size of the model").isVisible()  # it has its sizes
    new_run.wait_for(lambda: new_run.page.data.source)
    new_run.click("More")
    new_run.enter("Learning rate", "0.001")
    new_run.wait_for(new_run.start_button().isEnabled)
    new_run.click("Start")
    training = structs.replace(first.training, learning_rate=0.001)
    assert recipes() == [first, structs.replace(first, training=training)]


def test_escape_leads_back_step_by_step(new_run: NewRun) -> None:
    new_run.choose("Spam or not")
    assert new_run.cards() == []
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert len(new_run.cards()) == 7
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not new_run.page.isVisible()


def test_a_small_window_with_large_letters_shows_all_of_it(new_run: NewRun) -> None:
    new_run.program.window._settings.change(font_percent=200)
    window = new_run.program.window
    window.resize(640, 480)
    new_run.choose("Spam or not")
    new_run.click("More")
    area = new_run.page
    wide = [
        one
        for one in area.findChildren(QWidget)
        if one.isVisible() and one.mapTo(area, QPoint(one.width(), 0)).x() > area.width()
    ]
    assert wide == []
