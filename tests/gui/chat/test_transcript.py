from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter, process_time

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from chatapp.chat import Timings, Usage
from chatapp.gui.chat.blocks import CodeBlock
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.reasoning_view import ReasoningView
from chatapp.gui.chat.reply_view import ReplyView
from chatapp.gui.chat.text_view import TextView
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]
TextOf = Callable[[MessageView], str]

MIXED = (
    "Words with **bold**.\n\n```python\nx = 1\n```\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|\n\nEnd."
)
RICH = "The **quick** brown `fox` jumps over [the lazy](http://x.org) dog, *and* then. "


def conversation(user: Make, reply: Make, turns: int) -> list[StoredMessage]:
    return [
        message
        for n in range(turns)
        for message in (user(f"Question {n}?"), reply(f"Answer {n}.\n\n{MIXED}"))
    ]


def stream(page: ChatPage, message: StoredMessage, text: str, size: int = 7) -> None:
    for position in range(0, len(text), size):
        page.append_reply(message.id, text[position : position + size], "")


def test_a_streamed_reply_reads_like_a_stored_one(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make, text_of: TextOf
) -> None:
    page.show_conversation([user("?"), reply(MIXED)], {})
    stored = text_of(transcript.views()[1])
    writing = reply(status="streaming")
    page.show_conversation([user("?")], {})
    page.add_message(writing)
    for position in range(0, len(MIXED), 5):
        page.append_reply(writing.id, MIXED[position : position + 5], "")
        QTest.qWait(1)
    page.finish_reply(replace(writing, content=MIXED, status="complete"))
    assert text_of(transcript.views()[1]) == stored
    assert "x = 1" in stored
    assert "**" not in stored


def test_deltas_are_painted_together_and_soon(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make, text_of: TextOf
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    view = transcript.views()[0]
    stream(page, writing, "Some words", 1)
    assert text_of(view) == ""
    begin = perf_counter()
    qtbot.waitUntil(lambda: text_of(view) == "Some words", timeout=1_000)
    assert perf_counter() - begin < 0.5


@pytest.mark.parametrize(
    "text",
    [
        RICH * 1_300,
        "".join(f"- item {n} {RICH}\n" for n in range(1_100)),
        "```python\n" + "x = foo(1, 'bar')  # comment\n" * 3_500,
        f"{MIXED}\n\n" * 1_000,
    ],
    ids=["paragraph", "list", "code", "mixed"],
)
def test_a_repaint_costs_the_same_however_long_the_reply_is(
    page: ChatPage, transcript: Transcript, reply: Make, text: str
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    view = transcript.views()[0]
    assert isinstance(view, ReplyView)
    costs = []
    for position in range(0, len(text), 400):
        view.feed(text[position : position + 80], "")
        begin = process_time()
        view.flush()
        costs.append(process_time() - begin)
        view.feed(text[position + 80 : position + 400], "")
        view.flush()
    tenth = len(costs) // 10
    assert median(costs[-tenth:]) < 0.010
    assert median(costs[-tenth:]) < 3 * median(costs[:tenth]) + 0.002


def test_an_endless_paragraph_is_one_again_at_its_end(
    page: ChatPage, transcript: Transcript, reply: Make, text_of: TextOf
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    view = transcript.views()[0]
    assert isinstance(view, ReplyView)
    text = (RICH * 200).strip()
    for position in range(0, len(text), 100):
        view.feed(text[position : position + 100], "")
        view.flush()
    page.finish_reply(replace(writing, content=text, status="complete"))
    page.show_conversation([replace(writing, id="other", content=text, status="complete")], {})
    assert text_of(view) == text_of(transcript.views()[0])
    assert "\n" not in text_of(view)


def test_the_end_is_followed_until_the_reader_scrolls_up(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation(conversation(user, reply, 3), {})
    writing = reply(status="streaming")
    page.add_message(writing)
    bar = transcript.verticalScrollBar()
    stream(page, writing, "line\n\n" * 40)
    qtbot.waitUntil(lambda: transcript.views()[-1].height() > 1_000)
    assert bar.value() == bar.maximum()
    wheel(transcript.viewport(), 240)
    assert bar.value() < bar.maximum()
    last = transcript.views()[-1]
    place, height = top(last), last.height()
    stream(page, writing, "line\n\n" * 40)
    qtbot.waitUntil(lambda: last.height() > height)
    assert top(last) == place
    (button,) = [b for b in transcript.findChildren(QToolButton) if b.objectName() == "endButton"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bar.value() == bar.maximum()
    assert not button.isVisible()
    end = bar.maximum()
    stream(page, writing, "line\n\n" * 40)
    qtbot.waitUntil(lambda: bar.maximum() > end)
    assert bar.value() == bar.maximum()


def wheel(widget: QWidget, y: int, x: int = 0) -> None:
    """Turn the wheel over the middle of what can be seen of a widget."""
    window = widget.window()
    place = widget.visibleRegion().boundingRect().center()
    point = QPointF(widget.mapTo(window, place))
    QTest.wheelEvent(window.windowHandle(), point, QPoint(x, y))


def top(view: MessageView) -> int:
    """Where a message begins in what is in sight of the conversation."""
    return view.parentWidget().mapToParent(view.pos()).y()


def in_sight(transcript: Transcript) -> list[MessageView]:
    height = transcript.viewport().height()
    return [view for view in transcript.views() if -view.height() < top(view) < height]


def test_only_messages_near_what_is_in_sight_have_a_widget(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = conversation(user, reply, 2_000)
    begin = process_time()
    page.show_conversation(messages, {})
    assert process_time() - begin < 0.3
    assert transcript.views()[-1].message is messages[-1]
    bar = transcript.verticalScrollBar()
    for value in (bar.maximum() // 2, 0, bar.maximum()):
        bar.setValue(value)
        seen = in_sight(transcript)
        assert top(seen[0]) <= 20
        assert top(seen[-1]) + seen[-1].height() > transcript.viewport().height() - 60
        assert all(a.geometry().bottom() < b.y() for a, b in pairwise(seen))
        qtbot.waitUntil(lambda: len(transcript.views()) < 60)
    assert transcript.views()[-1].message is messages[-1]


def test_what_is_in_sight_stays_while_messages_around_it_are_built(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation(conversation(user, reply, 60), {})
    bar = transcript.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    seen = in_sight(transcript)[1]
    place, count = top(seen), len(transcript.views())
    qtbot.waitUntil(lambda: len(transcript.views()) > count)
    assert top(seen) == place


def test_scrolling_upwards_never_jumps(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation(conversation(user, reply, 100), {})
    for _ in range(100):
        seen = in_sight(transcript)[0]
        place = top(seen)
        wheel(transcript.viewport(), 120)
        assert 0 < top(seen) - place < 200


def test_a_message_far_away_is_scrolled_to(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = conversation(user, reply, 500)
    page.show_conversation(messages, {})
    for message in (messages[400], messages[3], messages[700]):
        transcript.scroll_to(message.id)
        (view,) = [view for view in transcript.views() if view.message is message]
        assert top(view) == 24
    transcript.scroll_to("unknown")
    assert top(view) == 24


def test_what_is_written_out_of_sight_is_not_lost(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make, text_of: TextOf
) -> None:
    messages = conversation(user, reply, 50)
    writing = reply(status="streaming")
    page.show_conversation([*messages, writing], {})
    transcript.scroll_to(messages[0].id)
    stream(page, writing, "Some words")
    page.finish_reply(replace(writing, content="Some words", status="complete"))
    transcript.scroll_to_end()
    assert text_of(transcript.views()[-1]) == "Some words"


def test_messages_the_model_did_not_see_are_greyed_and_say_why(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = conversation(user, reply, 30)
    page.show_conversation(messages, {})
    last = transcript.views()[-2:]
    height = last[0].height()
    transcript.set_unseen({messages[-2].id: "It was too long.", messages[0].id: "Too long."})
    (label,) = labels(last[0])
    assert label.text() == "It was too long."
    assert label.toolTip()
    assert last[0].height() > height
    transcript.scroll_to(messages[0].id)
    assert [label.text() for label in labels(transcript.views()[0])] == ["Too long."]
    transcript.set_unseen({})
    transcript.scroll_to_end()
    assert transcript.views()[-2].height() == height


def test_whole_messages_are_chosen_by_shift_click_and_copied(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = [user("One?"), reply("**Two.**"), user("Three?"), reply("Four.")]
    page.show_conversation(messages, {})
    views = transcript.views()
    click(views[1])
    click(views[2], Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(views[2], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "**SmolLM2:**\n\n**Two.**\n\n**You:**\n\nThree?"
    click(views[0], Qt.KeyboardModifier.ShiftModifier)  # from the first one, the other way
    (plain,) = [a for a in views[0].menu([]).actions() if a.text() == "Copy as plain text"]
    plain.trigger()
    assert QGuiApplication.clipboard().text() == "You:\n\nOne?\n\nSmolLM2:\n\nTwo."
    click(views[3])
    QTest.keyClick(views[3], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Four."


def click(view: QWidget, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, modifiers, QPoint(20, 12))


def test_messages_that_stay_keep_their_widgets(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    question, first, second = user("?"), reply("One."), reply("Two.")
    page.show_conversation([question, first], {})
    kept = transcript.views()[0]
    page.show_conversation([question, second], {second.id: (first.id, second.id)})
    assert transcript.views()[0] is kept
    assert [view.message for view in transcript.views()] == [question, second]


def test_a_finished_reply_says_how_it_ended(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    ends = {"stopped": "Stopped.", "interrupted": "ended while", "error": "could not be finished"}
    for status, words in ends.items():
        page.show_conversation([reply("Half a", status=status)], {})
        assert any(words in label.text() for label in labels(transcript.views()[0]))


def labels(view: QWidget) -> list[QWidget]:
    from PySide6.QtWidgets import QLabel

    return [label for label in view.findChildren(QLabel) if label.isVisible()]


def test_reasoning_is_folded_and_opens(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make, text_of: TextOf
) -> None:
    timings = Timings(prompt_s=1, generation_s=8, first_token_s=1)
    usage = Usage(prompt_tokens=1, cached_tokens=0, completion_tokens=100)
    thought = reply(
        "Yes.", reasoning="First.\nThen.", timings=timings, usage=usage, reasoning_tokens=50
    )
    page.show_conversation([thought], {})
    (view,) = transcript.views()
    (button,) = [b for b in view.tab_stops() if b.objectName() == "reasoningLine"]
    assert "Thought for 4 s" in button.text()
    assert text_of(view) == "Yes."
    height = view.height()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert text_of(view) == "First.\nThen.\n\nYes."
    assert view.height() > height
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert view.height() == height


def test_reasoning_is_live_while_the_model_thinks(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make, text_of: TextOf
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    page.append_reply(writing.id, "", "\nHm, ")
    view = transcript.views()[0]
    qtbot.waitUntil(lambda: bool(view.findChildren(ReasoningView)))
    (button,) = [b for b in view.tab_stops() if b.objectName() == "reasoningLine"]
    assert button.text().startswith("Thinking…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    page.append_reply(writing.id, "", "let me see.")
    qtbot.waitUntil(lambda: text_of(view) == "Hm, let me see.")
    page.append_reply(writing.id, "Yes.", "")
    qtbot.waitUntil(lambda: button.text().startswith("Thought for 1 s"))


def test_the_buttons_appear_on_hover_and_nothing_moves(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    asked, first, last = user("Q"), reply("A"), reply("B")
    page.show_conversation([asked, first, last], {first.id: ("x", first.id, "y")})
    view = transcript.views()[1]
    assert view.tab_stops() == [view]
    below = transcript.views()[2].y()
    qtbot.mouseMove(view, view.rect().center())
    qtbot.waitUntil(lambda: len(view.tab_stops()) == 7)
    names = [stop.accessibleName() for stop in view.tab_stops()[1:]]
    assert names == [
        "Copy this message",
        "Edit this message (F2)",
        "Write this reply again",
        "Show the version before",
        "Show the version after",
        "More to do with this message",
    ]
    assert transcript.views()[2].y() == below
    assert len(transcript.views()[2].tab_stops()) == 5  # the end of the conversation shows them


def test_the_buttons_do_what_they_say(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    message = reply("**B**")
    page.show_conversation([message], {message.id: ("older", message.id, "newer")})
    _, copy, _, again, older, newer, _ = transcript.views()[0].tab_stops()
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "**B**"
    assert copy.text() == "Copied"
    with qtbot.waitSignal(page.message_action_requested) as asked:
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert asked.args == ["regenerate", message.id]
    with qtbot.waitSignal(page.version_requested) as asked:
        qtbot.mouseClick(older, Qt.MouseButton.LeftButton)
    assert asked.args == ["older"]
    with qtbot.waitSignal(page.version_requested) as asked:
        qtbot.mouseClick(newer, Qt.MouseButton.LeftButton)
    assert asked.args == ["newer"]


def test_a_reply_has_buttons_only_once_it_is_finished(
    page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    writing = reply(status="streaming")
    page.add_message(writing)
    assert transcript.views()[0].tab_stops() == [transcript.views()[0]]
    page.finish_reply(replace(writing, content="Done.", status="complete"))
    assert len(transcript.views()[0].tab_stops()) == 5


def test_an_error_card_offers_the_ways_out(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make
) -> None:
    page.show_conversation([reply("Half", status="error")], {})
    page.show_error("It stopped.", "No memory.", [("retry", "Try again"), ("edit", "Edit")], "log")
    card = transcript.findChildren(QWidget, "errorCard")[0]
    _, retry, _, details = card.tab_stops()
    assert retry.property("kind") == "primary"
    height = card.height()
    qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    assert any(label.text() == "log" for label in labels(card))
    assert card.height() > height
    with qtbot.waitSignal(page.error_action_requested) as asked:
        qtbot.mouseClick(retry, Qt.MouseButton.LeftButton)
    assert asked.args == ["retry"]
    page.clear_error()
    assert not card.isVisible()


def test_the_wheel_over_code_moves_the_conversation(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    code = "```\n" + "x" * 400 + "\n" + "y\n" * 60 + "```"
    page.show_conversation([user("?"), reply(code)], {})
    block = transcript.findChild(CodeBlock)
    (view,) = block.views()
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    wheel(view, 240)
    assert bar.value() < bar.maximum()
    before = view.mapTo(page, QPoint(0, 0)), view.position_at(QPointF(0, 5))
    wheel(view, 0, x=-240)
    assert view.mapTo(page, QPoint(0, 0)) == before[0]
    assert view.position_at(QPointF(0, 5)) > before[1]


def test_colours_follow_the_theme(
    qapp: QApplication, page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    from chatapp.gui import theme

    page.show_conversation([user("?"), reply("[a](http://b.org)\n\n```py\nimport x\n```")], {})
    words, code = transcript.views()[1].views()
    link = words.document.begin().textFormats()[0]
    assert link.format.foreground().color() == theme.colour("accent")
    light = theme.colour("kw")
    assert first_colour(code) == light
    theme.apply(qapp, "dark")
    link = words.document.begin().textFormats()[0]
    assert link.format.foreground().color() == theme.colour("accent")
    assert first_colour(code) == theme.colour("kw") != light


def first_colour(view: TextView) -> QColor:
    formats = view.document.begin().layout().formats()
    return formats[0].format.foreground().color()


def test_a_long_reply_is_shown_bit_by_bit_and_whole_in_the_end(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make, text_of: TextOf
) -> None:
    text = "\n\n".join(f"{MIXED}\n\nPart {n}." for n in range(120)) + "\n\n$$\nx\n$$\n\nThe end."
    begin = process_time()
    page.show_conversation([user("?"), reply(text)], {})
    assert process_time() - begin < 0.3
    view = transcript.views()[-1]
    qtbot.waitUntil(lambda: "The end." in text_of(view), timeout=20_000)
    assert text_of(view).count("x = 1") == 120
    assert transcript.verticalScrollBar().value() == transcript.verticalScrollBar().maximum()


def test_a_long_reply_that_is_edited_while_it_is_shown_goes_on_afterwards(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, reply: Make, text_of: TextOf
) -> None:
    page.show_conversation([reply(f"{MIXED}\n\n" * 120 + "The end.")], {})
    (view,) = transcript.views()
    assert isinstance(view, ReplyView)
    QTest.keyClick(view, Qt.Key.Key_F2)
    shown = len(view.views())
    QTest.qWait(20)  # many times what is left between two parts
    assert len(view.views()) == shown
    assert not [text for text in view.views() if text.isVisible()]
    assert view.editor is not None
    QTest.keyClick(view.editor.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "The end." in text_of(view), timeout=20_000)
    assert all(text.isVisible() for text in view.views())


def test_what_is_built_ahead_is_whole_before_it_is_seen(
    qtbot: QtBot, page: ChatPage, transcript: Transcript, user: Make, reply: Make, text_of: TextOf
) -> None:
    page.show_conversation(conversation(user, reply, 40), {})
    count = len(transcript.views())
    bar = transcript.verticalScrollBar()
    assert bar.value() == bar.maximum()
    qtbot.waitUntil(lambda: len(transcript.views()) > count)
    qtbot.waitUntil(lambda: all(view.is_complete for view in transcript.views()))
    replies = [view for view in transcript.views() if isinstance(view, ReplyView)]
    assert all(text_of(view).endswith("End.") for view in replies)
    assert bar.value() == bar.maximum()
