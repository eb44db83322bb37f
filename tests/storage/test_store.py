import sqlite3
import threading
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from histories import PARAMS, REPLY, Talk
from msgspec import structs

from chatapp.chat import new_id
from chatapp.errors import StorageError
from chatapp.storage.conversations import TITLE_LENGTH, title_from
from chatapp.storage.store import ConversationStore

ODD_TEXT = "NUL \x00, bell \x07, \r\n, emoji 👩‍👩‍👧 🌊, right to left שלום, \u2028 and 'quotes\";"


def test_everything_said_of_a_reply_comes_back_after_a_restart(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        talk = Talk(store, system_prompt="Be brief.", params=PARAMS, model_path="/m/s.gguf")
        question = talk.ask(ODD_TEXT)
        reply = talk.start(question)
        for text, reasoning in (("", "Hm. "), ("It ", "Yes."), (ODD_TEXT, "")):
            store.append_chunk(reply, text, reasoning).result()
        store.finish_reply(reply, status="complete", reply=REPLY).result()
        before = store.open_conversation(talk.id).result()

    with closing(ConversationStore(path)) as store:
        after = store.open_conversation(talk.id).result()

    assert after == before
    assert (after.system_prompt, after.params, after.model_path) == (
        "Be brief.",
        PARAMS,
        "/m/s.gguf",
    )
    asked, answered = after.path()
    assert (asked.role, asked.content, asked.parent_id, asked.status) == (
        "user",
        ODD_TEXT,
        None,
        "complete",
    )
    assert (answered.id, answered.parent_id) == (reply, question)
    assert (answered.role, answered.status) == ("assistant", "complete")
    assert (answered.content, answered.reasoning) == ("It " + ODD_TEXT, "Hm. Yes.")
    assert (answered.model_name, answered.params) == ("Small", PARAMS)
    for name in ("finish_reason", "usage", "timings", "ids", "reasoning_tokens", "left_out"):
        assert getattr(answered, name) == getattr(REPLY, name)
    assert answered.seed == REPLY.seed


def test_a_reply_that_failed_keeps_its_text_and_says_why(store: ConversationStore) -> None:
    talk = Talk(store)
    reply = talk.start(talk.ask("Hello"))
    store.append_chunk(reply, "Half an ans").result()
    store.finish_reply(reply, status="error", error="The engine died.").result()

    message = store.open_conversation(talk.id).result().path()[-1]
    assert (message.content, message.status) == ("Half an ans", "error")
    assert (message.error, message.finish_reason, message.usage) == ("The engine died.", "", None)


def test_a_reply_cut_short_is_there_at_the_next_start_and_marked(path: Path) -> None:
    store = ConversationStore(path)
    talk = Talk(store)
    silent = talk.start(talk.ask("One"))
    speaking = talk.start(talk.ask("Two", silent))
    for piece in ("Once ", "upon "):
        store.append_chunk(speaking, piece, "why? ").result()
    store.close()

    with closing(ConversationStore(path)) as store:
        messages = store.open_conversation(talk.id).result().messages
    assert [(message.status, message.content) for message in messages] == [
        ("complete", "One"),
        ("interrupted", ""),
        ("complete", "Two"),
        ("interrupted", "Once upon "),
    ]
    assert messages[-1].reasoning == "why? why? "


def test_edits_and_regenerated_replies_are_versions_beside_the_old_ones(
    store: ConversationStore,
) -> None:
    talk = Talk(store)
    question = talk.ask("Question")
    first, second = talk.answer(question, "one"), talk.answer(question, "two")
    follow_up = talk.ask("And then?", second)
    edited = talk.ask("Better question")
    answer = talk.answer(edited, "three")

    conversation = store.open_conversation(talk.id).result()
    assert [message.id for message in conversation.path()] == [edited, answer]
    assert conversation.versions(edited) == conversation.versions(question) == (question, edited)
    assert conversation.versions(first) == (first, second)
    assert conversation.versions(answer) == (answer,)
    assert len(conversation.messages) == 6
    assert conversation.newest_leaf(question) == follow_up
    assert conversation.newest_leaf(first) == first
    shorter = structs.replace(conversation, messages=conversation.messages[:2], leaf_id=first)
    assert shorter.versions(first) == (first,)

    store.set_leaf(talk.id, conversation.newest_leaf(question)).result()
    conversation = store.open_conversation(talk.id).result()
    assert [message.content for message in conversation.path()] == ["Question", "two", "And then?"]


def test_an_empty_conversation_has_an_empty_path(store: ConversationStore) -> None:
    conversation = store.open_conversation(Talk(store).id).result()
    assert (conversation.path(), conversation.leaf_id, conversation.title) == ((), None, "")


def test_the_list_shows_the_conversation_spoken_in_last_first(store: ConversationStore) -> None:
    old, new = Talk(store), Talk(store)
    new.ask("New")
    question = old.ask("Old")
    store.rename(new.id, "Renaming does not move it").result()
    assert [(line.title, line.model) for line in store.list_conversations().result()] == [
        ("Old", ""),
        ("Renaming does not move it", ""),
    ]
    old.answer(question, "yes")
    assert store.list_conversations().result()[0].model == "Small"


def test_a_deleted_conversation_comes_back_whole_and_in_its_place(
    store: ConversationStore,
) -> None:
    first, second = Talk(store), Talk(store)
    first.answer(first.ask("First"), "yes")
    second.ask("Second")
    listed = store.list_conversations().result()
    before = store.open_conversation(first.id).result()

    store.delete([first.id]).result()
    assert [line.id for line in store.list_conversations().result()] == [second.id]
    store.restore([first.id]).result()
    assert store.list_conversations().result() == listed
    assert store.open_conversation(first.id).result() == before


def test_only_what_is_given_changes_in_a_conversation(store: ConversationStore) -> None:
    talk = Talk(store, system_prompt="Be brief.", params=PARAMS, model_path="/m/a.gguf")
    store.update_conversation(talk.id, model_path="/m/b.gguf").result()
    store.update_conversation(talk.id, params=None).result()
    conversation = store.open_conversation(talk.id).result()
    assert (conversation.system_prompt, conversation.params, conversation.model_path) == (
        "Be brief.",
        None,
        "/m/b.gguf",
    )


def test_only_a_conversation_without_a_title_takes_one_from_its_first_message(
    store: ConversationStore,
) -> None:
    untitled, titled = Talk(store), Talk(store, title="Mine")
    for talk in (untitled, titled):
        talk.ask("second words", talk.ask("first  words\nare the title"))
    assert store.open_conversation(untitled.id).result().title == "first words are the title"
    assert store.open_conversation(titled.id).result().title == "Mine"


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Why is the sea salty?", "Why is the sea salty?"),
        ("  many\n\twhite \x00 spaces\x07 ", "many white spaces"),
        ("x" * TITLE_LENGTH, "x" * TITLE_LENGTH),
        ("x" * 90, "x" * TITLE_LENGTH + "…"),
        ("Please explain to me as to a child why the sea is salty and lakes are not",
         "Please explain to me as to a child why the sea…"),
        ("GPT " + "字" * 60, "GPT " + "字" * (TITLE_LENGTH - 4) + "…"),
        (" \n ", ""),
    ],
)  # fmt: skip
def test_a_title_is_the_first_words_on_one_line(content: str, title: str) -> None:
    assert title_from(content) == title


def test_calls_are_done_in_their_order_by_one_other_thread(store: ConversationStore) -> None:
    talk = Talk(store)
    reply = talk.start(talk.ask("Count"))
    threads: list[int] = []

    def remember(_: Future[None]) -> None:
        threads.append(threading.get_ident())

    # Without waiting in between; the last call sees all that was called for before it.
    futures = [store.append_chunk(reply, f"{number} ") for number in range(500)]
    futures[-1].add_done_callback(remember)
    store.finish_reply(reply, status="complete", reply=REPLY).add_done_callback(remember)
    message = store.open_conversation(talk.id).result().path()[-1]

    assert all(future.done() for future in futures)
    assert message.content == "".join(f"{number} " for number in range(500))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_close_waits_for_everything_called_for(path: Path) -> None:
    store = ConversationStore(path)
    ids = [new_id() for _ in range(100)]
    for conversation_id in ids:
        store.create_conversation(conversation_id)
        store.add_user_message(new_id(), conversation_id, None, "Hello")
    store.close()
    with closing(ConversationStore(path)) as store:
        assert {line.id for line in store.list_conversations().result()} == set(ids)


def test_what_belongs_to_nothing_is_refused_and_changes_nothing(store: ConversationStore) -> None:
    talk, other = Talk(store), Talk(store)
    reply = talk.answer(talk.ask("Hello"), "Hi")
    stranger = other.ask("Elsewhere")
    open_reply = talk.start(reply)
    no_token = structs.replace(REPLY, ids=(2**40,))
    before = store.open_conversation(talk.id).result()
    refused: list[Future[None]] = [
        store.rename("unknown", "title"),
        store.set_leaf(talk.id, stranger),
        store.add_user_message(new_id(), talk.id, stranger, "a parent of another conversation"),
        store.add_user_message(new_id(), "unknown", None, "no such conversation"),
        store.add_user_message(reply, talk.id, reply, "an identifier used before"),
        store.add_user_message(new_id(), talk.id, reply, "\ud800 no character"),
        store.create_conversation(talk.id),
        store.append_chunk(reply, "after the end"),
        store.append_chunk("unknown", "text"),
        store.finish_reply(reply, status="stopped"),
        store.finish_reply(open_reply, status="complete", reply=no_token),
    ]
    for future in refused:
        with pytest.raises(StorageError, match=r"\w+ \w+"):
            future.result()
    with pytest.raises(StorageError, match="not in the history"):
        store.open_conversation("unknown").result()
    assert store.open_conversation(talk.id).result() == before


def test_a_piece_of_a_reply_costs_one_page_of_the_log(path: Path, store: ConversationStore) -> None:
    reply = (talk := Talk(store)).start(talk.ask("Hello"))
    log = Path(f"{path}-wal")
    store.append_chunk(reply, "The ").result()
    before = log.stat().st_size
    for _ in range(20):
        store.append_chunk(reply, "next words").result()
    assert log.stat().st_size - before == 20 * (4096 + 24)  # a page and the head of its frame


def test_only_what_must_survive_a_power_cut_waits_for_the_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []

    class TracedConnection(sqlite3.Connection):
        def execute(self, statement: str, *args: object) -> sqlite3.Cursor:
            statements.append(statement)
            return super().execute(statement, *args)

    def synced(future: Future[None]) -> bool:
        future.result()
        (level,) = {line for line in statements if line.startswith("PRAGMA synchronous")}
        statements.clear()
        return level.endswith("FULL")

    connect = partial(sqlite3.connect, factory=TracedConnection)
    monkeypatch.setattr(sqlite3, "connect", connect)
    with closing(ConversationStore(path)) as store:
        talk, question, reply = Talk(store), new_id(), new_id()
        statements.clear()
        assert synced(store.add_user_message(question, talk.id, None, "Hello"))
        assert not synced(
            store.start_reply(reply, talk.id, question, model_path="", model_name="", params=PARAMS)
        )
        assert not synced(store.append_chunk(reply, "Hi"))
        assert synced(store.finish_reply(reply, status="complete"))
