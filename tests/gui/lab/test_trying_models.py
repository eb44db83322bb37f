"""Models that came out of runs are tried in the Lab, by real events and their real process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from lab_place import RECIPE, done, open_lab, write_run
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp.gui.app import Program
from chatapp.gui.lab.run_list import RunListView
from chatapp.gui.lab.try_alignment import AlignmentMap
from chatapp.gui.lab.try_labels import LabelBars
from chatapp.gui.lab.try_process import TrialProcess
from chatapp.runs.recipe import Objective, ObjectiveName
from chatapp.runs.run_folder import RunFolder

Open = Callable[[], Program]
HERE = Path(__file__).parent
PATIENCE_MS = 60_000  # torch is loaded by each process
CONTEXT = "😀 The old oak stands by the river. The grey cat sleeps on the roof."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    subprocess.run(
        [sys.executable, str(HERE / "tried_models.py"), str(folder)],
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[2])},
    )
    return folder


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


class Tried:
    """The page of a run whose model is tried."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program = program
        self.qtbot = qtbot
        self.page = open_lab(program, qtbot)
        self.process = self.page.findChild(TrialProcess)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def words(self, name: str = "tryItWords") -> str:
        label = self.page.findChild(QLabel, name)
        return label.text() if label is not None and label.isVisible() else ""

    def wait_for_text(self) -> QPlainTextEdit:
        """Until the model is open; the field for a text."""
        self.wait_for(lambda: self._text() is not None and self._text().isVisible())
        return self._text()

    def _text(self) -> QPlainTextEdit:
        return self.page.findChild(QPlainTextEdit, "tryItText")

    def button(self, text: str) -> QPushButton:
        (found,) = [
            one
            for one in self.page.findChildren(QPushButton)
            if one.text() == text and one.isVisible()
        ]
        return found

    def press(self, text: str) -> None:
        QTest.mouseClick(self.button(text), Qt.MouseButton.LeftButton)


def write_tried(name: str, kind: ObjectiveName, model: Path | None) -> RunFolder:
    """A run that is done, and has this model as its result."""
    recipe = structs.replace(RECIPE, name=name, objective=Objective(kind=kind))
    folder = write_run(name, done(), recipe, has_result=model is None)
    if model is not None:
        shutil.copytree(model, folder.result)
    return folder


def type_into(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClicks(field, text)


def point_at(widget: QWidget, place: QPoint) -> None:
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def test_labels_follow_what_is_typed(open_program: Open, qtbot: QtBot, models: Path) -> None:
    write_tried("spam", "classification", models / "classifier")
    lab = Tried(open_program(), qtbot)
    lab.wait_for(lambda: "being opened" in lab.words())
    text = lab.wait_for_text()
    bars = lab.page.findChild(LabelBars)
    assert lab.words() == ""
    assert bars.accessibleName() == "No text yet"
    before = lab.button("Open the model's folder")
    before.setFocus()
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert text.hasFocus()
    QTest.keyClicks(text, "free money")
    lab.wait_for(lambda: bars.accessibleName().startswith("spam 9"))
    shown = [label.text() for label in bars.findChildren(QLabel)]
    assert (shown[0], shown[2]) == ("spam", "ham")
    assert bars.accessibleName() == f"spam {shown[1]}, ham {shown[3]}"
    text.selectAll()
    type_into(text, "see you at lunch")
    lab.wait_for(lambda: bars.accessibleName().startswith("ham 9"))
    text.selectAll()
    QTest.keyClick(text, Qt.Key.Key_Delete)
    lab.wait_for(lambda: bars.accessibleName() == "No text yet")


def test_a_translation_shows_what_each_token_looked_at(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    write_tried("translator", "sequence_to_sequence", models / "translator")
    lab = Tried(open_program(), qtbot)
    text = lab.wait_for_text()
    lab.press("Translate")
    assert "First type" in lab.words("tryItState")
    type_into(text, "the cat is good")
    QTest.keyClick(text, Qt.Key.Key_Return)
    target = lab.page.findChild(QPlainTextEdit, "tryItTranslation")
    lab.wait_for(lambda: target.toPlainText() == "el gato es bueno")
    assert text.toPlainText() == "the cat is good"
    alignment = lab.page.findChild(AlignmentMap)
    lab.wait_for(alignment.isVisible)
    assert alignment.accessibleDescription().count("looked at") == 4
    point_at(alignment, alignment.cell(3, 3).center())
    assert lab.words("tryItSeen").startswith("“bueno” looked at “good” 9")
    help_event = QHelpEvent(
        QHelpEvent.Type.ToolTip,
        alignment.cell(3, 3).center(),
        alignment.mapToGlobal(alignment.cell(3, 3).center()),
    )
    QApplication.sendEvent(alignment, help_event)
    assert QToolTip.text().startswith("<p>bueno → good: 9")
    QToolTip.hideText()
    point_at(alignment, QPoint(2, 2))
    assert alignment.row == -1
    QTest.keyClick(text, Qt.Key.Key_Tab)  # the button
    QTest.keyClick(lab.page.window().focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(lab.page.window().focusWidget(), Qt.Key.Key_Tab)
    assert lab.page.window().focusWidget() is alignment
    QTest.keyClick(alignment, Qt.Key.Key_Down)
    assert lab.words("tryItSeen").startswith("“gato” looked at")


def test_a_translator_without_attention_says_so(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    write_tried("translator", "sequence_to_sequence", models / "recurrent")
    lab = Tried(open_program(), qtbot)
    type_into(lab.wait_for_text(), "the cat is good")
    lab.press("Translate")
    lab.wait_for(lambda: "no attention" in lab.words("tryItState"))
    assert lab.page.findChild(AlignmentMap).isHidden()


def test_an_answer_is_marked_in_the_text(open_program: Open, qtbot: QtBot, models: Path) -> None:
    write_tried("answers", "answers", models / "finder")
    lab = Tried(open_program(), qtbot)
    text = lab.wait_for_text()
    question = lab.page.findChild(QLineEdit, "tryItQuestion")
    lab.press("Find the answer")
    assert "First give it a text" in lab.words("tryItAnswer")
    text.setPlainText(CONTEXT)
    type_into(question, "What sleeps on the roof?")
    QTest.keyClick(question, Qt.Key.Key_Return)
    lab.wait_for(lambda: lab.words("tryItAnswer").startswith("grey cat – "))
    (mark,) = text.extraSelections()
    assert mark.cursor.selectedText() == "grey cat"
    type_into(text, " ")
    assert not text.extraSelections()
    assert lab.words("tryItAnswer") == ""


def test_a_generator_is_chatted_with_and_opens_nothing(open_program: Open, qtbot: QtBot) -> None:
    write_tried("shakespeare", "next_token", None)
    lab = Tried(open_program(), qtbot)
    lab.wait_for(lambda: "Chat with it" in lab.words())
    assert lab.button("Chat with it").isEnabled()
    qtbot.wait(600)  # longer than it takes for one that is opened
    assert not lab.process.pid


def test_a_model_that_cannot_be_opened_is_told_and_tried_again(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    folder = write_tried("spam", "classification", models / "classifier")
    (folder.result / "model.safetensors").rename(folder.path / "away")
    lab = Tried(open_program(), qtbot)
    lab.wait_for(lambda: "model.safetensors" in lab.words())
    (folder.path / "away").rename(folder.result / "model.safetensors")
    lab.press("Try again")
    text = lab.wait_for_text()
    bars = lab.page.findChild(LabelBars)
    psutil.Process(lab.process.pid).kill()
    lab.wait_for(lambda: "without a word" in lab.words())
    type_into(text, "free money")
    lab.press("Try again")
    lab.wait_for(lambda: bars.accessibleName().startswith("spam 9"))
    assert lab.words() == ""


def test_a_wait_is_over_when_the_model_fails_or_is_left(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    write_tried("translator", "sequence_to_sequence", models / "translator")
    lab = Tried(open_program(), qtbot)
    type_into(lab.wait_for_text(), "the cat is good")
    psutil.Process(lab.process.pid).suspend()  # so that no answer comes
    lab.press("Translate")
    assert lab.words("tryItState") == "Translating…"
    psutil.Process(lab.process.pid).kill()
    lab.wait_for(lambda: "without a word" in lab.words())
    assert lab.words("tryItState") == ""
    lab.press("Try again")
    target = lab.page.findChild(QPlainTextEdit, "tryItTranslation")
    lab.wait_for(lambda: target.toPlainText() == "el gato es bueno")
    psutil.Process(lab.process.pid).suspend()
    lab.press("Translate")
    lab.program.window.show_chat()
    lab.program.window.show_lab()
    assert lab.wait_for_text().toPlainText() == "the cat is good"
    assert lab.words("tryItState") == ""


def test_a_question_is_awaited_no_more_once_its_model_is_left(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    write_tried("answers", "answers", models / "finder")
    lab = Tried(open_program(), qtbot)
    lab.wait_for_text().setPlainText(CONTEXT)
    type_into(lab.page.findChild(QLineEdit, "tryItQuestion"), "What sleeps on the roof?")
    psutil.Process(lab.process.pid).suspend()
    lab.press("Find the answer")
    assert lab.words("tryItAnswer") == "Reading…"
    lab.program.window.show_chat()
    lab.program.window.show_lab()
    lab.wait_for_text()
    assert lab.words("tryItAnswer") == ""


def test_its_process_ends_when_another_run_or_place_is_chosen(
    open_program: Open, qtbot: QtBot, models: Path
) -> None:
    write_tried("one", "classification", models / "classifier")
    write_tried("two", "next_token", None)
    lab = Tried(open_program(), qtbot)
    view = lab.page.findChild(RunListView)

    def choose(name: str) -> None:
        (row,) = [n for n in range(2) if view.model().index(n, 0).data() == name]
        place = view.visualRect(view.model().index(row, 0)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    choose("one")
    type_into(lab.wait_for_text(), "free money")
    pid = lab.process.pid
    lab.program.window.show_chat()
    lab.wait_for(lambda: not psutil.pid_exists(pid))
    lab.program.window.show_lab()
    assert lab.wait_for_text().toPlainText() == "free money"
    lab.wait_for(lambda: bool(lab.process.pid))
    pid = lab.process.pid
    choose("two")
    lab.wait_for(lambda: not psutil.pid_exists(pid))
    choose("one")
    lab.wait_for(lambda: bool(lab.process.pid))
    pid = lab.process.pid
    lab.program.window.close()
    assert not psutil.pid_exists(pid)
