"""ContextController: tells honestly what the model reads of a conversation, and what it does not.

While something is typed the engine is asked how many tokens the next turn will have; where that
nears the end of the context, which messages it will have to leave out. Never while a model loads.
"""

from collections.abc import Mapping, Sequence

from msgspec import structs
from PySide6.QtCore import QObject, QTimer

from chatapp.chat import Attachment, Message, new_id, with_attachments
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat_controller import ChatController
from chatapp.gui.conversations import last_left_out, last_usage, prompt_messages
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.model_session import ModelSession
from chatapp.gui.sentences import translated
from chatapp.protocol import Count, Counted, Error, Render, Rendered

_PAUSE_MS = 300  # without a key, before the engine is asked
_NEARLY_FULL = 0.8  # of the context: from here on, ask what would have to go


class ContextController(QObject):
    """Keeps the meter and the grey messages as the next turn will find them."""

    def __init__(
        self,
        page: ChatPage,
        chat: ChatController,
        session: ModelSession,
        engine: EngineProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._chat = chat
        self._session = session
        self._engine = engine
        self._attachments: Sequence[Attachment] = ()
        self._inspection: Render | None = None  # on its way to be shown
        self._request_id = ""  # of the last question; answers to others come too late
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._measure)
        page.prompt_text_changed.connect(self._timer.start)
        page.exact_prompt_requested.connect(self.inspect_next)
        page.message_action_requested.connect(self._on_action)
        chat.shown.connect(self.refresh)
        chat.changed.connect(self.refresh)
        session.loaded.connect(self._on_loaded)
        engine.counted.connect(self._on_counted)
        engine.rendered.connect(self._on_rendered)
        engine.failed.connect(self._on_failed)

    def set_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Take what will go with the text that is being typed."""
        self._attachments = attachments
        self._timer.start()

    def refresh(self) -> None:
        """Show what is known of the last turn, and ask about the next if anything is typed."""
        self._request_id = ""
        known = last_usage(self._chat.conversation)
        used = None
        if known is None:
            self._page.set_speed(None, None)
        else:
            usage, timings = known
            used = usage.prompt_tokens + usage.completion_tokens
            used = min(used, self._session.n_ctx or used)  # it made room while it was written
            self._page.set_speed(timings.generation_tps(usage) or None, timings.first_token_s)
        self._page.set_context(used, self._session.n_ctx or None)
        self._show_unseen(())
        if self._typed():
            self._timer.start()

    def inspect_next(self) -> None:
        """Show the exact prompt of the next turn."""
        self._inspect(Render(id=new_id(), messages=self._messages(), left_out=self._left_out()))

    def inspect(self, message_id: str) -> None:
        """Show the exact prompt of a reply, as the model at hand reads it."""
        conversation = self._chat.conversation
        reply = next(m for m in conversation.messages if m.id == message_id)
        before = structs.replace(conversation, leaf_id=reply.parent_id)
        messages = prompt_messages(before, self._chat.model_path())
        self._inspect(Render(id=new_id(), messages=messages, left_out=reply.left_out))

    def _inspect(self, request: Render) -> None:
        self._inspection = request
        if self._session.current is not None:
            self._engine.send(request)
        elif not self._chat.model_path():
            self._page.show_notice(self.tr("Choose a model first: each reads in a form of its own"))
        elif not self._session.loading_path:
            self._session.require(self._chat.model_path())

    def _on_action(self, action: str, message_id: str) -> None:
        if action == "prompt":
            self.inspect(message_id)

    def _on_loaded(self) -> None:
        self.refresh()
        if self._inspection is not None:
            self._inspect(self._inspection)

    def _messages(self) -> tuple[Message, ...]:
        """What the next turn would ask the model to read."""
        conversation = self._chat.conversation
        messages = prompt_messages(conversation, self._chat.model_path())
        typed = self._typed()
        return (*messages, Message(role="user", content=typed)) if typed else messages

    def _left_out(self) -> tuple[str, ...]:
        """The messages that the last reply went without."""
        return last_left_out(self._chat.conversation.path())

    def _typed(self) -> str:
        return with_attachments(self._page.prompt_text().strip(), self._attachments)

    def _measure(self) -> None:
        """Ask how long the prompt will be."""
        if not self._typed():
            self.refresh()
        elif self._session.current is not None and not self._session.loading_path:
            gone = set(self._left_out())
            messages = tuple(m for m in self._messages() if m.id not in gone or m.keep)
            self._request_id = new_id()
            self._engine.send(Count(id=self._request_id, messages=messages))

    def _on_counted(self, event: Counted) -> None:
        if event.id != self._request_id:
            return
        if event.prompt_tokens < _NEARLY_FULL * event.n_ctx:
            self._page.set_context(event.prompt_tokens, event.n_ctx)
            self._show_unseen(())
            return
        self._request_id = new_id()
        self._engine.send(
            Render(id=self._request_id, messages=self._messages(), left_out=self._left_out())
        )

    def _on_rendered(self, event: Rendered) -> None:
        if self._inspection is not None and event.id == self._inspection.id:
            self._inspection = None
            loaded = self._session.current
            model, n_ctx = ("", 0) if loaded is None else (loaded.name, loaded.n_ctx)
            self._page.show_exact_prompt(
                event.text, len(event.ids), n_ctx, len(event.left_out), model
            )
        if event.id != self._request_id:
            return
        gone = [id for id in event.left_out if id not in self._left_out()]
        words = self.tr("The oldest messages will not be read any more ({})")
        warning = words.format(len(gone)) if gone else ""
        self._page.set_context(len(event.ids), self._session.n_ctx, warning)
        self._show_unseen(gone)

    def _on_failed(self, event: Error) -> None:
        if event.id == self._request_id and event.code == "context_too_long":
            warning = self.tr("This is too long for the model to read")
            self._page.set_context(event.needs, self._session.n_ctx, warning)
        elif self._inspection is not None and event.id == self._inspection.id:
            self._inspection = None
            self._page.show_notice(translated(event.message))

    def _show_unseen(self, next_gone: Sequence[str]) -> None:
        self._page.set_unseen(self._unseen(next_gone))

    def _unseen(self, next_gone: Sequence[str]) -> Mapping[str, str]:
        before = self.tr("Not read for the last reply: the context was full")
        now = self.tr("Will not be read for the next reply: the context is full")
        return dict.fromkeys(self._left_out(), before) | dict.fromkeys(next_gone, now)
