"""BranchController: decides in the tree of a conversation.

Writing a reply anew and changing a message make versions beside what is there; which version is
on show is the conversation's active leaf. Nothing is done while a reply is being written.
"""

from collections.abc import Callable
from functools import partial

from msgspec import structs
from PySide6.QtCore import QObject

from chatapp.chat import new_id
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.history import History
from chatapp.storage.records import ConversationSummary, StoredMessage


class BranchController(QObject):
    """Does what is asked for under a message."""

    def __init__(
        self, page: ChatPage, history: History, chat: ChatController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._history = history
        self._chat = chat
        self._summaries: tuple[ConversationSummary, ...] = ()
        self._forked_id = ""  # on its way
        self._actions: dict[str, Callable[[str], None]] = {
            "regenerate": self.regenerate,
            "continue": self.go_on,
            "fork": self.fork,
            "keep": partial(self.set_keep, keep=True),
            "release": partial(self.set_keep, keep=False),
            "delete": self.delete,
        }
        page.message_action_requested.connect(self._on_action)
        page.rewrite_requested.connect(self.regenerate)
        page.message_edited.connect(self.edit)
        page.version_requested.connect(self.show_version)
        history.listed.connect(self._on_listed)
        history.branch_deleted.connect(self._on_branch_deleted)
        history.branch_restored.connect(self._on_branch_changed)
        history.forked.connect(self._on_forked)

    def regenerate(self, message_id: str, model_path: str = "") -> None:
        """Have a reply written anew, as another version beside it; "": by the same model."""
        if self._may_change():
            self._chat.answer(self._message(message_id).parent_id, model_path)

    def go_on(self, message_id: str) -> None:
        """Have a reply written on from its end, as another version that begins with its text."""
        message = self._message(message_id)
        self._chat.answer(message.parent_id, begun=message)

    def edit(self, message_id: str, text: str, wants_reply: bool) -> None:
        """Add the user's wording of a message as a version, and have it answered if wanted."""
        if self._may_change():
            self._chat.revise(self._message(message_id), text, wants_reply=wants_reply)

    def show_version(self, message_id: str) -> None:
        """Show that version and what came after it last."""
        if not self._chat.is_busy:
            self._chat.show_version(message_id)

    def fork(self, message_id: str) -> None:
        """Copy what was said up to a message into a new conversation, and show that."""
        conversation = self._chat.conversation
        titles = (entry.title for entry in self._summaries if entry.id == conversation.id)
        title = next(titles, conversation.title)
        self._forked_id = new_id()
        self._history.fork(
            conversation.id, message_id, self._forked_id, self.tr("{} (fork)").format(title)
        )

    def set_keep(self, message_id: str, *, keep: bool) -> None:
        """Have a message always in what the model reads, or no longer."""
        message = structs.replace(self._message(message_id), keep=keep)
        self._history.set_keep(message_id, keep)
        self._chat.mark(message)

    def delete(self, message_id: str) -> None:
        """Take a message and all below it away; the notice offers to bring it back."""
        self._history.delete_branch(message_id)

    def _on_action(self, action: str, message_id: str) -> None:
        if action in self._actions and self._may_change():
            self._actions[action](message_id)

    def _may_change(self) -> bool:
        """Whether the conversation on show can be changed now; says so where it never can."""
        if self._chat.refusal:
            self._page.show_notice(self._chat.refusal)
        return not self._chat.is_busy and not self._chat.refusal

    def _on_branch_deleted(self, message_id: str, leaf_id: str | None) -> None:
        self._on_branch_changed()
        self._page.show_notice(
            self.tr("Deleted the message and what followed it"),
            undo_label=self.tr("Undo"),
            undo=lambda: self._history.restore_branch(message_id),
        )

    def _on_branch_changed(self) -> None:
        self._chat.reload()

    def _on_forked(self, conversation_id: str) -> None:
        if conversation_id == self._forked_id:
            self._chat.show(conversation_id)
            self._page.show_notice(self.tr("This is a new conversation with what was said so far"))

    def _on_listed(self, summaries: tuple[ConversationSummary, ...]) -> None:
        self._summaries = summaries

    def _message(self, message_id: str) -> StoredMessage:
        return next(m for m in self._chat.conversation.messages if m.id == message_id)
