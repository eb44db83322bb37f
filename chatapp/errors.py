"""Every failure we expect, each saying what happened and what to do.

The text of each is fit to be shown. Anything else that is raised is a bug of ours.
"""

from typing import Literal

from msgspec import Struct, structs

ErrorCode = Literal[
    "file_missing",
    "not_a_model",
    "damaged",
    "unsupported_architecture",
    "not_enough_memory",
    "context_too_long",
    "no_model",
    "bad_request",
    "cancelled",
    "engine_died",
    "engine_silent",
    "internal",
]


class Sentence(Struct, frozen=True):
    """Something to tell the user: a text in English and what fills its gaps.

    As a string it is plain English, for the command line and the logs; the window says it in the
    user's language. Made by `say`.
    """

    text: str
    facts: "dict[str, Sentence | str | int | float]" = {}

    def __str__(self) -> str:
        return self.text.format(**self.facts)

    def about(self, **facts: "Sentence | str | int | float") -> "Sentence":
        """The same sentence about these facts."""
        return structs.replace(self, facts=facts)


def say(text: str, **facts: Sentence | str | int | float) -> Sentence:
    """A sentence that translators find: `text` must be a literal.

    Args:
        text: In English, with a `{gap}` for each fact.
        facts: What fills the gaps.
    """
    return Sentence(text, facts)


class ChatAppError(Exception):
    """Base of all expected failures; as a string it is what happened, in English.

    Attributes:
        sentence: What happened.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StorageError(ChatAppError):
    """The history cannot be read or written."""


class TransferError(ChatAppError):
    """A file of conversations cannot be read or written."""


class ModelFileError(ChatAppError):
    """A file cannot be used as a model.

    `code` is one of file_missing, not_a_model, damaged, unsupported_architecture.
    """

    def __init__(self, code: ErrorCode, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.code: ErrorCode = code


class DataError(ChatAppError):
    """Files to learn from cannot be used; the file, and the line if it is one, are named.

    Attributes:
        path: The file, "" where it is about all of them.
        line: From 1; 0 where it is about the whole file.
    """

    def __init__(self, sentence: Sentence, path: str = "", line: int = 0) -> None:
        super().__init__(sentence)
        self.path = path
        self.line = line


class ExportError(ChatAppError):
    """A model cannot be written in the form that is asked for."""


class EngineError(ChatAppError):
    """The engine refused or could not finish a request.

    `needs` and `limit` carry the two figures of not_enough_memory (bytes) and of
    context_too_long (tokens), else 0.
    """

    def __init__(
        self, code: ErrorCode, sentence: Sentence, *, needs: int = 0, limit: int = 0
    ) -> None:
        super().__init__(sentence)
        self.code: ErrorCode = code
        self.needs = needs
        self.limit = limit


class TrainingError(ChatAppError):
    """A run cannot begin, or cannot go on."""


class ProtocolError(ChatAppError):
    """A line that is no message of the protocol."""
