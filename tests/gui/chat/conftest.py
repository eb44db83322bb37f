from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import ConversationSummary, StoredMessage

_NUMBERS = count()


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> None:
    theme.apply(qapp, "light")


@pytest.fixture
def user() -> Callable[..., StoredMessage]:
    return lambda content, **values: message("user", content, **values)


@pytest.fixture
def reply() -> Callable[..., StoredMessage]:
    return lambda content="", **values: message("assistant", content, **values)


def message(role: Any, content: str, **values: Any) -> StoredMessage:
    values = {"status": "complete", "created_at": datetime.now(UTC).isoformat()} | values
    return StoredMessage(
        id=f"m{next(_NUMBERS)}",
        conversation_id="c",
        parent_id=None,
        role=role,
        content=content,
        model_name="SmolLM2" if role == "assistant" else "",
        **values,
    )


@pytest.fixture
def summary() -> Callable[..., ConversationSummary]:
    def make(title: str, days_ago: float = 0) -> ConversationSummary:
        moment = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        return ConversationSummary(title, title, moment, "SmolLM2")

    return make


@pytest.fixture
def page(qtbot: QtBot) -> ChatPage:
    page = ChatPage()
    qtbot.addWidget(page)
    page.resize(1128, 760)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    return page


@pytest.fixture
def transcript(page: ChatPage) -> Transcript:
    page.show_conversation([message("user", "?")], {})  # it is built with the first message
    page.show_conversation([], {})
    return page.findChild(Transcript)


@pytest.fixture
def text_of() -> Callable[[MessageView], str]:
    """What a reader sees of a message, its blocks apart by an empty line."""
    return lambda view: "\n\n".join(part.text() for part in view.views())
