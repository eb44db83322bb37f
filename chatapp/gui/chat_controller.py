"""ChatController: the one who decides in the Chat place.

Takes the wishes of the page, asks the history, the models and the engine, and tells the page what
to show. The conversation on show is held here as a plain value; the history has it on the disk.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from chatapp.chat import Attachment, GenerationParams, clean, new_id
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.conversation_opener import ConversationOpener
from chatapp.gui.conversations import (
    versions,
    with_change,
    with_message,
)
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.failures import Failures
from chatapp.gui.history import History
from chatapp.gui.message_saver import MessageSaver, Written
from chatapp.gui.model_session import ModelSession
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.reply_writer import Job, ReplyWriter
from chatapp.gui.sidebar_controller import SidebarController
from chatapp.gui.work_display import WorkDisplay
from chatapp.protocol import Error
from chatapp.settings import SettingsFile
from chatapp.storage.records import StoredConversation, StoredMessage

_FILE_CODES = ("file_missing", "not_a_model", "damaged", "unsupported_architecture")


class ChatController(QObject):
    """Decides what happens in the Chat place.

    Signals:
        models_page_requested: The Models place is to be shown.
        shown: A conversation is on show; carries its id, as those below do.
        changed: The one on show has changed: a reply was finished, a mark set.
        sent: A message given to `send` is safe from a power cut now.
        refused: It was not taken; whoever holds its text keeps it.
        became_free: A reply came to its end, or was stopped: the next message may be sent. Does
            not come after a failure, until the reply was written after all.
        taken_back: A message goes back into the prompt, to be changed; carries the StoredMessage.
    """

    models_page_requested = Signal()
    shown = Signal(str)
    changed = Signal(str)
    sent = Signal(str)
    refused = Signal(str)
    became_free = Signal(str)
    taken_back = Signal(object)

    def __init__(
        self,
        page: ChatPage,
        history: History,
        shelf: ModelShelf,
        engine: EngineProcess,
        settings: SettingsFile,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._history = history
        self._shelf = shelf
        self._engine = engine
        self._settings = settings
        self._failures = Failures(page, self)
        self.session = self._session = ModelSession(engine, settings, self)
        self._writer = ReplyWriter(engine, self._session, history, self)
        self._display = WorkDisplay(page, self._session, self._writer, self._failures, self)
        self._saver = MessageSaver(history, self)
        self._opener = ConversationOpener(history, self._writer, self)
        self._sidebar = SidebarController(page, history, self)
        self._conversation = self._new_conversation()
        self._is_scanned = False
        self._connect()

    def start(self) -> None:
        """Show an empty conversation; before the first paint."""
        self._show(self._conversation)

    def start_engine(self) -> None:
        """Look for models and get the engine ready; after the first paint."""
        self._engine.start()
        self._shelf.refresh()

    @property
    def conversation(self) -> StoredConversation:
        """The conversation on show, also when it was never begun."""
        return self._conversation

    @property
    def is_busy(self) -> bool:
        """Whether the conversation on show takes no message and no change of its tree now."""
        is_read_anew = self._opener.opening_id == self._conversation.id
        return self._saver.is_saving or is_read_anew or self._is_at_work()

    def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Add a message to the conversation on show and have it answered.

        Answered itself by `sent` or `refused`. Nothing but spaces is no message.
        """
        conversation = self._conversation
        if self.is_busy or not (text.strip() or attachments):
            self.refused.emit(conversation.id)
            return
        self._saver.add(conversation, text, attachments, self.model_path())

    def revise(self, message: StoredMessage, text: str, *, wants_reply: bool) -> None:
        """Add the user's wording of a message as a version beside it, and have it answered."""
        self._saver.revise(self._conversation, message, text, wants_reply)

    def stop(self) -> None:
        """Stop the reply in the conversation on show."""
        self._writer.stop(self._conversation.id)
        self._note_unanswered()

    def new(self) -> None:
        """Begin a conversation; it reaches the history with its first message."""
        self._begin(self._new_conversation())

    def new_incognito(self) -> None:
        """Begin a conversation that never reaches a file."""
        conversation = structs.replace(self._new_conversation(), is_incognito=True)
        self._history.begin_incognito(conversation.id)
        self._begin(conversation)

    def show(self, conversation_id: str, message_id: str = "") -> None:
        """Show a conversation; with a message, the version that holds it, scrolled to it."""
        if conversation_id == self._conversation.id:
            self._opener.cancel()
            self._show_message(message_id)
        else:
            self._opener.open(conversation_id, message_id)

    def put(self, conversation: StoredConversation) -> None:
        """Show the conversation on show as it has become: another path, or another tree."""
        self._failures.forget(conversation.id)
        self._show(conversation)
        self._note_unanswered()

    def mark(self, message: StoredMessage) -> None:
        """Show a message of the conversation on show with other marks on it."""
        self._conversation = with_change(self._conversation, message)
        self._page.update_message(message)
        self.changed.emit(message.conversation_id)

    def reload(self) -> None:
        """Show the conversation on show as the history has it."""
        self._failures.forget(self._conversation.id)
        self._opener.open(self._conversation.id)

    def answer(
        self, message_id: str | None, model_path: str = "", begun: StoredMessage | None = None
    ) -> None:
        """Have a reply written below that message of the conversation on show.

        Args:
            message_id: A message of the user.
            model_path: The model to write it; "" for the conversation's own.
            begun: An earlier reply to go on with.
        """
        self._failures.forget(self._conversation.id)
        self._show(structs.replace(self._conversation, leaf_id=message_id))
        self._answer(self._conversation, model_path, begun)

    def use_model(self, path: str) -> None:
        """Have the model in `path` answer from now on in the conversation on show."""
        self._change(model_path=path)
        self._failures.forget(self._conversation.id)
        if self._writer.reply_in(self._conversation.id) is None:
            self._writer.stop(self._conversation.id)  # what still waits is for this model now
        self._show_models()
        self._prepare()

    def close(self) -> None:
        """Keep what has come of every reply, end the engine, let go of the history."""
        self._shelf.changed.disconnect(self._on_shelf_changed)  # a late find starts nothing more
        self._writer.close()
        self._engine.shut_down()
        self._history.close()

    def _connect(self) -> None:
        page, history, writer = self._page, self._history, self._writer
        page.stop_requested.connect(self.stop)
        page.new_requested.connect(self.new)
        page.conversation_requested.connect(self.show)
        page.model_requested.connect(self.use_model)
        page.models_page_requested.connect(self.models_page_requested)
        page.system_prompt_changed.connect(self._on_system_prompt)
        page.params_changed.connect(self._on_params)
        self._settings.listen(self._show_settings)
        page.error_action_requested.connect(self._on_error_action)
        self._opener.opened.connect(self._on_opened)
        self._saver.saved.connect(self._on_saved)
        self._saver.refused.connect(self.refused)
        history.failed.connect(self._on_history_failed)
        self._sidebar.deleted.connect(self._on_deleted)
        self._sidebar.restored.connect(self.show)
        self._sidebar.hit_chosen.connect(self.show)
        self._shelf.changed.connect(self._on_shelf_changed)
        self._engine.died.connect(self._on_died)
        writer.started.connect(self._on_reply_started)
        writer.grew.connect(self._on_reply_grew)
        writer.finished.connect(self._on_reply_finished)
        writer.failed.connect(self._on_reply_failed)
        writer.became_free.connect(self.became_free)

    def _begin(self, conversation: StoredConversation) -> None:
        self._opener.cancel()
        self._show(conversation)
        self._page.focus_prompt()

    # ---- a message and its reply ----

    def _on_saved(self, written: Written) -> None:
        conversation, message, is_revision, wants_reply = written
        is_on_show = conversation.id == self._conversation.id
        conversation = with_message(self._conversation if is_on_show else conversation, message)
        if is_on_show:
            self._failures.forget(conversation.id)
        if is_on_show and is_revision:
            self._show(conversation)
        elif is_on_show:
            self._conversation = conversation
            self._page.add_message(message, conversation.versions(message.id))
            self._sidebar.set_current(conversation.id)
        self._sidebar.refresh()
        if not is_revision:
            self.sent.emit(conversation.id)
        if wants_reply:
            self._answer(conversation)
        else:
            self._note_unanswered()

    def _prepare(self) -> None:
        """Answer the message that waits for a reply, or else have the model ready for the next."""
        if self._is_unanswered():
            self._answer(self._conversation)
        elif self.model_path() and not self._writer.is_busy:
            self._session.require(self.model_path())

    def _answer(
        self,
        conversation: StoredConversation,
        model_path: str = "",
        begun: StoredMessage | None = None,
    ) -> None:
        """Have a reply written to the message at the end of the conversation's path."""
        path = model_path or self.model_path(conversation)
        entry = self._shelf.entry(path)
        if entry is None:
            self._note_unanswered()
            return
        params = self._settings.current.params_for(conversation.params, path)
        self._writer.write(
            Job(
                conversation=conversation,
                model_path=path,
                model_name=entry.name,
                params=params,
                begun=begun,
            )
        )

    def _on_reply_started(self, reply: StoredMessage) -> None:
        if reply.conversation_id == self._conversation.id:
            self._conversation = with_message(self._conversation, reply)
            self._page.add_message(reply, self._conversation.versions(reply.id))

    def _on_reply_grew(self, reply_id: str, text: str, reasoning: str) -> None:
        if reply_id == self._conversation.leaf_id:
            self._page.append_reply(reply_id, text, reasoning)

    def _on_reply_finished(self, reply: StoredMessage) -> None:
        if reply.conversation_id == self._conversation.id:
            self._conversation = with_message(self._conversation, reply)
            self._page.finish_reply(reply, self._conversation.versions(reply.id))
            self.changed.emit(reply.conversation_id)
        self._sidebar.refresh()

    def _on_reply_failed(self, conversation_id: str, error: Error) -> None:
        where = conversation_id or self._conversation.id
        self._failures.put_error(where, error, self._engine.log_tail())
        if error.code in _FILE_CODES:
            self._shelf.refresh()
        self._display.refresh()

    # ---- conversations ----

    def _on_opened(self, conversation: StoredConversation, message_id: str) -> None:
        is_other = conversation.id != self._conversation.id
        self._show(conversation)
        self._show_message(message_id)
        self._note_unanswered()
        if is_other:
            self._page.focus_prompt()
        else:
            self._page.focus_conversation()

    def _show_message(self, message_id: str) -> None:
        """Show the version that holds a message, and that place in it."""
        conversation = self._conversation
        if message_id not in {m.id for m in conversation.messages}:
            return
        if message_id not in {m.id for m in conversation.path()} and not self.is_busy:
            leaf_id = conversation.newest_leaf(message_id)
            self._history.set_leaf(conversation.id, leaf_id)
            self.put(structs.replace(conversation, leaf_id=leaf_id))
        self._page.scroll_to(message_id)

    def _on_deleted(self, conversation_id: str) -> None:
        self._writer.stop(conversation_id)
        if conversation_id == self._conversation.id:
            self.new()

    def _on_system_prompt(self, text: str) -> None:
        self._change(system_prompt=clean(text))

    def _on_params(self, params: GenerationParams | None) -> None:
        self._change(params=params)

    def _change(self, **settings: Any) -> None:
        """Give the conversation on show other settings; what was never begun is not kept yet."""
        self._conversation = structs.replace(self._conversation, **settings)
        if self._conversation.messages:
            self._history.update(self._conversation.id, **settings)

    def _on_history_failed(self, text: str) -> None:
        self._failures.put_not_saved(self._conversation.id, text)
        self._display.refresh()

    # ---- models ----

    def _on_shelf_changed(self) -> None:
        is_first = not self._is_scanned and not self._shelf.is_scanning
        self._is_scanned = self._is_scanned or is_first
        self._show_models()
        if is_first:
            self._prepare()

    def _on_died(self, text: str, exit_code: int) -> None:
        if self._failures.of(self._conversation.id) is None:
            self._page.show_notice(
                self.tr("The engine stopped. It starts again with your next message.")
            )

    # ---- failures ----

    def _on_error_action(self, action: str) -> None:
        if action == "models_page":
            self.models_page_requested.emit()
            return
        self._failures.forget(self._conversation.id)
        if action == "shorter_context":
            self._session.shorten_context(self.model_path())
        if action == "edit":
            self._take_back()
        else:
            self._retry()
        self._display.refresh()

    def _retry(self) -> None:
        """Write the reply again, or only load the model where nothing waits for a reply."""
        path = self._conversation.path()
        if path and path[-1].role == "assistant":
            self.answer(path[-1].parent_id)
        else:
            self._prepare()

    def _take_back(self) -> None:
        """Have the last message of the user written again; it stays as a version."""
        asked = [message for message in self._conversation.path() if message.role == "user"]
        if asked:
            self._show(structs.replace(self._conversation, leaf_id=asked[-1].parent_id))
            self.taken_back.emit(asked[-1])

    # ---- what the page shows ----

    def _show(self, conversation: StoredConversation) -> None:
        self._conversation = conversation
        self._display.conversation_id = conversation.id
        self._page.show_conversation(conversation.path(), versions(conversation))
        self._sidebar.set_current(conversation.id)
        self._show_models()
        self._failures.show(conversation.id)
        self._display.refresh()
        self.shown.emit(conversation.id)

    def _show_settings(self) -> None:
        own = self._conversation.params
        params = self._settings.current.params_for(own, self.model_path())
        self._page.set_conversation_settings(self._conversation.system_prompt, params)

    def _note_unanswered(self) -> None:
        """Say so where a message of the user waits and nobody is about to answer it."""
        conversation_id = self._conversation.id
        if self._is_scanned and self._is_unanswered() and not self._failures.of(conversation_id):
            self._failures.put_unanswered(conversation_id)
            self._display.refresh()

    def _show_models(self) -> None:
        self._page.set_models(self._shelf.entries, self.model_path())
        self._display.lacks_model = self._is_scanned and not self.model_path()
        self._show_settings()
        self._display.refresh()

    # ---- small answers ----

    def _new_conversation(self) -> StoredConversation:
        return StoredConversation(
            id=new_id(),
            title="",
            system_prompt=self._settings.current.new_system_prompt(),
            params=None,
            model_path="",
            leaf_id=None,
            messages=(),
        )

    def model_path(self, conversation: StoredConversation | None = None) -> str:
        """The model that answers: the conversation's own while it can be used, else the default."""
        wanted = self._shelf.entry((conversation or self._conversation).model_path)
        if wanted is not None and not wanted.error:
            return wanted.path
        default = self._shelf.default()
        return "" if default is None else default.path

    def _is_unanswered(self) -> bool:
        path = self._conversation.path()
        is_asked = bool(path) and path[-1].role == "user"
        return is_asked and not self._is_at_work()

    def _is_at_work(self) -> bool:
        return self._writer.work_in(self._conversation.id) is not None
