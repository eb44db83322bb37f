"""A conversation as one line of training data: {"messages": [{"role", "content"}, ...]}."""

import msgspec
from msgspec import Struct

from chatapp.chat import with_attachments
from chatapp.storage.records import StoredConversation, StoredMessage


class TrainingOptions(Struct, frozen=True):
    """What a model is to learn from.

    Attributes:
        with_reasoning: Replies begin with their reasoning, between <think> and </think>.
        with_unfinished: Also replies that were stopped, were interrupted or failed.
    """

    with_reasoning: bool = False
    with_unfinished: bool = False


def to_training_line(conversation: StoredConversation, options: TrainingOptions) -> bytes:
    """One line of JSON without its end, or nothing where there is no reply to learn from.

    A question without a reply that counts is left out together with that reply.
    """
    turns: list[dict[str, str]] = []
    asked: list[dict[str, str]] = []
    for message in conversation.path():
        if message.role == "user":
            content = with_attachments(message.content, message.attachments)
            asked = [{"role": "user", "content": content}]
        elif message.content and (message.status == "complete" or options.with_unfinished):
            turns += [*asked, {"role": "assistant", "content": _reply(message, options)}]
            asked = []
    if not turns:
        return b""
    if conversation.system_prompt:
        turns.insert(0, {"role": "system", "content": conversation.system_prompt})
    return msgspec.json.encode({"messages": turns})


def _reply(message: StoredMessage, options: TrainingOptions) -> str:
    if not (options.with_reasoning and message.reasoning):
        return message.content
    return f"<think>\n{message.reasoning}\n</think>\n\n{message.content}"
