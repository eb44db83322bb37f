"""What goes into the history and what comes out of it, as plain values. No SQL here."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from msgspec import Struct

from chatapp.chat import Attachment, FinishReason, GenerationParams, Role, Timings, Usage

ReplyStatus = Literal["complete", "stopped", "interrupted", "error"]
MessageStatus = Literal[ReplyStatus, "streaming"]
View = Literal["active", "archived", "deleted"]  # the lists a conversation may be in
Imported = Literal["new", "grown", "present"]  # what a conversation from elsewhere was here


class ConversationSummary(Struct, frozen=True, array_like=True):
    """One line of the list of conversations; an array where it is JSON.

    Times are UTC in ISO 8601; `model` is the name of the model that replied last.
    """

    id: str
    title: str
    updated_at: str
    model: str
    pinned: bool = False
    folder: str = ""
    archived_at: str | None = None
    deleted_at: str | None = None


class StoredMessage(Struct, frozen=True, kw_only=True):
    """One message of the tree; what follows `edited` is known of replies only.

    `keep` holds it in the prompt when a conversation outgrows the context; `edited` marks a reply
    that the user wrote over. `ids` are the reply's token ids, the first `reasoning_tokens` of which
    are reasoning; `left_out` the messages that were not in its prompt.
    """

    id: str
    conversation_id: str
    parent_id: str | None  # None: the first message of a conversation, or a version of it
    role: Role
    content: str
    reasoning: str = ""
    status: MessageStatus
    created_at: str
    error: str = ""
    attachments: tuple[Attachment, ...] = ()
    keep: bool = False
    edited: bool = False
    model_path: str = ""
    model_name: str = ""
    params: GenerationParams | None = None
    finish_reason: FinishReason | Literal[""] = ""
    ids: tuple[int, ...] = ()
    reasoning_tokens: int = 0
    left_out: tuple[str, ...] = ()
    usage: Usage | None = None
    timings: Timings | None = None
    seed: int | None = None


class StoredConversation(Struct, frozen=True, kw_only=True, dict=True):
    """A conversation with its tree of messages, oldest first, deleted branches left out.

    Messages with the same parent are versions of one another. The path from the root to the
    active leaf `leaf_id` is what is shown and sent.
    """

    id: str
    title: str
    system_prompt: str
    params: GenerationParams | None
    model_path: str
    leaf_id: str | None
    messages: tuple[StoredMessage, ...]
    pinned: bool = False
    folder: str = ""
    archived_at: str | None = None
    is_incognito: bool = False

    def path(self) -> tuple[StoredMessage, ...]:
        """The messages from the root to the active leaf."""
        return tuple(self._upwards())[::-1]

    def versions(self, message_id: str) -> tuple[str, ...]:
        """The message and its siblings, oldest first.

        Raises:
            KeyError: If the conversation has no such message.
        """
        return tuple(self._below[self._by_id[message_id].parent_id])

    def newest_leaf(self, message_id: str) -> str:
        """Where to go on from `message_id`: down to the leaf, by the newest version each time."""
        while message_id in self._below:
            message_id = self._below[message_id][-1]
        return message_id

    def _upwards(self) -> Iterator[StoredMessage]:
        message_id = self.leaf_id
        while message_id is not None:
            message = self._by_id[message_id]
            yield message
            message_id = message.parent_id

    @cached_property
    def _by_id(self) -> dict[str, StoredMessage]:
        return {message.id: message for message in self.messages}

    @cached_property
    def _below(self) -> dict[str | None, list[str]]:
        below: dict[str | None, list[str]] = {}
        for message in self.messages:
            below.setdefault(message.parent_id, []).append(message.id)
        return below


class ReplyRecord(Struct, frozen=True, kw_only=True):
    """What is kept of a finished reply besides its text, so that it can be looked into later.

    `logprobs` is kept as it is given; the SHA-256 sums are hexadecimal, empty when not known.
    """

    finish_reason: FinishReason
    usage: Usage
    timings: Timings
    ids: tuple[int, ...]
    reasoning_tokens: int
    left_out: tuple[str, ...]
    seed: int
    template_sha256: str
    logprobs: bytes | None = None
    model_sha256: str = ""
    engine_build: str = ""


class Draft(Struct, frozen=True):
    """What is typed and not yet sent."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


class Backup(Struct, frozen=True):
    """A whole copy of the history; `made_at` is UTC in ISO 8601, `size` in bytes."""

    path: Path
    made_at: str
    n_conversations: int
    size: int
