"""The conversation on screen."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from chatapp.storage.records import StoredMessage


class Transcript(QScrollArea):
    """The messages of one conversation."""

    regenerate_requested = Signal(str)
    version_requested = Signal(str)
    error_action_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)

    def show_messages(
        self, messages: Sequence[StoredMessage], versions: Mapping[str, tuple[str, ...]]
    ) -> None: ...
    def add_message(self, message: StoredMessage, versions: tuple[str, ...]) -> None: ...
    def append_reply(self, message_id: str, text: str, reasoning: str) -> None: ...
    def finish_reply(self, message: StoredMessage, versions: tuple[str, ...]) -> None: ...
    def show_error(
        self, title: str, text: str, actions: Sequence[tuple[str, str]], details: str
    ) -> None: ...
    def clear_error(self) -> None: ...
    def is_empty(self) -> bool:
        """Whether there is no message."""
        return True
