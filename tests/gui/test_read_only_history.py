"""A history that can only be read: all of it is there, and nothing pretends to be kept."""

from collections.abc import Callable

import pytest
from chat_place import Chat
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from chatapp import paths
from chatapp.chat import new_id
from chatapp.gui.chat.empty_state import Suggestion
from chatapp.storage.store import ConversationStore

Open = Callable[..., Chat]
CANNOT = "can be read but not written"


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A conversation and its first message, of two versions, in a file that takes no more."""
    conversation_id, first, second = new_id(), new_id(), new_id()
    store = ConversationStore(paths.history_file())
    store.create_conversation(conversation_id)
    store.add_user_message(first, conversation_id, None, "An early thought")
    store.add_user_message(second, conversation_id, None, "A later thought")
    store.close()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("chatapp.storage.owner.open_database", refuse)
    return conversation_id, first


@pytest.fixture
def chat(ids: tuple[str, str], open_chat: Open) -> Chat:
    chat = open_chat("polite")
    chat.history.list()
    chat.begin()
    chat.page.show()
    chat.wait(lambda: chat.page.summaries)
    return chat


def show(chat: Chat, ids: tuple[str, str]) -> None:
    chat.page.conversation_requested.emit(ids[0])
    chat.wait(lambda: chat.page.current_id == ids[0])


def test_its_conversations_are_read_and_no_message_is_taken(
    chat: Chat, ids: tuple[str, str]
) -> None:
    assert chat.page.error is not None
    assert CANNOT in chat.page.error[1]
    show(chat, ids)
    assert chat.page.texts() == ["A later thought"]
    edit = chat.page.prompt_box.edit
    assert not edit.isEnabled()
    assert "can only be read" in edit.placeholderText()
    edit.setPlainText("One more")
    assert not chat.page.prompt_box.action_button.isEnabled()


def test_no_suggestion_gets_into_its_prompt(chat: Chat, ids: tuple[str, str]) -> None:
    chat.page.clear_error()  # it hides what an empty conversation shows
    cards = chat.page.findChildren(Suggestion)
    assert cards
    for card in cards:
        assert card.isVisible()
        chat.qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert chat.page.prompt_text() == ""
    chat.controller.new_incognito()
    chat.qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    assert chat.page.prompt_text() == cards[0].accessibleName()


def test_the_version_that_was_found_is_shown(chat: Chat, ids: tuple[str, str]) -> None:
    sidebar = chat.page.sidebar
    sidebar.search_requested.emit("early")
    with chat.qtbot.waitSignal(chat.history.found) as found:
        pass
    (hit,) = [hit for hit in found.args[1] if hit.message_id]
    sidebar.hit_requested.emit(hit.conversation_id, hit.message_id)
    chat.wait(lambda: chat.page.texts() == ["An early thought"])
    chat.page.clear_error()
    show_later = chat.page.versions[ids[1]][1]
    chat.page.version_requested.emit(show_later)
    assert chat.page.texts() == ["A later thought"]
    assert chat.page.error is None


@pytest.mark.parametrize("action", ["regenerate", "continue", "fork", "keep", "delete"])
def test_a_change_of_a_message_is_refused_with_the_reason(
    chat: Chat, ids: tuple[str, str], action: str
) -> None:
    show(chat, ids)
    chat.page.message_action_requested.emit(action, ids[1])
    assert CANNOT in chat.page.notices[-1]


def test_a_change_of_the_list_is_refused_with_the_reason(chat: Chat, ids: tuple[str, str]) -> None:
    show(chat, ids)
    chat.page.sidebar.view.delete_requested.emit([ids[0]])
    assert CANNOT in chat.page.notices[-1]
    assert chat.controller.conversation.id == ids[0]


def test_an_incognito_chat_goes_on_as_ever(chat: Chat) -> None:
    chat.controller.new_incognito()
    edit = chat.page.prompt_box.edit
    QTest.keyClicks(edit, "Hello")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    chat.wait(lambda: chat.page.texts() == ["Hello", "Once upon a time"])
