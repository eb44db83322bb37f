"""The model picker, the settings, the status line, the empty chat."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListView, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from chatapp.errors import say
from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.empty_state import EmptyState, Suggestion
from chatapp.gui.chat.model_picker import ModelList, ModelPicker
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.chat.status_line import StatusLine
from chatapp.library.fit import Fit
from chatapp.library.shelf import ModelEntry

MODELS = [
    ModelEntry(
        path="/a", name="Small", source="package", size_bytes=98 * 10**6, fit=Fit("easy", 1, 2)
    ),
    ModelEntry(
        path="/b",
        name="Big",
        source="app",
        size_bytes=42 * 10**9,
        fit=Fit("no", 44 * 10**9, 21 * 10**9),
    ),
    ModelEntry(path="/c", name="Broken", source="app", error=say("Damaged: it ends too soon.")),
]


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def picker(page: ChatPage) -> ModelPicker:
    page.set_models(MODELS, "/a")
    return page.findChild(ModelPicker)


def test_the_picker_names_the_model_in_use(page: ChatPage, picker: ModelPicker) -> None:
    assert picker.text().startswith("Small")
    assert picker.accessibleName() == "Model: Small"
    page.set_models(MODELS, "/gone")
    assert picker.text().startswith("No model")


def test_a_model_that_does_not_answer_is_given_the_beginning_of_a_text(
    qtbot: QtBot, page: ChatPage
) -> None:
    page.set_models([ModelEntry(path="/s", name="Sonnets", source="app")], "/s")
    assert page.prompt_box.edit.placeholderText() == "Write how the text begins"
    click(qtbot, page.findChildren(Suggestion)[-1])
    assert page.prompt_box.text() == "ROMEO:"
    answers = ModelEntry(path="/t", name="Talker", source="app", has_chat_template=True)
    page.set_models([answers], "/t")
    assert page.prompt_box.edit.placeholderText() == "Ask anything"
    assert "refund" in page.findChildren(Suggestion)[1].accessibleName()


def test_before_the_first_look_for_models_the_picker_does_not_say_there_is_none(
    page: ChatPage,
) -> None:
    picker = page.findChild(ModelPicker)
    assert picker.text().startswith("Looking for models…")
    assert picker.accessibleName() == "Model: Looking for models…"
    assert dot_colour(picker) == theme.colour("faint")
    page.set_models(MODELS, "/a")
    assert dot_colour(picker) == theme.colour("accent")


def dot_colour(picker: ModelPicker) -> QColor:
    picture = picker.icon().pixmap(16, 16).toImage()
    return picture.pixelColor(picture.rect().center())


def test_a_model_is_chosen_by_key_or_mouse(
    qtbot: QtBot, page: ChatPage, picker: ModelPicker
) -> None:
    click(qtbot, picker)
    view = picker.findChild(ModelList).findChild(QListView)
    assert view.currentIndex().data() == "Small"
    QTest.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(page.model_requested) as asked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert asked.args == ["/b"]
    assert not view.isVisible()
    click(qtbot, picker)
    with qtbot.waitSignal(page.model_requested) as asked:
        click_row(view, 0)
    assert asked.args == ["/a"]


def click_row(view: QListView, row: int) -> None:
    spot = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot
    )


def test_a_model_that_cannot_be_used_says_why_and_cannot_be_chosen(
    qtbot: QtBot, page: ChatPage, picker: ModelPicker
) -> None:
    click(qtbot, picker)
    view = picker.findChild(ModelList).findChild(QListView)
    broken = view.model().index(2, 0)
    assert "Damaged: it ends too soon." in broken.data(Qt.ItemDataRole.AccessibleTextRole)
    with qtbot.assertNotEmitted(page.model_requested):
        click_row(view, 2)
    with qtbot.waitSignal(page.models_page_requested):
        click_row(view, 3)


@pytest.fixture
def status(page: ChatPage) -> StatusLine:
    page.set_models(MODELS, "/a")
    return page.findChild(StatusLine)


def test_the_status_line_tells_context_and_speed(page: ChatPage, status: StatusLine) -> None:
    page.set_context(1148, 8192)
    page.set_speed(148.3, 0.07)
    assert status.text() == (
        "1,148 of 8,192 tokens  148 tokens/s  first word after 0.07 s  Offline"
    )
    page.set_context(None, 8192)
    page.set_speed(None, None)
    assert status.text() == "8,192 tokens of context  Offline"
    page.set_context(100, 8192)
    page.set_speed(2.25, None)
    assert "2.3 tokens/s" in status.text() or "2.2 tokens/s" in status.text()


def test_the_status_line_tells_what_is_going_on(page: ChatPage, status: StatusLine) -> None:
    page.set_context(1148, 8192)
    page.set_speed(148.3, 0.07)
    page.set_phase("loading", 0.4, 1.0)
    assert status.text() == "Loading Small… 40 %  Offline"
    page.set_phase("loading")
    assert status.text() == "Loading Small…  Offline"
    page.set_phase("reading", 1024, 4000, 6.2)
    assert status.text() == "Reading the prompt: 1,024 of 4,000 tokens, 6 s left  Offline"
    page.set_phase("reading", 1024, 4000)
    assert status.text() == "Reading the prompt: 1,024 of 4,000 tokens  Offline"
    page.set_phase("waiting")
    assert status.text() == "Waiting for the reply in another conversation…  Offline"
    page.set_phase("writing")
    assert status.text().startswith("1,148 of 8,192 tokens")
    page.set_phase("no_model")
    assert status.text() == "No model yet  Offline"


def test_in_a_narrow_window_the_least_important_gives_way(
    qtbot: QtBot, page: ChatPage, status: StatusLine
) -> None:
    page.set_sidebar_visible(False)
    page.set_context(1148, 8192)
    page.set_speed(148.3, 0.07)
    page.resize(480, 480)
    narrow = "1,148 of 8,192 tokens  148 tokens/s  Offline"
    qtbot.waitUntil(lambda: status.text() == narrow)
    page.resize(1100, 480)
    qtbot.waitUntil(lambda: "first word" in status.text())


def test_an_empty_chat_offers_three_things_to_try(qtbot: QtBot, page: ChatPage) -> None:
    cards = page.findChildren(Suggestion)
    assert len(cards) == 3
    assert all(card.isVisible() for card in cards)
    click(qtbot, cards[1])
    assert page.prompt_text() == cards[1].accessibleName()
    assert page.findChild(QPlainTextEdit, "promptEdit").hasFocus()


def test_without_a_model_the_empty_chat_leads_to_one(qtbot: QtBot, page: ChatPage) -> None:
    page.set_phase("no_model")
    empty = page.findChild(EmptyState)
    assert not any(card.isVisible() for card in page.findChildren(Suggestion))
    (button,) = [b for b in empty.findChildren(QPushButton) if b.isVisible()]
    with qtbot.waitSignal(page.models_page_requested):
        click(qtbot, button)


def test_a_notice_goes_by_itself_but_not_under_the_pointer(qtbot: QtBot, page: ChatPage) -> None:
    bar = page.findChild(NoticeBar)
    bar._timer.setInterval(30)
    page.show_notice("Said.")
    assert bar.isVisible()
    assert any(label.text() == "Said." for label in bar.findChildren(QLabel))
    qtbot.waitUntil(lambda: not bar.isVisible())
    page.show_notice("Again.", "Undo")
    QTest.mouseMove(bar, bar.rect().center())
    QTest.qWait(100)
    assert bar.isVisible()
