"""What a screen reader finds of messages, and what it is told of new ones."""

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from chatapp.gui.chat import announcement
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]
NAME = QAccessible.Text.Name


@pytest.fixture(autouse=True)
def _reader() -> Iterator[None]:
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def spoken(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def children(parent: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [parent.child(number) for number in range(parent.childCount())]


def test_each_message_says_who_wrote_it_and_what(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    page.show_conversation([user("Why?"), reply("Because **so**."), user("Oh.")], {})
    names = [
        child.text(NAME)
        for child in children(spoken(transcript.content))
        if child.object() in transcript.views()
    ]
    assert names == ["You: Why?", "SmolLM2: Because **so**.", "You: Oh."]
    assert all(spoken(view).isValid() for view in transcript.views())


def test_messages_are_read_in_their_order_also_after_scrolling(
    page: ChatPage, transcript: Transcript, user: Make, reply: Make
) -> None:
    messages = [
        message for n in range(200) for message in (user(f"Question {n}?"), reply(f"Reply {n}."))
    ]
    page.show_conversation(messages, {})
    transcript.scroll_to(messages[200].id)
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().value() - 900)
    numbers = [
        int("".join(filter(str.isdigit, child.text(NAME).partition(":")[2])))
        for child in children(spoken(transcript.content))
        if child.object() in transcript.views()
    ]
    assert len(numbers) > 5
    assert numbers == sorted(numbers)


def test_a_finished_reply_is_announced_politely(
    page: ChatPage, transcript: Transcript, reply: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[object, str, object]] = []
    monkeypatch.setattr(
        announcement.QAccessible,
        "updateAccessibility",
        lambda event: events.append((event.object(), event.message(), event.politeness())),
    )
    writing = reply(status="streaming")
    page.add_message(writing)
    page.append_reply(writing.id, "Some **words** and $x$.", "")
    text = "Some **words** and $x$.\n\n- one"
    page.finish_reply(replace(writing, content=text, status="complete"))
    polite = QAccessible.AnnouncementPoliteness.Polite
    assert events == [(transcript, "Some words and $x$.\n•\tone", polite)]
