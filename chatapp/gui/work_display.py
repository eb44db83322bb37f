"""WorkDisplay: says in the status line what the engine is at, for the conversation on show."""

from PySide6.QtCore import QObject

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.failures import Failures
from chatapp.gui.model_session import ModelSession
from chatapp.gui.reply_writer import ReplyWriter, Work


class WorkDisplay(QObject):
    """Keeps the page as the reply writer, the model and the failures are.

    Attributes:
        conversation_id: The conversation on show.
        lacks_model: Whether it is known that there is no model to answer it.
    """

    def __init__(
        self,
        page: ChatPage,
        session: ModelSession,
        writer: ReplyWriter,
        failures: Failures,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.conversation_id = ""
        self.lacks_model = False
        self._page = page
        self._session = session
        self._writer = writer
        self._failures = failures
        session.progressed.connect(self.refresh)
        session.loaded.connect(self._on_loaded)
        session.unloaded.connect(self.refresh)
        writer.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show what is going on now."""
        work = self._writer.work_in(self.conversation_id)
        self._page.set_phase(*(work or self._idle_work()))
        self._page.set_reply_wanted(work is not None)

    def _idle_work(self) -> Work:
        """What the engine is at while nothing is written in the conversation on show."""
        failure = self._failures.of(self.conversation_id)
        if failure is not None and failure.is_broken:
            return Work("failed")
        if self._session.loading_path:
            return Work("loading", self._session.fraction, 1.0)
        return Work("no_model" if self.lacks_model else "idle")

    def _on_loaded(self) -> None:
        self._page.set_device(self._session.device())
        self.refresh()
