"""MessageSaver: has what the user wrote safe in the history before anything is done with it."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from chatapp.chat import Attachment
from chatapp.gui.conversations import is_answered, revision, user_message
from chatapp.gui.history import History
from chatapp.storage.records import StoredConversation, StoredMessage


class Written(NamedTuple):
    """A message by the user, and the conversation it was written in."""

    conversation: StoredConversation
    message: StoredMessage
    is_revision: bool = False
    wants_reply: bool = True


class MessageSaver(QObject):
    """Saves what it is given, one message at a time in each conversation.

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
        self._reading: set[str] = set()  # conversations that a message follows in
        self._written: dict[str, Written] = {}  # by id of the message
        history.committed.connect(self._on_committed)
        history.refused.connect(self._on_refused)

    def is_saving(self, conversation_id: str) -> bool:
        """Whether a message of that conversation is on its way into the history."""
        saving = {written.conversation.id for written in self._written.values()}
        return conversation_id in self._reading | saving

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

    def follow(self, conversation_id: str, text: str, attachments: Sequence[Attachment]) -> None:
        """Save a message behind the last reply of a conversation, as the history has it now.

        Refused where that reply was not written to its end.
        """

        def add(conversation: StoredConversation) -> None:
            self._reading.remove(conversation_id)
            if is_answered(conversation):
                self._save(Written(conversation, user_message(conversation, text, attachments)))
            else:
                self.refused.emit(conversation_id)

        def refuse() -> None:
            self._reading.remove(conversation_id)
            self.refused.emit(conversation_id)

        self._reading.add(conversation_id)
        self._history.read(conversation_id, add, refuse)

    def revise(
        self, conversation: StoredConversation, message: StoredMessage, text: str, wants_reply: bool
    ) -> None:
        """Save the user's wording of a message as a version beside it."""
        revised = revision(message, text)
        written = Written(conversation, revised, is_revision=True, wants_reply=wants_reply)
        if message.role == "user":
            self._save(written)
        else:
            self._written[revised.id] = written
            self._history.add_edited_reply(
                revised.id, revised.conversation_id, message.id, revised.content
            )

    def _save(self, written: Written) -> None:
        message = written.message
        self._written[message.id] = written
        self._history.add_user_message(
            message.id,
            message.conversation_id,
            message.parent_id,
            message.content,
            message.attachments,
        )

    def _on_committed(self, message_id: str) -> None:
        if message_id in self._written:
            self.saved.emit(self._written.pop(message_id))

    def _on_refused(self, message_id: str) -> None:
        if message_id in self._written:
            self.refused.emit(self._written.pop(message_id).conversation.id)
