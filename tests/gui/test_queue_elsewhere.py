"""What waits for a reply is sent when it ends, wherever the user looks; by real keys."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_place import Chat
from prompt_keys import (
    CONTROL,
    ENTER,
    PASTE,
    Open,
    button,
    draft_on_disk,
    messages_on_disk,
    paste,
    press,
    queue,
    show,
    show_conversation,
    write,
)
from PySide6.QtCore import Qt

from chatapp import paths
from chatapp.chat import GenerationParams
from chatapp.storage.records import Draft, StoredMessage

REPLY = "Once upon a time"


@pytest.fixture
def chat(open_chat: Open) -> Chat:
    return show(open_chat("polite"))


@pytest.fixture
def busy(open_chat: Open) -> Chat:
    """A chat whose reply does not end by itself."""
    chat = show(open_chat("ends_when_told"))
    write(chat, "A story")
    press(chat, ENTER)
    chat.wait_for_words()
    return chat


def begin_reply(chat: Chat, text: str) -> str:
    """Send a text, of whose reply nothing has come yet; gives the conversation's id."""
    write(chat, text)
    with chat.qtbot.waitSignal(chat.controller.sent, timeout=60_000):
        press(chat, ENTER)
    return chat.controller.conversation.id


def put_into_queue(chat: Chat, *texts: str) -> None:
    for text in texts:
        write(chat, text)
        press(chat, ENTER)
    assert queue(chat) == list(texts)


def leave(chat: Chat) -> None:
    """Look at a new conversation."""
    chat.page.new_requested.emit()


def wait_for_messages(chat: Chat, conversation_id: str, number: int) -> list[StoredMessage]:
    """The messages in the history, once they are that many and the last one is whole."""

    def messages() -> list[StoredMessage]:
        return list(chat.history.store.open_conversation(conversation_id).result().path())

    chat.wait(lambda: len(messages()) >= number and messages()[-1].status == "complete")
    assert len(messages()) == number
    return messages()


def wait_until_free(chat: Chat, leave_it: Callable[[], object]) -> None:
    with chat.qtbot.waitSignal(chat.controller.became_free, timeout=60_000):
        leave_it()


def test_what_waits_is_sent_in_order_while_another_conversation_is_on_show(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two", "Three")
    leave(chat)
    write(chat, "typed elsewhere")
    messages = wait_for_messages(chat, first, 6)
    assert [message.content for message in messages[::2]] == ["One", "Two", "Three"]
    assert {message.content for message in messages[1::2]} == {REPLY}
    assert chat.page.texts() == []
    assert chat.page.prompt_text() == "typed elsewhere"
    chat.wait(lambda: draft_on_disk(first) == Draft())
    show_conversation(chat, first)
    assert chat.page.texts()[::2] == ["One", "Two", "Three"]
    assert queue(chat) == []
    assert chat.page.prompt_text() == ""


def test_what_is_typed_behind_the_queue_stays(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    write(chat, "not yet")
    leave(chat)
    wait_for_messages(chat, first, 4)
    chat.wait(lambda: draft_on_disk(first) == Draft("not yet"))
    show_conversation(chat, first)
    assert chat.page.prompt_text() == "not yet"


def test_its_attachments_go_with_it(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    paste(PASTE)
    press(chat, Qt.Key.Key_V, CONTROL)
    put_into_queue(chat, "Two")
    leave(chat)
    message = wait_for_messages(chat, first, 4)[2]
    assert message.content == "Two"
    assert [attachment.text for attachment in message.attachments] == [PASTE]


def test_two_conversations_have_a_queue_each(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two", "Three")
    leave(chat)
    second = begin_reply(chat, "Uno")
    put_into_queue(chat, "Dos")
    leave(chat)
    firsts = wait_for_messages(chat, first, 6)
    seconds = wait_for_messages(chat, second, 4)
    assert [message.content for message in firsts[::2]] == ["One", "Two", "Three"]
    assert [message.content for message in seconds[::2]] == ["Uno", "Dos"]


def test_one_who_comes_back_while_it_is_being_sent_sees_it_once(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    wait_until_free(chat, lambda: leave(chat))
    show_conversation(chat, first)
    chat.wait(lambda: len(chat.page.texts()) == 4 and not chat.controller.is_busy)
    assert chat.page.texts() == ["One", REPLY, "Two", REPLY]
    assert queue(chat) == []
    wait_for_messages(chat, first, 4)


def test_it_is_answered_as_the_conversation_has_been_set_meanwhile(
    open_chat: Open, starter_model: Path
) -> None:
    other = paths.models_dir() / "Second.gguf"
    shutil.copyfile(starter_model, other)
    chat = open_chat("polite")
    chat.settings.change(default_model=str(starter_model))
    show(chat)
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    chat.page.params_changed.emit(GenerationParams(temperature=0.25))
    chat.page.model_requested.emit(str(other))
    leave(chat)
    replies = wait_for_messages(chat, first, 4)[1::2]
    assert [reply.model_path for reply in replies] == [str(starter_model), str(other)]
    assert replies[1].params is not None
    assert replies[1].params.temperature == 0.25


def test_stop_holds_it_there_too(busy: Chat) -> None:
    first = busy.controller.conversation.id
    put_into_queue(busy, "Two")
    button(busy, "Stop (Esc)").click()
    wait_until_free(busy, lambda: leave(busy))
    show_conversation(busy, first)
    assert queue(busy) == ["Two"]
    assert button(busy, "Send now").isVisible()
    assert busy.page.texts() == ["A story", "Once "]
    assert draft_on_disk(first) == Draft("Two")


def test_the_death_of_the_engine_holds_it_there_too(open_chat: Open) -> None:
    chat = show(open_chat("dies"))
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    with chat.qtbot.waitSignal(chat.engine.died, timeout=60_000):
        leave(chat)
    show_conversation(chat, first)
    assert queue(chat) == ["Two"]
    assert button(chat, "Send now").isVisible()
    assert len(messages_on_disk(first)) == 2


def test_in_a_conversation_that_was_deleted_nothing_is_sent(busy: Chat) -> None:
    first = busy.controller.conversation.id
    put_into_queue(busy, "Two")
    leave(busy)
    wait_until_free(busy, lambda: busy.page.sidebar.view.delete_requested.emit([first]))
    with busy.qtbot.waitSignal(busy.controller.shown, timeout=60_000):
        button(busy, "Undo").click()
    assert busy.page.texts() == ["A story", "Once "]
    assert queue(busy) == ["Two"]
    assert draft_on_disk(first) == Draft("Two")


def test_of_one_that_was_erased_for_good_nothing_is_written_again(busy: Chat, home: Path) -> None:
    first = busy.controller.conversation.id
    put_into_queue(busy, "canary")
    leave(busy)
    wait_until_free(busy, lambda: busy.page.sidebar.view.delete_requested.emit([first]))
    busy.history.store.erase([first]).result()
    busy.history.erased.emit((first,))
    busy.close()
    assert not any(b"canary" in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_a_refused_one_still_waits_in_its_conversation(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    store = chat.history.store
    monkeypatch.setattr(store, "add_user_message", lambda *_: store.open_conversation("gone"))
    with chat.qtbot.waitSignal(chat.controller.refused, timeout=60_000):
        leave(chat)
    assert chat.page.prompt_text() == ""
    assert draft_on_disk(first) == Draft("Two")
    monkeypatch.undo()
    show_conversation(chat, first)
    assert [message.content for message in wait_for_messages(chat, first, 4)][2] == "Two"


def test_it_is_sent_in_an_incognito_chat_and_reaches_no_file(chat: Chat, home: Path) -> None:
    chat.controller.new_incognito()
    first = begin_reply(chat, "canary one")
    put_into_queue(chat, "canary two")
    wait_until_free(chat, lambda: leave(chat))
    chat.qtbot.waitSignal(chat.controller.became_free, timeout=60_000).wait()
    show_conversation(chat, first)
    assert chat.page.texts() == ["canary one", REPLY, "canary two", REPLY]
    chat.close()
    assert not any(b"canary" in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_the_end_of_the_program_keeps_it_as_the_draft(busy: Chat) -> None:
    first = busy.controller.conversation.id
    put_into_queue(busy, "Two")
    leave(busy)
    busy.close()
    assert draft_on_disk(first) == Draft("Two")
    assert messages_on_disk(first)[0].content == "A story"


def test_the_end_of_the_program_just_before_it_is_sent_keeps_it(chat: Chat) -> None:
    first = begin_reply(chat, "One")
    put_into_queue(chat, "Two")
    wait_until_free(chat, lambda: leave(chat))
    chat.close()
    chat.qtbot.wait(1)  # what came too late is of no effect
    assert draft_on_disk(first) == Draft("Two")
    assert len(messages_on_disk(first)) == 2


def test_a_message_on_its_way_is_no_draft_of_the_next_conversation(chat: Chat) -> None:
    write(chat, "One")
    press(chat, ENTER)
    leave(chat)
    with chat.qtbot.waitSignal(chat.controller.sent, timeout=60_000):
        write(chat, " and more")
    assert chat.page.prompt_text() == " and more"
    press(chat, ENTER)
    chat.wait(lambda: chat.page.texts() == [" and more", REPLY])
    assert chat.page.prompt_text() == ""
