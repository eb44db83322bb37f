"""Selecting, copying, links, and that nothing is ever fetched."""

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.link_dialog import LinkDialog
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.text_view import TextView
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]

WATCHED = {"open", "socket.connect", "socket.getaddrinfo", "os.listdir", "urllib.Request"}


def place(view: TextView, position: int) -> QPoint:
    """Where on its message a character stands: its left edge, at half its height."""
    for x in range(view.width()):
        for y in range(2, view.height(), 8):
            if view.position_at(QPointF(x, y)) == position:
                return view.mapTo(view.parentWidget(), QPoint(x, y))
    raise AssertionError(f"position {position} is nowhere")


def drag(view: MessageView, start: QPoint, end: QPoint) -> None:
    button = Qt.MouseButton.LeftButton
    QTest.mousePress(view, button, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, button, Qt.KeyboardModifier.NoModifier, end)


def copied(view: MessageView) -> str:
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


def only_view(page: ChatPage, transcript: Transcript, message: StoredMessage) -> MessageView:
    page.show_conversation([message], {})
    return transcript.views()[0]


def test_a_selection_reaches_over_blocks(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("First words.\n\n```\ncode\n```\n\nLast words."))
    first, _, last = view.views()
    drag(view, place(first, 6), place(last, 4))
    assert copied(view) == "words.\n\ncode\n\nLast"
    drag(view, place(last, 4), place(first, 6))  # and upwards
    assert copied(view) == "words.\n\ncode\n\nLast"


def test_a_double_click_selects_a_word_and_a_third_the_paragraph(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("Some words here.\n\nAnd there."))
    (text,) = view.views()
    spot = place(text, 7)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert copied(view) == "words"
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert copied(view) == "Some words here."


def test_a_shift_click_extends_and_a_click_drops_the_selection(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("Some words here."))
    (text,) = view.views()
    button, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(view, button, Qt.KeyboardModifier.NoModifier, place(text, 5))
    QTest.mouseClick(view, button, shift, place(text, 10))
    assert copied(view) == "words"
    QTest.mouseClick(view, button, Qt.KeyboardModifier.NoModifier, place(text, 2))
    assert text.selected_text() == ""


def test_without_a_selection_the_whole_message_is_copied_as_it_was_written(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("Some **words**."))
    view.setFocus()
    assert copied(view) == "Some **words**."
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(view) == "Some words."


def test_there_is_one_selection_in_the_conversation(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation([reply("One two."), reply("Three four.")], {})
    first, second = transcript.views()
    drag(first, place(first.views()[0], 0), place(first.views()[0], 3))
    drag(second, place(second.views()[0], 0), place(second.views()[0], 5))
    assert first.views()[0].selected_text() == ""
    assert second.views()[0].selected_text() == "Three"


def test_a_selection_stays_while_the_reply_grows(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("Some words", status="streaming"))
    (text,) = view.views()
    drag(view, place(text, 0), place(text, 4))
    page.append_reply(view.message.id, " and more.\n\nAnd more", "")
    qtbot.waitUntil(lambda: "And more" in text.text())
    assert text.selected_text() == "Some"


def test_control_characters_and_scripts_of_all_directions_are_shown(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    words = "مرحبا 你好 🙂 \x01\x1b e\u0301"
    view = only_view(page, transcript, reply(words))
    assert view.views()[0].text() == words


def test_a_users_message_is_shown_as_it_was_typed(
    page: ChatPage, transcript: Transcript, user: Make
) -> None:
    view = only_view(page, transcript, user("# no **heading**\n\n  <b>&amp;"))
    assert view.views()[0].text() == "# no **heading**\n\n  <b>&amp;"


# links


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that would have gone to the browser."""
    addresses: list[str] = []
    from PySide6.QtGui import QDesktopServices

    def note(url: QUrl) -> bool:
        addresses.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return addresses


def test_a_link_is_opened_only_after_its_address_was_seen(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make, opened: list[str]
) -> None:
    address = "https://example.org@evil.test/" + "a" * 300
    view = only_view(page, transcript, reply(f"See [example.org]({address})."))
    spot = place(view.views()[0], 6)
    for answer in ("Cancel", "Open"):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        assert opened == []
        dialog = page.findChildren(LinkDialog)[-1]
        assert dialog.findChild(QPlainTextEdit).toPlainText() == address
        assert any("evil.test" in label.text() for label in dialog.findChildren(QLabel))
        buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
        assert buttons["Cancel"].isDefault()
        with qtbot.waitSignal(dialog.finished):
            qtbot.mouseClick(buttons[answer], Qt.MouseButton.LeftButton)
    assert opened == [address]


def test_links_can_be_reached_without_a_mouse(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("[a](http://a.org) and [b](http://b.org)"))
    texts = [action.text() for action in view.menu(["http://a.org"]).actions()]
    assert "Open http://a.org…" in texts
    assert view.views()[0].links() == ["http://a.org", "http://b.org"]


def test_dragging_over_a_link_does_not_follow_it(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    view = only_view(page, transcript, reply("[some words](http://a.org)"))
    (text,) = view.views()
    drag(view, place(text, 1), place(text, 6))
    assert not page.findChildren(LinkDialog)


# nothing is fetched


@pytest.fixture
def touched(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What Python code opens or connects to while a test runs."""
    seen: list[str] = []
    is_watching = [True]

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if is_watching[0] and event in WATCHED:
            seen.append(f"{event} {arguments[0]!r}")

    sys.addaudithook(note)
    yield seen
    is_watching[0] = False


HOSTILE = [
    "![x](file:///etc/passwd)",
    "![x](/etc/passwd)",
    "![x](http://127.0.0.1:9/x.png)",
    "![x](//127.0.0.1/share/x.png)",
    "![x][r]\n\n[r]: http://127.0.0.1:9/r.png",
    "![x](data:image/png;base64,iVBORw0KGgo=)",
    '<img src="file:///etc/passwd"> <link rel=stylesheet href="http://127.0.0.1:9/a.css">',
    '<p style="background:url(http://127.0.0.1:9/b.png)">x</p>',
    "<svg><image href='file:///etc/passwd'/></svg>",
]


def test_no_text_makes_the_program_open_or_fetch_anything(
    page: ChatPage, transcript: Transcript, reply: Make, touched: list[str]
) -> None:
    page.show_conversation([reply("\n\n".join(HOSTILE * 3) + "\n\n```py\nx\n```")], {})
    QTest.qWait(50)
    page.grab()
    own = [
        event for event in touched if "/chatapp" in event or ".venv" in event or "python" in event
    ]
    assert [event for event in touched if event not in own] == []
    assert transcript.views()[0].views()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "/etc/passwd", "http://127.0.0.1:9/x"])
@pytest.mark.parametrize("kind", QTextDocument.ResourceType)
def test_a_document_answers_every_request_itself(
    page: ChatPage, transcript: Transcript, reply: Make, address: str, kind: object
) -> None:
    document = only_view(page, transcript, reply("x")).views()[0].document
    answer = document.resource(kind.value, QUrl(address))  # type: ignore[attr-defined]
    assert answer.width() == answer.height() == 1


def test_long_code_scrolls_inside_its_block_once_the_pointer_moved_over_it(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    code = "```\n" + "\n".join(f"line {n}" for n in range(200)) + "\n```"
    page.show_conversation([user("?"), reply(code + "\n\nwords\n\n" * 30)], {})
    transcript.scroll_to(transcript.views()[-1].message.id)
    (view, *_) = transcript.views()[-1].views()
    assert view.height() < 600
    top = view.mapTo(page, QPoint(0, 0))
    first = view.position_at(QPointF(0, 5))
    turn_wheel(view, -120)
    assert view.mapTo(page, QPoint(0, 0)) != top  # the conversation moved under the pointer
    assert view.position_at(QPointF(0, 5)) == first
    top = view.mapTo(page, QPoint(0, 0))
    QTest.mouseMove(view, view.rect().center())
    QTest.mouseMove(view, view.rect().center() + QPoint(2, 2))
    turn_wheel(view, -120)
    assert view.mapTo(page, QPoint(0, 0)) == top
    assert view.position_at(QPointF(0, 5)) > first


def turn_wheel(view: TextView, turn: int) -> None:
    window = view.window()
    spot = view.mapTo(window, view.visibleRegion().boundingRect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(spot), QPoint(0, turn))


def test_each_paragraph_runs_in_the_direction_of_its_first_letters(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    text = "مرحبا abc\n\n- شيء\n\nabc مرحبا\n\n```\nمرحبا = 1\n```"
    view = only_view(page, transcript, reply(text))
    words, code = view.views()
    block = words.document.begin()
    directions = []
    while block.isValid():
        directions.append(block.textDirection())
        block = block.next()
    rightwards, leftwards = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
    assert directions == [leftwards, leftwards, rightwards]
    assert words.document.findBlockByNumber(1).blockFormat().rightMargin() > 0
    line = words.document.begin().layout().lineAt(0)
    assert line.naturalTextRect().right() > words.width() - 2
    assert code.document.begin().layout().lineAt(0).naturalTextRect().left() < 2


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize(
    "text", ["> - a", "> 10. a", "> > - a", "> - a\n>   - b", "- > a", "> - > a"]
)
def test_the_bar_of_a_quotation_touches_no_bullet(
    text: str, percent: int, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    theme.notifier.resize(percent)
    (words,) = only_view(page, transcript, reply(text)).views()
    block = words.document.lastBlock()
    place = words.document.documentLayout().blockBoundingRect(block)
    picture = words.grab(place.toRect()).toImage()
    line, ground = theme.colour("line"), picture.pixelColor(picture.width() - 1, 2)
    columns = [
        {picture.pixelColor(x, y).name() for y in range(2, picture.height() - 2)}
        for x in range(100)
    ]
    bars = [x for x, colours in enumerate(columns) if colours == {line.name()}]
    inked = [x for x, colours in enumerate(columns) if colours != {ground.name()}]
    assert len(bars) == 3 * text.splitlines()[-1].count(">")
    beside = {x + step for x in bars for step in (-2, -1, 1, 2)} - set(bars)
    assert not beside & set(inked)
    assert (inked[0] in bars) == text.startswith(">")


def test_the_bar_of_a_quotation_is_as_high_as_its_words(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    (text,) = only_view(page, transcript, reply("> Éclair, jg")).views()
    image = text.grab().toImage()

    def rows(columns: range) -> list[int]:
        ground = image.pixelColor(image.width() - 1, 0)
        inked = [
            y
            for y in range(image.height())
            if any(image.pixelColor(x, y) != ground for x in columns)
        ]
        return [inked[0], inked[-1]]

    bar, words = rows(range(3)), rows(range(10, image.width()))
    assert bar[0] <= words[0]
    assert words[1] <= bar[1]
