"""Formulas: what is one, how they stand in the text, and that nothing waits for them."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp.gui import theme
from chatapp.gui.chat import formula
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.formula_text import KIND
from chatapp.gui.chat.markdown_stream import parse
from chatapp.gui.chat.text_view import TextView
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]


def formulas(text: str) -> list[str]:
    cells = [run for leaf in parse(text) for row in leaf.rows for cell in row for run in cell]
    runs = [run for leaf in parse(text) for run in leaf.runs]
    return [run.text for run in [*runs, *cells] if run.formula]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("so $E = mc^2$ is", ["$E = mc^2$"]),
        (r"so \(a\) and \(b\)", [r"\(a\)", r"\(b\)"]),
        ("$$x$$", ["$$x$$"]),
        ("Then:\n$$\na\n- b\n$$\nand", ["$$\na\n- b\n$$"]),
        ("1. one\n   \\[\n   x\n   \\]\n2. two", ["\\[\nx\n\\]"]),
        ("> $$\n> x\n> $$", ["$$\nx\n$$"]),
        ("a $$x$$ in a line", ["$$x$$"]),
        ("|a|\n|-|\n|$x$|", ["$x$"]),
        ("$5$ of $n$", ["$5$", "$n$"]),
        (r"$5 \times 3$", [r"$5 \times 3$"]),
    ],
)
def test_formulas_are_found(text: str, found: list[str]) -> None:
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $6.",
        "between $5-$10 and US$20",
        "$5, or 10$ in all",
        "$HOME/bin:$PATH",
        "`$x$` and ``\\(x\\)``",
        "```\n$x$\n$$y$$\n```",
        "    $$x$$",
        r"escaped \$x\$ signs",
        "$ x $",
        "open $x",
        r"open \(x",
        "$$\nopen",
        "$$\na\n\nb\n$$",
        "$$$$",
    ],
)
def test_money_code_and_open_formulas_are_text(text: str) -> None:
    assert formulas(text) == []


def shown(qtbot: QtBot, page: ChatPage, message: StoredMessage) -> TextView:
    """The first text of a message, once all its formulas are drawn."""
    page.show_conversation([message], {})
    transcript = page.findChild(Transcript)
    view = transcript.views()[0].views()[0]
    drawn = formulas(message.content)
    qtbot.waitUntil(lambda: not any(formula.is_waiting(source) for source in drawn))
    qtbot.waitUntil(lambda: not view.waits_for_formulas)
    return view


def objects(view: TextView) -> int:
    return view.document.toPlainText().count("\ufffc")


def test_a_formula_is_drawn_and_copied_as_it_was_written(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = shown(qtbot, page, reply("So $x^2$ and\n\n$$\\frac{a}{b}$$\n\nend."))
    assert objects(view) == 2
    view.select(0, view.length())
    assert view.selected_text() == "So $x^2$ and\n$$\\frac{a}{b}$$\nend." == view.text()
    view.select(4, view.length())
    assert view.selected_text().startswith(" and\n$$")


def test_broken_and_endless_formulas_show_their_source(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    text = r"$\frac{1$ and $\nosuchcommand{x}$ and $" + "x+" * 900 + "x$"
    view = shown(qtbot, page, reply(text))
    assert objects(view) == 0
    assert view.text() == text


def test_what_is_selected_stays_selected_while_formulas_are_drawn(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    page.show_conversation([reply("$y_{17}$ then words")], {})
    view = transcript.views()[0].views()[0]
    start = view.text().index("words")
    view.select(start, start + 5)
    qtbot.waitUntil(lambda: objects(view) == 1)
    assert view.selected_text() == "words"


def test_letters_and_formulas_stand_on_one_line(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = shown(qtbot, page, reply("A $\\mathrm{H}$ H"))
    image = view.grab().toImage()
    ink = theme.colour("text").lightness() + 80

    def lowest(columns: range) -> int:
        dark = [
            y
            for x in columns
            for y in range(image.height())
            if image.pixelColor(x, y).lightness() < ink
        ]
        return max(dark)

    drawn = [x for x in range(image.width()) if view_is_at(view, x, 2)]
    after = [x for x in range(image.width()) if view_is_at(view, x, 4)]
    assert abs(lowest(range(drawn[0], drawn[-1])) - lowest(range(after[0], after[-1]))) <= 1


@pytest.mark.parametrize(
    "tex", ["A = \\pi r^2", "x^{y^z}", "\\frac{a^2}{b_2}", "\\sqrt{2}", "x_{i_j}"]
)
def test_what_stands_high_in_a_formula_is_not_cut_off(
    tex: str, qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = shown(qtbot, page, reply(f"The area is \\({tex}\\)"))
    above = 20
    image = QImage(view.width(), above + view.height(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.translate(0, above)
    view.document.drawContents(painter)
    painter.end()
    spots = [(x, y) for x in range(image.width()) for y in range(above)]
    assert all(image.pixelColor(x, y).lightness() > 250 for x, y in spots)


def view_is_at(view: TextView, x: int, position: int) -> bool:
    layout = view.document.firstBlock().layout()
    line = layout.lineAt(0)
    begin, end = line.cursorToX(position)[0], line.cursorToX(position + 1)[0]
    return bool(begin < x < end)


def test_formulas_follow_the_theme(
    qapp: QApplication, qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = shown(qtbot, page, reply("$\\mathrm{HHHH}$"))

    def extreme(pick: Callable[[list[int]], int]) -> int:
        image = view.grab().toImage()
        spots = [(x, y) for x in range(30) for y in range(image.height())]
        return pick([image.pixelColor(x, y).lightness() for x, y in spots])

    assert extreme(min) < 80
    theme.apply(qapp, "dark")
    assert extreme(max) > 180


def test_a_streamed_formula_is_text_until_it_is_closed(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    view = transcript.views()[0].views()[0]
    page.append_reply(writing.id, "So $z^", "")
    qtbot.waitUntil(lambda: view.text() == "So $z^")
    page.append_reply(writing.id, "3$ and more", "")
    qtbot.waitUntil(lambda: objects(view) == 1)
    assert view.text() == "So $z^3$ and more"
    page.append_reply(writing.id, ".\n\nNext $z^4$ and on", "")
    qtbot.waitUntil(lambda: objects(view) == 2)
    assert view.text() == "So $z^3$ and more.\nNext $z^4$ and on"


def longest_wait(qtbot: QtBot, source: str) -> float:
    """How long the window could do nothing else while a formula was drawn."""
    ticks = [perf_counter()]
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(perf_counter()))
    timer.start(1)
    qtbot.waitUntil(lambda: not formula.is_waiting(source))
    timer.stop()
    return max(b - a for a, b in pairwise([*ticks, perf_counter()]))


def test_the_window_does_not_wait_while_formulas_are_drawn(qtbot: QtBot) -> None:
    waits = [
        longest_wait(qtbot, "$" + "+".join(f"{name}_{{{n}}}^2" for n in range(60)) + "$")
        for name in "abcde"
    ]
    assert min(waits) < 0.05  # the least of five: others use the machine too


def test_nothing_is_loaded_before_the_first_formula() -> None:
    code = (
        "import sys; import chatapp.gui.chat.transcript;"
        "sys.exit(any(name in sys.modules for name in ('ziamath', 'ziafont', 'latex2mathml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_formula_wider_than_the_column_is_made_smaller(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = shown(qtbot, page, reply("$$" + "+".join("w" * 12) + "+".join("xyz" * 30) + "$$"))
    assert objects(view) == 1
    layout = view.document.firstBlock().layout()
    assert layout.lineAt(0).naturalTextWidth() <= view.width() + 1
    assert view.document.firstBlock().begin().fragment().charFormat().objectType() == KIND
