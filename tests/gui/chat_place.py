"""The Chat place as the program puts it together, and a page that remembers what it shows."""

from collections.abc import Callable

from msgspec import structs
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.chat import GenerationParams
from chatapp.gui.branch_controller import BranchController
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.context_controller import ContextController
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.history import History
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.prompt_controller import PromptController
from chatapp.gui.recovery_controller import RecoveryController
from chatapp.presets import Preset
from chatapp.settings import SettingsFile
from chatapp.storage.records import ConversationSummary, StoredMessage
from chatapp.storage.store import ConversationStore

GREEDY = Preset(name="Greedy", params=GenerationParams(temperature=0.0))
PATIENCE_MS = 60_000  # for a real model on a busy machine


class SeenPage(ChatPage):
    """The real page, which remembers what it was told to show."""

    def __init__(self) -> None:
        self.messages: dict[str, StoredMessage] = {}
        self.versions: dict[str, tuple[str, ...]] = {}
        self.summaries: tuple[ConversationSummary, ...] = ()
        self.current_id: str | None = None
        self.current_model = ""
        self.phases: list[str] = []
        self.error: tuple[str, str, tuple[str, ...]] | None = None
        self.details = ""
        self.notices: list[str] = []
        self.context: int | None = None
        self.used: int | None = None
        self.warning = ""
        self.unseen: dict[str, str] = {}
        super().__init__()

    @property
    def phase(self) -> str:
        return self.phases[-1]

    def texts(self) -> list[str]:
        return [message.content for message in self.messages.values()]

    def reply(self) -> StoredMessage:
        return list(self.messages.values())[-1]

    def set_conversations(self, summaries, current_id):  # type: ignore[no-untyped-def]
        self.summaries, self.current_id = tuple(summaries), current_id
        super().set_conversations(summaries, current_id)

    def show_conversation(self, messages, versions):  # type: ignore[no-untyped-def]
        self.messages = {message.id: message for message in messages}
        self.versions = dict(versions)
        super().show_conversation(messages, versions)

    def add_message(self, message, versions=()):  # type: ignore[no-untyped-def]
        self.messages[message.id] = message
        self.versions[message.id] = versions
        super().add_message(message, versions)

    def append_reply(self, message_id, text, reasoning):  # type: ignore[no-untyped-def]
        before = self.messages[message_id]
        self.messages[message_id] = structs.replace(before, content=before.content + text)
        super().append_reply(message_id, text, reasoning)

    def finish_reply(self, message, versions=()):  # type: ignore[no-untyped-def]
        self.messages[message.id] = message
        super().finish_reply(message, versions)

    def show_error(self, title, text, actions, details="", is_broken=True):  # type: ignore[no-untyped-def]
        self.error = title, text, tuple(name for name, _ in actions)
        self.details = details
        super().show_error(title, text, actions, details, is_broken)

    def clear_error(self) -> None:
        self.error = None
        super().clear_error()

    def show_notice(self, text, undo_label="", undo=None):  # type: ignore[no-untyped-def]
        self.notices.append(text)
        super().show_notice(text, undo_label, undo)

    def set_models(self, entries, current_path):  # type: ignore[no-untyped-def]
        self.current_model = current_path
        super().set_models(entries, current_path)

    def set_phase(self, phase, *figures):  # type: ignore[no-untyped-def]
        self.phases.append(phase)
        super().set_phase(phase, *figures)

    def set_context(self, used_tokens, n_ctx, warning=""):  # type: ignore[no-untyped-def]
        self.used, self.context, self.warning = used_tokens, n_ctx, warning
        super().set_context(used_tokens, n_ctx, warning)

    def set_unseen(self, reasons):  # type: ignore[no-untyped-def]
        self.unseen = dict(reasons)
        super().set_unseen(reasons)


class Chat:
    """The Chat place with everything behind it, as the program puts it together.

    Attributes:
        parts: All that is behind it lives as long as this.
    """

    def __init__(self, qtbot: QtBot, engine: EngineProcess) -> None:
        self.qtbot = qtbot
        self.parts = QObject()
        self.settings = SettingsFile(paths.settings_file())
        self.settings.change(presets=(GREEDY,), default_preset=GREEDY.name)
        self.history = History(ConversationStore(paths.history_file()), self.parts)
        self.engine = engine
        self.engine.setParent(self.parts)
        self.shelf = ModelShelf(self.settings, self.parts)
        self.page = SeenPage()
        qtbot.addWidget(self.page)
        self.controller = ChatController(
            self.page, self.history, self.shelf, self.engine, self.settings, self.parts
        )
        self.branches = BranchController(self.page, self.history, self.controller, self.parts)
        self.prompts = PromptController(self.page, self.history, self.controller, self.parts)
        self.recovery = RecoveryController(self.page, self.controller, self.parts)
        self.recovery.taken_back.connect(self.prompts.take_back)
        self.meter = ContextController(
            self.page, self.controller, self.controller.session, self.engine, self.parts
        )
        self.is_closed = False

    def begin(self) -> None:
        """Start, and wait until the starter model is loaded."""
        self.controller.start()
        self.prompts.start()
        self.controller.start_engine()
        self.wait(lambda: self.page.context is not None)

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def send(self, text: str) -> None:
        """Type a text and send it, until it is in the history."""
        self.page.set_prompt_text(text)
        with self.qtbot.waitSignal(self.history.committed, timeout=PATIENCE_MS):
            self.page.send_requested.emit(text)

    def ask(self, text: str) -> StoredMessage:
        """Send a text and wait for the whole reply."""
        with self.qtbot.waitSignal(self.history.finished, timeout=PATIENCE_MS):
            self.send(text)
        return self.page.reply()

    def wait_for_words(self) -> None:
        """Until some of a reply has come."""
        self.wait(lambda: self.page.phase == "writing" and self.page.reply().content)

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.prompts.close()
            self.controller.close()
