import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from foreign_files import only, own_conversation, take, write_json
from msgspec import structs

from chatapp.chat import new_id
from chatapp.storage.records import StoredConversation
from chatapp.transfer.exporting import export
from chatapp.transfer.history_json import schema
from chatapp.transfer.watch import Watch

SCHEMA = Path(__file__).parents[2] / "docs" / "history.schema.json"


def exported(tmp_path: Path, *conversations: StoredConversation, name: str = "all.json") -> Path:
    by_id = {conversation.id: conversation for conversation in conversations}
    export(list(by_id), by_id.__getitem__, tmp_path / name, "json", Watch())
    return tmp_path / name


def change(path: Path, **fields: Any) -> Path:
    """The only conversation in an export, with other fields."""
    whole = json.loads(path.read_text())
    whole["conversations"][0] |= fields
    return write_json(path, whole)


def without_descriptions(value: Any) -> Any:
    if isinstance(value, list):
        return [without_descriptions(entry) for entry in value]
    if isinstance(value, dict):
        return {k: without_descriptions(v) for k, v in value.items() if k != "description"}
    return value


def test_the_published_schema_is_that_of_the_program() -> None:
    """If not: has the format changed? Then VERSION may have to; scripts/history_schema.py helps."""
    present = json.loads(json.dumps(schema()))
    assert without_descriptions(json.loads(SCHEMA.read_text())) == without_descriptions(present)


def test_an_export_is_as_the_schema_says(tmp_path: Path) -> None:
    path = exported(tmp_path, own_conversation(), own_conversation(params=None, messages=()))
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    value = json.loads(path.read_text())
    validator.validate(value)
    value["conversations"][0]["leaf_id"] = 5
    assert not validator.is_valid(value)


@pytest.mark.parametrize("name", ["all.json", "all.zip"])
def test_what_was_exported_comes_back_the_same(tmp_path: Path, name: str) -> None:
    conversation = own_conversation()
    (incoming,), report = take(exported(tmp_path, conversation, name=name))
    assert incoming.conversation == conversation
    assert incoming.created_at == incoming.updated_at == "2026-11-22T10:00:00.000000+00:00"
    assert report.problems == []


def test_parameters_at_their_default_are_written_too(tmp_path: Path) -> None:
    path = exported(tmp_path, own_conversation())
    assert json.loads(path.read_text())["conversations"][0]["params"]["top_k"] == 40


def test_a_reply_that_was_being_written_comes_back_interrupted(tmp_path: Path) -> None:
    conversation = own_conversation()
    reply = structs.replace(conversation.messages[-1], status="streaming")
    messages = (*conversation.messages[:-1], reply)
    conversation = structs.replace(conversation, messages=messages)
    assert only(exported(tmp_path, conversation)).messages[-1].status == "interrupted"


def test_identifiers_of_another_form_are_replaced_by_ones_that_stay(tmp_path: Path) -> None:
    path = change(exported(tmp_path, own_conversation()), id="../../etc/passwd")
    first, second = only(path), only(path)
    assert first == second
    assert len(first.id) == 32


def test_circles_and_parents_that_are_not_there_become_beginnings(tmp_path: Path) -> None:
    path = exported(tmp_path, own_conversation())
    messages = json.loads(path.read_text())["conversations"][0]["messages"]
    messages[0]["parent_id"] = messages[2]["id"]
    messages[1]["parent_id"] = new_id()
    conversation = only(change(path, messages=messages))
    assert len(conversation.messages) == 3
    assert [m.parent_id is None for m in conversation.messages].count(True) == 2
    assert conversation.path()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = exported(tmp_path, own_conversation())
    path.write_text(path.read_text().replace('"version":1', '"version":2'))
    with pytest.raises(Exception, match="newer chatapp"):
        take(path)


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": []},
        {"messages": [5]},
        {"title": None},
        {"params": {"temperature": 99}},
        {"params": {"top_k": "many"}},
    ],
)
def test_what_is_not_as_the_schema_says_is_listed(tmp_path: Path, fields: dict[str, Any]) -> None:
    came, report = take(change(exported(tmp_path, own_conversation()), **fields))
    assert (came, report.n_unread, len(report.problems)) == ([], 1, 1)
