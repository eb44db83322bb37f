"""MessageSaver: has what the user wrote safe in the history before anything is done with it."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from chatapp.chat import Attachment
from chatapp.gui.conversations import revision, user_message
from chatapp.gui.history import History
from chatapp.storage.records import StoredConversation, StoredMessage


class Written(NamedTuple):
    """A message by the user, and the conversation it was written in."""

    conversation: StoredConversation
    message: StoredMessage
    is_revision: bool = False
    wants_reply: bool = True


class MessageSaver(QObject):
    """Saves one message at a time.

    Signals:
        saved: The `Written`, safe from a power cut now.
        refused: It could not be saved; its text is still where it was written. Carries the id of
            its conversation.
    """

    saved = Signal(object)
    refused = Signal(str)

    def __init__(self, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._written: Written | None = None
        history.committed.connect(self._on_committed)
        history.refused.connect(self._on_refused)

    @property
    def is_saving(self) -> bool:
        """Whether a message is on its way into the history."""
        return self._written is not None

    def add(
        self,
        conversation: StoredConversation,
        text: str,
        attachments: Sequence[Attachment],
        model_path: str,
    ) -> None:
        """Save a message at the end of the conversation's path; the first one begins it."""
        if not conversation.messages:
            self._history.create(
                conversation.id,
                system_prompt=conversation.system_prompt,
                params=conversation.params,
                model_path=model_path,
            )
        self._save(Written(conversation, user_message(conversation, text, attachments)))

    def revise(
        self, conversation: StoredConversation, message: StoredMessage, text: str, wants_reply: bool
    ) -> None:
        """Save the user's wording of a message as a version beside it."""
        revised = revision(message, text)
        written = Written(conversation, revised, is_revision=True, wants_reply=wants_reply)
        if message.role == "user":
            self._save(written)
        else:
            self._written = written
            self._history.add_edited_reply(
                revised.id, revised.conversation_id, message.id, revised.content
            )

    def _save(self, written: Written) -> None:
        self._written = written
        message = written.message
        self._history.add_user_message(
            message.id,
            message.conversation_id,
            message.parent_id,
            message.content,
            message.attachments,
        )

    def _on_committed(self, message_id: str) -> None:
        written = self._take(message_id)
        if written is not None:
            self.saved.emit(written)

    def _on_refused(self, message_id: str) -> None:
        written = self._take(message_id)
        if written is not None:
            self.refused.emit(written.conversation.id)

    def _take(self, message_id: str) -> Written | None:
        written = self._written
        if written is None or written.message.id != message_id:
            return None
        self._written = None
        return written
