"""Exports as other programs write them, and conversations of our own to export."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatapp.chat import Attachment, GenerationParams, Timings, Usage, new_id
from chatapp.storage.records import Imported, StoredConversation, StoredMessage
from chatapp.transfer.importing import ImportReport, import_file
from chatapp.transfer.tree import Incoming
from chatapp.transfer.watch import Watch


def said(
    key: str,
    parent: str | None,
    role: str,
    *parts: Any,
    kind: str = "text",
    recipient: str = "all",
    at: float | None = 1_700_000_000.5,
    **content: Any,
) -> dict[str, Any]:
    """One node of ChatGPT's `mapping`."""
    message = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": at,
        "content": {"content_type": kind, **({"parts": list(parts)} if parts else {}), **content},
        "status": "finished_successfully",
        "weight": 1.0,
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        "recipient": recipient,
    }
    return {"id": key, "message": message, "parent": parent, "children": []}


def chatgpt(
    *nodes: dict[str, Any], title: str = "Salt", id: str = "c-1", **fields: Any
) -> dict[str, Any]:
    """One conversation of ChatGPT's export; the last node is on show."""
    return {
        "id": id,
        "conversation_id": id,
        "title": title,
        "create_time": 1_700_000_000.25,
        "update_time": 1_700_000_100.0,
        "mapping": {node["id"]: node for node in nodes},
        "current_node": nodes[-1]["id"] if nodes else "",
        "moderation_results": [],
        **fields,
    }


def simple_chatgpt(id: str = "c-1", title: str = "Salt") -> dict[str, Any]:
    return chatgpt(
        {"id": "root", "message": None, "parent": None, "children": ["q"]},
        said("q", "root", "user", "Why is the sea salty?"),
        said("a", "q", "assistant", "Because of rocks."),
        id=id,
        title=title,
    )


def openwebui(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One chat of Open WebUI's export; the last message is on show."""
    tree = {message["id"]: message for message in messages}
    return {
        "id": "w-1",
        "user_id": "u",
        "title": "Rivers",
        "chat": {
            "title": "Rivers",
            "models": ["llama3"],
            "params": {},
            "history": {"messages": tree, "currentId": messages[-1]["id"]},
            "messages": list(messages),
            "timestamp": 1_700_000_000_000,
        },
        "created_at": 1_700_000_000,
        "updated_at": 1_700_000_100,
        "archived": False,
        "pinned": True,
        "meta": {"tags": []},
        "folder_id": None,
        **fields,
    }


def wrote(id: str, parent: str | None, role: str, content: Any, **fields: Any) -> dict[str, Any]:
    """One message of Open WebUI's."""
    return {
        "id": id,
        "parentId": parent,
        "childrenIds": [],
        "role": role,
        "content": content,
        "timestamp": 1_700_000_050,
        **({"model": "llama3:8b", "modelName": "Llama 3"} if role == "assistant" else {}),
        **fields,
    }


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_zip(path: Path, **members: Any) -> Path:
    """An archive; in the names of members two underscores stand for a dot."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name.replace("__", "."), json.dumps(value))
    return path


def take(path: Path) -> tuple[list[Incoming], ImportReport]:
    """What comes out of a file, into a history that has nothing yet."""
    came: dict[str, Incoming] = {}

    def add(incoming: Incoming) -> Imported:
        is_new = incoming.conversation.id not in came
        came.setdefault(incoming.conversation.id, incoming)
        return "new" if is_new else "present"

    report = import_file(path, add, Watch())
    return list(came.values()), report


def only(path: Path) -> StoredConversation:
    """The one conversation of a file that holds nothing else."""
    ((incoming,), report) = take(path)
    assert report.problems == []
    return incoming.conversation


def told(messages: Sequence[StoredMessage]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]


def own_conversation(title: str = "Salty sea", **fields: Any) -> StoredConversation:
    """A conversation that has everything one can have: two versions of a reply among it."""
    conversation_id, question, first, second = new_id(), new_id(), new_id(), new_id()

    def message(id: str, parent_id: str | None, role: Any, content: str, **more: Any) -> Any:
        return StoredMessage(
            id=id,
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            content=content,
            created_at="2026-11-22T10:00:00.000000+00:00",
            **{"status": "complete"} | more,
        )

    reply = {
        "model_path": "/m/s.gguf",
        "model_name": "Small",
        "params": GenerationParams(temperature=0.2, seed=7, stop=("###",)),
        "finish_reason": "stop",
        "ids": (0, 5, 2**31 - 1),
        "usage": Usage(prompt_tokens=9, cached_tokens=4, completion_tokens=3),
        "timings": Timings(prompt_s=0.1, generation_s=0.2, first_token_s=0.15),
        "seed": 2**32 - 1,
        "reasoning": "The sea is big.",
    }
    return StoredConversation(
        **{
            "id": conversation_id,
            "title": title,
            "system_prompt": "Be brief.",
            "params": GenerationParams(temperature=0.2),
            "model_path": "/m/s.gguf",
            "leaf_id": second,
            "messages": (
                message(
                    question,
                    None,
                    "user",
                    "Why is the sea salty?",
                    attachments=(Attachment("notes.txt", "Salt is NaCl."),),
                    keep=True,
                ),
                message(first, question, "assistant", "Rocks", status="stopped", **reply),
                message(second, question, "assistant", "Because of rocks.", **reply),
            ),
            "pinned": True,
            "folder": "Sea",
        }
        | fields
    )
