"""History: the window's end of the store. Calls return at once, results come as signals."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from msgspec import UNSET, UnsetType
from PySide6.QtCore import QObject, Qt, Signal

from chatapp.chat import GenerationParams
from chatapp.errors import StorageError
from chatapp.storage.records import ReplyRecord, ReplyStatus
from chatapp.storage.store import ConversationStore

T = TypeVar("T")


def _nothing(_: object) -> None:
    """For what needs no answer."""


class History(QObject):
    """The store, for the GUI thread: the same calls, done in the same order.

    Signals:
        listed: Every conversation that is not deleted, newest first.
        opened: A conversation with all its messages.
        committed: The identifier of a user's message that is safe from a power cut now.
        finished: The identifier of a reply that is.
        failed: What could not be done, or what was wrong with the file at start, fit to be shown.
    """

    listed = Signal(object)  # tuple[ConversationSummary, ...]
    opened = Signal(object)  # StoredConversation
    committed = Signal(str)
    finished = Signal(str)
    failed = Signal(str)

    _settled = Signal(object, object)  # from the writer thread to this one

    def __init__(self, store: ConversationStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._is_problem_told = False
        self._settled.connect(self._on_settled, Qt.ConnectionType.QueuedConnection)

    def list(self) -> None:
        """Ask for the conversations; answered by `listed`."""
        self._watch(self._store.list_conversations(), self.listed.emit)

    def open(self, conversation_id: str) -> None:
        """Ask for a conversation; answered by `opened`."""
        self._watch(self._store.open_conversation(conversation_id), self.opened.emit)

    def create(
        self,
        conversation_id: str,
        *,
        title: str = "",
        system_prompt: str = "",
        params: GenerationParams | None = None,
        model_path: str = "",
    ) -> None:
        """Begin a conversation."""
        self._watch(
            self._store.create_conversation(
                conversation_id,
                title=title,
                system_prompt=system_prompt,
                params=params,
                model_path=model_path,
            )
        )

    def update(
        self,
        conversation_id: str,
        *,
        system_prompt: str | UnsetType = UNSET,
        params: GenerationParams | UnsetType | None = UNSET,
        model_path: str | UnsetType = UNSET,
    ) -> None:
        """Change what the next reply is asked for with; what is not given stays."""
        self._watch(
            self._store.update_conversation(
                conversation_id, system_prompt=system_prompt, params=params, model_path=model_path
            )
        )

    def set_leaf(self, conversation_id: str, message_id: str) -> None:
        """Show the path that ends in `message_id`."""
        self._watch(self._store.set_leaf(conversation_id, message_id))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        self._watch(self._store.rename(conversation_id, title))

    def delete(self, conversation_id: str) -> None:
        """Take a conversation off the list; `restore` brings it back."""
        self._watch(self._store.delete(conversation_id))

    def restore(self, conversation_id: str) -> None:
        """Bring a deleted conversation back."""
        self._watch(self._store.restore(conversation_id))

    def add_user_message(
        self, message_id: str, conversation_id: str, parent_id: str | None, content: str
    ) -> None:
        """Add what the user wrote; answered by `committed`."""
        self._watch(
            self._store.add_user_message(message_id, conversation_id, parent_id, content),
            lambda _: self.committed.emit(message_id),
        )

    def start_reply(
        self,
        message_id: str,
        conversation_id: str,
        parent_id: str,
        *,
        model_path: str,
        model_name: str,
        params: GenerationParams,
    ) -> None:
        """Open a reply, still without text."""
        self._watch(
            self._store.start_reply(
                message_id,
                conversation_id,
                parent_id,
                model_path=model_path,
                model_name=model_name,
                params=params,
            )
        )

    def append_chunk(self, message_id: str, text: str, reasoning: str = "") -> None:
        """Write down the next piece of a reply."""
        self._watch(self._store.append_chunk(message_id, text, reasoning))

    def finish_reply(
        self,
        message_id: str,
        *,
        status: ReplyStatus,
        reply: ReplyRecord | None = None,
        error: str = "",
    ) -> None:
        """Close a reply; answered by `finished`."""
        self._watch(
            self._store.finish_reply(message_id, status=status, reply=reply, error=error),
            lambda _: self.finished.emit(message_id),
        )

    def close(self) -> None:
        """Wait until everything asked for is written, then let go of the file."""
        self._store.close()

    def _watch(self, future: Future[T], deliver: Callable[[T], object] = _nothing) -> None:
        # The writer thread runs the callback; a queued signal is what brings it over here.
        future.add_done_callback(lambda done: self._settled.emit(done, deliver))

    def _on_settled(self, future: Future[T], deliver: Callable[[T], object]) -> None:
        try:
            deliver(future.result())
        except StorageError as error:
            self.failed.emit(str(error))
        if self._store.problem and not self._is_problem_told:
            self._is_problem_told = True
            self.failed.emit(self._store.problem)
