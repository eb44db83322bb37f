"""ConversationOpener: gets a conversation out of the history, with what is being written in it."""

from PySide6.QtCore import QObject, Signal

from chatapp.gui.conversations import with_message
from chatapp.gui.history import History
from chatapp.gui.reply_writer import ReplyWriter
from chatapp.storage.records import StoredConversation, StoredMessage


class ConversationOpener(QObject):
    """Opens one conversation at a time; the last one asked for.

    Signals:
        opened: The `StoredConversation`, and the id of the message to show in it or "".
    """

    opened = Signal(object, str)

    def __init__(
        self, history: History, writer: ReplyWriter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.opening_id = ""
        self._message_id = ""
        self._is_outdated = False  # what is on its way
        self._history = history
        self._writer = writer
        history.opened.connect(self._on_opened)
        history.failed.connect(self.cancel)
        writer.finished.connect(self._on_reply_finished)

    def open(self, conversation_id: str, message_id: str = "") -> None:
        """Ask for a conversation; answered by `opened`."""
        self.opening_id = conversation_id
        self._message_id = message_id
        self._is_outdated = False
        self._history.open(conversation_id)

    def cancel(self) -> None:
        """Let be what is on its way."""
        self.opening_id = ""

    def _on_reply_finished(self, reply: StoredMessage) -> None:
        if reply.conversation_id == self.opening_id:
            self._is_outdated = True
            self._history.open(self.opening_id)

    def _on_opened(self, conversation: StoredConversation) -> None:
        if conversation.id != self.opening_id:
            return
        if self._is_outdated:  # a reply was finished while this was on its way; the whole follows
            self._is_outdated = False
            return
        reply = self._writer.reply_in(conversation.id)
        if reply is not None:
            conversation = with_message(conversation, reply)
        self.opening_id = ""
        self.opened.emit(conversation, self._message_id)
