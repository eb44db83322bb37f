"""RecoveryController: does what the buttons on the card of a failure offer."""

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController


class RecoveryController(QObject):
    """Finds a way on where a reply has failed; `EngineErrors` says which are offered.

    Signals:
        models_page_requested: The Models place is to be shown.
        taken_back: A message goes back into the prompt, to be changed; carries the StoredMessage.
    """

    models_page_requested = Signal()
    taken_back = Signal(object)

    def __init__(self, page: ChatPage, chat: ChatController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chat = chat
        page.error_action_requested.connect(self._on_action)

    def _on_action(self, action: str) -> None:
        if action == "models_page":
            self.models_page_requested.emit()
        elif action == "edit":
            self._take_back()
        else:
            if action == "shorter_context":
                self._chat.session.shorten_context(self._chat.model_path())
            elif action == "use_llama":
                self._chat.session.use_llama()
            self._retry()

    def _retry(self) -> None:
        """Write the reply again, or only load the model where nothing waits for a reply."""
        path = self._chat.conversation.path()
        if path and path[-1].role == "assistant":
            self._chat.answer(path[-1].parent_id)
        else:
            self._chat.failures.forget(self._chat.conversation.id)
            self._chat.prepare()

    def _take_back(self) -> None:
        """Have the last message of the user written again; it stays as a version."""
        conversation = self._chat.conversation
        asked = [message for message in conversation.path() if message.role == "user"]
        if asked:
            self._chat.put(structs.replace(conversation, leaf_id=asked[-1].parent_id))
            self.taken_back.emit(asked[-1])
