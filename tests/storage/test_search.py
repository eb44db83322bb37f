"""What a search finds, in a history written through the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from histories import Talk
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat import Attachment, new_id
from chatapp.storage import search, search_index
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.storage.snippets import Hit
from chatapp.storage.store import ConversationStore

PIECES = [
    "sea",
    "海",
    '"',
    "*",
    "^",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "-",
    ":",
    ";",
    "--",
    "%",
    "_",
    "'",
    "{words}:",
    "\ue000",
    "�",
    "\x00",
    "model:",
    "role:u",
    "before:",
    "before:9999",
    "after:0001",
    "pinned:",
    "folder:",
    " ",
]


@pytest.fixture
def talk(store: ConversationStore) -> Talk:
    return Talk(store)


def ask(store: ConversationStore, text: str) -> tuple[Hit, ...]:
    return store.search(text).result()


def found(store: ConversationStore, text: str) -> list[str]:
    """The marked words of each hit in a message."""
    hits = [hit for hit in ask(store, text) if hit.message_id]
    return [" ".join(hit.snippet[start:end] for start, end in hit.marks) for hit in hits]


def add(store: ConversationStore, text: str, moment: datetime, title: str = "") -> str:
    """A conversation from another time, with one message."""
    message = StoredMessage(
        id=new_id(),
        conversation_id="c",
        parent_id=None,
        role="user",
        content=text,
        status="complete",
        created_at=moment.isoformat(),
    )
    conversation = StoredConversation(
        id=new_id(),
        title=title,
        system_prompt="",
        params=None,
        model_path="",
        leaf_id=message.id,
        messages=(message,),
    )
    at = moment.isoformat()
    store.import_conversation(conversation, at, at).result()
    return conversation.id


def test_titles_come_first_then_messages_newest_first(store: ConversationStore) -> None:
    begin = datetime(2024, 5, 1, tzinfo=UTC)
    for day, text in enumerate(["salt one", "salt two", "nothing"]):
        add(store, text, begin + timedelta(days=day), title="salt" if day == 2 else "")
    hits = ask(store, "salt")
    assert (hits[0].title, hits[0].message_id) == ("salt", "")
    assert [hit.snippet for hit in hits[1:]] == ["salt two", "salt one"]


def test_one_letter_looks_through_titles_only(store: ConversationStore, talk: Talk) -> None:
    talk.ask("The sea")
    hits = ask(store, "s")
    assert [(hit.conversation_id, hit.message_id) for hit in hits] == [(talk.id, "")]
    assert len(ask(store, "se")) == 2


def test_every_version_of_every_message_is_found(store: ConversationStore, talk: Talk) -> None:
    question = talk.ask("Tell me of whales")
    first = talk.answer(question, "Whales ", "sing.")
    second = talk.answer(question, "Whales sleep.")
    edited = new_id()
    store.add_edited_reply(edited, talk.id, first, "Whales dream.").result()
    again = talk.ask("Tell me of seals")
    assert [hit.message_id for hit in ask(store, "whales") if hit.message_id] == [
        edited,
        second,
        first,
        question,
    ]
    assert [hit.message_id for hit in ask(store, "seal") if hit.message_id] == [again]


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Why is the Sea salty?", "sea", "Sea"),
        ("Why is the Sea salty?", "salt wh", "Wh salt"),
        ("Café crème", "cafe CREME", "Café crème"),
        ("Cafe\u0301 au lait", "café", "Café"),
        ("call foo.bar() twice", "foo.ba", "foo.ba"),
        ("I don't know", "don't", "don't"),
        ("東京都の天気は？", "天気", "天気"),
        ("東京都の天気は？", "京都", "京都"),
        ("猫がいる", "猫", "猫"),
        ("新しいiPhone発売", "iphone発売", "iPhone発売"),
        ("我喜欢喝茶", "喝茶", "喝茶"),
        ("สวัสดีครับ", "ครับ", "ครับ"),
        ("Straße und Ärger", "straße arger", "Straße Ärger"),
        ("Ёлка в лесу", "елка", "Ёлка"),
    ],
)
def test_words_are_found_by_their_beginning_whatever_case_and_script(
    store: ConversationStore, talk: Talk, text: str, typed: str, marked: str
) -> None:
    talk.ask(text)
    assert found(store, typed) == [marked]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("the salty sea", '"sea salty"'),
        ("seaside", '"sea"'),
        ("hello world", "he world"),
        ("東京と京都", "東都"),
        ("バス", "ハス"),
    ],
)
def test_what_only_resembles_is_not_found(
    store: ConversationStore, talk: Talk, text: str, typed: str
) -> None:
    talk.ask(text)
    assert found(store, typed) == []


def test_a_phrase_is_found_as_it_stands(store: ConversationStore, talk: Talk) -> None:
    talk.ask("the sea is salty, the lake is not")
    assert found(store, '"sea is salty"') == ["sea is salty"]
    assert found(store, '"sea is sal') == ["sea is sal"]


def test_filters_narrow_the_search(store: ConversationStore) -> None:
    talk = Talk(store, title="one")
    question = talk.ask("whales ask")
    reply = talk.start(question, model_name="Qwen2.5 7B Instruct")
    store.append_chunk(reply, "whales answer").result()
    store.finish_reply(reply, status="stopped").result()
    add(store, "whales long ago", datetime(2020, 6, 1, 12, tzinfo=UTC))
    store.set_pinned([talk.id], True).result()
    store.set_folder([talk.id], "Deep Sea").result()
    asked, answered, old = "whales ask", "whales answer", "whales long ago"
    for typed, snippets in {
        "whales role:user": [asked, old],
        "role:assistant whales": [answered],
        "role:user role:assistant role:system whales": [answered, asked, old],
        "model:qwen whales": [answered],
        "model:qwen2.5 model:7b": [answered],
        "model:llama whales": [],
        "before:2021 whales": [old],
        "before:2020-06 whales": [],
        "after:2020-06-01 whales": [answered, asked, old],
        "after:2021-01-01 whales": [answered, asked],
        "pinned:yes whales": [answered, asked],
        "pinned:no whales": [old],
        'folder:"deep sea" whales': [answered, asked],
        "folder:deep": [answered, asked],
        "folder:none whales": [],
        "folder:deep pinned:no whales": [],
        "before:2021": [old],
        "before:someday whales": [answered, asked, old],
    }.items():
        assert [h.snippet for h in ask(store, typed) if h.message_id] == snippets, typed


def test_a_filter_of_many_conversations_is_looked_up_otherwise(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_MAX_NAMED", 1)
    talks = [Talk(store) for _ in range(3)]
    for talk in talks:
        talk.ask("whales")
    store.set_folder([talk.id for talk in talks[:2]], "sea").result()
    hits = [hit.conversation_id for hit in ask(store, "folder:sea whales") if hit.message_id]
    assert hits == [talks[1].id, talks[0].id]


def test_what_was_deleted_is_not_found_and_what_was_archived_is(
    store: ConversationStore, talk: Talk
) -> None:
    question = talk.ask("whales")
    reply = talk.answer(question, "whales indeed")
    store.set_archived([talk.id], True).result()
    assert {hit.is_archived for hit in ask(store, "whales")} == {True}
    store.delete_branch(reply).result()
    assert [hit.message_id for hit in ask(store, "whales")] == ["", question]
    store.delete([talk.id]).result()
    assert ask(store, "whales") == ()
    store.restore([talk.id]).result()
    store.restore_branch(reply).result()
    assert len(ask(store, "whales")) == 3


def test_a_new_title_replaces_the_old_one(store: ConversationStore, talk: Talk) -> None:
    talk.ask("whales")
    store.rename(talk.id, "Mammals").result()
    assert [hit.title for hit in ask(store, "mammals")] == ["Mammals"]
    assert [hit.message_id != "" for hit in ask(store, "whales")] == [True]


def test_attachments_are_found_and_reasoning_is_not(store: ConversationStore, talk: Talk) -> None:
    note = Attachment("notes.txt", "plankton")
    question = new_id()
    store.add_user_message(question, talk.id, None, "see", [note]).result()
    reply = talk.start(question)
    store.append_chunk(reply, "krill", "baleen").result()
    store.finish_reply(reply, status="stopped").result()
    assert found(store, "plankton notes.txt") == ["notes.txt plankton"]
    assert found(store, "krill") == ["krill"]
    assert found(store, "baleen") == []


def test_thousands_of_messages_of_one_second_have_places(store: ConversationStore) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    messages = tuple(
        StoredMessage(
            id=f"m{number}",
            conversation_id="c",
            parent_id=None,
            role="user",
            content=f"whale number{number}",
            status="complete",
            created_at=moment.isoformat(),
        )
        for number in range(3000)
    )
    conversation = StoredConversation(
        id="c",
        title="",
        system_prompt="",
        params=None,
        model_path="",
        leaf_id="m0",
        messages=messages,
    )
    store.import_conversation(conversation, moment.isoformat(), moment.isoformat()).result()
    assert [h.message_id for h in ask(store, "number1234")] == ["m1234"]
    assert len([h for h in ask(store, "whale before:2024-02") if h.message_id]) == 50


def test_a_newer_search_ends_the_older_one(store: ConversationStore, talk: Talk) -> None:
    talk.ask("whales")
    older, newer = store.search("whales"), store.search("whal")
    assert newer.result()
    assert older.result() in ((), newer.result())


def test_other_work_goes_on_between_the_steps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MAX_NAMED", 1)
    with closing(ConversationStore(path)) as store:
        ids = [add(store, "whales", datetime(year, 1, 1, tzinfo=UTC)) for year in range(2000, 2024)]
        store.set_folder(ids, "sea").result()
    steps = 0

    def go_on() -> bool:
        nonlocal steps
        steps += 1
        return steps < 3

    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert search.search(db, "folder:sea whales", go_on=go_on) == ()
    assert steps >= 3


def test_words_of_what_was_unindexed_leave_the_file(path: Path) -> None:
    with closing(ConversationStore(path)) as store:
        for text in ("canarybird sings", "whales sing"):
            Talk(store).ask(text)
        conversation_id = ask(store, "canarybird")[0].conversation_id
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        search_index.unindex_conversation(db, conversation_id)
        search_index.purge(db)
        blocks = b"".join(
            block
            for table in ("message_index_data", "title_index_data")
            for (block,) in db.execute(f"SELECT block FROM {table}")
        )
        assert b"canarybird" not in blocks
        assert b"whales" in blocks
        for table in ("message_index", "title_index"):
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")


@pytest.fixture(scope="module")
def small_history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConversationStore]:
    store = ConversationStore(tmp_path_factory.mktemp("search") / "history.sqlite3")
    talk = Talk(store)
    talk.answer(talk.ask("Why is the sea salty? 海はなぜ"), "Because of rivers.")
    yield store
    store.close()


@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(PIECES),
        ).map("".join),
    )
)
def test_nothing_that_can_be_typed_does_harm(small_history: ConversationStore, typed: str) -> None:
    typed = typed.encode("utf-8", "replace").decode()
    for hit in small_history.search(typed).result():
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)


def test_a_huge_text_does_no_harm(small_history: ConversationStore) -> None:
    assert small_history.search("x" * 1_000_000).result() == ()
    assert small_history.search("sea " * 100_000).result()


def test_a_snippet_shows_the_place_in_a_long_text(store: ConversationStore, talk: Talk) -> None:
    talk.ask("word " * 500 + "needle\n\n" + "after " * 500)
    (hit,) = [hit for hit in ask(store, "needle") if hit.message_id]
    assert hit.snippet.startswith("…word")
    assert "needle after" in hit.snippet
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) < 200


def test_only_a_snippet_that_leaves_something_out_ends_in_dots(
    store: ConversationStore, talk: Talk
) -> None:
    short, long = "needle " + "word " * 28, "needle " + "word " * 40
    for text in (short, long):
        talk.ask(text)
    snippets = [hit.snippet for hit in ask(store, "needle") if hit.message_id]
    assert snippets[1] == short.strip()
    assert snippets[0].endswith("…")


def test_the_marks_are_right_behind_the_dots(store: ConversationStore, talk: Talk) -> None:
    talk.ask("Ärger " * 30 + "needle Ärger")
    assert found(store, "needle arg") == ["Ärg " * 6 + "needle Ärg"]
