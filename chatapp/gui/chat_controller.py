"""ChatController: the one who decides in the Chat place.

Takes the wishes of the page, asks the history, the models and the engine, and tells the page what
to show. The conversation on show is held here as a plain value; the history has it on the disk.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from chatapp.chat import Attachment, GenerationParams, new_id
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.conversations import last_usage, versions, with_message
from chatapp.gui.engine_errors import EngineErrors
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.failures import Failures
from chatapp.gui.history import History
from chatapp.gui.model_session import ModelSession
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.reply_writer import Job, ReplyWriter, Work
from chatapp.gui.sidebar_controller import SidebarController
from chatapp.protocol import Error
from chatapp.settings import SettingsFile
from chatapp.storage.records import StoredConversation, StoredMessage

_FILE_CODES = ("file_missing", "not_a_model", "damaged", "unsupported_architecture")


class ChatController(QObject):
    """Decides what happens in the Chat place.

    Signals:
        models_page_requested: The Models place is to be shown.
        shown: A conversation is on show; carries its id, as the three below do.
        sent: A message given to `send` is safe from a power cut now.
        refused: It was not taken; whoever holds its text keeps it.
        became_free: A reply came to its end, or was stopped: the next message may be sent. Does
            not come after a failure, until the reply was written after all.
        taken_back: A message goes back into the prompt, to be changed; carries the StoredMessage.
    """

    models_page_requested = Signal()
    shown = Signal(str)
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
        self._words = EngineErrors(self)
        self._failures = Failures(page, self)
        self._session = ModelSession(engine, settings, self)
        self._writer = ReplyWriter(engine, self._session, history, self)
        self._sidebar = SidebarController(page, history, self)
        self._conversation = self._new_conversation()
        self._opening_id = ""
        self._wanted_id = ""  # the message to show in it
        self._is_outdated = False  # what is on its way for `_opening_id`
        self._unsaved: tuple[StoredConversation, StoredMessage] | None = None
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
        return self._unsaved is not None or self._is_at_work()

    def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Add a message to the conversation on show and have it answered.

        Answered itself by `sent` or `refused`. Nothing but spaces is no message.
        """
        conversation = self._conversation
        if self.is_busy or not (text.strip() or attachments):
            self.refused.emit(conversation.id)
            return
        # A lone surrogate, as a clipboard may hold, has no place in the file or on the wire.
        text = text.encode("utf-8", "replace").decode()
        self._ask(text, conversation.leaf_id, attachments)

    def stop(self) -> None:
        """Stop the reply in the conversation on show."""
        self._writer.stop(self._conversation.id)
        self._note_unanswered()

    def new(self) -> None:
        """Begin a conversation; it reaches the history with its first message."""
        self._opening_id = ""
        self._show(self._new_conversation())
        self._page.focus_prompt()

    def new_incognito(self) -> None:
        """Begin a conversation that never reaches the disk."""
        conversation = structs.replace(self._new_conversation(), is_incognito=True)
        self._history.begin_incognito(conversation.id)
        self._opening_id = ""
        self._show(conversation)
        self._page.focus_prompt()

    def show(self, conversation_id: str, message_id: str = "") -> None:
        """Show a conversation; with a message, the version that holds it, scrolled to it."""
        self._wanted_id = message_id
        self._is_outdated = False
        if conversation_id == self._conversation.id:
            self._opening_id = ""
            self._show_wanted()
        else:
            self._opening_id = conversation_id
            self._history.open(conversation_id)

    def put(self, conversation: StoredConversation) -> None:
        """Show the conversation on show as it has become: another path, or another tree."""
        self._failures.forget(conversation.id)
        self._show(conversation)
        self._note_unanswered()

    def answer(self, message_id: str | None) -> None:
        """Have a reply written below that message of the conversation on show."""
        self._failures.forget(self._conversation.id)
        self._show(structs.replace(self._conversation, leaf_id=message_id))
        self._answer(self._conversation)

    def use_model(self, path: str) -> None:
        """Have the model in `path` answer from now on in the conversation on show."""
        self._conversation = structs.replace(self._conversation, model_path=path)
        if self._conversation.messages:
            self._history.update(self._conversation.id, model_path=path)
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
        page, history, session, writer = self._page, self._history, self._session, self._writer
        page.stop_requested.connect(self.stop)
        page.new_requested.connect(self.new)
        page.conversation_requested.connect(self.show)
        page.model_requested.connect(self.use_model)
        page.models_page_requested.connect(self.models_page_requested)
        page.system_prompt_changed.connect(self._on_system_prompt)
        page.params_changed.connect(self._on_params)
        self._settings.listen(self._show_settings)
        page.error_action_requested.connect(self._on_error_action)
        history.opened.connect(self._on_opened)
        history.committed.connect(self._on_committed)
        history.failed.connect(self._on_history_failed)
        self._sidebar.deleted.connect(self._on_deleted)
        self._sidebar.restored.connect(self.show)
        self._shelf.changed.connect(self._on_shelf_changed)
        session.progressed.connect(self._show_phase)
        session.loaded.connect(self._on_loaded)
        session.unloaded.connect(self._show_phase)
        self._engine.died.connect(self._on_died)
        writer.changed.connect(self._show_phase)
        writer.started.connect(self._on_reply_started)
        writer.grew.connect(self._on_reply_grew)
        writer.finished.connect(self._on_reply_finished)
        writer.failed.connect(self._on_reply_failed)
        writer.became_free.connect(self.became_free)

    # ---- a message and its reply ----

    def _ask(
        self, text: str, parent_id: str | None, attachments: Sequence[Attachment] = ()
    ) -> None:
        conversation = self._conversation
        message = StoredMessage(
            id=new_id(),
            conversation_id=conversation.id,
            parent_id=parent_id,
            role="user",
            content=text,
            status="complete",
            created_at=datetime.now(UTC).isoformat(),
            attachments=tuple(attachments),
        )
        if not conversation.messages:
            self._history.create(
                conversation.id,
                system_prompt=conversation.system_prompt,
                params=conversation.params,
                model_path=self._model_path(),
            )
        self._history.add_user_message(
            message.id, conversation.id, parent_id, text, message.attachments
        )
        self._unsaved = conversation, message

    def _on_committed(self, message_id: str) -> None:
        if self._unsaved is None or self._unsaved[1].id != message_id:
            return
        conversation, message = self._unsaved
        self._unsaved = None
        is_on_show = conversation.id == self._conversation.id
        conversation = with_message(self._conversation if is_on_show else conversation, message)
        if is_on_show:
            self._conversation = conversation
            self._failures.forget(conversation.id)
            self._page.add_message(message, conversation.versions(message.id))
            self._sidebar.set_current(conversation.id)
        self._sidebar.refresh()
        self.sent.emit(conversation.id)
        self._answer(conversation)

    def _prepare(self) -> None:
        """Answer the message that waits for a reply, or else have the model ready for the next."""
        if self._is_unanswered():
            self._answer(self._conversation)
        elif self._model_path() and not self._writer.is_busy:
            self._session.require(self._model_path())

    def _answer(self, conversation: StoredConversation) -> None:
        """Have a reply written to the message at the end of the conversation's path."""
        path = self._model_path(conversation)
        entry = self._shelf.entry(path)
        if entry is None:
            self._note_unanswered()
            return
        params = self._settings.current.params_for(conversation.params, path)
        self._writer.write(
            Job(conversation=conversation, model_path=path, model_name=entry.name, params=params)
        )

    def _on_reply_started(self, reply: StoredMessage) -> None:
        if reply.conversation_id == self._conversation.id:
            self._conversation = with_message(self._conversation, reply)
            self._page.add_message(reply, self._conversation.versions(reply.id))

    def _on_reply_grew(self, reply_id: str, text: str, reasoning: str) -> None:
        if reply_id == self._conversation.leaf_id:
            self._page.append_reply(reply_id, text, reasoning)

    def _on_reply_finished(self, reply: StoredMessage) -> None:
        if reply.conversation_id == self._opening_id:
            self._is_outdated = True
            self._history.open(self._opening_id)
        if reply.conversation_id == self._conversation.id:
            self._conversation = with_message(self._conversation, reply)
            self._page.finish_reply(reply, self._conversation.versions(reply.id))
            self._show_usage()
        self._sidebar.refresh()

    def _on_reply_failed(self, conversation_id: str, error: Error) -> None:
        failure = self._words.explain(error, self._engine.log_tail())
        self._failures.put(conversation_id or self._conversation.id, failure)
        if error.code in _FILE_CODES:
            self._shelf.refresh()
        self._show_phase()

    # ---- conversations ----

    def _on_opened(self, conversation: StoredConversation) -> None:
        if conversation.id != self._opening_id:
            return
        if self._is_outdated:  # a reply was finished while this was on its way; the whole follows
            self._is_outdated = False
            return
        reply = self._writer.reply_in(conversation.id)
        if reply is not None:
            conversation = with_message(conversation, reply)
        self._opening_id = ""
        self._show(conversation)
        self._show_wanted()
        self._note_unanswered()
        self._page.focus_prompt()

    def _show_wanted(self) -> None:
        """Show the version that holds the message asked for."""
        conversation, message_id = self._conversation, self._wanted_id
        self._wanted_id = ""
        if not message_id or message_id not in {m.id for m in conversation.messages}:
            return
        if message_id not in {m.id for m in conversation.path()} and not self.is_busy:
            leaf_id = conversation.newest_leaf(message_id)
            self._history.set_leaf(conversation.id, leaf_id)
            self.put(structs.replace(conversation, leaf_id=leaf_id))

    def _on_deleted(self, conversation_id: str) -> None:
        self._writer.stop(conversation_id)
        if conversation_id == self._conversation.id:
            self.new()

    def _on_system_prompt(self, text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        self._conversation = structs.replace(self._conversation, system_prompt=text)
        if self._conversation.messages:
            self._history.update(self._conversation.id, system_prompt=text)

    def _on_params(self, params: GenerationParams | None) -> None:
        self._conversation = structs.replace(self._conversation, params=params)
        if self._conversation.messages:
            self._history.update(self._conversation.id, params=params)

    def _on_history_failed(self, text: str) -> None:
        if self._unsaved is not None:
            # The text is still in the prompt box. An id of its own keeps the next try apart from
            # what may have been written of this one.
            conversation, _ = self._unsaved
            self._unsaved = None
            if not conversation.messages and conversation.id == self._conversation.id:
                self._conversation = structs.replace(conversation, id=new_id())
                self._failures.show(self._conversation.id)
            self.refused.emit(self._conversation.id)
        self._failures.put(self._conversation.id, self._words.not_saved(text))
        self._show_phase()

    # ---- models ----

    def _on_shelf_changed(self) -> None:
        self._show_models()
        if not self._is_scanned and not self._shelf.is_scanning:
            self._is_scanned = True
            self._prepare()
            self._show_phase()

    def _on_loaded(self) -> None:
        self._page.set_device(self._session.device())
        self._show_usage()
        self._show_phase()

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
            self._session.shorten_context(self._model_path())
        if action == "edit":
            self._take_back()
        else:
            self._retry()
        self._show_phase()

    def _retry(self) -> None:
        """Write the reply again, or only load the model where nothing waits for a reply."""
        path = self._conversation.path()
        if path and path[-1].role == "assistant":
            self.answer(path[-1].parent_id)
        else:
            self._prepare()

    def _take_back(self) -> None:
        """Put the last message of the user back into the prompt; it stays as a version."""
        asked = [message for message in self._conversation.path() if message.role == "user"]
        if asked:
            self._show(structs.replace(self._conversation, leaf_id=asked[-1].parent_id))
            self.taken_back.emit(asked[-1])

    # ---- what the page shows ----

    def _show(self, conversation: StoredConversation) -> None:
        self._conversation = conversation
        self._page.show_conversation(conversation.path(), versions(conversation))
        self._sidebar.set_current(conversation.id)
        self._show_models()
        self._show_usage()
        self._failures.show(conversation.id)
        self._show_phase()
        self.shown.emit(conversation.id)

    def _show_settings(self) -> None:
        own = self._conversation.params
        params = self._settings.current.params_for(own, self._model_path())
        self._page.set_conversation_settings(self._conversation.system_prompt, params)

    def _note_unanswered(self) -> None:
        """Say so where a message of the user waits and nobody is about to answer it."""
        conversation_id = self._conversation.id
        if self._is_scanned and self._is_unanswered() and not self._failures.of(conversation_id):
            self._failures.put(conversation_id, self._words.unanswered())
            self._show_phase()

    def _show_models(self) -> None:
        self._page.set_models(self._shelf.entries, self._model_path())
        self._show_settings()
        self._show_phase()

    def _show_phase(self) -> None:
        self._page.set_phase(*self._work())
        self._page.set_reply_wanted(self._is_at_work())

    def _work(self) -> Work:
        work = self._writer.work_in(self._conversation.id)
        if work is not None:
            return work
        failure = self._failures.of(self._conversation.id)
        if failure is not None and failure.is_broken:
            return Work("failed")
        if self._session.loading_path:
            return Work("loading", self._session.fraction, 1.0)
        is_known = self._is_scanned and not self._model_path()
        return Work("no_model" if is_known else "idle")

    def _show_usage(self) -> None:
        n_ctx = self._session.n_ctx or None
        known = last_usage(self._conversation)
        if known is None:
            self._page.set_usage(None, n_ctx, None, None)
            return
        usage, timings = known
        self._page.set_usage(
            usage.prompt_tokens + usage.completion_tokens,
            n_ctx,
            timings.generation_tps(usage) or None,
            timings.first_token_s,
        )

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

    def _model_path(self, conversation: StoredConversation | None = None) -> str:
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
