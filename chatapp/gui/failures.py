"""Failures: what went wrong in each conversation, and the card under it that says so."""

from PySide6.QtCore import QObject

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.engine_errors import Failure


class Failures(QObject):
    """Remembers one failure a conversation and shows that of the conversation on show."""

    def __init__(self, page: ChatPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._failures: dict[str, Failure] = {}
        self._shown_id = ""

    def of(self, conversation_id: str) -> Failure | None:
        """What went wrong there and was not got over yet."""
        return self._failures.get(conversation_id)

    def put(self, conversation_id: str, failure: Failure) -> None:
        """Remember a failure."""
        self._failures[conversation_id] = failure
        self._show_if_current(conversation_id)

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
            self._page.show_error(failure.title, failure.text, failure.actions, failure.details)

    def _show_if_current(self, conversation_id: str) -> None:
        if conversation_id == self._shown_id:
            self.show(conversation_id)
