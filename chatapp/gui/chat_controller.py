"""ChatController: the one who decides in the Chat place.

Takes the wishes of the page, asks the history, the models and the engine, and tells the page what
to show. The conversation on show is held here as a plain value; the history has it on the disk.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from chatapp.chat import Attachment, clean
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.conversation_opener import ConversationOpener
from chatapp.gui.conversations import new_conversation, versions, with_change, with_message
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.failures import Failures
from chatapp.gui.history import History
from chatapp.gui.message_saver import MessageSaver, Written
from chatapp.gui.model_choice import ModelChoice
from chatapp.gui.model_session import ModelSession
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.reply_writer import ReplyWriter
from chatapp.gui.sidebar_controller import SidebarController
from chatapp.gui.work_display import WorkDisplay
from chatapp.protocol import Error
from chatapp.settings import SettingsFile
from chatapp.storage.records import StoredConversation, StoredMessage

_FILE_CODES = ("file_missing", "not_a_model", "damaged", "unsupported_architecture")


class ChatController(QObject):
    """Decides what happens in the Chat place.

    Attributes:
        session: The model that the engine holds.
        failures: What went wrong in which conversation.
        saver: Also lets a message follow a reply in a conversation that is not on show.

    Signals:
        models_page_requested: The Models place is to be shown.
        shown: A conversation is on show; carries its id, as those below do.
        changed: The one on show has changed: a reply was finished, a mark set.
        sent: A message given to `send` or the saver is safe from a power cut now.
        refused: It was not taken; whoever holds its text keeps it.
        became_free: A reply came to its end, or was stopped: the next message may be sent. Does
            not come after a failure, until the reply was written after all.
    """

    models_page_requested = Signal()
    shown = Signal(str)
    changed = Signal(str)
    sent = Signal(str)
    refused = Signal(str)
    became_free = Signal(str)

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
        self.failures = Failures(page, self)
        self.session = ModelSession(engine, settings, self)
        self._choice = ModelChoice(shelf, settings, self)
        self._writer = ReplyWriter(engine, self.session, history, self)
        self._display = WorkDisplay(page, self.session, self._writer, self.failures, self)
        self.saver = MessageSaver(history, self)
        self._opener = ConversationOpener(history, self._writer, self)
        self._sidebar = SidebarController(page, history, self)
        self._conversation = self._new_conversation()
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

    def model_path(self) -> str:
        """The file of the model that answers in the conversation on show; "" for none."""
        return self._choice.path(self._conversation)

    @property
    def is_busy(self) -> bool:
        """Whether the conversation on show takes no message and no change of its tree now."""
        is_read_anew = self._opener.opening_id == self._conversation.id
        return self.saver.is_saving(self._conversation.id) or is_read_anew or self._is_at_work()

    @property
    def refusal(self) -> str:
        """Why the conversation on show takes nothing new at all; "" while it does."""
        return "" if self._conversation.is_incognito else self._history.refusal

    def send(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Add a message to the conversation on show and have it answered.

        Answered itself by `sent` or `refused`. Nothing but spaces is no message.
        """
        conversation = self._conversation
        if self.is_busy or self.refusal or not (text.strip() or attachments):
            self.refused.emit(conversation.id)
            return
        self.saver.add(conversation, text, attachments, self.model_path())

    def revise(self, message: StoredMessage, text: str, *, wants_reply: bool) -> None:
        """Add the user's wording of a message as a version beside it, and have it answered."""
        self.saver.revise(self._conversation, message, text, wants_reply)

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
        self.failures.forget(conversation.id)
        self._show(conversation)
        self._note_unanswered()

    def show_version(self, message_id: str) -> None:
        """Show the version that a message of the conversation is, and what came after it last."""
        leaf_id = self._conversation.newest_leaf(message_id)
        if not self.refusal:
            self._history.set_leaf(self._conversation.id, leaf_id)
        self.put(structs.replace(self._conversation, leaf_id=leaf_id))

    def mark(self, message: StoredMessage) -> None:
        """Show a message of the conversation on show with other marks on it."""
        self._conversation = with_change(self._conversation, message)
        self._page.update_message(message)
        self.changed.emit(message.conversation_id)

    def reload(self) -> None:
        """Show the conversation on show as the history has it."""
        self.failures.forget(self._conversation.id)
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
        self.failures.forget(self._conversation.id)
        self._show(structs.replace(self._conversation, leaf_id=message_id))
        self._answer(self._conversation, model_path, begun)

    def prepare(self) -> None:
        """Answer the message that waits for a reply, or else have the model ready for the next."""
        if self._is_unanswered():
            self._answer(self._conversation)
        elif self.model_path() and not self._writer.is_busy:
            self.session.require(self.model_path())
        self._display.refresh()

    def use_model(self, path: str) -> None:
        """Have the model in `path` answer from now on in the conversation on show."""
        self._change(model_path=path)
        self.failures.forget(self._conversation.id)
        if self._writer.reply_in(self._conversation.id) is None:
            self._writer.stop(self._conversation.id)  # what still waits is for this model now
        self._show_models()
        self.prepare()

    def close(self) -> None:
        """Keep what has come of every reply, end the engine, let go of the history."""
        self._choice.close()
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
        page.system_prompt_changed.connect(lambda text: self._change(system_prompt=clean(text)))
        page.params_changed.connect(lambda params: self._change(params=params))
        self._settings.listen(self._show_settings)
        self._opener.opened.connect(self._on_opened)
        self.saver.saved.connect(self._on_saved)
        self.saver.refused.connect(self.refused)
        history.failed.connect(self._on_history_failed)
        self._sidebar.deleted.connect(self._on_deleted)
        self._sidebar.restored.connect(self.show)
        self._sidebar.hit_chosen.connect(self.show)
        self._choice.changed.connect(self._show_models)
        self._choice.known.connect(self.prepare)
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
            self.failures.forget(conversation.id)
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

    def _answer(
        self,
        conversation: StoredConversation,
        model_path: str = "",
        begun: StoredMessage | None = None,
    ) -> None:
        """Have a reply written to the message at the end of the conversation's path."""
        job = self._choice.job(conversation, model_path, begun)
        if job is None or (self._history.refusal and not conversation.is_incognito):
            self._note_unanswered()
        else:
            self._writer.write(job)

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
        log = self._engine.log_tail()
        self.failures.put_error(where, error, log, is_native=self.session.is_native)
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
            self.show_version(message_id)
        self._page.scroll_to(message_id)

    def _on_deleted(self, conversation_id: str) -> None:
        self._writer.stop(conversation_id)
        if conversation_id == self._conversation.id:
            self.new()

    def _change(self, **settings: Any) -> None:
        """Give the conversation on show other settings; what was never begun is not kept yet."""
        self._conversation = structs.replace(self._conversation, **settings)
        if self._conversation.messages and not self.refusal:
            self._history.update(self._conversation.id, **settings)

    def _on_history_failed(self, text: str) -> None:
        self.failures.put_not_saved(self._conversation.id, text)
        self._display.refresh()
        self._page.set_can_write(not self.refusal)

    def _on_died(self, text: str, exit_code: int) -> None:
        if self.failures.of(self._conversation.id) is None:
            self._page.show_notice(
                self.tr("The engine stopped. It starts again with your next message.")
            )

    # ---- what the page shows ----

    def _show(self, conversation: StoredConversation) -> None:
        self._conversation = conversation
        self._display.conversation_id = conversation.id
        self._page.show_conversation(conversation.path(), versions(conversation))
        self._sidebar.set_current(conversation.id)
        self._show_models()
        self._page.set_can_write(not self.refusal)
        self.failures.show(conversation.id)
        self._display.refresh()
        self.shown.emit(conversation.id)

    def _show_settings(self) -> None:
        params = self._choice.params(self._conversation, self.model_path())
        self._page.set_conversation_settings(self._conversation.system_prompt, params)

    def _note_unanswered(self) -> None:
        """Say so where a message of the user waits and nobody is about to answer it."""
        conversation_id = self._conversation.id
        if (
            self._choice.is_known
            and self._is_unanswered()
            and not self.failures.of(conversation_id)
        ):
            self.failures.put_unanswered(conversation_id)
            self._display.refresh()

    def _show_models(self) -> None:
        if self._choice.is_known:
            self._page.set_models(self._shelf.entries, self.model_path())
        self._display.lacks_model = self._choice.is_known and not self.model_path()
        self._show_settings()
        self._display.refresh()

    # ---- small answers ----

    def _new_conversation(self) -> StoredConversation:
        return new_conversation(self._settings.current.new_system_prompt())

    def _is_unanswered(self) -> bool:
        path = self._conversation.path()
        is_asked = bool(path) and path[-1].role == "user"
        return is_asked and not self.refusal and not self._is_at_work()

    def _is_at_work(self) -> bool:
        return self._writer.work_in(self._conversation.id) is not None
