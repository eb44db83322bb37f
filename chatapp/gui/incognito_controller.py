"""IncognitoController: chats of which nothing is saved: marked, kept till the end, asked about."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from chatapp.gui.chat_controller import ChatController
from chatapp.gui.history import History
from chatapp.gui.main_window import MainWindow


class IncognitoController(QObject):
    """Begins incognito chats, marks the one on show, and asks once before any of them is lost."""

    def __init__(
        self,
        window: MainWindow,
        history: History,
        chat: ChatController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._page = window.chat_page
        self._history = history
        self._chat = chat
        self._shown_id = ""  # the incognito chat on show
        self._begun: set[str] = set()  # incognito chats with messages
        self._ended: set[str] = set()  # those whose last reply may still be on its way
        self._question: QMessageBox | None = None
        window.shortcuts.bind("incognito", window, self.begin)
        window.may_close = self._may_close
        self._page.incognito_bar.end_requested.connect(self.end)
        chat.shown.connect(self._on_shown)
        chat.sent.connect(self._on_sent)
        chat.became_free.connect(self._on_free)

    def begin(self) -> None:
        """Show a new chat of which nothing will be saved."""
        self._window.show_chat()
        self._chat.new_incognito()

    def end(self) -> None:
        """Forget the incognito chat on show; asks if something was said in it."""
        if self._shown_id in self._begun:
            self._ask(
                self.tr("End this incognito chat?"), self.tr("End chat"), self._forget_the_shown
            )
        else:
            self._forget_the_shown()

    def _on_shown(self, conversation_id: str) -> None:
        is_incognito = self._chat.conversation.is_incognito
        self._page.set_incognito(is_incognito)
        left_id, self._shown_id = self._shown_id, conversation_id if is_incognito else ""
        if left_id in self._begun and left_id != self._shown_id:
            self._page.show_notice(
                self.tr("The incognito chat goes on until you close chatapp."),
                self.tr("Go back"),
                lambda: self._chat.show(left_id),
            )

    def _on_sent(self, conversation_id: str) -> None:
        if conversation_id == self._shown_id:
            self._begun.add(conversation_id)

    def _forget_the_shown(self) -> None:
        ended_id, self._shown_id = self._shown_id, ""
        self._begun.discard(ended_id)
        self._ended.add(ended_id)
        self._chat.stop()  # answered at once where there is nothing to stop
        self._chat.new()

    def _on_free(self, conversation_id: str) -> None:
        if conversation_id in self._ended:
            self._ended.remove(conversation_id)
            self._history.forget(conversation_id)

    def _may_close(self) -> bool:
        """Whether the window may go; if not, the question is on show that closes it."""
        if not self._begun or self._question is not None:
            return True
        self._ask(self.tr("Close chatapp?"), self.tr("Close"), self._close_all_the_same)
        return False

    def _close_all_the_same(self) -> None:
        self._begun.clear()
        self._window.close()

    def _ask(self, question: str, label: str, call: Callable[[], object]) -> None:
        from chatapp.gui.data.sheet import ask

        words = self.tr("What was said in an incognito chat is saved nowhere and will be gone.")
        self._question = ask(self._window, question, words, label, call)
        self._question.finished.connect(self._forget_the_question)

    def _forget_the_question(self) -> None:
        self._question = None
