"""A conversation as Markdown: the path that is shown, as one would read it."""

from collections.abc import Iterator

from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.transfer.loose import fenced

_STATUSES = {
    "stopped": "stopped by the user",
    "interrupted": "interrupted",
    "streaming": "interrupted",
    "error": "failed",
}


def to_markdown(conversation: StoredConversation) -> str:
    """The conversation as one document."""
    return "\n\n".join([f"# {title(conversation)}", *_parts(conversation)]) + "\n"


def title(conversation: StoredConversation) -> str:
    """What to call the conversation: its title on one line, or that it has none."""
    return " ".join(conversation.title.split()) or "Conversation"


def author(message: StoredMessage) -> str:
    """Who wrote a message."""
    return "You" if message.role == "user" else message.model_name or "Assistant"


def when(message: StoredMessage) -> str:
    """The minute in which a message was written."""
    return f"{message.created_at[:16].replace('T', ' ')} UTC"


def ending(message: StoredMessage) -> str:
    """How a reply ended that was not completed; nothing for the others."""
    return _STATUSES.get(message.status, "")


def _parts(conversation: StoredConversation) -> Iterator[str]:
    if conversation.system_prompt:
        yield "## Instructions"
        yield conversation.system_prompt
    for message in conversation.path():
        notes = [note for note in (when(message), ending(message)) if note]
        yield f"## {author(message)}\n\n*{', '.join(notes)}*"
        if message.reasoning:
            yield f"<details><summary>Reasoning</summary>\n\n{message.reasoning}\n\n</details>"
        for attachment in message.attachments:
            yield f"**{attachment.name}**\n\n{fenced(attachment.text)}"
        if message.content:
            yield message.content
