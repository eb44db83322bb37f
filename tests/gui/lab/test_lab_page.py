"""The Lab by real events, over runs that lie on the disk."""

import os
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from lab_place import (
    PATIENCE_MS,
    RECIPE,
    SORTING,
    age,
    at_step,
    done,
    open_lab,
    working,
    write_run,
    write_status,
)
from msgspec import structs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.errors import say
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.lab.lab_page import LabPage
from chatapp.gui.lab.run_list import RunListView
from chatapp.runs.run_folder import Metric, RunFolder, Sample, Status

Open = Callable[[], Program]
LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
FAILURE = say("The loss is no number any more at step {step:,}.", step=430)


class Lab:
    """The Lab of one window, and what a user does there."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program = program
        self.qtbot = qtbot
        self.page = open_lab(program, qtbot)
        self.view = self.page.findChild(RunListView)

    def rows(self) -> list[str]:
        model = self.view.model()
        role = Qt.ItemDataRole.AccessibleTextRole
        return [model.index(row, 0).data(role) for row in range(model.rowCount())]

    def click_row(self, row: int) -> None:
        place = self.view.visualRect(self.view.model().index(row, 0)).center()
        self.qtbot.mouseClick(self.view.viewport(), LEFT, pos=place)

    def text(self, name: str) -> str:
        label = self.page.findChild(QLabel, name)
        return label.text() if label.isVisible() else ""

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def button(self, text: str) -> QPushButton:
        found = [
            one
            for one in self.page.findChildren(QPushButton)
            if one.text() == text and one.isVisible()
        ]
        assert found, f"no button {text}"
        return found[0]

    def has_button(self, text: str) -> bool:
        buttons = self.page.findChildren(QPushButton)
        return any(one.text() == text and one.isVisible() for one in buttons)

    def press(self, text: str) -> None:
        self.qtbot.mouseClick(self.button(text), LEFT)

    def plot(self) -> QWidget:
        self.wait_for(lambda: self.page.findChild(QWidget, "runCurve") is not None)
        return self.page.findChild(QWidget, "runCurve")

    def shown(self, name: str) -> list[str]:
        """The words on one of the cards."""
        card = self.page.findChild(QWidget, name)
        return [one.text() for one in card.findChildren(QLabel) if one.isVisible()]


@pytest.fixture
def open_it(open_program: Open, qtbot: QtBot) -> Callable[[], Lab]:
    return lambda: Lab(open_program(), qtbot)


def test_the_third_place_is_the_lab_and_it_invites_while_it_is_empty(
    open_program: Open, qtbot: QtBot
) -> None:
    program = open_program()
    assert not program.window.findChildren(LabPage)  # built at the first visit
    QTest.keyClick(program.window, Qt.Key.Key_3, CTRL)
    (button,) = [
        one for one in program.window.findChildren(QToolButton) if one.accessibleName() == "Lab"
    ]
    assert button.isChecked()
    lab = Lab(program, qtbot)
    assert "Teach a model" in [one.text() for one in lab.page.findChildren(QLabel)]
    assert len([one for one in lab.page.findChildren(QPushButton) if one.text() == "New run"]) == 2


def test_the_runs_are_listed_the_newest_first_with_state_age_and_best_loss(
    open_it: Callable[[], Lab],
) -> None:
    age(write_run("old", done(), SORTING), 7_300)
    write_run("new", working())
    lab = open_it()
    loss = f"{at_step(1000)[-1].evaluation['loss']:.3f}"
    assert lab.rows() == [
        f"Write like Shakespeare, learning, 62 % · loss {loss}",
        "Spam or not, done, 2 h ago · loss 1.384",
    ]
    lab.wait_for(lambda: lab.text("runName") == "Write like Shakespeare")
    lab.click_row(1)
    lab.wait_for(lambda: lab.text("runName") == "Spam or not")
    QTest.keyClick(lab.view, Qt.Key.Key_Up)
    lab.wait_for(lambda: lab.text("runName") == "Write like Shakespeare")


def test_the_page_says_how_far_a_run_is_and_follows_it(open_it: Callable[[], Lab]) -> None:
    folder = write_run("run", working(1_240))
    lab = open_it()
    lab.wait_for(lambda: "1240 of 2000 steps" in lab.text("runProgress"))
    assert lab.text("runPhase") == "learning"
    assert "26 s left" in lab.text("runProgress")
    bar = lab.page.findChild(QProgressBar, "runBar")
    assert (bar.isVisible(), bar.value(), bar.maximum()) == (True, 1_240, 2_000)
    folder.add_metric(Metric(step=1_250, seconds=50.0, loss=1.111, tokens_per_second=123.0))
    write_status(folder, working(1_250))
    lab.wait_for(lambda: "1250 of 2000 steps" in lab.text("runProgress"))
    assert "123 tokens/s" in lab.text("runProgress")
    lab.wait_for(lambda: "training 1.111" in lab.text("curveFigures"))


def test_a_run_is_asked_to_pause_and_to_stop(open_it: Callable[[], Lab]) -> None:
    folder = write_run("run", working())
    lab = open_it()
    lab.wait_for(lambda: lab.has_button("Pause"))
    lab.press("Pause")
    lab.wait_for(lambda: lab.text("runPhase") == "pausing")
    assert not lab.button("Stop and keep").isEnabled()
    assert folder.take_request() == "pause"
    lab.wait_for(lambda: lab.button("Stop and keep").isEnabled())
    lab.press("Stop and keep")
    lab.wait_for(lambda: lab.text("runPhase") == "stopping")
    assert folder.take_request() == "stop"


def test_a_failure_says_why_and_offers_to_resume(open_it: Callable[[], Lab]) -> None:
    write_run("run", Status(state="failed", step=430, max_steps=2_000, message=FAILURE))
    lab = open_it()
    lab.wait_for(lambda: lab.text("runReason") == str(FAILURE))
    assert lab.text("runPhase") == "failed"
    assert lab.has_button("Resume")
    assert not lab.has_button("Pause")
    assert not lab.has_button("Stop and keep")


def test_what_a_failed_run_has_learned_can_be_kept_where_there_is_a_checkpoint(
    open_it: Callable[[], Lab],
) -> None:
    folder = write_run("run", Status(state="failed", step=430, max_steps=2_000, message=FAILURE))
    folder.last.write_bytes(b"")
    lab = open_it()
    lab.wait_for(lambda: lab.has_button("Stop and keep"))
    assert lab.button("Stop and keep").isEnabled()
    assert lab.has_button("Resume")


def test_a_run_cut_off_says_that_nothing_before_its_checkpoint_is_lost(
    open_it: Callable[[], Lab],
) -> None:
    write_run("run", structs.replace(working(), pid=999_999_999))
    lab = open_it()
    lab.wait_for(lambda: "last checkpoint is kept" in lab.text("runReason"))
    assert lab.has_button("Resume")


# ---- the curves ----


def test_the_keys_and_the_pointer_read_values_off_the_curves(open_it: Callable[[], Lab]) -> None:
    write_run("run", done())
    lab = open_it()
    plot = lab.plot()
    lab.wait_for(lambda: "Step 2000" in lab.text("curveFigures"))
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert "Step 10<" not in lab.text("curveFigures")
    assert "Step 10" in lab.text("curveFigures")
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert "Step 20" in lab.text("curveFigures")
    loss = at_step(20)[0].loss
    assert f"training {loss:.3f}" in plot.accessibleDescription()
    assert "held out 4.280 at step 0" in plot.accessibleDescription()  # the one nearest to it
    places = cycle([QPoint(0, 0), QPoint(1, 1)])

    def pointed_at() -> int:
        # Moved again each time: pyqtgraph drops what comes within 10 ms of another movement.
        QTest.mouseMove(plot.viewport(), plot.viewport().rect().center() + next(places))
        return int(plot.accessibleDescription().split(",")[0].removeprefix("Step "))

    lab.wait_for(lambda: 700 < pointed_at() < 1_300)


def test_a_figure_measured_at_another_step_names_it(open_it: Callable[[], Lab]) -> None:
    write_run("run", working(1_240))
    lab = open_it()
    held_out = f"{at_step(1_000)[-1].evaluation['loss']:.3f}"
    lab.wait_for(lambda: f"held out {held_out} at step 1000" in lab.text("curveFigures"))
    assert lab.text("curveFigures").startswith("Step 1240")
    assert f"training {at_step(1_240)[0].loss:.3f}<" in lab.text("curveFigures")


@pytest.mark.parametrize(
    ("kind", "words"), [("Rate", "learning rate"), ("Gradient", "gradient"), ("Speed", "tokens/s")]
)
def test_the_other_curves_are_one_click_away(
    open_it: Callable[[], Lab], kind: str, words: str
) -> None:
    write_run("run", done())
    lab = open_it()
    plot = lab.plot()
    lab.wait_for(lambda: "held out" in lab.text("curveFigures"))
    lab.press(kind)
    assert words in lab.text("curveFigures")
    assert "held out" not in lab.text("curveFigures")
    assert words in plot.accessibleDescription()


def test_the_curves_follow_the_theme(open_it: Callable[[], Lab]) -> None:
    write_run("run", done())
    lab = open_it()
    plot = lab.plot()
    lab.wait_for(plot.isVisible)
    theme.notifier.choose("dark")
    try:
        assert plot.backgroundBrush().color() == theme.colour("bg")
        picture = plot.grab().toImage()
        colours = {
            picture.pixelColor(x, y).name()
            for x in range(0, picture.width(), 2)
            for y in range(picture.height())
        }
        assert theme.colour("accent").name() in colours
    finally:
        theme.notifier.choose("light")


def test_before_the_first_steps_the_card_says_so(open_it: Callable[[], Lab]) -> None:
    folder = RunFolder.create(paths.runs_dir() / "run", SORTING)
    lab = open_it()
    lab.wait_for(lambda: lab.text("runName") == "Spam or not")
    words = [one.text() for one in lab.page.findChildren(QLabel) if one.isVisible()]
    assert "The curves begin with the first steps." in words
    assert lab.has_button("Begin")
    assert folder.path.exists()


# ---- samples, figures, recipe ----


def test_the_slider_goes_back_through_time_and_stays_there(open_it: Callable[[], Lab]) -> None:
    folder = write_run("run", working(1_240))
    lab = open_it()
    slider = lab.page.findChild(QSlider, "sampleSlider")
    text = lab.page.findChild(QPlainTextEdit, "samples")
    lab.wait_for(lambda: "And with it 1000 drums" in text.toPlainText())
    assert text.toPlainText().startswith("KING:\nWhat say you")
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert "hou ther an" in text.toPlainText()
    assert slider.accessibleDescription() == "after 0 steps"
    folder.add_sample(Sample(step=1_250, prompt="", text="the newest"))
    lab.wait_for(lambda: slider.maximum() == 5)
    assert "hou ther an" in text.toPlainText()
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert text.toPlainText() == "the newest"
    folder.add_sample(Sample(step=1_260, prompt="", text="newer still"))
    lab.wait_for(lambda: text.toPlainText() == "newer still")


def test_the_figures_are_a_table_from_untrained_to_the_last(open_it: Callable[[], Lab]) -> None:
    folder = write_run("run", done())
    folder.add_metric(Metric(step=2_250, seconds=90.0, evaluation={"loss": 1.5, "accuracy": 0.25}))
    lab = open_it()
    lab.wait_for(lambda: "best, 2000" in lab.shown("runFigures"))
    words = lab.shown("runFigures")
    assert words[1:5] == ["untrained", "best, 2000", "step 2250", "Loss"]
    assert words[5:8] == ["4.280", "1.384", "1.500"]
    assert words[8:] == ["Right answers", "–", "–", "25.0 %"]
    spoken = lab.page.findChild(QWidget, "runFigures").accessibleName()
    assert "Right answers, step 2250: 25.0 %" in spoken


def test_what_begins_with_a_model_was_not_untrained(open_it: Callable[[], Lab]) -> None:
    model = structs.replace(RECIPE.model, start="/home/anna/models/smol.gguf")
    write_run("run", done(), structs.replace(RECIPE, model=model))
    lab = open_it()
    lab.wait_for(lambda: "step 2000" in lab.shown("runFigures"))
    assert lab.shown("runFigures")[1:3] == ["before training", "step 2000"]


def test_the_recipe_is_said_in_plain_words_with_where_the_data_is_from(
    open_it: Callable[[], Lab],
) -> None:
    write_run("run", done())
    lab = open_it()
    lab.wait_for(lambda: bool(lab.shown("runRecipe")[1:]))
    words = lab.shown("runRecipe")
    assert "GPT, 4 layer(s), 4 head(s), 128 wide" in words
    assert "shakespeare.txt · 10 % held out" in words
    assert "public domain" in words
    assert "2000 step(s), 12 example(s) each, rate 0.001, seed 1337" in words
    (data,) = [
        one for one in lab.page.findChildren(QLabel) if one.text().startswith("shakespeare.txt")
    ]
    assert data.toolTip() == "/home/anna/texts/shakespeare.txt"


# ---- what came out ----


def test_what_came_out_is_shown_with_its_figures_and_a_chat_where_it_can_be_chatted_with(
    open_it: Callable[[], Lab],
) -> None:
    age(write_run("sorting", done(), SORTING, has_result=True), 100)
    write_run("writing", done(), has_result=True)
    lab = open_it()
    lab.wait_for(lambda: "The model is ready" in lab.shown("runResult"))
    assert any("Loss 1.384" in words and "2000 steps" in words for words in lab.shown("runResult"))
    assert lab.has_button("Chat with it")
    lab.click_row(1)
    lab.wait_for(lambda: lab.text("runName") == "Spam or not")
    assert "The model is ready" in lab.shown("runResult")
    assert not lab.has_button("Chat with it")


def test_what_tries_a_result_has_its_place_below_it(open_it: Callable[[], Lab]) -> None:
    age(write_run("none", Status(state="paused", step=100, max_steps=200)), 100)
    write_run("some", done(), has_result=True)
    lab = open_it()
    made: list[str] = []

    def make(record) -> QWidget:
        made.append(record.summary.name)
        return QLabel("Try it here")

    lab.page.run_page.make_try_it = make
    lab.click_row(1)
    lab.wait_for(lambda: lab.text("runPhase") == "paused")
    assert made == []
    lab.click_row(0)
    lab.wait_for(lambda: "Try it here" in lab.shown("runResult"))
    assert made == ["Write like Shakespeare"]
    lab.click_row(1)
    lab.wait_for(lambda: lab.text("runPhase") == "paused")
    lab.qtbot.waitUntil(
        lambda: "Try it here" not in [one.text() for one in lab.page.findChildren(QLabel)]
    )


# ---- deleting, and beginning ----


@pytest.mark.parametrize("answer", ["Keep it", "Move to trash"])
def test_a_run_goes_to_the_trash_once_the_user_agrees_and_comes_back(
    open_it: Callable[[], Lab], answer: str
) -> None:
    folder = write_run("run", done())
    lab = open_it()
    lab.wait_for(lambda: lab.text("runName") != "")
    lab.press("Move to the trash…")
    box = lab.page.findChild(QMessageBox)
    assert "“Write like Shakespeare”" in box.text()
    assert box.defaultButton().text() == "Keep it"
    (button,) = [one for one in box.buttons() if one.text() == answer]
    lab.qtbot.mouseClick(button, LEFT)
    if answer == "Keep it":
        assert folder.path.exists()
        return
    lab.wait_for(lambda: lab.rows() == [])
    assert not folder.path.exists()
    lab.press("Undo")
    lab.wait_for(lambda: len(lab.rows()) == 1)
    assert folder.metrics()


def test_a_run_that_comes_back_brings_its_model_to_the_shelf_again(
    open_it: Callable[[], Lab],
) -> None:
    folder = write_run("run", done(), has_result=True)
    (folder.result / "config.json").write_text('{"model_type": "gpt2"}')
    (folder.result / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    path = str(folder.result)
    lab = open_it()
    shelf = lab.program.shelf
    shelf.add([path])
    lab.wait_for(lambda: shelf.entry(path) is not None)
    shelf.set_default(path)
    lab.wait_for(lambda: lab.text("runName") != "")
    lab.press("Move to the trash…")
    (button,) = [
        one for one in lab.page.findChild(QMessageBox).buttons() if one.text() == "Move to trash"
    ]
    lab.qtbot.mouseClick(button, LEFT)
    lab.wait_for(lambda: not shelf.is_scanning)
    assert shelf.entry(path) is None
    lab.press("Undo")
    lab.wait_for(lambda: shelf.entry(path) is not None)
    assert shelf.default() is shelf.entry(path)


def test_a_run_at_work_is_not_deleted(open_it: Callable[[], Lab]) -> None:
    write_run("run", working())
    lab = open_it()
    lab.wait_for(lambda: lab.text("runName") != "")
    assert not lab.button("Move to the trash…").isEnabled()
    lab.view.setFocus()
    QTest.keyClick(lab.view, Qt.Key.Key_Delete, CTRL)
    assert lab.page.findChild(QMessageBox) is None
    assert "Stop it first" in lab.page.findChild(NoticeBar).accessibleName()


def test_a_recipe_that_makes_no_sense_is_refused_in_words(
    open_it: Callable[[], Lab], tmp_path: Path
) -> None:
    (tmp_path / "wrong.toml").write_text("[data]\ntrain = 3\n")
    lab = open_it()
    lab.page.ask_for_recipe()
    dialog = lab.page.findChild(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("wrong.toml")
    dialog.accept()
    notice = lab.page.findChild(NoticeBar)
    lab.wait_for(notice.isVisible)
    assert "wrong.toml" in notice.accessibleName()
    assert os.listdir(paths.runs_dir()) == []


def test_without_torch_the_lab_says_how_to_get_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, open_it: Callable[[], Lab]
) -> None:
    monkeypatch.setattr("chatapp.edition.has_own_networks", lambda: False)
    lab = open_it()
    assert "PyTorch" in lab.text("labMissing")
    assert not lab.button("New run").isEnabled()


def test_without_what_draws_the_curves_their_figures_are_there_as_words(
    monkeypatch: pytest.MonkeyPatch, open_it: Callable[[], Lab]
) -> None:
    monkeypatch.setattr("chatapp.gui.lab.curves_card.find_spec", lambda name: None)
    write_run("run", done())
    lab = open_it()
    lab.wait_for(lambda: "held out 1.384" in lab.text("curveFigures"))
    assert lab.page.findChild(QWidget, "runCurve") is None


# ---- a small window ----


def test_in_a_small_window_there_is_the_list_or_a_run_and_a_way_back(
    open_it: Callable[[], Lab],
) -> None:
    write_run("run", done(), has_result=True)
    lab = open_it()
    lab.program.window.resize(640, 480)
    lab.qtbot.waitUntil(lambda: lab.page.width() < 640)
    assert lab.view.isVisible()
    assert not lab.page.run_page.isVisible()
    lab.view.setFocus()
    QTest.keyClick(lab.view, Qt.Key.Key_Return)
    assert lab.page.run_page.isVisible()
    assert not lab.view.isVisible()
    (back,) = [
        one for one in lab.page.findChildren(QToolButton) if one.accessibleName() == "All runs"
    ]
    assert back.isVisible()
    back.click()
    assert lab.view.isVisible()
    lab.click_row(0)
    assert lab.page.run_page.isVisible()
    QTest.keyClick(lab.page.run_page, Qt.Key.Key_Escape)
    assert lab.view.hasFocus()
    lab.program.window.resize(1_180, 760)
    lab.qtbot.waitUntil(lambda: lab.page.run_page.isVisible() and lab.view.isVisible())
    assert not back.isVisible()
