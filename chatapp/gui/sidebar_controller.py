"""SidebarController: decides in the list of conversations: names, deletion and its undoing."""

from PySide6.QtCore import QObject, Signal

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.history import History
from chatapp.storage.records import ConversationSummary


class SidebarController(QObject):
    """Keeps the sidebar as the history is.

    Signals:
        deleted: A conversation was taken off the list; carries its id.
        restored: It is back.
    """

    deleted = Signal(str)
    restored = Signal(str)

    def __init__(self, page: ChatPage, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._history = history
        self._summaries: tuple[ConversationSummary, ...] = ()
        self._current_id = ""
        self._deleted_id = ""
        page.rename_requested.connect(self._on_rename)
        page.delete_requested.connect(self._on_delete)
        page.undo_requested.connect(self._on_undo)
        history.listed.connect(self._on_listed)

    def set_current(self, conversation_id: str) -> None:
        """Mark the conversation that is on show; one that is not in the list marks none."""
        self._current_id = conversation_id
        self._page.set_conversations(self._summaries, conversation_id)

    def refresh(self) -> None:
        """Read the list again."""
        self._history.list()

    def _on_listed(self, summaries: tuple[ConversationSummary, ...]) -> None:
        self._summaries = summaries
        self._page.set_conversations(summaries, self._current_id)

    def _on_rename(self, conversation_id: str, title: str) -> None:
        self._history.rename(conversation_id, title.encode("utf-8", "replace").decode())
        self.refresh()

    def _on_delete(self, conversation_id: str) -> None:
        titles = [entry.title for entry in self._summaries if entry.id == conversation_id]
        self._deleted_id = conversation_id
        self._history.delete([conversation_id])
        self.refresh()
        self._page.show_notice(
            self.tr("Deleted “{}”").format("".join(titles)), undo_label=self.tr("Undo")
        )
        self.deleted.emit(conversation_id)

    def _on_undo(self) -> None:
        self._history.restore([self._deleted_id])
        self.refresh()
        self.restored.emit(self._deleted_id)
