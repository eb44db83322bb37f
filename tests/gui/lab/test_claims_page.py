"""What textbooks say by real events: chosen, measured in a process of its own, found again."""

import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from lab_place import PATIENCE_MS, done, open_lab, write_run
from PySide6.QtCore import QMimeData, QPoint, QPointF, QProcess, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.errors import say
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.gui.lab.claim_page import ClaimPage
from chatapp.gui.lab.figure_table import FigureTable
from chatapp.gui.lab.new_run_cards import RecipeButton
from chatapp.runs.comparison import Comparison, Finding, comparisons_in, write_comparison
from chatapp.runs.plot import Curve, Plot
from chatapp.runs.report import Figure, Report, Row

LEFT = Qt.MouseButton.LeftButton
GRADIENTS = "What is far behind is hard to learn"
PERPLEXITY = "Which network writes your text best"
TRANSFER = "What having read much buys"
PLOT = Plot(
    title=say("How the loss of what is held out fell"),
    x_label=say("minutes of training"),
    y_label=say("loss (nats)"),
    curves=(
        Curve("LSTM", (0.0, 1.0, 2.0), (4.0, 2.5, 2.125)),
        Curve("GPT", (0.0, 0.9, 2.0), (4.25, 2.25, 1.75)),
    ),
)
FINDING = Finding(
    claim="perplexity",
    files=("grimm.txt",),
    report=Report(
        n=1,
        rows=(
            Row("LSTM", {"perplexity": Figure(8.5, 8.0, 9.0)}),
            Row("GPT", {"perplexity": Figure(5.5, 5.25, 5.75)}),
        ),
    ),
    plots=(PLOT,),
    notes=(say("The trained {kind} is {name}.", kind="GPT", name="none at all"),),
)
# In place of the engine: says who it is, leaves something behind, and would take long.
SLOW = """
import json, os, pathlib, sys, time
claim, folder = json.loads(sys.stdin.read())
pathlib.Path(folder, "models-x").mkdir(parents=True)
pathlib.Path(folder, "pid").write_text(str(os.getpid()))
time.sleep(600)
"""
TELLING = """
import time
print('{"text": "{name} is learning.", "facts": {"name": "LSTM"}}', flush=True)
time.sleep(60)
"""
BROKEN = 'print(\'{"text": "The table has no labels."}\'); raise SystemExit(4)'


class Claims:
    """The page of what textbooks say, and what a user does there."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program, self.qtbot = program, qtbot
        self.lab = open_lab(program, qtbot)
        self.page = self.lab.claims

    def enter(self) -> None:
        self.click("What textbooks say", self.lab)
        assert self.page.isVisible()

    def click(self, text: str, where: QWidget | None = None) -> None:
        button = self.button(text, where)
        assert button.isEnabled()
        self.qtbot.mouseClick(button, LEFT)

    def button(self, text: str, where: QWidget | None = None) -> QPushButton:
        found = [
            one
            for one in (where or self.page).findChildren(QPushButton)
            if one.text() == text and one.isVisible()
        ]
        assert found, f"no button {text}"
        return found[0]

    def choose(self, title: str) -> None:
        (card,) = [one for one in self.cards() if one.accessibleName() == title]
        self.qtbot.mouseClick(card, LEFT)

    def cards(self) -> list[RecipeButton]:
        return [one for one in self.page.findChildren(RecipeButton) if one.isVisible()]

    def words(self) -> list[str]:
        return [one.text() for one in self.page.findChildren(QLabel) if one.isVisible()]

    def says(self, text: str) -> bool:
        return any(text in words for words in self.words())

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def plot(self) -> QWidget:
        def found() -> list[QWidget]:
            return [one for one in self.page.findChildren(QWidget, "claimPlot") if one.isVisible()]

        self.wait_for(lambda: bool(found()))
        return found()[0]


@pytest.fixture
def open_it(open_program: Callable[[], Program], qtbot: QtBot) -> Callable[[], Claims]:
    return lambda: Claims(open_program(), qtbot)


def use(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have a script in place of the engine."""
    command = [sys.executable, "-c", code]
    monkeypatch.setattr("chatapp.gui.lab.job_process.paths.engine_command", lambda: command)


def kept(name: str = "20260102-030405-perplexity", finding: Finding = FINDING) -> Path:
    folder = paths.runs_dir() / name
    write_comparison(folder, Comparison((finding,)))
    return folder


def test_the_five_claims_are_cards_with_a_sentence_and_how_long_they_take(
    open_it: Callable[[], Claims],
) -> None:
    claims = open_it()
    claims.enter()
    cards = claims.cards()
    assert len(cards) == 5
    assert all(one.accessibleDescription().count(".") >= 2 for one in cards)
    assert cards[0].hasFocus()
    QTest.keyClick(cards[0], Qt.Key.Key_Tab)
    assert cards[1].hasFocus()
    QTest.keyClick(claims.page, Qt.Key.Key_Escape)
    assert not claims.page.isVisible()


def test_a_claim_is_measured_and_found_again(
    open_it: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = open_it()
    claims.enter()
    claims.choose(GRADIENTS)
    claims.click("Measure")
    assert claims.says("Being measured")
    assert claims.page.findChild(QProgressBar).isVisible()
    assert claims.button("Cancel").hasFocus()
    claims.wait_for(lambda: claims.says("Mean over 16 random texts"))
    assert claims.plot().hasFocus()
    assert claims.button("Measure again").isEnabled()
    ((folder, comparison),) = comparisons_in(paths.runs_dir())
    assert comparison.findings[0].claim == "gradients"
    assert (folder / "report.md").exists()
    claims.wait_for(lambda: not QImage(str(folder / "plot1.png")).isNull())
    opened: list[str] = []
    monkeypatch.setattr(
        "chatapp.gui.lab.lab_page.QDesktopServices.openUrl",
        lambda url: bool(opened.append(url.toLocalFile()) or True),
    )
    claims.click("Open the folder")
    assert opened == [str(folder)]
    again = open_it()
    again.enter()
    again.choose(GRADIENTS)
    again.wait_for(lambda: again.says("Mean over 16 random texts"))
    assert again.lab.watcher.runs == ()  # it is no run


def test_the_keys_read_values_off_the_curves(open_it: Callable[[], Claims]) -> None:
    kept()
    claims = open_it()
    claims.enter()
    claims.choose(PERPLEXITY)
    plot = claims.plot()
    assert plot.accessibleName() == "How the loss of what is held out fell"
    assert plot.accessibleDescription() == "minutes of training: 2, LSTM 2.125, GPT 1.750"
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.accessibleDescription() == "minutes of training: 0, LSTM 4, GPT 4.250"
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.accessibleDescription().startswith("minutes of training: 0.900")
    assert claims.says("GPT&nbsp;2.250")


def test_a_table_is_shown_with_its_intervals_and_notes(open_it: Callable[[], Claims]) -> None:
    kept()
    kept("20260103-030405-perplexity", Finding(claim="perplexity", files=("b.txt",)))
    claims = open_it()
    claims.enter()
    claims.choose(PERPLEXITY)
    claims.wait_for(lambda: claims.page.findChild(QWidget, "claimResult").isVisible())
    which = claims.page._result._which
    assert "b.txt" in which.itemText(0)
    assert "grimm.txt" in which.itemText(1)
    which.setFocus()
    QTest.keyClick(which, Qt.Key.Key_Down)
    claims.wait_for(lambda: claims.says("The trained GPT is none at all."))
    (table,) = [one for one in claims.page.findChildren(FigureTable) if one.isVisible()]
    cells = [[table.item(row, at).text() for at in range(2)] for row in range(2)]
    assert cells == [["LSTM", "8.500"], ["GPT", "★ 5.500"]]


def test_what_is_measured_can_be_cancelled_and_leaves_nothing_behind(
    open_it: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SLOW)
    claims = open_it()
    claims.enter()
    claims.choose(GRADIENTS)
    claims.click("Measure")
    claims.wait_for(lambda: any(paths.runs_dir().glob("*/pid")))
    pid = pid_in(paths.runs_dir(), claims)
    QTest.keyClick(claims.page, Qt.Key.Key_Escape)  # it goes on meanwhile
    claims.choose(TRANSFER)
    assert claims.says("Another one is being measured.")
    QTest.keyClick(claims.page, Qt.Key.Key_Escape)
    claims.choose(GRADIENTS)
    claims.click("Cancel")
    claims.wait_for(lambda: not psutil.pid_exists(pid))
    claims.wait_for(lambda: not any(paths.runs_dir().iterdir()))
    assert claims.button("Measure").isEnabled()
    assert claims.says("Takes seconds")


def test_the_page_says_which_network_learns(
    open_it: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, TELLING)
    claims = open_it()
    claims.enter()
    claims.choose(GRADIENTS)
    claims.click("Measure")
    claims.wait_for(lambda: claims.says("LSTM is learning. Being measured, for"))
    claims.click("Cancel")


def test_the_window_asks_before_it_ends_what_is_measured(
    open_it: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, SLOW)
    claims = open_it()
    claims.enter()
    claims.choose(GRADIENTS)
    claims.click("Measure")
    claims.wait_for(lambda: any(paths.runs_dir().glob("*/pid")))
    pid = pid_in(paths.runs_dir(), claims)
    window = claims.program.window
    assert not window.close()
    answer(claims, "Cancel")
    assert psutil.pid_exists(pid)
    assert not window.close()
    box = window.findChild(QMessageBox)
    assert f"“{GRADIENTS}” is being measured, for" in box.informativeText()
    answer(claims, "Close")
    assert not window.isVisible()
    assert not psutil.pid_exists(pid)
    assert not any(paths.runs_dir().iterdir())


def test_a_failure_is_said_in_words(
    open_it: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, BROKEN)
    claims = open_it()
    claims.enter()
    claims.choose(GRADIENTS)
    claims.click("Measure")
    claims.wait_for(lambda: claims.says("The table has no labels."))
    assert claims.button("Measure").isEnabled()


def test_a_claim_on_data_of_the_user_asks_for_it_first(
    open_it: Callable[[], Claims], tmp_path: Path
) -> None:
    table = tmp_path / "topics.tsv"
    rows = (f"{'sea' if n % 2 else 'wood'}\tsomething number {n}" for n in range(40))
    table.write_text("\n".join(["label\ttext", *rows]), "utf-8")
    claims = open_it()
    claims.enter()
    claims.choose(TRANSFER)
    assert claims.says("Choose your data first.")
    assert not claims.button("Measure").isEnabled()
    claims.click("Choose files…")
    dialog = claims.page.findChild(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(table.name)
    dialog.accept()
    claims.wait_for(claims.button("Measure").isEnabled)
    claim = claims.page.form.claim
    assert claim is not None
    assert claim.source.columns == {"text": "text", "label": "label"}
    assert (claim.encoder, claim.decoder) == ("", "")  # a chat model may be far too large
    QTest.keyClick(claims.page, Qt.Key.Key_Escape)
    claims.choose(PERPLEXITY)
    assert claims.page.form.claim is None  # a table of labels is no text


def test_files_can_be_dropped(open_it: Callable[[], Claims], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the quick brown fox jumps over the lazy dog.\n" * 60, "utf-8")
    claims = open_it()
    claims.enter()
    claims.choose(PERPLEXITY)
    drop(claims.page, text)
    claims.wait_for(claims.button("Measure").isEnabled)
    assert claims.page.form.claim.source.paths == (str(text),)


def test_in_a_small_window_the_claims_are_reached_and_nothing_is_cut_off(
    open_it: Callable[[], Claims],
) -> None:
    kept()
    claims = open_it()
    claims.program.window.resize(640, 480)
    claims.qtbot.waitUntil(lambda: claims.lab.width() < 640)
    claims.enter()
    claims.choose(PERPLEXITY)
    claims.plot()
    page = claims.page
    body = page._area.widget()
    claims.wait_for(lambda: body.width() <= page._area.viewport().width())
    QTest.keyClick(page, Qt.Key.Key_Escape)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_beside_runs_the_claims_have_their_button_too(open_it: Callable[[], Claims]) -> None:
    write_run("run", done())
    claims = open_it()
    claims.wait_for(lambda: claims.lab.run_page.isVisible())
    claims.enter()
    QTest.keyClick(claims.page, Qt.Key.Key_Escape)
    claims.wait_for(lambda: claims.lab.run_page.isVisible())


def test_the_curves_follow_the_theme(open_it: Callable[[], Claims]) -> None:
    kept()
    claims = open_it()
    claims.enter()
    claims.choose(PERPLEXITY)
    plot = claims.plot()
    claims.wait_for(plot.isVisible)
    theme.notifier.choose("dark")
    try:
        assert plot.backgroundBrush().color() == theme.colour("bg")
        picture = plot.grab().toImage()
        points = ((x, y) for x in range(0, picture.width(), 2) for y in range(picture.height()))
        colours = {picture.pixelColor(x, y).name() for x, y in points}
        assert theme.colour("accent").name() in colours
    finally:
        theme.notifier.choose("light")


def pid_in(folder: Path, claims: Claims) -> int:
    (file,) = folder.glob("*/pid")
    claims.wait_for(lambda: file.read_text() != "")
    assert claims.page.findChildren(QProcess)
    return int(file.read_text())


def answer(claims: Claims, text: str) -> None:
    """Press that button of the question, and wait until it has gone."""
    box = claims.program.window.findChild(QMessageBox)
    (button,) = [one for one in box.buttons() if one.text().replace("&", "") == text]
    with claims.qtbot.waitSignal(box.destroyed, timeout=PATIENCE_MS):
        claims.qtbot.mouseClick(button, LEFT)


def drop(page: ClaimPage, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    copy, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, keys)
    QApplication.sendEvent(page, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), copy, data, LEFT, keys))
