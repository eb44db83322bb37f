import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from chat_place import Chat
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams, new_id
from chatapp.protocol import Ready
from chatapp.storage.records import StoredConversation
from chatapp.storage.store import ConversationStore

Open = Callable[..., Chat]

SHORT = "What is two plus two?"
LONG = "Write a long story about a lighthouse keeper. Tell everything."


def history_on_disk() -> list[StoredConversation]:
    """What a second program would read, once the first has let go of the file."""
    store = ConversationStore(paths.history_file())
    listed = store.list_conversations().result()
    opened = [store.open_conversation(entry.id).result() for entry in listed]
    store.close()
    return opened


# ---- over engines that follow a script ----


def test_a_question_gets_its_reply_and_both_are_kept(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    reply = chat.ask("Tell me\na story.")
    assert (reply.content, reply.status) == ("Once upon a time", "complete")
    assert chat.page.texts() == ["Tell me\na story.", "Once upon a time"]
    assert chat.page.prompt_text() == ""
    chat.wait(lambda: chat.page.summaries)
    assert chat.page.summaries[0].title == "Tell me a story."
    assert chat.page.current_id == chat.page.summaries[0].id
    assert {"loading", "reading", "writing"} <= set(chat.page.phases)
    assert chat.page.phase == "idle"
    assert chat.page.used == 8
    chat.close()
    (conversation,) = history_on_disk()
    assert [message.content for message in conversation.path()] == chat.page.texts()
    assert conversation.path()[1].ids == (1, 2, 3)


def test_a_message_is_not_refused_for_the_failure_of_something_else(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    chat.history.rename(new_id(), "There is no such conversation")
    assert chat.ask("Hello").content == "Once upon a time"
    assert chat.page.texts() == ["Hello", "Once upon a time"]


@pytest.mark.parametrize(
    ("engine", "title"),
    [
        ("dies", "The model stopped unexpectedly."),
        ("is_killed", "The model stopped unexpectedly."),
        ("prints_garbage", "The model stopped unexpectedly."),
        ("hangs", "The model does not answer any more."),
    ],
)
def test_an_engine_that_fails_in_mid_reply_leaves_the_words_and_a_way_on(
    open_chat: Open, qtbot: QtBot, engine: str, title: str
) -> None:
    chat = open_chat(engine)
    chat.begin()
    chat.send("Tell me a story.")
    qtbot.waitUntil(lambda: chat.page.error is not None, timeout=2500)
    assert chat.page.error is not None
    assert chat.page.error[0] == title
    assert chat.page.error[2][0] == "retry"
    assert chat.page.phase == "failed"
    chat.close()
    (conversation,) = history_on_disk()
    reply = conversation.path()[1]
    assert (reply.content, reply.status) == ("Once ", "error")
    assert reply.error


def test_a_program_closed_in_mid_reply_keeps_what_has_come(open_chat: Open) -> None:
    chat = open_chat("hangs")
    chat.begin()
    chat.send("Tell me a story.")
    chat.wait_for_words()
    chat.close()
    (conversation,) = history_on_disk()
    reply = conversation.path()[1]
    assert (reply.content, reply.status) == ("Once ", "stopped")


def test_a_crash_in_mid_reply_loses_no_words(open_chat: Open, qtbot: QtBot, tmp_path: Path) -> None:
    chat = open_chat("hangs")
    chat.begin()
    chat.send("Tell me a story.")
    chat.wait_for_words()

    def written() -> bool:
        """Whether a program that starts after a crash now would find the words."""
        copy = Path(shutil.copytree(paths.data_dir(), tmp_path / new_id()))
        store = ConversationStore(copy / paths.history_file().name)
        conversation_id = store.list_conversations().result()[0].id
        path = store.open_conversation(conversation_id).result().path()
        store.close()
        return [entry.content for entry in path[1:]] == ["Once "]

    qtbot.waitUntil(written, timeout=10_000)


def test_deleting_can_be_undone(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    chat.ask("First")
    conversation_id = chat.page.current_id
    chat.page.sidebar.view.delete_requested.emit([conversation_id])
    chat.wait(lambda: not chat.page.summaries)
    assert chat.page.texts() == []
    assert chat.page.notices[-1] == "Deleted “First”"
    chat.page.sidebar.view.undo_requested.emit()
    chat.wait(lambda: chat.page.summaries and chat.page.texts())
    assert chat.page.texts()[0] == "First"
    assert chat.page.current_id == conversation_id


def test_a_new_name_is_kept(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    chat.ask("First")
    chat.page.sidebar.rename_requested.emit(chat.page.current_id, "Another name")
    chat.wait(lambda: chat.page.summaries[0].title == "Another name")


def test_each_conversation_has_its_own_instructions_and_temperature(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    chat.page.system_prompt_changed.emit("Be brief.")
    chat.page.params_changed.emit(GenerationParams(temperature=0.25))
    chat.ask("First")
    first = chat.page.current_id
    chat.controller.new()
    chat.ask("Second")
    chat.page.conversation_requested.emit(first)
    chat.wait(lambda: chat.page.current_id == first)
    chat.page.system_prompt_changed.emit("Be very brief.")
    chat.close()
    second_stored, first_stored = sorted(history_on_disk(), key=lambda entry: entry.title)[::-1]
    assert (first_stored.system_prompt, second_stored.system_prompt) == ("Be very brief.", "")
    assert first_stored.params is not None
    assert first_stored.params.temperature == 0.25
    assert first_stored.path()[1].params == first_stored.params
    assert second_stored.path()[1].params.temperature == 0.0  # type: ignore[union-attr]


def test_a_message_that_was_never_answered_can_be_answered_later(open_chat: Open) -> None:
    store = ConversationStore(paths.history_file())
    conversation_id = new_id()
    store.create_conversation(conversation_id)
    store.add_user_message(new_id(), conversation_id, None, "Anybody there?").result()
    store.close()
    chat = open_chat("polite")
    chat.begin()
    chat.page.conversation_requested.emit(conversation_id)
    chat.wait(lambda: chat.page.error)
    assert chat.page.error is not None
    assert chat.page.error[0] == "This message has no reply yet."
    chat.page.error_action_requested.emit("retry")
    chat.wait(lambda: chat.page.reply().status == "complete")
    assert chat.page.texts() == ["Anybody there?", "Once upon a time"]
    assert chat.page.error is None


def test_a_message_can_be_taken_back_and_said_otherwise(open_chat: Open) -> None:
    chat = open_chat("dies")
    chat.begin()
    chat.send("Too long")
    chat.wait(lambda: chat.page.error)
    chat.page.error_action_requested.emit("edit")
    assert chat.page.prompt_text() == "Too long"
    assert chat.page.texts() == []
    chat.send("Shorter")
    assert chat.page.texts()[0] == "Shorter"
    chat.close()
    (conversation,) = history_on_disk()
    first, *_, second = (entry for entry in conversation.messages if entry.role == "user")
    assert conversation.versions(first.id) == (first.id, second.id)


def test_a_long_conversation_opens_without_delay(open_chat: Open) -> None:
    store = ConversationStore(paths.history_file())
    conversation_id, parent_id = new_id(), None
    store.create_conversation(conversation_id)
    for number in range(2000):
        store.add_user_message(message_id := new_id(), conversation_id, parent_id, str(number))
        parent_id = message_id
    store.close()
    chat = open_chat("polite")
    chat.begin()
    chat.page.conversation_requested.emit(conversation_id)
    started = monotonic()
    chat.wait(lambda: chat.page.current_id == conversation_id)
    assert len(chat.page.messages) == 2000
    assert monotonic() - started < 1.5  # 0.1 s on a machine with nothing else to do


def test_text_that_no_file_can_hold_is_sent_all_the_same(open_chat: Open) -> None:
    chat = open_chat("polite")
    chat.begin()
    text = "naïve 👩‍👩‍👧 שלום \x07 end"
    assert chat.ask(text + "\x00 \ud800.").status == "complete"
    chat.close()
    assert history_on_disk()[0].path()[0].content.startswith(text)


def test_nothing_but_spaces_is_not_sent(open_chat: Open, qtbot: QtBot) -> None:
    chat = open_chat("polite")
    chat.begin()
    with qtbot.assertNotEmitted(chat.history.committed, wait=100):
        chat.page.send_requested.emit(" \n ")
    assert chat.page.texts() == []


def test_a_history_that_cannot_be_written_loses_no_text(open_chat: Open) -> None:
    paths.history_file().mkdir()  # no file can be there
    chat = open_chat("polite")
    chat.begin()
    chat.page.set_prompt_text("Keep this")
    chat.page.send_requested.emit("Keep this")
    chat.wait(lambda: chat.page.error)
    assert chat.page.error is not None
    assert chat.page.error[0] == "The history has a problem."
    assert chat.page.prompt_text() == "Keep this"


# ---- over the real engine and the real model ----


def test_the_real_model_answers_and_remembers(open_chat: Open) -> None:
    chat = open_chat()
    chat.begin()
    assert "4" in chat.ask(SHORT).content
    reply = chat.ask(SHORT)
    assert reply.usage is not None
    assert reply.usage.cached_tokens > reply.usage.prompt_tokens / 2  # it was not read again
    assert reply.model_name
    assert chat.page.context is not None
    assert chat.page.used is not None
    assert 0 < chat.page.used <= chat.page.context


def test_a_stopped_reply_stays_and_another_version_can_be_asked_for(open_chat: Open) -> None:
    chat = open_chat()
    chat.begin()
    chat.send(LONG)
    chat.wait_for_words()
    chat.page.stop_requested.emit()
    chat.wait(lambda: chat.page.reply().status == "stopped")
    first = chat.page.reply()
    assert first.content
    assert chat.page.phase == "idle"
    chat.page.message_action_requested.emit("regenerate", first.id)
    chat.wait(lambda: chat.page.reply().id != first.id and chat.page.reply().content)
    chat.controller.stop()
    chat.wait(lambda: chat.page.reply().status == "stopped")
    second = chat.page.reply()
    assert chat.page.versions[second.id] == (first.id, second.id)
    chat.page.version_requested.emit(first.id)
    assert chat.page.reply() == first
    chat.close()
    (conversation,) = history_on_disk()
    assert conversation.leaf_id == first.id
    assert {entry.content for entry in conversation.messages[1:]} == {
        first.content,
        second.content,
    }


def test_a_reply_goes_on_while_another_conversation_is_looked_at(open_chat: Open) -> None:
    chat = open_chat()
    chat.begin()
    chat.send(LONG)
    chat.wait_for_words()
    writing = chat.page.reply()
    conversation_id = writing.conversation_id
    chat.controller.new()
    assert chat.page.texts() == []
    assert chat.page.phase == "idle"
    chat.send(SHORT)
    chat.wait(lambda: chat.page.phase == "waiting")
    other_id = chat.page.current_id
    chat.page.conversation_requested.emit(conversation_id)
    chat.wait(lambda: chat.page.current_id == conversation_id)
    returned = chat.page.reply()
    assert returned.id == writing.id
    assert returned.content.startswith(writing.content)
    chat.wait(lambda: len(chat.page.reply().content) > len(returned.content))
    chat.controller.stop()
    chat.wait(lambda: chat.page.reply().status == "stopped")
    chat.page.conversation_requested.emit(other_id)
    chat.wait(lambda: chat.page.current_id == other_id and len(chat.page.messages) == 2)
    chat.wait(lambda: chat.page.reply().status == "complete")


def test_one_click_brings_a_killed_engine_back(open_chat: Open, qtbot: QtBot) -> None:
    chat = open_chat()
    pids: list[int] = []
    chat.engine.ready.connect(lambda ready: pids.append(_pid(ready)))
    chat.begin()
    chat.send(LONG)
    chat.wait_for_words()
    os.kill(pids[-1], signal.SIGKILL)
    qtbot.waitUntil(lambda: chat.page.error is not None, timeout=2000)
    broken = chat.page.reply()
    assert broken.status == "error"
    assert broken.content
    chat.page.error_action_requested.emit("retry")
    chat.wait_for_words()
    chat.controller.stop()
    chat.wait(lambda: chat.page.reply().status == "stopped")
    assert chat.page.error is None
    assert len(set(pids)) == 2
    assert chat.page.versions[chat.page.reply().id] == (broken.id, chat.page.reply().id)


def test_the_model_can_be_switched_in_mid_conversation(
    open_chat: Open, starter_model: Path
) -> None:
    second_path = paths.models_dir() / "Second.gguf"
    shutil.copyfile(starter_model, second_path)
    chat = open_chat()
    chat.begin()
    first = chat.ask(SHORT)
    other = next(entry for entry in chat.shelf.entries if entry.path != first.model_path)
    pids: list[int] = []
    chat.engine.ready.connect(lambda ready: pids.append(_pid(ready)))
    chat.page.model_requested.emit(other.path)
    assert chat.page.phase == "loading"
    assert chat.page.current_model == other.path
    second = chat.ask(SHORT)
    assert len(pids) == 1  # a process of its own
    assert second.model_path == other.path
    chat.close()
    (conversation,) = history_on_disk()
    assert conversation.model_path == other.path
    replies = [entry for entry in conversation.path() if entry.role == "assistant"]
    assert [entry.model_path for entry in replies] == [first.model_path, second.model_path]


def test_a_model_file_that_is_gone_is_said_and_the_default_steps_in(
    open_chat: Open, starter_model: Path
) -> None:
    path = paths.models_dir() / "Second.gguf"
    shutil.copyfile(starter_model, path)
    chat = open_chat()
    chat.settings.change(default_model=str(starter_model))
    chat.begin()
    path.unlink()
    chat.page.model_requested.emit(str(path))
    chat.wait(lambda: chat.page.error)
    assert chat.page.error is not None
    assert chat.page.error[0] == "The model's file is gone."
    assert path.name in chat.page.error[1]
    chat.wait(lambda: chat.shelf.entry(str(path)) is None)
    assert chat.page.current_model == str(starter_model)
    assert chat.ask(SHORT).model_path == str(starter_model)
    assert chat.page.error is None


def test_a_message_that_waits_is_answered_once_a_model_is_chosen(
    open_chat: Open, starter_model: Path
) -> None:
    path = paths.models_dir() / "Damaged.gguf"
    shutil.copyfile(starter_model, path)
    chat = open_chat()
    chat.settings.change(default_model=str(path))
    chat.controller.start()
    chat.shelf.refresh()
    chat.wait(lambda: chat.shelf.entry(str(path)))
    os.truncate(path, 10_000_000)  # after the shelf has read it
    chat.send(SHORT)
    chat.wait(lambda: chat.page.error)
    assert chat.page.error is not None
    assert chat.page.error[0] == "The model's file is damaged."
    chat.page.model_requested.emit(str(starter_model))
    chat.wait(lambda: chat.page.reply().status == "complete")
    assert chat.page.error is None


def test_another_model_chosen_while_one_loads_answers_what_waits(
    open_chat: Open, starter_model: Path
) -> None:
    first_path, second_path = (paths.models_dir() / name for name in ("One.gguf", "Two.gguf"))
    for path in (first_path, second_path):
        shutil.copyfile(starter_model, path)
    chat = open_chat()
    chat.settings.change(default_model=str(starter_model))
    chat.begin()
    chat.page.model_requested.emit(str(first_path))
    chat.send(SHORT)
    chat.page.model_requested.emit(str(second_path))
    chat.wait(lambda: chat.page.reply().role == "assistant")
    assert chat.page.reply().model_path == str(second_path)
    chat.wait(lambda: chat.page.reply().status == "complete")
    assert len(chat.page.messages) == 2


def test_a_message_too_long_for_the_context_is_said_with_both_figures(open_chat: Open) -> None:
    chat = open_chat()
    chat.settings.change(n_ctx=512)
    chat.begin()
    chat.send("word " * 40_000)
    chat.wait(lambda: chat.page.error)
    assert chat.page.error is not None
    assert chat.page.error[0] == "The message is too long for this model."
    assert re.search(r"40,?\d{3} tokens.* \d{3}\b", chat.page.error[1])
    assert chat.page.error[2][0] == "edit"


def test_a_model_freed_after_a_rest_comes_back_with_the_next_message(
    open_chat: Open, qtbot: QtBot
) -> None:
    chat = open_chat()
    chat.settings.change(idle_unload_s=0.2)
    with qtbot.waitSignal(chat.engine.unloaded, timeout=20_000):
        chat.begin()
    assert chat.ask(SHORT).status == "complete"


def _pid(ready: Ready) -> int:
    return ready.pid
