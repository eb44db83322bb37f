import errno
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign_files import own_conversation
from msgspec import structs

from chatapp.errors import Sentence, StorageError, TransferError, say
from chatapp.storage.records import StoredConversation
from chatapp.transfer.exporting import Format, export, suffix_for
from chatapp.transfer.file_names import file_name
from chatapp.transfer.html_page import to_html
from chatapp.transfer.markdown_text import Tell, to_markdown
from chatapp.transfer.training import TrainingOptions, to_training_line
from chatapp.transfer.watch import CancelledError, Watch


def saying(reply: str, question: str = "Why?", **fields: Any) -> StoredConversation:
    """A conversation of one turn."""
    conversation = own_conversation(**fields)
    asked, _, answered = conversation.messages
    messages = (
        structs.replace(asked, content=question, attachments=()),
        structs.replace(answered, content=reply, reasoning=""),
    )
    return structs.replace(conversation, messages=messages)


def write(target: Path, format: Format, *conversations: StoredConversation) -> Path:
    by_id = {conversation.id: conversation for conversation in conversations}
    export(list(by_id), by_id.__getitem__, target, format, Watch())
    return target


def test_markdown_holds_the_path_that_is_shown_with_all_that_belongs_to_it() -> None:
    text = to_markdown(own_conversation())
    assert text.startswith("# Salty sea\n\n## Instructions\n\nBe brief.\n\n## You\n")
    assert "**notes.txt**\n\n```\nSalt is NaCl.\n```" in text
    assert "<summary>Reasoning</summary>\n\nThe sea is big." in text
    assert text.endswith("Because of rocks.\n")
    assert "Rocks\n" not in text


def test_code_in_an_attachment_does_not_end_its_block() -> None:
    conversation = own_conversation()
    (file,) = conversation.messages[0].attachments
    file = structs.replace(file, text="```\ncode\n```")
    first = structs.replace(conversation.messages[0], attachments=(file,))
    text = to_markdown(structs.replace(conversation, messages=(first, *conversation.messages[1:])))
    assert "````\n```\ncode\n```\n````" in text


def test_a_page_renders_code_and_tables_and_nothing_that_acts() -> None:
    page = to_html(
        saying(
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\n1 < 2\n```\n\n"
            "<script>alert(1)</script> ![x](http://evil/x.png) [l](javascript:alert(1))",
            question="<img src=x onerror=alert(1)>",
            title="</title><script>",
        )
    )
    assert "<table>" in page
    assert '<pre><code class="language-python">1 &lt; 2' in page
    for forbidden in ("<script", "<img", 'href="javascript', " src="):
        assert forbidden not in page.replace("&lt;img src=x", "")
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page


def test_training_data_is_the_path_that_is_shown() -> None:
    line = to_training_line(own_conversation(), TrainingOptions())
    assert json.loads(line) == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "[notes.txt]\nSalt is NaCl.\n\nWhy is the sea salty?"},
            {"role": "assistant", "content": "Because of rocks."},
        ]
    }


def test_training_data_may_hold_the_reasoning() -> None:
    line = to_training_line(own_conversation(), TrainingOptions(with_reasoning=True))
    reply = json.loads(line)["messages"][-1]["content"]
    assert reply == "<think>\nThe sea is big.\n</think>\n\nBecause of rocks."


def test_stopped_replies_are_no_training_data_unless_wanted() -> None:
    conversation = own_conversation()
    conversation = structs.replace(conversation, leaf_id=conversation.messages[1].id)
    assert to_training_line(conversation, TrainingOptions()) == b""
    line = to_training_line(conversation, TrainingOptions(with_unfinished=True))
    assert json.loads(line)["messages"][-1]["content"] == "Rocks"


def test_several_documents_go_into_an_archive_under_names_of_their_own(tmp_path: Path) -> None:
    pair = [own_conversation("A/B: C?"), own_conversation("a b c")]
    assert suffix_for("html", 2) == ".zip"
    with zipfile.ZipFile(write(tmp_path / "x.zip", "html", *pair)) as archive:
        assert archive.namelist() == ["A B C.html", "a b c (2).html", "index.html"]
        assert 'href="a b c (2).html"' in archive.read("index.html").decode()


@pytest.mark.parametrize("format", ["markdown", "html", "json", "training"])
def test_one_conversation_is_one_file(tmp_path: Path, format: Format) -> None:
    target = tmp_path / f"x{suffix_for(format, 1)}"
    assert "Because of rocks." in write(target, format, own_conversation()).read_text()
    assert os.listdir(tmp_path) == [target.name]


def test_a_conversation_that_cannot_be_read_is_listed_and_the_others_are_written(
    tmp_path: Path,
) -> None:
    conversation = own_conversation()

    def read(conversation_id: str) -> StoredConversation:
        if conversation_id == "bad":
            raise StorageError(say("This conversation is damaged."))
        return conversation

    target = tmp_path / "x.json"
    report = export(["bad", conversation.id], read, target, "json", Watch())
    assert report.n_exported == 1
    assert [str(problem) for problem in report.problems] == ["This conversation is damaged."]
    assert len(json.loads(target.read_text())["conversations"]) == 1


def test_cancelling_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    target.write_text("before")
    steps: list[float] = []
    watch = Watch(steps.append, lambda: len(steps) > 1)
    conversation = own_conversation()
    with pytest.raises(CancelledError):
        export(["a", "b", "c"], lambda _: conversation, target, "json", watch)
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["x.json"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not write"),
        (errno.EIO, "not be written"),
    ],
)
def test_a_failing_disk_is_explained_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def fail(_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("chatapp.transfer.exporting.os.fsync", fail)
    with pytest.raises(TransferError, match=words):
        write(tmp_path / "x.json", "json", own_conversation())
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="could not be written"):
        write(tmp_path / "none" / "x.json", "json", own_conversation())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Salty sea", "Salty sea.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ('a<b>c:"d"|e?*', "a b c d e.md"),
        ("", "conversation.md"),
        ("...", "conversation.md"),
        ("CON", "_CON.md"),
        ("nul.txt", "_nul.txt.md"),
        ("a\x00\u202eb\n", "a b.md"),
        ("x\ud800y", "xy.md"),
        ("海" * 100, "海" * 60 + ".md"),
    ],
)
def test_names_of_files_are_safe_everywhere(title: str, name: str) -> None:
    assert file_name(title, ".md") == name


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_a_document_says_what_it_says_of_its_own_in_the_language_of_the_caller(
    write: Callable[[StoredConversation, Tell], str],
) -> None:
    said: list[str] = []

    def tell(sentence: Sentence) -> str:
        said.append(sentence.text)
        return f"<{len(said)}>"

    conversation = own_conversation("")
    conversation = structs.replace(conversation, leaf_id=conversation.messages[1].id)
    english, other = write(conversation, str), write(conversation, tell)
    assert {"Conversation", "Instructions", "You", "stopped by the user"} <= {*said}
    for text in said:
        assert text in english
        assert text not in other
