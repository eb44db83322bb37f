"""Failures: what went wrong in each conversation, and the card under it that says so."""

from PySide6.QtCore import QObject

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.engine_errors import EngineErrors, Failure
from chatapp.protocol import Error


class Failures(QObject):
    """Remembers one failure a conversation and shows that of the conversation on show."""

    def __init__(self, page: ChatPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._words = EngineErrors(self)
        self._failures: dict[str, Failure] = {}
        self._shown_id = ""

    def of(self, conversation_id: str) -> Failure | None:
        """What went wrong there and was not got over yet."""
        return self._failures.get(conversation_id)

    def put_error(
        self, conversation_id: str, error: Error, log: str, *, is_native: bool = False
    ) -> None:
        """Remember what the engine failed at; `log` is the end of what it wrote down."""
        self._put(conversation_id, self._words.explain(error, log, is_native=is_native))

    def put_not_saved(self, conversation_id: str, text: str) -> None:
        """Remember that the history could not be written, for which `text` is the reason."""
        self._put(conversation_id, self._words.not_saved(text))

    def put_unanswered(self, conversation_id: str) -> None:
        """Remember that a message waits and nobody is about to answer it."""
        self._put(conversation_id, self._words.unanswered())

    def forget(self, conversation_id: str) -> None:
        """Take the failure as got over."""
        if self._failures.pop(conversation_id, None) is not None:
            self._show_if_current(conversation_id)

    def show(self, conversation_id: str) -> None:
        """Show the failure of that conversation, if there is one, from now on."""
        self._shown_id = conversation_id
        failure = self._failures.get(conversation_id)
        if failure is None:
            self._page.clear_error()
        else:
            self._page.show_error(*failure)

    def _put(self, conversation_id: str, failure: Failure) -> None:
        self._failures[conversation_id] = failure
        self._show_if_current(conversation_id)

    def _show_if_current(self, conversation_id: str) -> None:
        if conversation_id == self._shown_id:
            self.show(conversation_id)
