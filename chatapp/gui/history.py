"""History: the window's end of the store. Calls return at once, results come as signals."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from msgspec import UNSET, UnsetType
from PySide6.QtCore import QObject, Qt, Signal

from chatapp.chat import Attachment, GenerationParams
from chatapp.errors import Sentence, StorageError
from chatapp.gui.sentences import translated
from chatapp.storage.records import (
    Draft,
    ReplyRecord,
    ReplyStatus,
    StoredConversation,
    View,
)
from chatapp.storage.snippets import Hit
from chatapp.storage.store import ConversationStore

T = TypeVar("T")


def _nothing(_: object) -> None:
    """For what needs no answer."""


class History(QObject):
    """The store, for the GUI thread: the same calls, done in the same order.

    Conversations begun incognito go to a second store, which lies in memory.

    Attributes:
        store: What lies on the disk, for work in other threads that waits for its Futures.

    Signals:
        listed: The conversations that are neither archived nor deleted, newest first.
        archive_listed: Those in the archive.
        trash_listed: Those that are deleted.
        opened: A conversation with its messages.
        committed: The identifier of a message by the user that is safe from a power cut now.
        refused: The identifier of one that could not be added; after `failed`, which says why.
        finished: The identifier of a reply that is.
        branch_deleted: The first message of the branch, and the leaf to show now or None.
        branch_restored: The first message of the branch, and the leaf to show now.
        found: A text searched for, and what it finds; not told of a text typed over since.
        forked: The identifier of the new conversation.
        draft_loaded: The identifier of a conversation, and its draft.
        draft_unread: The identifier of one whose draft could not be read; after `failed`.
        new_draft_found: The identifier of a conversation never begun, and its draft.
        erased: The identifiers of conversations that are in no file any more; told by who had
            them erased.
        backups_listed: The backups, newest first.
        failed: What could not be done, or what was wrong with the file at start, fit to be shown.
    """

    listed = Signal(object)  # tuple[ConversationSummary, ...]
    archive_listed = Signal(object)
    trash_listed = Signal(object)
    opened = Signal(object)  # StoredConversation
    committed = Signal(str)
    refused = Signal(str)
    finished = Signal(str)
    branch_deleted = Signal(str, object)
    branch_restored = Signal(str, str)
    found = Signal(str, object)  # tuple[Hit, ...]
    forked = Signal(str)
    draft_loaded = Signal(str, object)
    draft_unread = Signal(str)
    new_draft_found = Signal(str, object)
    erased = Signal(object)  # tuple[str, ...]
    backups_listed = Signal(object)  # tuple[Backup, ...]
    failed = Signal(str)

    _settled = Signal(object, object, object)  # from the writer thread to this one

    def __init__(self, store: ConversationStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._memory: ConversationStore | None = None
        self._incognito_ids: set[str] = set()  # of conversations, and of messages in them
        self._query = ""
        self._is_closed = False
        self._told_problem: Sentence | None = None
        self._settled.connect(self._on_settled, Qt.ConnectionType.QueuedConnection)

    @property
    def refusal(self) -> str:
        """Why nothing can be kept in the file, fit to be shown; "" while it can."""
        problem = self.store.problem if self.store.is_read_only else None
        return "" if problem is None else translated(problem)

    # ---- conversations ----

    def begin_incognito(self, conversation_id: str) -> None:
        """Keep all that belongs to this conversation in memory only; before anything else of it."""
        self._incognito_ids.add(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """Drop an incognito conversation from memory."""
        if conversation_id in self._incognito_ids:
            self._watch(self._of(conversation_id).erase([conversation_id]))

    def list(self, view: View = "active") -> None:
        """Ask for the conversations of a view; answered by its signal."""
        answers = {
            "active": self.listed,
            "archived": self.archive_listed,
            "deleted": self.trash_listed,
        }
        self._watch(self.store.list_conversations(view), answers[view].emit)

    def open(self, conversation_id: str) -> None:
        """Ask for a conversation; answered by `opened`."""
        self._watch(self._of(conversation_id).open_conversation(conversation_id), self._on_opened)

    def read(
        self,
        conversation_id: str,
        deliver: Callable[[StoredConversation], object],
        refuse: Callable[[], object],
    ) -> None:
        """Ask for a conversation as it is now, whoever else opens it; answered by one of the calls.

        `refuse` comes after `failed`.
        """
        self._watch(self._of(conversation_id).open_conversation(conversation_id), deliver, refuse)

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
            self._of(conversation_id).create_conversation(
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
            self._of(conversation_id).update_conversation(
                conversation_id, system_prompt=system_prompt, params=params, model_path=model_path
            )
        )

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        self._watch(self._of(conversation_id).rename(conversation_id, title))

    def set_pinned(self, ids: Sequence[str], pinned: bool) -> None:
        """Pin conversations to the top of the list, or let go of them."""
        self._watch(self.store.set_pinned(ids, pinned))

    def set_folder(self, ids: Sequence[str], folder: str) -> None:
        """Put conversations into a folder; the empty name is none."""
        self._watch(self.store.set_folder(ids, folder))

    def set_archived(self, ids: Sequence[str], archived: bool) -> None:
        """Move conversations to the archive, or out of it."""
        self._watch(self.store.set_archived(ids, archived))

    def search(self, query: str, limit: int = 50) -> None:
        """Look for titles and messages; answered by `found` unless another search follows."""
        self._query = query

        def deliver(hits: tuple[Hit, ...]) -> None:
            if query == self._query:
                self.found.emit(query, hits)

        self._watch(self.store.search(query, limit), deliver)

    # ---- the trash ----

    def delete(self, ids: Sequence[str]) -> None:
        """Put conversations into the trash; `restore` brings them back."""
        self._watch(self.store.delete(ids))

    def restore(self, ids: Sequence[str]) -> None:
        """Bring conversations back from the trash."""
        self._watch(self.store.restore(ids))

    def erase(self, ids: Sequence[str]) -> None:
        """Erase conversations for good, out of every file."""
        self._watch(self.store.erase(ids))

    # ---- messages ----

    def add_user_message(
        self,
        message_id: str,
        conversation_id: str,
        parent_id: str | None,
        content: str,
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """Add what the user wrote; answered by `committed`."""
        self._watch(
            self._with(message_id, conversation_id).add_user_message(
                message_id, conversation_id, parent_id, content, attachments
            ),
            lambda _: self.committed.emit(message_id),
            lambda: self.refused.emit(message_id),
        )

    def add_edited_reply(
        self, message_id: str, conversation_id: str, of_message_id: str, content: str
    ) -> None:
        """Add the user's wording of a reply as a version beside it; answered by `committed`."""
        self._watch(
            self._with(message_id, conversation_id).add_edited_reply(
                message_id, conversation_id, of_message_id, content
            ),
            lambda _: self.committed.emit(message_id),
            lambda: self.refused.emit(message_id),
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
        content: str = "",
        reasoning: str = "",
    ) -> None:
        """Open a reply that begins with `content`, if one is continued."""
        self._watch(
            self._with(message_id, conversation_id).start_reply(
                message_id,
                conversation_id,
                parent_id,
                model_path=model_path,
                model_name=model_name,
                params=params,
                content=content,
                reasoning=reasoning,
            )
        )

    def append_chunk(self, message_id: str, text: str, reasoning: str = "") -> None:
        """Write down the next piece of a reply."""
        self._watch(self._of(message_id).append_chunk(message_id, text, reasoning))

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
            self._of(message_id).finish_reply(message_id, status=status, reply=reply, error=error),
            lambda _: self.finished.emit(message_id),
        )

    def set_keep(self, message_id: str, keep: bool) -> None:
        """Have a message always in the prompt, or no longer."""
        self._watch(self._of(message_id).set_keep(message_id, keep))

    # ---- the tree ----

    def set_leaf(self, conversation_id: str, message_id: str) -> None:
        """Show the path that ends in `message_id`."""
        self._watch(self._of(conversation_id).set_leaf(conversation_id, message_id))

    def delete_branch(self, message_id: str) -> None:
        """Hide a message and all below it; answered by `branch_deleted`."""
        self._watch(
            self._of(message_id).delete_branch(message_id),
            lambda leaf_id: self.branch_deleted.emit(message_id, leaf_id),
        )

    def restore_branch(self, message_id: str) -> None:
        """Bring back what `delete_branch` hid; answered by `branch_restored`."""
        self._watch(
            self._of(message_id).restore_branch(message_id),
            lambda leaf_id: self.branch_restored.emit(message_id, leaf_id),
        )

    def fork(
        self, conversation_id: str, message_id: str, new_conversation_id: str, title: str = ""
    ) -> None:
        """Copy the path down to a message into a new conversation; answered by `forked`."""
        self._watch(
            self._with(new_conversation_id, conversation_id).fork(
                conversation_id, message_id, new_conversation_id, title
            ),
            lambda _: self.forked.emit(new_conversation_id),
        )

    # ---- drafts ----

    def save_draft(self, conversation_id: str, draft: Draft) -> None:
        """Keep what is typed in a conversation, begun or not; an empty draft is forgotten."""
        self._watch(self._of(conversation_id).save_draft(conversation_id, draft))

    def load_draft(self, conversation_id: str) -> None:
        """Ask for what was typed in a conversation; `draft_loaded` or `draft_unread` answers."""
        self._watch(
            self._of(conversation_id).load_draft(conversation_id),
            lambda draft: self.draft_loaded.emit(conversation_id, draft),
            lambda: self.draft_unread.emit(conversation_id),
        )

    def last_new_draft(self) -> None:
        """Ask for the newest draft of a conversation never begun.

        Answered by `new_draft_found` if there is one.
        """
        self._watch(self.store.last_new_draft(), self._on_new_draft)

    # ---- backups ----

    def list_backups(self) -> None:
        """Ask for the backups; answered by `backups_listed`."""
        self._watch(self.store.backups(), self.backups_listed.emit)

    def close(self) -> None:
        """Wait until everything asked for is written, then let go of the file.

        What is not answered by then is not answered any more: nobody could do anything with it.
        """
        self._is_closed = True
        self.store.close()
        if self._memory is not None:
            self._memory.close()

    # ---- which store ----

    def _of(self, known_id: str) -> ConversationStore:
        """Where a conversation or a message is kept."""
        if known_id not in self._incognito_ids:
            return self.store
        if self._memory is None:
            self._memory = ConversationStore(None)
        return self._memory

    def _with(self, new_id: str, known_id: str) -> ConversationStore:
        """Where something new is kept that belongs to something known."""
        if known_id in self._incognito_ids:
            self._incognito_ids.add(new_id)
        return self._of(known_id)

    def _on_new_draft(self, found: tuple[str, Draft] | None) -> None:
        if found is not None:
            self.new_draft_found.emit(*found)

    def _on_opened(self, conversation: StoredConversation) -> None:
        if conversation.is_incognito:
            self._incognito_ids.update(message.id for message in conversation.messages)
        self.opened.emit(conversation)

    def _watch(
        self,
        future: Future[T],
        deliver: Callable[[T], object] = _nothing,
        refuse: Callable[[], object] = lambda: None,
    ) -> None:
        # The writer thread runs the callback; a queued signal is what brings it over here.
        future.add_done_callback(lambda done: self._settled.emit(done, deliver, refuse))

    def _on_settled(
        self, future: Future[T], deliver: Callable[[T], object], refuse: Callable[[], object]
    ) -> None:
        if self._is_closed:
            return
        try:
            deliver(future.result())
        except StorageError as error:
            self.failed.emit(translated(error.sentence))
            refuse()
        if self.store.problem not in (None, self._told_problem):
            self._told_problem = self.store.problem
            self.failed.emit(translated(self.store.problem))
            self.list()  # what is on show may be of the history as it was
