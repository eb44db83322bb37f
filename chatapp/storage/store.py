"""ConversationStore: the history, kept by one thread.

Every method returns a Future at once; the work is done in the order of the calls by the writer
thread, which alone owns the connection. What the work is, the modules beside this one know.
"""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from msgspec import UNSET, UnsetType

from chatapp.chat import Attachment, GenerationParams
from chatapp.storage import (
    backups,
    conversations,
    drafts,
    messages,
    search,
    search_index,
    transfers,
    trash,
    tree,
)
from chatapp.storage.database import now
from chatapp.storage.owner import Owner
from chatapp.storage.records import (
    Backup,
    ConversationSummary,
    Draft,
    Imported,
    ReplyRecord,
    ReplyStatus,
    StoredConversation,
    View,
)
from chatapp.storage.snippets import Hit
from chatapp.storage.worker import queued, queued_long


class ConversationStore(Owner):
    """The history in one file.

    Every method but `close` returns a Future. What fails raises StorageError out of it, with a
    plain text, and leaves the history as it was; the next call finds the store usable. Identifiers
    are made by the caller with `chat.new_id`.
    """

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._unwritten: dict[str, tuple[str, str]] = {}  # chunks that met an error, by message
        self._n_searches = 0

    # ---- conversations ----

    @queued
    def list_conversations(self, view: View = "active") -> tuple[ConversationSummary, ...]:
        """The conversations of a view that have messages, the one spoken in last first."""
        return conversations.summaries(self._db, view)

    @queued
    def create_conversation(
        self,
        conversation_id: str,
        *,
        title: str = "",
        system_prompt: str = "",
        params: GenerationParams | None = None,
        model_path: str = "",
    ) -> None:
        """Begin a conversation. Without a title it takes one from its first message."""
        conversations.create(
            self._db,
            conversation_id,
            title=title,
            system_prompt=system_prompt,
            params=params,
            model_path=model_path,
        )

    @queued
    def open_conversation(self, conversation_id: str) -> StoredConversation:
        """A conversation with its messages, also when it is deleted."""
        return conversations.read(self._db, conversation_id, is_incognito=self._path is None)

    @queued
    def update_conversation(
        self,
        conversation_id: str,
        *,
        system_prompt: str | UnsetType = UNSET,
        params: GenerationParams | UnsetType | None = UNSET,
        model_path: str | UnsetType = UNSET,
    ) -> None:
        """Change what the next reply is asked for with; what is not given stays."""
        conversations.change(
            self._db,
            conversation_id,
            system_prompt=system_prompt,
            params=params,
            model_path=model_path,
        )

    @queued
    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        conversations.rename(self._db, conversation_id, title)

    @queued
    def set_pinned(self, ids: Sequence[str], pinned: bool) -> None:
        """Pin conversations to the top of the list, or let go of them."""
        conversations.set_columns(self._db, ids, pinned=pinned)

    @queued
    def set_folder(self, ids: Sequence[str], folder: str) -> None:
        """Put conversations into a folder; the empty name is none."""
        conversations.set_columns(self._db, ids, folder=folder)

    @queued
    def set_archived(self, ids: Sequence[str], archived: bool) -> None:
        """Move conversations to the archive, or out of it."""
        conversations.set_columns(self._db, ids, archived_at=now() if archived else None)

    def search(self, query: str, limit: int = 50) -> Future[tuple[Hit, ...]]:
        """What a text typed into the search box finds, titles first, then the newest messages.

        The next search ends this one, without hits.
        """
        self._n_searches += 1
        return self._search(query, limit, self._n_searches)

    @queued
    def export_ids(self) -> tuple[str, ...]:
        """The conversations that are not deleted and have messages, the oldest first."""
        return transfers.export_ids(self._db)

    @queued
    def import_conversation(
        self, conversation: StoredConversation, created_at: str, updated_at: str
    ) -> Imported:
        """Add a conversation from elsewhere, or what one that is here has grown by there."""
        return transfers.import_conversation(self._db, conversation, created_at, updated_at)

    # ---- the trash ----

    @queued
    def delete(self, ids: Sequence[str]) -> None:
        """Put conversations into the trash; `restore` brings them back."""
        conversations.set_columns(self._db, ids, deleted_at=now())

    @queued
    def restore(self, ids: Sequence[str]) -> None:
        """Bring conversations back from the trash to where they were."""
        conversations.set_columns(self._db, ids, deleted_at=None)

    @queued_long
    def erase(self, ids: Sequence[str]) -> None:
        """Erase conversations for good, out of every file but those set aside as damaged."""
        self._erase(trash.Erasable(ids))

    @queued_long
    def purge_trash(self, older_than_days: float = 30) -> tuple[str, ...]:
        """Erase for good what was deleted longer ago than that; gives the conversations."""
        what = trash.overdue(self._db, older_than_days)
        if any(what) or trash.is_unfinished(self._db):
            self._erase(what)
        return tuple(what.conversations)

    # ---- messages ----

    @queued
    def add_user_message(
        self,
        message_id: str,
        conversation_id: str,
        parent_id: str | None,
        content: str,
        attachments: Sequence[Attachment] = (),
    ) -> None:
        """Add what the user wrote below `parent_id`, safe from a power cut once it is done.

        It becomes the active leaf. An edit is another message below the same parent.
        """
        messages.add_user_message(
            self._db, message_id, conversation_id, parent_id, content, attachments
        )

    @queued
    def add_edited_reply(
        self, message_id: str, conversation_id: str, of_message_id: str, content: str
    ) -> None:
        """Add the user's wording of a reply as a version beside it, safe as a message of theirs."""
        messages.add_edited_reply(self._db, message_id, conversation_id, of_message_id, content)

    @queued
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
        """Open a reply below `parent_id` that begins with `content`, if one is continued.

        It becomes the active leaf. A reply written anew is another message below the same parent.
        """
        messages.start_reply(
            self._db,
            message_id,
            conversation_id,
            parent_id,
            model_path=model_path,
            model_name=model_name,
            params=params,
            content=content,
            reasoning=reasoning,
        )

    @queued
    def append_chunk(self, message_id: str, text: str, reasoning: str = "") -> None:
        """Write down the next piece of a reply.

        A piece that cannot be written is not lost: it goes with the next one, or with the end.
        """
        earlier_text, earlier_reasoning = self._unwritten.pop(message_id, ("", ""))
        chunk = (earlier_text + text, earlier_reasoning + reasoning)
        try:
            messages.append_chunk(self._db, message_id, *chunk)
        except (sqlite3.Error, OSError, MemoryError):
            self._unwritten[message_id] = chunk
            raise

    @queued
    def finish_reply(
        self,
        message_id: str,
        *,
        status: ReplyStatus,
        reply: ReplyRecord | None = None,
        error: str = "",
    ) -> None:
        """Close a reply: its pieces become its text, safe from a power cut once it is done.

        Args:
            message_id: A reply that was started and not finished.
            status: How it ended.
            reply: What the engine said of it, if it came that far.
            error: Why it ended, fit to be shown, if it failed.
        """
        unwritten = self._unwritten.get(message_id)
        messages.finish_reply(
            self._db, message_id, status=status, reply=reply, error=error, unwritten=unwritten
        )
        self._unwritten.pop(message_id, None)

    @queued
    def set_keep(self, message_id: str, keep: bool) -> None:
        """Have a message always in the prompt, or no longer."""
        messages.set_keep(self._db, message_id, keep)

    # ---- the tree ----

    @queued
    def set_leaf(self, conversation_id: str, message_id: str) -> None:
        """Show the path that ends in `message_id`."""
        tree.set_leaf(self._db, conversation_id, message_id)

    @queued
    def delete_branch(self, message_id: str) -> str | None:
        """Hide a message and all below it, and give the leaf to show now; None: nothing is left."""
        return tree.delete_branch(self._db, message_id)

    @queued
    def restore_branch(self, message_id: str) -> str:
        """Bring back what `delete_branch` hid, and give the leaf to show now."""
        return tree.restore_branch(self._db, message_id)

    @queued
    def fork(
        self, conversation_id: str, message_id: str, new_conversation_id: str, title: str = ""
    ) -> None:
        """Copy the path down to a message into a new conversation."""
        tree.fork(self._db, conversation_id, message_id, new_conversation_id, title)

    # ---- drafts ----

    @queued
    def save_draft(self, conversation_id: str, draft: Draft) -> None:
        """Keep what is typed in a conversation, begun or not; an empty draft is forgotten."""
        drafts.save(self._db, conversation_id, draft)

    @queued
    def load_draft(self, conversation_id: str) -> Draft:
        """What was typed in a conversation and not sent."""
        return drafts.load(self._db, conversation_id)

    @queued
    def last_new_draft(self) -> tuple[str, Draft] | None:
        """The newest draft of a conversation never begun, with the id of that conversation."""
        return drafts.last_new(self._db)

    # ---- backups ----

    @queued_long
    def back_up(self) -> Path:
        """Copy the history into a new backup; other work goes on in between."""
        return backups.make_backup(self._db, self._file, self._give_way)

    @queued_long
    def back_up_if_due(self) -> Path | None:
        """Make the backup of the day, which is also the look whether the history holds together."""
        is_due = conversations.any_begun(self._db) and backups.is_due(self._file)
        return backups.make_backup(self._db, self._file, self._give_way) if is_due else None

    @queued
    def backups(self) -> tuple[Backup, ...]:
        """The backups that can be read, the newest first."""
        return backups.list_backups(self._file)

    @queued_long
    def restore_backup(self, path: Path) -> None:
        """Go on with the history as it was in a backup; the present file is set aside."""
        self._let_go()
        backups.put_in_place(path, self._file)
        self._is_recovered = False

    # ---- the writer thread's own ----

    @queued
    def _search(self, query: str, limit: int, number: int) -> tuple[Hit, ...]:
        def go_on() -> bool:
            if number < self._n_searches:
                return False
            self._give_way()
            return True

        return search.search(self._db, query, limit, go_on) if go_on() else ()

    def _erase(self, what: trash.Erasable) -> None:
        if self._path is None:
            trash.erase(self._db, what)
            return
        trash.erase_in_copies(self._path, what, self._give_way)
        trash.erase(self._db, what)
        search_index.purge(self._db, self._give_way)
        connection, self._connection = self._db, None
        trash.write_anew(connection, self._path)
        trash.finish(self._db)
