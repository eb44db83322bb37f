"""BranchController: decides in the tree of a conversation.

Writing a reply anew and changing a message make versions beside what is there; which version is
on show is the conversation's active leaf. Nothing is done while a reply is being written.
"""

from msgspec import structs
from PySide6.QtCore import QObject

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.history import History
from chatapp.storage.records import StoredMessage


class BranchController(QObject):
    """Does what is asked for under a message."""

    def __init__(
        self, page: ChatPage, history: History, chat: ChatController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._history = history
        self._chat = chat
        self._actions = {"regenerate": self.regenerate}
        page.message_action_requested.connect(self._on_action)
        page.version_requested.connect(self.show_version)

    def regenerate(self, message_id: str) -> None:
        """Have a reply written anew, as another version beside it."""
        self._chat.answer(self._message(message_id).parent_id)

    def show_version(self, message_id: str) -> None:
        """Show that version and what came after it last."""
        if self._chat.is_busy:
            return
        conversation = self._chat.conversation
        leaf_id = conversation.newest_leaf(message_id)
        self._history.set_leaf(conversation.id, leaf_id)
        self._chat.put(structs.replace(conversation, leaf_id=leaf_id))

    def _on_action(self, action: str, message_id: str) -> None:
        if not self._chat.is_busy:
            self._actions[action](message_id)

    def _message(self, message_id: str) -> StoredMessage:
        return next(m for m in self._chat.conversation.messages if m.id == message_id)
