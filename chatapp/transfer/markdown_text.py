"""A conversation as Markdown: the path that is shown, as one would read it."""

from collections.abc import Callable, Iterator

from chatapp.errors import Sentence, say
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.transfer.loose import fenced

Tell = Callable[[Sentence], str]  # says it in the language the document is to be in

INSTRUCTIONS = say("Instructions")
REASONING = say("Reasoning")
_INTERRUPTED = say("interrupted")
_ENDINGS = {
    "stopped": say("stopped by the user"),
    "interrupted": _INTERRUPTED,
    "streaming": _INTERRUPTED,
    "error": say("failed"),
}


def to_markdown(conversation: StoredConversation, tell: Tell = str) -> str:
    """The conversation as one document."""
    return "\n\n".join([f"# {title(conversation, tell)}", *_parts(conversation, tell)]) + "\n"


def title(conversation: StoredConversation, tell: Tell) -> str:
    """What to call the conversation: its title on one line, or that it has none."""
    return " ".join(conversation.title.split()) or tell(say("Conversation"))


def author(message: StoredMessage, tell: Tell) -> str:
    """Who wrote a message."""
    if message.role == "user":
        return tell(say("You"))
    return message.model_name or tell(say("Assistant"))


def when(message: StoredMessage) -> str:
    """The minute in which a message was written."""
    return f"{message.created_at[:16].replace('T', ' ')} UTC"


def ending(message: StoredMessage, tell: Tell) -> str:
    """How a reply ended that was not completed; nothing for the others."""
    return tell(_ENDINGS[message.status]) if message.status in _ENDINGS else ""


def _parts(conversation: StoredConversation, tell: Tell) -> Iterator[str]:
    if conversation.system_prompt:
        yield f"## {tell(INSTRUCTIONS)}"
        yield conversation.system_prompt
    for message in conversation.path():
        notes = [note for note in (when(message), ending(message, tell)) if note]
        yield f"## {author(message, tell)}\n\n*{', '.join(notes)}*"
        if message.reasoning:
            summary = f"<summary>{tell(REASONING)}</summary>"
            yield f"<details>{summary}\n\n{message.reasoning}\n\n</details>"
        for attachment in message.attachments:
            yield f"**{attachment.name}**\n\n{fenced(attachment.text)}"
        if message.content:
            yield message.content
