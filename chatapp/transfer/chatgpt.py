"""ChatGPT's export: `conversations.json`, a list of conversations, each a `mapping` of nodes.

There is no published description; this reads what exports from 2023 to 2026 hold. What the
assistant did on the way to its answer (thoughts, tools, their output) becomes the reasoning.
"""

import re
from typing import Any

from msgspec import Struct

from chatapp.errors import TransferError, say
from chatapp.storage.records import StoredConversation
from chatapp.transfer.loose import as_dict, as_list, as_text, fenced
from chatapp.transfer.tree import Incoming, Node, derived_id, grow, time_text

_CITATIONS = re.compile("\ue200[^\ue201]*\ue201|【[^】]*†[^】]*】")  # they point to nothing here


class _Content(Struct):
    text: str = ""
    n_lost: int = 0


def is_chatgpt(item: dict[str, Any]) -> bool:
    """Whether this is a conversation of ChatGPT's."""
    return isinstance(item.get("mapping"), dict)


def from_chatgpt(item: dict[str, Any], now: str) -> Incoming:
    """Make a conversation of one in the export.

    Raises:
        TransferError: If it holds no message, or a tree that cannot be followed.
    """
    began_at = time_text(item.get("create_time"), now)
    key = as_text(item.get("conversation_id")) or as_text(item.get("id"))
    key = key or f"{began_at} {as_text(item.get('title'))}"
    conversation_id = derived_id("chatgpt", key)
    found: list[tuple[Node, int]] = [
        _node(key, as_dict(value)) for key, value in item["mapping"].items()
    ]
    current = as_text(item.get("current_node"))
    nodes = [node for node, _ in found]
    messages, leaf_id = grow(conversation_id, nodes, current, began_at)
    if not messages:
        raise TransferError(say("It holds no message."))
    updated_at = time_text(item.get("update_time"), max(m.created_at for m in messages))
    conversation = StoredConversation(
        id=conversation_id,
        title=as_text(item.get("title")),
        system_prompt=_instructions(item["mapping"]),
        params=None,
        model_path="",
        leaf_id=leaf_id,
        messages=messages,
        pinned=item.get("is_starred") is True or bool(item.get("pinned_time")),
        archived_at=updated_at if item.get("is_archived") is True else None,
    )
    return Incoming(conversation, began_at, updated_at, sum(n_lost for _, n_lost in found))


def _node(key: str, value: dict[str, Any]) -> tuple[Node, int]:
    """One node, and how many pictures and files it loses."""
    message = as_dict(value.get("message"))
    metadata = as_dict(message.get("metadata"))
    parent = as_text(value.get("parent")) or None
    role = as_dict(message.get("author")).get("role")
    is_hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if role not in ("user", "assistant", "tool") or (is_hidden and role == "user"):
        return Node(key=key, parent=parent), 0
    content = as_dict(message.get("content"))
    kind = as_text(content.get("content_type"))
    if kind in ("user_editable_context", "model_editable_context", "reasoning_recap"):
        return Node(key=key, parent=parent), 0
    found = _content(content, kind)
    found.n_lost += _n_files(metadata)
    is_answer = role == "assistant" and message.get("recipient", "all") in ("all", None)
    is_shown = role == "user" or (is_answer and kind in ("text", "multimodal_text", ""))
    if not found.text and role != "user":
        return Node(key=key, parent=parent), found.n_lost
    node = Node(
        key=key,
        parent=parent,
        role="user" if role == "user" else "assistant",
        content=found.text if is_shown else "",
        reasoning="" if is_shown else found.text,
        created_at=time_text(message.get("create_time"), ""),
        model_name=as_text(metadata.get("model_slug")),
    )
    return node, found.n_lost


def _content(content: dict[str, Any], kind: str) -> _Content:
    if kind == "thoughts":
        return _Content("\n\n".join(filter(None, map(_thought, as_list(content.get("thoughts"))))))
    if kind == "code":
        code = as_text(content.get("text")) or _joined(content).text
        language = as_text(content.get("language"))
        return _Content(fenced(code, "" if language == "unknown" else language) if code else "")
    if kind in ("execution_output", "computer_output", "system_error"):
        output = as_text(content.get("text")) or _joined(content).text
        return _Content(fenced(output) if output else "")
    if kind.startswith("tether_"):
        return _Content(as_text(content.get("text")) or as_text(content.get("result")))
    return _joined(content)


def _joined(content: dict[str, Any]) -> _Content:
    """The parts of a content: texts as they are, pictures as a word that says where they were."""
    found = _Content()
    texts = [as_text(content.get("text"))]
    for part in as_list(content.get("parts")):
        if isinstance(part, str):
            texts.append(_CITATIONS.sub("", part))
            continue
        kind = as_text(as_dict(part).get("content_type"))
        if kind.startswith("audio") or "text" in as_dict(part):
            texts.append(as_text(part.get("text")))
        elif kind:
            texts.append("[image]" if "image" in kind else "[media]")
        found.n_lost += "pointer" in kind
    found.text = "\n\n".join(text for text in texts if text)
    return found


def _thought(thought: Any) -> str:
    parts = [as_text(as_dict(thought).get(name)) for name in ("summary", "content")]
    return "\n\n".join(part for part in parts if part)


def _n_files(metadata: dict[str, Any]) -> int:
    """How many files were attached; pictures are counted where they stand in the message."""
    kinds = [
        as_text(as_dict(file).get("mime_type") or as_dict(file).get("mimeType"))
        for file in as_list(metadata.get("attachments"))
    ]
    return sum(not kind.startswith("image/") for kind in kinds)


def _instructions(mapping: dict[str, Any]) -> str:
    """What the user told ChatGPT beforehand, if the conversation holds it."""
    for value in mapping.values():
        content = as_dict(as_dict(as_dict(value).get("message")).get("content"))
        if content.get("content_type") == "user_editable_context":
            texts = [as_text(content.get(n)) for n in ("user_profile", "user_instructions")]
            return "\n\n".join(text for text in texts if text)
    return ""
