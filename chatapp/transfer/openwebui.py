"""Open WebUI's export: a list of chats, or one; messages in `history.messages`, a tree.

The oldest exports have only a list `messages`, and no `chat` around it.
"""

import html
import re
from typing import Any

from chatapp.chat import Attachment
from chatapp.errors import TransferError, say
from chatapp.storage.records import StoredConversation
from chatapp.transfer.loose import as_dict, as_list, as_text
from chatapp.transfer.tree import Incoming, Node, derived_id, grow, time_text

_THOUGHT = re.compile(
    r'<details type="(?:reasoning|tool_calls|code_interpreter)"[^>]*>\s*'
    r"(?:<summary>[^<]*</summary>)?(.*?)</details>\s*",
    re.DOTALL,
)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


def is_openwebui(item: dict[str, Any]) -> bool:
    """Whether this is a chat of Open WebUI's."""
    chat = as_dict(item.get("chat")) or item
    return isinstance(chat.get("messages"), list) or isinstance(chat.get("history"), dict)


def from_openwebui(item: dict[str, Any], now: str) -> Incoming:
    """Make a conversation of a chat in the export.

    Raises:
        TransferError: If it holds no message, or a tree that cannot be followed.
    """
    chat = as_dict(item.get("chat")) or item
    history = as_dict(chat.get("history"))
    began_at = time_text(item.get("created_at"), time_text(chat.get("timestamp"), now))
    title = as_text(item.get("title")) or as_text(chat.get("title"))
    key = as_text(item.get("id")) or as_text(chat.get("id")) or f"{began_at} {title}"
    conversation_id = derived_id("openwebui", key)
    entries = _entries(chat, history)
    nodes = [_node(key, parent, message) for key, parent, message in entries]
    messages, leaf_id = grow(conversation_id, nodes, as_text(history.get("currentId")), began_at)
    if not messages:
        raise TransferError(say("It holds no message."))
    updated_at = time_text(item.get("updated_at"), max(m.created_at for m in messages))
    conversation = StoredConversation(
        id=conversation_id,
        title=title,
        system_prompt=_system_prompt(chat, entries),
        params=None,
        model_path="",
        leaf_id=leaf_id,
        messages=messages,
        pinned=item.get("pinned") is True,
        archived_at=updated_at if item.get("archived") is True else None,
    )
    n_lost = sum(_n_lost(message) for _, _, message in entries)
    return Incoming(conversation, began_at, updated_at, n_lost)


def _entries(
    chat: dict[str, Any], history: dict[str, Any]
) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Key, parent and content of every message."""
    tree = history.get("messages")
    if isinstance(tree, dict) and tree:
        values = [(key, as_dict(value)) for key, value in tree.items()]
        return [(key, as_text(value.get("parentId")) or None, value) for key, value in values]
    row = [as_dict(value) for value in as_list(chat.get("messages"))]
    return [(str(n), str(n - 1) if n else None, value) for n, value in enumerate(row)]


def _node(key: str, parent: str | None, message: dict[str, Any]) -> Node:
    role = message.get("role")
    if role not in ("user", "assistant"):
        return Node(key=key, parent=parent)
    content = _content(message)
    thoughts: list[str] = []
    if role == "assistant":
        thoughts = [_QUOTE.sub("", html.unescape(t)).strip() for t in _THOUGHT.findall(content)]
        content = _THOUGHT.sub("", content).strip()
    return Node(
        key=key,
        parent=parent,
        role=role,
        content=content,
        reasoning="\n\n".join(thought for thought in thoughts if thought),
        created_at=time_text(message.get("timestamp"), ""),
        model_name=as_text(message.get("modelName")) or as_text(message.get("model")),
        attachments=tuple(_attachments(message)),
    )


def _content(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        texts = [as_text(as_dict(part).get("text")) for part in content]
        return "\n\n".join(text for text in texts if text)
    error = as_text(as_dict(message.get("error")).get("content"))
    return as_text(content) or error


def _attachments(message: dict[str, Any]) -> list[Attachment]:
    """The files whose text the export holds."""
    kept = []
    for entry in map(as_dict, as_list(message.get("files"))):
        file = as_dict(entry.get("file"))
        text = as_text(as_dict(file.get("data")).get("content"))
        if text:
            name = as_text(entry.get("name")) or as_text(file.get("filename")) or "file"
            kept.append(Attachment(name=name, text=text))
    return kept


def _n_lost(message: dict[str, Any]) -> int:
    parts = [as_dict(part) for part in as_list(message.get("content"))]
    n_pictures = [part.get("type") for part in parts].count("image_url")
    return n_pictures + len(as_list(message.get("files"))) - len(_attachments(message))


def _system_prompt(
    chat: dict[str, Any], entries: list[tuple[str, str | None, dict[str, Any]]]
) -> str:
    given = as_text(as_dict(chat.get("params")).get("system")) or as_text(chat.get("system"))
    said = [_content(message) for _, _, message in entries if message.get("role") == "system"]
    return given or "\n\n".join(said)
