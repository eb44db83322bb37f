"""The whole window by keyboard and for screen readers, in each of its states."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import new_id
from chatapp.gui.app import Program
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.lab.new_run_cards import RecipeButton
from chatapp.gui.lab.new_run_page import NewRunPage
from chatapp.runs.recipe import Data, Recipe
from chatapp.runs.run_folder import Metric, RunFolder, Sample
from chatapp.runs.source import Source
from chatapp.storage.records import StoredMessage

Open = Callable[[], Program]
CTRL = Qt.KeyboardModifier.ControlModifier
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


def show_chat(program: Program, qtbot: QtBot) -> None:
    program.window.show_chat()


def show_messages(program: Program, qtbot: QtBot) -> None:
    code = "Yes.\n\n```py\n" + "x" * 300 + "\n```\n\n|a|\n|-|\n|b|\n\n$$x^2$$"
    conversation_id = new_id()
    question = StoredMessage(
        id=new_id(),
        conversation_id=conversation_id,
        parent_id=None,
        role="user",
        content="Why?",
        status="complete",
        created_at="2026-01-01T00:00:00+00:00",
    )
    answer = StoredMessage(
        id=new_id(),
        conversation_id=conversation_id,
        parent_id=question.id,
        role="assistant",
        content=code,
        status="complete",
        created_at="2026-01-01T00:00:01+00:00",
        reasoning="Hm.",
        model_name="SmolLM2",
    )
    page = program.window.chat_page
    page.show_conversation([question, answer], {answer.id: (answer.id, new_id())})
    page.show_notice("Done.", "Undo")


def show_failure(program: Program, qtbot: QtBot) -> None:
    show_messages(program, qtbot)
    program.window.chat_page.show_error("It failed.", "Because.", [("retry", "Try again")], "log")


def show_models(program: Program, qtbot: QtBot) -> None:
    program.window.show_models()
    qtbot.waitUntil(lambda: bool(program.shelf.entries), timeout=10_000)


def show_lab(program: Program, qtbot: QtBot) -> None:
    recipe = Recipe(data=Data(train=Source(kind="text", paths=("a.txt",))))
    folder = RunFolder.create(paths.runs_dir() / "run", recipe)
    for step in (0, 1):
        folder.add_metric(Metric(step=step, seconds=0.0, loss=1.0, evaluation={"loss": 1.0}))
        folder.add_sample(Sample(step=step, prompt="a", text="b"))
    program.window.show_lab()
    qtbot.waitUntil(lambda: program.window.findChild(QWidget, "runCurve") is not None)
    qtbot.waitUntil(program.window.findChild(QWidget, "runCurve").isVisible)


def show_recipes(program: Program, qtbot: QtBot) -> None:
    program.window.show_lab()
    QTest.keyClick(program.window.findChild(QAbstractButton, "newRun"), Qt.Key.Key_Space)
    page = program.window.findChild(NewRunPage)
    qtbot.waitUntil(lambda: page.findChildren(RecipeButton)[0].hasFocus())


def show_new_run(program: Program, qtbot: QtBot) -> None:
    program.window.resize(1180, 1500)  # all of it without scrolling
    show_recipes(program, qtbot)
    page = program.window.findChild(NewRunPage)
    spam = page.findChildren(RecipeButton)[1]
    QTest.keyClick(spam, Qt.Key.Key_Space)
    rows = "".join(f"{n % 2}\tmessage {n}\n" for n in range(40))
    (paths.data_dir() / "a.tsv").write_text("label\ttext\n" + rows)
    page.data.take([str(paths.data_dir() / "a.tsv")])
    qtbot.waitUntil(lambda: page.data.source is not None, timeout=60_000)
    QTest.keyClick(page.findChild(QAbstractButton, "moreNumbers"), Qt.Key.Key_Space)


def show_keys(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_Slash, CTRL)


def show_settings(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_Comma, CTRL)


STATES = (
    show_chat,
    show_messages,
    show_failure,
    show_models,
    show_lab,
    show_recipes,
    show_new_run,
    show_keys,
    show_settings,
)


@pytest.fixture
def program(open_program: Open) -> Iterator[Program]:
    program = open_program()
    yield program
    for dialog in program.window.findChildren(QDialog):
        dialog.close()


def shown() -> list[QWidget]:
    """Every widget on the screen, those aside that Qt makes for parts of its own."""
    return [
        widget
        for widget in QApplication.allWidgets()
        if widget.isVisible() and not widget.objectName().startswith("qt_")
    ]


def controls(window: QWidget) -> list[QWidget]:
    """What a user acts on in a window, besides what Qt puts inside other controls."""
    return [
        widget
        for widget in shown()
        if widget.window() is window
        and isinstance(widget, CONTROLS)
        and not isinstance(widget, (QScrollBar, QHeaderView))
        and not isinstance(widget.parent(), (QLineEdit, QAbstractSpinBox, QComboBox))
        and not isinstance(widget.parent(), QKeySequenceEdit)
    ]


def what(widget: QWidget) -> str:
    words = widget.accessibleName() or getattr(widget, "text", str)() or widget.objectName()
    return f"{type(widget).__name__} {words}"


@pytest.mark.parametrize("show", STATES)
def test_screen_readers_hear_what_everything_is(
    program: Program, qtbot: QtBot, show: Callable[[Program, QtBot], None]
) -> None:
    show(program, qtbot)
    roleless = [
        what(widget)
        for widget in shown()
        if (face := QAccessible.queryAccessibleInterface(widget)) is None
        or not face.isValid()
        or face.role() == QAccessible.Role.NoRole
    ]
    assert roleless == []


@pytest.mark.parametrize("show", STATES)
def test_screen_readers_hear_the_name_of_every_control(
    program: Program, qtbot: QtBot, show: Callable[[Program, QtBot], None]
) -> None:
    show(program, qtbot)
    found = [widget for window in QApplication.topLevelWidgets() for widget in controls(window)]
    assert found
    nameless = [
        what(widget)
        for widget in found
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    assert nameless == []


def window_on_top() -> QWidget:
    window = QApplication.activeWindow()
    assert window is not None
    return window


def walk(window: QWidget) -> list[QWidget]:
    """The widgets that have the focus one after the other as Tab is pressed, until it repeats."""
    stops: list[QWidget] = []
    for _ in range(200):
        focus = QApplication.focusWidget()
        if focus is not None:
            if focus in stops and focus is stops[0]:
                return stops
            stops.append(focus)
        QTest.keyClick(focus or window, Qt.Key.Key_Tab)
    return stops


def is_reached(widget: QWidget, stops: list[QWidget]) -> bool:
    """By itself, or by the arrow keys as one of some buttons or in one of the messages."""
    message = _message_around(widget)
    if message is not None and not any(message.isAncestorOf(stop) for stop in stops):
        return any(isinstance(stop.parentWidget(), type(message.parentWidget())) for stop in stops)
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    members = group.buttons() if group is not None and group.exclusive() else []
    return any(
        stop in (widget, *members) or widget.focusProxy() is stop or stop.focusProxy() is widget
        for stop in stops
    )


def _message_around(widget: QWidget) -> MessageView | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, MessageView):
        parent = parent.parentWidget()
    return parent


@pytest.mark.parametrize("show", STATES)
def test_tab_reaches_every_control(
    program: Program, qtbot: QtBot, show: Callable[[Program, QtBot], None]
) -> None:
    show(program, qtbot)
    qtbot.wait(50)
    window = window_on_top()
    stops = walk(window)
    unreached = [
        what(widget)
        for widget in controls(window)
        if widget.isEnabled() and not is_reached(widget, stops)
    ]
    assert unreached == []


def picture(widget: QWidget) -> QImage:
    """The widget and a rim around it, as they stand in the window."""
    window = widget.window()
    place = widget.rect().translated(widget.mapTo(window, QPoint())).adjusted(-4, -4, 4, 4)
    return window.grab(place).toImage()


@pytest.mark.parametrize("show", STATES)
def test_the_focus_is_always_seen(
    program: Program, qtbot: QtBot, show: Callable[[Program, QtBot], None]
) -> None:
    show(program, qtbot)
    qtbot.wait(50)
    unseen = []
    for widget in walk(window_on_top()):
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        with_focus = picture(widget)
        widget.clearFocus()
        is_empty_list = isinstance(widget, QAbstractItemView) and not widget.model().rowCount()
        if picture(widget) == with_focus and not is_empty_list:
            unseen.append(what(widget))
    assert unseen == []


def test_nothing_leaves_the_smallest_window(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.resize(640, 480)
    for show in (show_messages, show_models):
        show(program, qtbot)
        qtbot.waitUntil(lambda: window.width() == 640)
        outside = [
            what(widget)
            for widget in controls(window)
            if not _is_scrolled(widget)
            and not window.rect().contains(widget.rect().translated(widget.mapTo(window, QPoint())))
        ]
        assert outside == []


def _is_scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


# ---- from right to left ----


@pytest.fixture
def from_right_to_left(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def left_of(widget: QWidget) -> int:
    return widget.mapTo(widget.window(), QPoint()).x()


@pytest.mark.usefixtures("from_right_to_left")
def test_the_window_is_mirrored(program: Program, qtbot: QtBot) -> None:
    window = program.window
    show_messages(program, qtbot)
    rail = window.findChild(QWidget, "rail")
    assert left_of(rail) + rail.width() == window.width()
    sidebar = window.findChild(QWidget, "sidebar")
    assert left_of(sidebar) + sidebar.width() <= left_of(rail)
    question = window.chat_page.findChildren(MessageView)[0]
    assert left_of(question) + question.width() <= left_of(sidebar)
    assert program.window.shortcuts.words("new") == "\u200eCtrl+N\u200e"


@pytest.mark.parametrize(
    ("text", "is_from_the_right"), [("مرحبا بالعالم", True), ("שלום עולם", True), ("Hello", False)]
)
def test_a_text_is_laid_out_as_its_own_language_is_written(
    program: Program, qtbot: QtBot, text: str, is_from_the_right: bool
) -> None:
    prompt = program.window.chat_page.prompt_box.edit
    prompt.setPlainText(text)
    block = prompt.document().firstBlock()
    direction = block.textDirection()
    assert (direction == Qt.LayoutDirection.RightToLeft) is is_from_the_right
