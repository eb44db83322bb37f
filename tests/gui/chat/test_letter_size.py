"""Letters of another size in the Chat place: everything follows, and the reader's place is kept."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp.chat import new_id
from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.reply_view import ReplyView
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

TEXT = "# A heading\n\nSome **words** about the sea, many of them: lines break.\n\n```\ncode\n```"


@pytest.fixture(autouse=True)
def _usual_size(qapp: QApplication) -> Iterator[None]:
    yield
    theme.notifier.resize(100)


@pytest.fixture
def page(qtbot: QtBot) -> ChatPage:
    page = ChatPage()
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    qtbot.waitExposed(page)
    return page


def conversation(length: int) -> list[StoredMessage]:
    return [
        StoredMessage(
            id=new_id(),
            conversation_id="c",
            parent_id=None,
            role="assistant" if number % 2 else "user",
            content=f"{number} {TEXT}",
            status="complete",
            created_at="2026-01-01T00:00:00+00:00",
        )
        for number in range(length)
    ]


def reply_height(transcript: Transcript) -> int:
    return next(view.height() for view in transcript.views() if isinstance(view, ReplyView))


def test_the_message_in_sight_stays_in_sight(page: ChatPage) -> None:
    page.show_conversation(conversation(200), {})
    transcript = page.findChild(Transcript)
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() // 3)
    before = transcript.first_in_sight()
    assert before > 20
    height = reply_height(transcript)
    theme.notifier.resize(150)
    assert transcript.first_in_sight() == before
    assert reply_height(transcript) > 1.2 * height
    theme.notifier.resize(100)
    assert transcript.first_in_sight() == before


def test_the_end_stays_in_sight(page: ChatPage) -> None:
    page.show_conversation(conversation(50), {})
    bar = page.findChild(Transcript).verticalScrollBar()
    theme.notifier.resize(200)
    assert bar.value() == bar.maximum()


def test_a_reply_that_is_being_written_loses_no_word(page: ChatPage, qtbot: QtBot) -> None:
    (_, reply) = conversation(2)
    page.add_message(StoredMessage(**_with(reply, status="streaming", content="")))
    page.append_reply(reply.id, "The sea is ", "")
    theme.notifier.resize(150)
    page.append_reply(reply.id, "salty.", "")
    view = page.findChild(ReplyView)
    qtbot.waitUntil(lambda: "The sea is salty." in view.views()[0].text())
    page.finish_reply(StoredMessage(**_with(reply, content="The sea is salty.")))
    (view,) = page.findChild(Transcript).views()
    assert view.views()[0].text() == "The sea is salty."
    assert view.views()[0].document.defaultFont().pixelSize() == theme.px(theme.MESSAGE_PX)


def _with(message: StoredMessage, **changes: object) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__struct_fields__} | changes
