"""The evaluation of a run in the Lab: shown, asked for, cancelled, and done by a real process."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from lab_place import PATIENCE_MS, SORTING, age, done, open_lab, working, write_run, write_status
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.errors import say
from chatapp.gui.app import Program
from chatapp.gui.lab.lab_page import LabPage
from chatapp.runs.recipe import Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.report import Figure, Report, Row
from chatapp.runs.run_folder import BIAS, REPORT, Metric, RunFolder, Status
from chatapp.runs.source import Source

Open = Callable[[], Program]
LEFT = Qt.MouseButton.LeftButton
SORTED = Report(
    n=120,
    rows=(
        Row("this model", {"accuracy": Figure(0.975, 0.95, 0.99), "f1": Figure(0.91, 0.8, 0.97)}),
        Row("naive Bayes", {"accuracy": Figure(0.95, 0.91, 0.98), "f1": Figure(0.92, 0.8, 0.98)}),
    ),
    labels=("ham", "spam"),
    confusion=((99, 1), (2, 18)),
    calibration_error=0.031,
)
LEANING = Report(
    n=240,
    rows=(
        Row("age", {"mean": Figure(0.5, 0.4, 0.6), "spread": Figure(1.25, 1.1, 1.4)}),
        Row("gender", {"mean": Figure(-0.5, -0.6, -0.4), "spread": Figure(0.25, 0.1, 0.4)}),
    ),
)


class Evaluation:
    """The Lab of one window, and what is measured there."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.page: LabPage = open_lab(program, qtbot)
        self.name = self.page.findChild(QLabel, "runName")

    def wait_for(self, condition: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> None:
        self.qtbot.waitUntil(condition, timeout=patience_ms)

    def tables(self) -> list[QTableWidget]:
        found = self.page.findChildren(QTableWidget, "figureTable")
        return [one for one in found if one.isVisible()]

    def cells(self, number: int) -> list[list[str]]:
        table = self.tables()[number]
        return [
            [table.item(row, column).text() for column in range(table.columnCount())]
            for row in range(table.rowCount())
        ]

    def buttons(self) -> dict[str, QPushButton]:
        found = self.page.run_page.findChildren(QPushButton)
        return {one.text(): one for one in found if one.isVisible()}

    def press(self, text: str) -> None:
        self.wait_for(lambda: text in self.buttons())
        self.qtbot.mouseClick(self.buttons()[text], LEFT)

    def words(self) -> str:
        return self.page.findChild(QLabel, "evaluateWords").text()


@pytest.fixture
def open_it(open_program: Open, qtbot: QtBot) -> Callable[[], Evaluation]:
    return lambda: Evaluation(open_program(), qtbot)


def stand_in(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have the jobs done by Python code."""
    monkeypatch.setattr(paths, "engine_command", lambda: [sys.executable, "-c", code])


def test_a_report_is_a_table_with_the_best_of_each_column_marked_and_spoken(
    open_it: Callable[[], Evaluation],
) -> None:
    write_run("run", done(), SORTING, has_result=True).keep_report(REPORT, SORTED)
    lab = open_it()
    lab.wait_for(lambda: len(lab.tables()) == 2)
    assert lab.cells(0) == [
        ["This model", "★ 97.5 %", "91.0 %"],
        ["Naive Bayes", "95.0 %", "★ 92.0 %"],
    ]
    table = lab.tables()[0]
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = "This model, Right answers: 97.5 %, 95.0 to 99.0 %, the best"
    assert table.item(0, 1).data(role) == spoken
    assert table.item(1, 1).data(role) == "Naive Bayes, Right answers: 95.0 %, 91.0 to 98.0 %"
    assert "Evaluate" not in lab.buttons()
    said = [one.text() for one in lab.page.findChildren(QLabel) if one.isVisible()]
    assert any("off by 3.1 %" in one for one in said)
    assert any("120 example(s)" in one for one in said)


def test_the_f1_of_answers_is_not_called_that_of_labels(open_it: Callable[[], Evaluation]) -> None:
    recipe = structs.replace(SORTING, objective=Objective(kind="answers"))
    folder = write_run("run", Status(state="done"), recipe, has_result=True)
    figures = {"exact_match": 0.5, "f1": 0.75}
    folder.add_metric(Metric(step=10, seconds=1.0, evaluation={"loss": 1.5, **figures}))
    row = Row("this model", {name: Figure(value) for name, value in figures.items()})
    folder.keep_report(REPORT, Report(n=40, rows=(row,)))
    lab = open_it()
    lab.wait_for(lambda: len(lab.tables()) == 1)
    found = {one.text(): one for one in lab.page.findChildren(QLabel) if one.isVisible()}
    assert "same words as the right one" in found["F1, mean of the questions"].toolTip()
    head = lab.tables()[0].horizontalHeaderItem(2)
    assert (head.text(), "same words" in head.toolTip()) == ("F1", True)
    assert any("F1, mean of the questions 75.0 %" in words for words in found)


def test_what_is_mixed_up_is_read_with_the_arrow_keys(open_it: Callable[[], Evaluation]) -> None:
    write_run("run", done(), SORTING, has_result=True).keep_report(REPORT, SORTED)
    lab = open_it()
    lab.wait_for(lambda: len(lab.tables()) == 2)
    table = lab.tables()[1]
    assert lab.cells(1) == [["ham", "99", "1"], ["spam", "2", "18"]]
    table.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(table, key)
    spoken = table.currentItem().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "2 of 20 that are spam, sorted as ham"
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert not table.hasFocus()


def test_only_what_gives_texts_a_probability_is_probed_for_bias(
    open_it: Callable[[], Evaluation],
) -> None:
    age(write_run("sorting", done(), SORTING, has_result=True), 100)
    write_run("writing", done(), has_result=True).keep_report(BIAS, LEANING)
    lab = open_it()
    lab.wait_for(lambda: len(lab.tables()) == 1)
    assert lab.cells(0) == [
        ["Age: young or old", "0.500", "1.250"],
        ["Gender: man or woman", "-0.500", "0.250"],
    ]
    lab.page.watcher.choose(lab.page.watcher.runs[1].path)
    lab.wait_for(lambda: lab.name.text() == "Spam or not")
    assert lab.tables() == []
    assert "Evaluate" in lab.buttons()
    assert "Probe for bias" not in lab.buttons()


def test_a_wait_is_shown_and_cancelled(
    open_it: Callable[[], Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run("run", done(), SORTING, has_result=True)
    stand_in(monkeypatch, "import time; time.sleep(600)")
    lab = open_it()
    lab.press("Evaluate")
    assert "Evaluate" not in lab.buttons()
    assert any(
        one.isVisible() and one.accessibleName() == "Being measured"
        for one in lab.page.findChildren(QProgressBar)
    )
    assert lab.buttons()["Cancel"].hasFocus()
    lab.press("Cancel")
    assert "Cancel" not in lab.buttons()
    assert lab.buttons()["Evaluate"].isEnabled()


def test_another_run_waits_its_turn_and_is_not_taken_for_the_one_being_measured(
    open_it: Callable[[], Evaluation], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    age(write_run("other", done(), structs.replace(SORTING, name="Other"), has_result=True), 100)
    write_run("run", done(), SORTING, has_result=True)
    answer, gate = msgspec.json.encode(SORTED).decode(), tmp_path / "gate"
    stand_in(
        monkeypatch,
        f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\n"
        f"print({answer!r})",
    )
    lab = open_it()
    lab.press("Evaluate")
    lab.page.watcher.choose(lab.page.watcher.runs[1].path)
    lab.wait_for(lambda: lab.name.text() == "Other")
    assert not lab.buttons()["Evaluate"].isEnabled()
    gate.touch()
    lab.wait_for(lambda: lab.buttons()["Evaluate"].isEnabled())
    assert lab.tables() == []


def test_a_failure_is_said_and_can_be_tried_again(
    open_it: Callable[[], Evaluation], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_run("run", done(), SORTING, has_result=True)
    data, answer = tmp_path / "sms.tsv", msgspec.json.encode(SORTED).decode()
    reason = say("{file}: no such file.", file="/home/anna/texts/sms.tsv")
    stand_in(
        monkeypatch,
        f"import os\nif os.path.exists({str(data)!r}): print({answer!r})\n"
        f"else: print({msgspec.json.encode(reason).decode()!r}); raise SystemExit(4)",
    )
    lab = open_it()
    lab.press("Evaluate")
    lab.wait_for(lambda: "sms.tsv: no such file" in lab.words())
    assert lab.buttons()["Evaluate"].hasFocus()
    data.touch()
    lab.press("Evaluate")
    lab.wait_for(lambda: len(lab.tables()) == 2)


def test_a_run_that_goes_on_is_measured_no_more(
    open_it: Callable[[], Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run("run", Status(state="stopped", step=100, max_steps=200), has_result=True)
    stand_in(monkeypatch, "import time; time.sleep(600)")
    lab = open_it()
    lab.press("Evaluate")
    write_status(folder, working())
    lab.wait_for(lambda: "Cancel" not in lab.buttons())
    write_status(folder, done())
    lab.wait_for(lambda: "Evaluate" in lab.buttons())


def test_a_classifier_is_measured_by_a_process_beside_the_window_and_found_again(
    open_program: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    data = tmp_path / "words.tsv"
    words = {"animal": ("cat", "dog", "cow"), "plant": ("oak", "elm", "fern")}
    rows = [
        f"the {one} is {much} {like}\t{label}"
        for label, ones in words.items()
        for one in ones
        for much in ("very", "not", "so", "quite")
        for like in ("old", "big", "new")
    ]
    data.write_text("\n".join(["text\tlabel", *rows]))
    columns = {"text": "text", "label": "label"}
    recipe = Recipe(
        data=Data(train=Source(kind="table", paths=(str(data),), columns=columns), held_out=0.3),
        tokenizer=Vocabulary(kind="characters"),
        model=Model(architecture="gru", sizes={"n_layer": 1, "n_embd": 8, "hidden_size": 8}),
        objective=Objective(kind="classification"),
        training=Training(max_steps=20, eval_interval=10, precision="f32"),
    )
    folder = RunFolder.create(paths.runs_dir() / "sorting", recipe)
    subprocess.run([*paths.engine_command(), "train", str(folder.path)], check=True)
    program = open_program()
    lab = Evaluation(program, qtbot)
    lab.press("Evaluate")
    lab.wait_for(lambda: len(lab.tables()) == 2, 4 * PATIENCE_MS)
    names = ["This model", "The most frequent label", "Naive Bayes"]
    assert [row[0] for row in lab.cells(0)] == names
    report = folder.report(REPORT)
    assert sum(int(one) for row in lab.cells(1) for one in row[1:]) == report.n
    lab.wait_for(lambda: lab.tables()[0].hasFocus())  # the report lies there before it is answered
    program.window.close()
    again = Evaluation(open_program(), qtbot)
    again.wait_for(lambda: len(again.tables()) == 2)
