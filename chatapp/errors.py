"""Every failure we expect, each saying what happened and what to do.

The text of each is fit to be shown. Anything else that is raised is a bug of ours.
"""

from typing import Literal

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


class ChatAppError(Exception):
    """Base of all expected failures."""


class SettingsError(ChatAppError):
    """The settings file cannot be read or written."""


class StorageError(ChatAppError):
    """The history cannot be read or written."""


class ModelFileError(ChatAppError):
    """A file cannot be used as a model.

    `code` is one of file_missing, not_a_model, damaged, unsupported_architecture.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code


class EngineError(ChatAppError):
    """The engine refused or could not finish a request.

    `needs` and `limit` carry the two figures of not_enough_memory (bytes) and of
    context_too_long (tokens), else 0.
    """

    def __init__(self, code: ErrorCode, message: str, *, needs: int = 0, limit: int = 0) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.needs = needs
        self.limit = limit


class ProtocolError(ChatAppError):
    """A line that is no message of the protocol."""
