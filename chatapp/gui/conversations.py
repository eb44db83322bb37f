"""Questions to a conversation held in memory, and changes of it. Pure values; no Qt, no disk."""

from collections.abc import Sequence

from msgspec import structs

from chatapp.chat import Message, Timings, Usage, with_attachments
from chatapp.storage.records import StoredConversation, StoredMessage


def with_message(conversation: StoredConversation, message: StoredMessage) -> StoredConversation:
    """The conversation with the message put in, or put in the place of what it was, as its leaf."""
    others = tuple(entry for entry in conversation.messages if entry.id != message.id)
    return structs.replace(conversation, messages=(*others, message), leaf_id=message.id)


def versions(conversation: StoredConversation) -> dict[str, tuple[str, ...]]:
    """The versions of every message; one look at each, for conversations of any length."""
    by_parent: dict[str | None, list[str]] = {}
    for message in conversation.messages:
        by_parent.setdefault(message.parent_id, []).append(message.id)
    return {message.id: tuple(by_parent[message.parent_id]) for message in conversation.messages}


def last_usage(conversation: StoredConversation) -> tuple[Usage, Timings] | None:
    """What the last reply on the path cost and took, of those that came to an orderly end."""
    for message in reversed(conversation.path()):
        if message.usage is not None and message.timings is not None:
            return message.usage, message.timings
    return None


def prompt_messages(conversation: StoredConversation, model_path: str) -> tuple[Message, ...]:
    """What the model is to read: the system prompt and the path, without what failed.

    A reply of the same model goes as the ids it was made of, its reasoning left out.
    """
    system = conversation.system_prompt
    messages = [Message(role="system", content=system, id="system")] if system.strip() else []
    for stored in conversation.path():
        if stored.role == "assistant" and not stored.content:
            continue
        is_own = stored.model_path == model_path
        ids = stored.ids[stored.reasoning_tokens :] if is_own else ()
        content = with_attachments(stored.content, stored.attachments)
        messages.append(Message(role=stored.role, content=content, id=stored.id, ids=ids))
    return tuple(messages)


def last_left_out(path: Sequence[StoredMessage]) -> tuple[str, ...]:
    """The messages the last reply on the path went without."""
    for message in reversed(path):
        if message.role == "assistant" and message.finish_reason:
            return message.left_out
    return ()
