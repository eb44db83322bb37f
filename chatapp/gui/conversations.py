"""Questions to a conversation held in memory, and changes of it. Pure values; no Qt, no disk."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import structs

from chatapp.chat import Attachment, Message, Timings, Usage, clean, new_id, with_attachments
from chatapp.storage.records import StoredConversation, StoredMessage

_TOKEN_LENGTH = 4.0  # characters; of English text, with the vocabularies of today


def new_conversation(system_prompt: str) -> StoredConversation:
    """A conversation nobody has said anything in."""
    return StoredConversation(
        id=new_id(),
        title="",
        system_prompt=system_prompt,
        params=None,
        model_path="",
        leaf_id=None,
        messages=(),
    )


def user_message(
    conversation: StoredConversation, text: str, attachments: Sequence[Attachment]
) -> StoredMessage:
    """What the user wrote, to go at the end of the conversation's path."""
    return StoredMessage(
        id=new_id(),
        conversation_id=conversation.id,
        parent_id=conversation.leaf_id,
        role="user",
        content=clean(text),
        attachments=tuple(attachments),
        status="complete",
        created_at=_now(),
    )


def revision(message: StoredMessage, text: str) -> StoredMessage:
    """The user's wording of a message, to stand as a version beside it."""
    return StoredMessage(
        id=new_id(),
        conversation_id=message.conversation_id,
        parent_id=message.parent_id,
        role=message.role,
        content=clean(text),
        attachments=message.attachments,
        edited=message.role == "assistant",
        status="complete",
        created_at=_now(),
        model_path=message.model_path,
        model_name=message.model_name,
    )


def with_message(conversation: StoredConversation, message: StoredMessage) -> StoredConversation:
    """The conversation with the message put in, or put in the place of what it was, as its leaf."""
    others = tuple(entry for entry in conversation.messages if entry.id != message.id)
    return structs.replace(conversation, messages=(*others, message), leaf_id=message.id)


def with_change(conversation: StoredConversation, message: StoredMessage) -> StoredConversation:
    """The conversation with a message of it changed in its place."""
    messages = tuple(message if m.id == message.id else m for m in conversation.messages)
    return structs.replace(conversation, messages=messages)


def versions(conversation: StoredConversation) -> dict[str, tuple[str, ...]]:
    """The versions of every message; one look at each, for conversations of any length."""
    by_parent: dict[str | None, list[str]] = {}
    for message in conversation.messages:
        by_parent.setdefault(message.parent_id, []).append(message.id)
    return {message.id: tuple(by_parent[message.parent_id]) for message in conversation.messages}


def is_answered(conversation: StoredConversation) -> bool:
    """Whether the path ends in a reply that was written to its end."""
    path = conversation.path()
    return bool(path) and path[-1].role == "assistant" and path[-1].status == "complete"


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
        messages.append(
            Message(
                role=stored.role,
                content=with_attachments(stored.content, stored.attachments),
                id=stored.id,
                ids=stored.ids[stored.reasoning_tokens :] if is_own else (),
                keep=stored.keep,
            )
        )
    return tuple(messages)


def token_length(path: Sequence[StoredMessage]) -> float:
    """About how many characters a token has, by the last reply that came to its end."""
    for message in reversed(path):
        if message.ids and not message.reasoning:
            return max(1.0, len(message.content) / len(message.ids))
    return _TOKEN_LENGTH


def last_left_out(path: Sequence[StoredMessage]) -> tuple[str, ...]:
    """The messages the last reply on the path went without."""
    for message in reversed(path):
        if message.role == "assistant" and message.finish_reason:
            return message.left_out
    return ()


def _now() -> str:
    return datetime.now(UTC).isoformat()
