from pathlib import Path

import pytest
from foreign_files import chatgpt, only, said, simple_chatgpt, take, told, write_json, write_zip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.json"


def test_a_conversation_comes_with_title_times_and_model(path: Path) -> None:
    (incoming,), report = take(write_json(path, [simple_chatgpt()]))
    conversation = incoming.conversation
    assert (report.n_imported, report.n_unread) == (1, 0)
    assert (conversation.title, incoming.created_at) == ("Salt", "2023-11-14T22:13:20.250000+00:00")
    assert incoming.updated_at == "2023-11-14T22:15:00.000000+00:00"
    question, answer = conversation.path()
    assert told([question, answer]) == [
        ("user", "Why is the sea salty?"),
        ("assistant", "Because of rocks."),
    ]
    assert question.created_at == "2023-11-14T22:13:20.500000+00:00"
    assert answer.model_name == "gpt-4o"


def test_every_version_comes_and_the_one_on_show_is_shown(path: Path) -> None:
    item = chatgpt(
        said("q", None, "user", "Hello"),
        said("a1", "q", "assistant", "One"),
        said("a2", "q", "assistant", "Two"),
        said("q2", "a1", "user", "More"),
        said("a3", "q2", "assistant", "Three"),
        current_node="a2",
    )
    conversation = only(write_json(path, [item]))
    assert [m.content for m in conversation.path()] == ["Hello", "Two"]
    (hello,) = (m.id for m in conversation.messages if m.content == "Hello")
    below = [m.content for m in conversation.messages if m.parent_id == hello]
    assert below == ["One", "Two"]
    assert len(conversation.messages) == 5


def test_the_pieces_of_a_reply_are_one_and_what_led_to_it_is_reasoning(path: Path) -> None:
    item = chatgpt(
        said("s", None, "system", ""),
        said("q", "s", "user", "How many?"),
        said("t", "q", "assistant", kind="thoughts", thoughts=[{"summary": "S", "content": "C"}]),
        said("r", "t", "assistant", kind="reasoning_recap", content="Thought for 5 seconds"),
        said("c", "r", "assistant", kind="code", recipient="python", language="python", text="1+1"),
        said("o", "c", "tool", kind="execution_output", text="2"),
        said("a", "o", "assistant", "Two."),
        said("a'", "a", "assistant", "Really."),
    )
    question, answer = only(write_json(path, [item])).path()
    assert question.content == "How many?"
    assert answer.content == "Two.\n\nReally."
    assert answer.reasoning == "S\n\nC\n\n```python\n1+1\n```\n\n```\n2\n```"


def test_pictures_and_files_are_counted_and_their_places_are_marked(path: Path) -> None:
    question = said(
        "q",
        None,
        "user",
        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"},
        "What is this?",
        kind="multimodal_text",
    )
    question["message"]["metadata"]["attachments"] = [
        {"name": "a.pdf", "mime_type": "application/pdf"},
        {"name": "a.png", "mime_type": "image/png"},
    ]
    item = chatgpt(question, said("a", "q", "assistant", "A cat."))
    (incoming,), report = take(write_json(path, [item]))
    assert incoming.conversation.path()[0].content == "[image]\n\nWhat is this?"
    assert report.n_lost == 2


def test_what_the_user_told_beforehand_is_the_system_prompt(path: Path) -> None:
    item = chatgpt(
        said(
            "i",
            None,
            "user",
            kind="user_editable_context",
            user_profile="I sail.",
            user_instructions="Be brief.",
        ),
        said("q", "i", "user", "Hi"),
        said("a", "q", "assistant", "Hello"),
    )
    conversation = only(write_json(path, [item]))
    assert conversation.system_prompt == "I sail.\n\nBe brief."
    assert [m.content for m in conversation.path()] == ["Hi", "Hello"]


def test_nodes_of_old_exports_may_lack_message_and_children(path: Path) -> None:
    item = chatgpt(
        {"id": "root"},
        {"id": "empty", "parent": "root", "children": []},
        said("q", "empty", "user", "Hi", at=None),
        {**said("a", "q", "assistant", "Hello", at=None), "children": None},
    )
    del item["conversation_id"], item["update_time"]
    messages = only(write_json(path, [item])).path()
    assert [m.content for m in messages] == ["Hi", "Hello"]
    assert {m.created_at for m in messages} == {"2023-11-14T22:13:20.250000+00:00"}


def test_archived_and_starred_stay_so(path: Path) -> None:
    item = {**simple_chatgpt(), "is_archived": True, "is_starred": True}
    conversation = only(write_json(path, [item]))
    assert conversation.archived_at == "2023-11-14T22:15:00.000000+00:00"
    assert conversation.pinned


def test_an_archive_gives_what_all_its_files_hold(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "export.zip",
        user__json={"id": "u"},
        **{
            "conversations-000__json": [simple_chatgpt("1")],
            "conversations-001__json": [simple_chatgpt("2")],
        },
    )
    came, report = take(path)
    assert (len(came), report.n_imported, report.problems) == (2, 2, [])


def test_reading_the_same_file_again_finds_everything_present(path: Path) -> None:
    write_json(path, [simple_chatgpt("1"), simple_chatgpt("2"), simple_chatgpt("1")])
    came, report = take(path)
    assert (report.n_imported, report.n_present) == (2, 1)
    again, _ = take(path)
    assert [entry.conversation for entry in again] == [entry.conversation for entry in came]
