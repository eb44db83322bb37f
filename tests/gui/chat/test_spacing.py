"""Where things stand: what lines up with what, and what does not jump."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.empty_state import Suggestion
from chatapp.gui.chat.settings_panel import SettingsPanel
from chatapp.gui.chat.status_line import StatusLine
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]


def place(widget: QWidget) -> QRect:
    """Where a widget stands in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def test_the_suggestions_are_as_wide_and_high_as_each_other(qtbot: QtBot, page: ChatPage) -> None:
    cards = page.findChildren(Suggestion)
    qtbot.waitUntil(lambda: cards[0].isVisible())
    assert max(card.width() for card in cards) - min(card.width() for card in cards) <= 1
    assert len({card.height() for card in cards}) == 1


def test_the_prompt_stays_where_it_is_whatever_the_line_under_it_says(
    qtbot: QtBot, page: ChatPage
) -> None:
    prompt, words = page.findChild(QPlainTextEdit, "promptEdit"), page.findChild(StatusLine)
    assert words is not None
    tops, lefts = set(), set()
    for phase, n_ctx in (("no_model", None), ("waiting", 8192), ("idle", 8192)):
        page.set_phase(phase)
        page.set_context(None, n_ctx)
        page.layout().activate()
        words.layout().activate()
        shown = [part for part in words.findChildren(QWidget) if part.isVisible()]
        tops.add(place(prompt).top())
        lefts.add(min(place(part).left() for part in shown))
    assert len(tops) == 1
    assert len(lefts) == 1


def test_what_is_said_of_the_end_of_a_reply_stands_apart_from_it(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    page.show_conversation([reply("1. One\n2. Two", status="error")], {})
    view = transcript.views()[0]
    (note,) = [label for label in view.findChildren(QLabel) if "finished" in label.text()]
    assert place(note).top() - place(view.views()[-1]).bottom() > 12


def test_all_parameters_open_within_a_window_of_its_first_size(
    qtbot: QtBot, page: ChatPage
) -> None:
    button = page.prompt_box.sampling_button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    panel = QApplication.activePopupWidget()
    assert isinstance(panel, SettingsPanel)
    (more,) = [b for b in panel.findChildren(QPushButton) if b.isCheckable()]
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert page.height() == 760
    assert panel.height() < place(button).top()
    panel.hide()


def test_words_of_the_panel_begin_at_one_edge(qtbot: QtBot, page: ChatPage) -> None:
    qtbot.mouseClick(page.prompt_box.sampling_button, Qt.MouseButton.LeftButton)
    panel = QApplication.activePopupWidget()
    assert isinstance(panel, SettingsPanel)
    left = panel.findChild(QLabel, "popoverHeading").mapTo(panel, QPoint(0, 0)).x()
    (more,) = [b for b in panel.findChildren(QPushButton) if b.isCheckable()]
    ink = more.grab().toImage()
    ground = ink.pixelColor(0, 0)
    columns = (
        x
        for x in range(ink.width())
        if any(ink.pixelColor(x, y) != ground for y in range(ink.height()))
    )
    assert abs(more.mapTo(panel, QPoint(0, 0)).x() + next(columns) - left) <= 2
    panel.hide()
