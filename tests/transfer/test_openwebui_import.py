from pathlib import Path

import pytest
from foreign_files import only, openwebui, take, told, write_json, wrote


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat-export-1700000000000.json"


def test_a_chat_comes_with_its_tree_times_and_pin(path: Path) -> None:
    chat = openwebui(
        wrote("q", None, "user", "Name a river."),
        wrote("a1", "q", "assistant", "The Rhine."),
        wrote("a2", "q", "assistant", "The Nile."),
    )
    (incoming,), _ = take(write_json(path, [chat]))
    conversation = incoming.conversation
    assert told(conversation.path()) == [("user", "Name a river."), ("assistant", "The Nile.")]
    assert len(conversation.messages) == 3
    assert conversation.path()[1].model_name == "Llama 3"
    assert (conversation.title, conversation.pinned) == ("Rivers", True)
    assert incoming.created_at == "2023-11-14T22:13:20.000000+00:00"
    assert incoming.updated_at == "2023-11-14T22:15:00.000000+00:00"


def test_reasoning_is_taken_out_of_the_text(path: Path) -> None:
    thought = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds'
        "</summary>\n&gt; Is 1 &lt; 2?\n&gt; Yes.\n</details>\nIt is."
    )
    chat = openwebui(wrote("q", None, "user", "?"), wrote("a", "q", "assistant", thought))
    answer = only(write_json(path, [chat])).path()[1]
    assert (answer.content, answer.reasoning) == ("It is.", "Is 1 < 2?\nYes.")


def test_texts_of_files_are_kept_and_pictures_counted(path: Path) -> None:
    files = [
        {"type": "file", "name": "a.txt", "file": {"data": {"content": "Rhine"}}},
        {"type": "image", "url": "data:image/png;base64,AAAA"},
    ]
    chat = openwebui(
        wrote("q", None, "user", "Look", files=files), wrote("a", "q", "assistant", "Yes")
    )
    (incoming,), report = take(write_json(path, [chat]))
    (file,) = incoming.conversation.path()[0].attachments
    assert (file.name, file.text, report.n_lost) == ("a.txt", "Rhine", 1)


def test_the_system_prompt_comes_from_the_settings_of_the_chat(path: Path) -> None:
    chat = openwebui(wrote("q", None, "user", "Hi"), wrote("a", "q", "assistant", "Hello"))
    chat["chat"]["params"] = {"system": "Be brief."}
    assert only(write_json(path, [chat])).system_prompt == "Be brief."


def test_the_oldest_exports_hold_a_plain_list_of_messages(path: Path) -> None:
    chat = {
        "title": "Old",
        "timestamp": 1_700_000_000_000,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        ],
    }
    conversation = only(write_json(path, [chat]))
    assert told(conversation.path()) == [("user", "Hi"), ("assistant", "Hello")]
    assert conversation.system_prompt == "Be brief."


def test_one_chat_by_itself_is_read_too(path: Path) -> None:
    chat = openwebui(wrote("q", None, "user", "Hi"), wrote("a", "q", "assistant", "Hello"))
    assert len(only(write_json(path, chat)).messages) == 2
