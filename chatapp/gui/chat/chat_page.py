"""The Chat place: sidebar, header, transcript, prompt and status line, behind one door.

Decides nothing: every wish of the user leaves as a signal, every state comes in by a method.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from chatapp.chat import GenerationParams
from chatapp.gui import theme
from chatapp.gui.chat.conversation_settings import ConversationSettings
from chatapp.gui.chat.empty_state import EmptyState
from chatapp.gui.chat.foot import Foot
from chatapp.gui.chat.header import Header
from chatapp.gui.chat.incognito_bar import IncognitoBar
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.chat.prompt_box import PromptBox
from chatapp.gui.chat.queue_bar import QueueBar
from chatapp.gui.chat.sidebar import Sidebar
from chatapp.gui.chat.status_line import Phase, StatusLine
from chatapp.gui.shortcuts import Shortcuts
from chatapp.presets import Preset
from chatapp.storage.records import ConversationSummary, StoredMessage

if TYPE_CHECKING:
    from chatapp.gui.chat.transcript import Transcript
    from chatapp.library.shelf import ModelEntry

_NARROW = 720  # below this the sidebar leaves the room to the conversation


class ChatPage(QWidget):
    """The whole Chat place.

    What is typed stays in the prompt box until its owner takes it away.

    Attributes:
        sidebar: The conversations, and the search.
        prompt_box: Where the user writes.
        queue_bar: What is sent next.
        incognito_bar: Says that nothing of this chat is saved.
    """

    send_requested = Signal(str)
    stop_requested = Signal()
    message_action_requested = Signal(str, str)  # a `MessageAction`, message id
    rewrite_requested = Signal(str, str)  # message id, path of the model to write it again
    prompt_text_changed = Signal()
    exact_prompt_requested = Signal()
    message_edited = Signal(str, str, bool)  # message id, text, whether a reply is wanted
    version_requested = Signal(str)  # message id of the sibling to show
    new_requested = Signal()
    conversation_requested = Signal(str)
    model_requested = Signal(str)  # path
    models_page_requested = Signal()
    system_prompt_changed = Signal(str)
    preset_saved = Signal(object)  # Preset
    model_params_chosen = Signal(str, object)  # path, GenerationParams
    params_changed = Signal(object)  # GenerationParams, or None: what the model or preset says
    error_action_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="bg")
        self._phase: Phase | None = None
        self._wants_sidebar = True
        self.sidebar = Sidebar(self)
        self._header = Header(self)
        self._empty = EmptyState(self)
        self._notice = NoticeBar(self)
        self._undo: Callable[[], object] = self._notice.hide
        self.queue_bar = QueueBar(self)
        self.incognito_bar = IncognitoBar(self)
        self.prompt_box = PromptBox(self)
        self._status = StatusLine(self)
        self._settings = ConversationSettings(self.prompt_box.sampling_button, self)
        self._models: Sequence[ModelEntry] = ()
        self._model_path = ""
        self._lay_out()
        self._connect()
        self.set_phase("idle")
        self._show_empty_state()

    # what the controller tells

    def set_conversations(
        self, summaries: Sequence[ConversationSummary], current_id: str | None
    ) -> None:
        """Fill the sidebar, newest first."""
        self.sidebar.set_conversations(summaries, current_id)

    def show_conversation(
        self, messages: Sequence[StoredMessage], versions: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Show a conversation instead of the present one, scrolled to its end.

        Args:
            messages: From the root to the active leaf.
            versions: Message id to the ids of its versions, itself among them, oldest first.
        """
        if messages or self._has_transcript():
            self._transcript.show_messages(messages, versions)
        self._show_empty_state()

    def add_message(self, message: StoredMessage, versions: tuple[str, ...] = ()) -> None:
        """Add the user's turn, or a reply that is about to be streamed."""
        self._transcript.add_message(message, versions)
        self._show_empty_state()

    def append_reply(self, message_id: str, text: str, reasoning: str) -> None:
        """Add what the model wrote; it is painted within 33 ms."""
        self._transcript.append_reply(message_id, text, reasoning)

    def finish_reply(self, message: StoredMessage, versions: tuple[str, ...] = ()) -> None:
        """Show the final state of a reply: complete, stopped, interrupted or failed."""
        self._transcript.finish_reply(message, versions)

    def update_message(self, message: StoredMessage) -> None:
        """Show a message with other marks on it; its words are the same."""
        self._transcript.update_message(message)

    def scroll_to(self, message_id: str) -> None:
        """Bring a message into sight."""
        self._transcript.scroll_to(message_id)

    def set_unseen(self, reasons: Mapping[str, str]) -> None:
        """Grey messages that the model did not see, each with the reason; clear all others."""
        if self._has_transcript():
            self._transcript.set_unseen(reasons)

    def focus_conversation(self) -> None:
        """Put the focus on the last message."""
        if self._has_transcript():
            self._transcript.setFocus(Qt.FocusReason.TabFocusReason)

    def show_error(
        self,
        title: str,
        text: str,
        actions: Sequence[tuple[str, str]],
        details: str = "",
        is_broken: bool = True,
    ) -> None:
        """Put a card with a failure under the last message.

        Args:
            title: What happened.
            text: What it means and what to do.
            actions: Name and label of each button, the recommended one first.
            details: For those who want to know more.
            is_broken: Whether something failed; else it only waits for the user.
        """
        self._transcript.show_error(title, text, actions, details, is_broken)
        self._show_empty_state()

    def clear_error(self) -> None:
        """Take the card away."""
        if self._has_transcript():
            self._transcript.clear_error()
        self._show_empty_state()

    def show_notice(
        self, text: str, undo_label: str = "", undo: Callable[[], object] | None = None
    ) -> None:
        """Say quietly what was done; with a label, offer to undo it by calling `undo`."""
        self._undo = undo or self._notice.hide
        self._notice.show_notice(text, undo_label)

    def set_incognito(self, is_incognito: bool) -> None:
        """Mark that nothing of the conversation on show is saved."""
        if is_incognito == self.incognito_bar.isHidden():
            self.incognito_bar.setVisible(is_incognito)
            theme.mark(self.prompt_box, incognito=is_incognito)

    def set_models(self, entries: Sequence["ModelEntry"], current_path: str) -> None:
        """List the models to choose from."""
        self._models = [entry for entry in entries if not entry.error]
        self._model_path = current_path
        if self._has_transcript():
            self._transcript.set_models(self._models)
        self._header.picker.set_models(entries, current_path)
        self._invite()

    def set_phase(
        self,
        phase: Phase,
        done: float = 0.0,
        total: float = 0.0,
        seconds_left: float | None = None,
        tps: float | None = None,
    ) -> None:
        """Say what the engine is at; see `StatusLine.set_phase` for the figures."""
        self._status.set_phase(
            phase, done, total, seconds_left, self._header.picker.current_name, tps
        )
        if phase != self._phase:
            self._phase = phase
            self._header.picker.set_phase(phase)
            self.prompt_box.set_can_send(phase != "no_model")
            self._invite()

    def set_reply_wanted(self, is_wanted: bool) -> None:
        """Say whether a reply is being written or waited for: the send button then stops it."""
        self.prompt_box.set_is_busy(is_wanted)
        if self._has_transcript():
            self._transcript.set_can_save(not is_wanted)

    def set_can_write(self, can_write: bool) -> None:
        """Say whether the history takes what is said here."""
        self.prompt_box.set_can_write(can_write)
        self._empty.set_can_write(can_write)

    def set_device(self, text: str) -> None:
        """Say what the model runs on."""
        self._header.device.setText(text)

    def set_context(self, used_tokens: int | None, n_ctx: int | None, warning: str = "") -> None:
        """Show how full the context is, and what will not fit; None hides a part."""
        self._status.set_context(used_tokens, n_ctx, warning)

    def show_exact_prompt(
        self, text: str, n_tokens: int, n_ctx: int, n_left_out: int, model: str
    ) -> None:
        """Show what a model reads, to be read and copied."""
        from chatapp.gui.chat.prompt_inspector import PromptInspector  # seldom needed

        dialog = PromptInspector(text, n_tokens, n_ctx, n_left_out, model, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def set_speed(self, tps: float | None, first_token_s: float | None) -> None:
        """Show how fast the last reply was; None hides a part."""
        self._status.set_speed(tps, first_token_s)

    def set_conversation_settings(self, system_prompt: str, params: GenerationParams) -> None:
        """Show the settings of the conversation."""
        self._settings.set_values(system_prompt, params)

    def set_presets(self, presets: Sequence[Preset]) -> None:
        """Offer these presets."""
        self._settings.set_presets(presets)

    def prompt_text(self) -> str:
        """What is written in the prompt box."""
        return self.prompt_box.text()

    def set_prompt_text(self, text: str) -> None:
        """Replace what is written in the prompt box."""
        self.prompt_box.set_text(text)

    def focus_prompt(self) -> None:
        """Put the cursor into the prompt box."""
        self.prompt_box.edit.setFocus()

    def open_search(self) -> None:
        """Put the cursor into the search field, wherever it is."""
        self.sidebar.show()
        self.sidebar.open_search()

    def set_sidebar_visible(self, visible: bool) -> None:
        """Show or hide the list of conversations."""
        self._wants_sidebar = visible
        self.sidebar.setVisible(visible)

    def sidebar_visible(self) -> bool:
        """Whether the list of conversations is on show."""
        return not self.sidebar.isHidden()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo what the notice offers to; a field that is written in undoes its own."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self._undo_by_key()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        was_narrow = event.oldSize().isValid() and event.oldSize().width() < _NARROW
        is_narrow = event.size().width() < _NARROW
        if is_narrow != was_narrow:
            self.sidebar.setVisible(self._wants_sidebar and not is_narrow)

    def show_keys(self, shortcuts: Shortcuts) -> None:
        """Name the keys in force wherever they are named."""
        self._header.sidebar_button.setToolTip(shortcuts.tip(self.tr("Conversations"), "sidebar"))
        self.sidebar.show_keys(shortcuts)

    def open_find(self) -> None:
        """Show the bar that finds words in the conversation, if there is any."""
        if self._has_transcript():
            self._transcript.open_find()

    # inside

    def _lay_out(self) -> None:
        self._middle = QStackedLayout()
        self._middle.addWidget(self._empty)
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(self._header)
        main.addLayout(self._middle, 1)
        bars = [self._notice, self.queue_bar, self.incognito_bar]
        main.addWidget(Foot([*bars, self.prompt_box, self._status], self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addLayout(main, 1)

    def _connect(self) -> None:
        self.sidebar.new_requested.connect(self.new_requested)
        self.sidebar.conversation_requested.connect(self.conversation_requested)
        self.sidebar.left.connect(self.focus_prompt)
        self.sidebar.view.undo_requested.connect(self._undo_by_key)
        self._header.sidebar_button.clicked.connect(self._toggle_sidebar)
        self._header.picker.model_requested.connect(self.model_requested)
        self._header.picker.models_page_requested.connect(self.models_page_requested)
        self._empty.suggestion_chosen.connect(self._use_suggestion)
        self._empty.models_page_requested.connect(self.models_page_requested)
        self._notice.undo_requested.connect(lambda: self._undo())
        self.prompt_box.send_requested.connect(self.send_requested)
        self.prompt_box.stop_requested.connect(self.stop_requested)
        self.prompt_box.page_key_pressed.connect(self._scroll_by_page)
        self.prompt_box.edit.textChanged.connect(self.prompt_text_changed)
        self._status.prompt_requested.connect(self.exact_prompt_requested)
        self._settings.system_prompt_changed.connect(self.system_prompt_changed)
        self._settings.params_changed.connect(self.params_changed)
        self._settings.preset_saved.connect(self.preset_saved)
        self._settings.model_params_chosen.connect(
            lambda params: self.model_params_chosen.emit(self._model_path, params)
        )

    @cached_property
    def _transcript(self) -> "Transcript":
        """Built for the first message: a window that opens does not wait for it."""
        from chatapp.gui.chat.transcript import Transcript

        transcript = Transcript(self)
        transcript.set_models(self._models)
        transcript.message_action_requested.connect(self.message_action_requested)
        transcript.message_edited.connect(self.message_edited)
        transcript.rewrite_requested.connect(self.rewrite_requested)
        transcript.version_requested.connect(self.version_requested)
        transcript.error_action_requested.connect(self.error_action_requested)
        transcript.link_requested.connect(self._ask_to_open)
        transcript.typed.connect(self._write_on)
        self._middle.addWidget(transcript)
        self.setTabOrder(self._header.picker, transcript)
        return transcript

    def _has_transcript(self) -> bool:
        return "_transcript" in self.__dict__

    def _show_empty_state(self) -> None:
        is_empty = not self._has_transcript() or self._transcript.is_empty()
        self._middle.setCurrentWidget(self._empty if is_empty else self._transcript)

    def _invite(self) -> None:
        """A model without a template for chats goes on with texts."""
        chosen = [one for one in self._models if one.path == self._model_path]
        goes_on = bool(chosen) and not chosen[0].has_chat_template
        self.prompt_box.set_goes_on(goes_on)
        if self._phase == "no_model":
            self._empty.invite("find")
        else:
            self._empty.invite("begin" if goes_on else "ask")

    def _toggle_sidebar(self) -> None:
        self.set_sidebar_visible(self.sidebar.isHidden())

    def _use_suggestion(self, text: str) -> None:
        self.prompt_box.edit.selectAll()
        self.prompt_box.edit.insertPlainText(text)  # Ctrl+Z brings back what was written
        self.prompt_box.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _undo_by_key(self) -> None:
        if self._notice.has_undo:
            self._notice.hide()
            self._undo()

    def _ask_to_open(self, address: str) -> None:
        from chatapp.gui.chat.link_dialog import LinkDialog  # seldom needed

        dialog = LinkDialog(address, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _write_on(self, event: QKeyEvent) -> None:
        """A key pressed in the transcript that writes: it was meant for the prompt."""
        self.prompt_box.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        QApplication.sendEvent(self.prompt_box.edit, event)

    def _scroll_by_page(self, event: QKeyEvent) -> None:
        QApplication.sendEvent(self._transcript, event)
