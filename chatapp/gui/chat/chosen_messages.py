"""Whole messages chosen with Shift and a click, to be copied one below another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from chatapp.gui.chat.markdown_text import plain_text
from chatapp.gui.chat.message_view import MessageView
from chatapp.storage.records import StoredMessage

if TYPE_CHECKING:
    from chatapp.gui.chat.transcript import Transcript


class ChosenMessages(QObject):
    """Keeps to one selection in a transcript: words of one message, or whole messages."""

    def __init__(self, transcript: "Transcript") -> None:
        super().__init__(transcript)
        self._transcript = transcript
        self._pressed = 0  # the message that was clicked last
        self._chosen = range(0)

    def watch(self, view: MessageView) -> None:
        """Follow what is selected in a message that has come on the screen."""
        view.set_chosen(self._transcript.number_of(view) in self._chosen)
        view.pressed.connect(self._on_pressed)
        view.reached.connect(self._on_reached)
        view.chosen_copy_requested.connect(self._copy)

    def clear(self) -> None:
        """Choose no message."""
        self._choose(range(0))

    def _on_pressed(self) -> None:
        """A selection begins in one message: there is only one in the conversation."""
        self.clear()
        for view in self._transcript.views():
            if view is self.sender():
                self._pressed = self._transcript.number_of(view)
            else:
                view.clear_selection()

    def _on_reached(self) -> None:
        """Choose whole messages, from the one that was clicked first to this one."""
        view = self.sender()
        assert isinstance(view, MessageView)
        for other in self._transcript.views():
            other.clear_selection()
        pressed = min(self._pressed, len(self._transcript.messages) - 1)
        first, last = sorted((pressed, self._transcript.number_of(view)))
        self._choose(range(first, last + 1))

    def _choose(self, chosen: range) -> None:
        self._chosen = chosen
        for view in self._transcript.views():
            view.set_chosen(self._transcript.number_of(view) in chosen)

    def _copy(self, as_plain: bool) -> None:
        messages = [self._transcript.messages[number] for number in self._chosen]
        QGuiApplication.clipboard().setText(self._quoted(messages, as_plain))

    def _quoted(self, messages: Sequence[StoredMessage], as_plain: bool) -> str:
        """Messages one below another, each under who wrote it."""
        parts: list[str] = []
        for message in messages:
            is_user = message.role == "user"
            who = self.tr("You") if is_user else message.model_name or self.tr("The model")
            text = plain_text(message.content) if as_plain and not is_user else message.content
            parts += [f"{who}:" if as_plain else f"**{who}:**", text]
        return "\n\n".join(parts)
