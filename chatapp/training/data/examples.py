"""What a model learns from, one at a time: pure values. Knows nothing about files or ids."""

from msgspec import Struct

from chatapp.chat import Message


class Text(Struct, frozen=True):
    """A document to be continued, or read with gaps."""

    text: str


class Labelled(Struct, frozen=True):
    """A text and the class it belongs to."""

    text: str
    label: str


class Pair(Struct, frozen=True):
    """A sentence and what it is turned into."""

    source: str
    target: str


class Question(Struct, frozen=True):
    """A question whose answer stands in a text.

    Attributes:
        context: The text.
        question: What is asked.
        answers: Right answers, at least one; each is a part of `context`. One that is right in
            several places is there for each of them.
        starts: Where each begins, in characters of `context`.
    """

    context: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]


class Chat(Struct, frozen=True):
    """A conversation, with at least one reply of the assistant."""

    messages: tuple[Message, ...]


Example = Text | Labelled | Pair | Question | Chat


def texts_of(example: Example) -> tuple[str, ...]:
    """All that is written in it and is read as tokens; a label is not."""
    match example:
        case Text(text) | Labelled(text, _):
            return (text,)
        case Pair(source, target):
            return source, target
        case Question(context, question):
            return context, question
        case Chat(messages):
            return tuple(message.content for message in messages)
