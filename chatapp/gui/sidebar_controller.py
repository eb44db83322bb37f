"""SidebarController: decides in the list of conversations: search, names, folders, deletion."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from chatapp.chat import clean
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.history import History
from chatapp.storage.records import ConversationSummary
from chatapp.storage.snippets import Hit


class SidebarController(QObject):
    """Keeps the sidebar as the history is; whatever it changes there can be undone.

    Signals:
        deleted: A conversation was taken off the list; carries its id.
        restored: It is back, and is to be shown again.
        hit_chosen: A conversation, and the message in it to show, if it is one.
    """

    deleted = Signal(str)
    restored = Signal(str)
    hit_chosen = Signal(str, str)

    def __init__(self, page: ChatPage, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._sidebar = page.sidebar
        self._history = history
        self._active: tuple[ConversationSummary, ...] = ()
        self._archived: tuple[ConversationSummary, ...] = ()
        self._query = ""
        self._current_id = ""
        self._connect()

    def set_current(self, conversation_id: str) -> None:
        """Mark the conversation that is on show; one that is not in the list marks none."""
        self._current_id = conversation_id
        self._show()

    def refresh(self) -> None:
        """Read the list again."""
        self._history.list()
        if self._sidebar.shows_archive:
            self._history.list("archived")

    def _connect(self) -> None:
        sidebar, view, history = self._sidebar, self._sidebar.view, self._history
        sidebar.rename_requested.connect(self._unless_refused(self._on_rename))
        sidebar.search_requested.connect(self._on_search)
        sidebar.hit_requested.connect(self.hit_chosen)
        sidebar.archive_shown.connect(self.refresh)
        view.delete_requested.connect(self._unless_refused(self._on_delete))
        view.archive_requested.connect(self._unless_refused(self._on_archive))
        view.pin_requested.connect(self._unless_refused(self._on_pin))
        view.move_requested.connect(self._unless_refused(self._on_move))
        history.listed.connect(self._on_listed)
        history.archive_listed.connect(self._on_archive_listed)
        history.found.connect(self._on_found)

    # ---- the lists ----

    def _on_listed(self, summaries: tuple[ConversationSummary, ...]) -> None:
        self._active = summaries
        if not self._sidebar.shows_archive:
            self._show()

    def _on_archive_listed(self, summaries: tuple[ConversationSummary, ...]) -> None:
        self._archived = summaries
        if self._sidebar.shows_archive:
            self._show()

    def _show(self) -> None:
        summaries = self._archived if self._sidebar.shows_archive else self._active
        self._page.set_conversations(summaries, self._current_id)

    # ---- the search ----

    def _on_search(self, text: str) -> None:
        self._query = clean(text)
        if self._query:
            self._history.search(self._query)

    def _on_found(self, query: str, hits: tuple[Hit, ...]) -> None:
        if self._query and query == self._query:
            self._sidebar.set_hits(hits)

    # ---- changes, each with its way back ----

    def _unless_refused(self, change: Callable[..., None]) -> Callable[..., None]:
        """Say why instead where the history takes no change."""

        def change_or_say(*arguments: object) -> None:
            if self._history.refusal:
                self._page.show_notice(self._history.refusal)
            else:
                change(*arguments)

        return change_or_say

    def _on_rename(self, conversation_id: str, title: str) -> None:
        self._history.rename(conversation_id, clean(title))
        self.refresh()

    def _on_delete(self, ids: Sequence[str]) -> None:
        shown_id = self._current_id if self._current_id in ids else ""

        def undo() -> None:
            self._history.restore(ids)
            self.refresh()
            if shown_id or len(ids) == 1:
                self.restored.emit(shown_id or ids[0])

        self._history.delete(ids)
        self._done(
            self.tr("Deleted “{}”").format(self._title(ids))
            if len(ids) == 1
            else self.tr("Deleted %n conversation(s)", "", len(ids)),
            undo,
        )
        for conversation_id in ids:
            self.deleted.emit(conversation_id)

    def _on_archive(self, ids: Sequence[str], archived: bool) -> None:
        if archived:
            text = self.tr("Archived “{}”"), self.tr("Archived %n conversation(s)", "", len(ids))
        else:
            text = (
                self.tr("Took “{}” out of the archive"),
                self.tr("Took %n conversation(s) out of the archive", "", len(ids)),
            )
        self._history.set_archived(ids, archived)

        def undo() -> None:
            self._history.set_archived(ids, not archived)
            self.refresh()

        self._done(text[0].format(self._title(ids)) if len(ids) == 1 else text[1], undo)

    def _on_pin(self, ids: Sequence[str], pinned: bool) -> None:
        before = {entry.id: entry.pinned for entry in self._entries(ids)}

        def undo() -> None:
            for was in (True, False):
                self._history.set_pinned([id for id in ids if before.get(id) is was], was)
            self.refresh()

        self._history.set_pinned(ids, pinned)
        n = len(ids)
        self._done(
            self.tr("Pinned %n conversation(s)", "", n)
            if pinned
            else self.tr("Unpinned %n conversation(s)", "", n),
            undo,
        )

    def _on_move(self, ids: Sequence[str], folder: str) -> None:
        folder = clean(folder)
        before = [(entry.id, entry.folder, entry.pinned) for entry in self._entries(ids)]

        def undo() -> None:
            for was in {was for _, was, _ in before}:
                self._history.set_folder([id for id, place, _ in before if place == was], was)
            self._history.set_pinned([id for id, _, was_pinned in before if was_pinned], True)
            self.refresh()

        self._history.set_folder(ids, folder)
        self._history.set_pinned(ids, False)  # else it would stay where it was, above the folders
        n = len(ids)
        self._done(
            self.tr("Moved %n conversation(s) to “{}”", "", n).format(folder)
            if folder
            else self.tr("Moved %n conversation(s) out of the folder", "", n),
            undo,
        )

    def _done(self, text: str, undo: Callable[[], None]) -> None:
        self._sidebar.view.clearSelection()
        self.refresh()
        self._page.show_notice(text, undo_label=self.tr("Undo"), undo=undo)

    def _entries(self, ids: Sequence[str]) -> list[ConversationSummary]:
        wanted = set(ids)
        return [entry for entry in (*self._active, *self._archived) if entry.id in wanted]

    def _title(self, ids: Sequence[str]) -> str:
        return "".join(entry.title for entry in self._entries(ids)[:1])
