"""The conversation on screen: its messages, followed while one is written."""

from collections.abc import Mapping, Sequence
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from chatapp.gui import theme
from chatapp.gui.background import short_turns
from chatapp.gui.chat import highlight, markdown
from chatapp.gui.chat.announcement import announce
from chatapp.gui.chat.chosen_messages import ChosenMessages
from chatapp.gui.chat.editable_message import EditableMessage
from chatapp.gui.chat.error_card import ErrorCard
from chatapp.gui.chat.finding import Finding
from chatapp.gui.chat.message_column import MessageColumn, single_shot
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.reply_view import ReplyView
from chatapp.gui.chat.user_view import UserView
from chatapp.storage.records import StoredMessage

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

_PAINT_MS = 33
_MARGIN = 24  # of what is scrolled to, from the edge


class Transcript(MessageColumn):
    """The messages of one conversation."""

    message_action_requested = Signal(str, str)  # a `MessageAction`, message id
    message_edited = Signal(str, str, bool)  # message id, text, whether a reply is wanted
    rewrite_requested = Signal(str, str)  # message id, path of a model
    version_requested = Signal(str)
    error_action_requested = Signal(str)
    link_requested = Signal(str)
    typed = Signal(QKeyEvent)  # a key that belongs into the prompt
    messages_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Conversation"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._numbers: dict[str, int] = {}  # of the messages, by their ids
        self._versions: dict[str, Sequence[str]] = {}
        self._unseen: dict[str, str] = {}
        self._models: Sequence[ModelEntry] = ()
        self._can_save = True
        self._paint_timer = single_shot(self, _PAINT_MS, self._flush)
        self._fed: set[ReplyView] = set()
        self._chosen = ChosenMessages(self)
        self._finding = Finding(self)
        Thread(target=_warm_up, daemon=True).start()
        _application().focusChanged.connect(self._on_focus_changed)
        theme.notifier.changed.connect(self._restyle)

    # what is shown

    def show_messages(
        self, messages: Sequence[StoredMessage], versions: Mapping[str, Sequence[str]]
    ) -> None:
        """Show these instead of the present ones; what is the same in both stays as it is."""
        self._versions = dict(versions)
        same = 0
        for shown, wanted in zip(self._messages, messages, strict=False):
            if shown != wanted:
                break
            same += 1
        self._remove_from(same)
        self._add(messages[same:])
        self._numbers = {message.id: number for number, message in enumerate(self._messages)}
        self._follows = self._follows or not same
        for view in self._views.values():
            view.set_versions(self._versions.get(view.message.id, ()))
        self._chosen.clear()
        self.arrange()
        self.messages_changed.emit()

    def add_message(self, message: StoredMessage, versions: Sequence[str]) -> None:
        """Add a message at the end; sending one leads to the end."""
        self._versions[message.id] = versions
        self._numbers[message.id] = len(self._messages)
        self._add([message])
        self._follows = self._follows or message.role == "user"
        self.arrange()
        self.messages_changed.emit()

    def append_reply(self, message_id: str, text: str, reasoning: str) -> None:
        """Take what was written; it is painted with whatever else comes within 33 ms."""
        view = self._reply(message_id)
        if view is None:
            return
        view.feed(text, reasoning)
        self._fed.add(view)
        if not self._paint_timer.isActive():
            self._paint_timer.start()

    def finish_reply(self, message: StoredMessage, versions: Sequence[str]) -> None:
        """Show the final state of a reply."""
        self._versions[message.id] = versions
        view = self._reply(message.id)
        if view is not None:
            self._messages[self._numbers[message.id]] = message
            self._fed.discard(view)
            view.finish(message)
            view.set_versions(versions)
            if message.id in self._outdated:
                self._outdated.discard(message.id)
                self._drop(self._numbers[message.id])
                self.arrange()
            announce(self, view.text)
            self.messages_changed.emit()

    def update_message(self, message: StoredMessage) -> None:
        """Take a message with other marks on it; its words are the same."""
        view = self._view(message.id)
        if view is not None:
            self._messages[self._numbers[message.id]] = message
            view.update_message(message)

    def set_unseen(self, reasons: Mapping[str, str]) -> None:
        """Grey messages that the model did not see, each with the reason; clear all others."""
        self._unseen = dict(reasons)
        for view in self._views.values():
            view.set_unseen(self._unseen.get(view.message.id, ""))

    def set_models(self, models: Sequence["ModelEntry"]) -> None:
        """Say which models there are to write a reply again."""
        self._models = models
        for view in self._views.values():
            view.set_models(models)

    def set_can_save(self, can_save: bool) -> None:
        """Say whether a message that was changed can be saved now."""
        if can_save != self._can_save:
            self._can_save = can_save
            for view in self._views.values():
                view.set_can_save(can_save)

    def scroll_to(self, message_id: str) -> None:
        """Bring a message to the top of what is in sight."""
        if message_id in self._numbers:
            self._show_message(self._numbers[message_id], _MARGIN)

    def show_hit(self, number: int, nth: int) -> None:
        """Bring the nth place of the words that are looked for in a message into sight."""
        if number not in self._views:
            self._show_message(number, _MARGIN)
        view = self._views[number]
        place = view.show_hit(nth)
        at = view.mapTo(self.viewport(), place.topLeft())
        self._ensure_visible(QRect(at, place.size()), 3 * _MARGIN)

    @property
    def messages(self) -> Sequence[StoredMessage]:
        """What was said, message by message."""
        return self._messages

    def number_of(self, view: MessageView) -> int:
        """The number of the message that a view shows."""
        return self._numbers[view.message.id]

    def open_find(self) -> None:
        """Show the bar that finds words."""
        self._finding.open()

    def show_error(
        self,
        title: str,
        text: str,
        actions: Sequence[tuple[str, str]],
        details: str,
        is_broken: bool,
    ) -> None:
        """Put a card under the last message."""
        self.clear_error()
        self._card = ErrorCard(title, text, actions, details, self.content, is_broken)
        self._card.action_requested.connect(self.error_action_requested)
        self._card.height_changed.connect(self.arrange)
        self._card.show()
        self.scroll_to_end()

    def clear_error(self) -> None:
        """Take the card away."""
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
            self._card = None
            self.arrange()

    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._messages and self._card is None

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._finding.place()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come in by the Tab key: on to the last thing that was said."""
        by_tab = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        parts = list(self._parts())
        if parts and event.reason() in by_tab:
            self._focus(parts[-1], event.reason())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through what is in one message, and then on to what is after the transcript."""
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        current = self.focusWidget()
        part = self._part_of(current)
        if part is not None and current is not None:
            stops = part.tab_stops()
            step = stops.index(current) + (1 if forward else -1) if current in stops else 0
            if 0 <= step < len(stops):
                self._focus(stops[step], reason)
                return True
        return self._leave(forward, reason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if with_control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif self._finding.is_open and event.key() == Qt.Key.Key_F3:
            self._finding.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        elif event.matches(QKeySequence.StandardKey.Paste) or _is_text(event):
            self.typed.emit(event)
        else:
            super().keyPressEvent(event)

    # messages

    def new_view(self, message: StoredMessage, is_in_sight: bool) -> MessageView:
        kind = UserView if message.role == "user" else partial(ReplyView, is_in_sight=is_in_sight)
        view = kind(message, self.content)
        view.set_versions(self._versions.get(message.id, ()))
        view.set_unseen(self._unseen.get(message.id, ""))
        view.set_models(self._models)
        view.set_can_save(self._can_save)
        view.action_requested.connect(self.message_action_requested)
        view.rewrite_requested.connect(self.rewrite_requested)
        view.version_requested.connect(self.version_requested)
        view.edited.connect(self.message_edited)
        view.link_requested.connect(self.link_requested)
        view.height_changed.connect(self.arrange)
        view.height_changed.connect(self._finding.refresh)
        view.dragged.connect(self._on_dragged)
        self._chosen.watch(view)
        if self._finding.is_open:
            self._finding.mark(view)
        return view

    def _view(self, message_id: str) -> EditableMessage | None:
        number = self._numbers.get(message_id)
        if number is None:
            return None
        if number not in self._views:  # out of sight: what is written now goes where it belongs
            self._build(number, is_in_sight=True)
        view = self._views[number]
        assert isinstance(view, EditableMessage)
        return view

    def _reply(self, message_id: str) -> ReplyView | None:
        view = self._view(message_id)
        return view if isinstance(view, ReplyView) else None

    def _flush(self) -> None:
        fed, self._fed = self._fed, set()
        for view in fed:
            view.flush()

    def _drop(self, index: int) -> None:
        view = self._views[index]
        if isinstance(view, ReplyView):
            self._fed.discard(view)
        super()._drop(index)

    def _restyle(self) -> None:
        for view in self._views.values():
            view.restyle()

    def _on_dragged(self, point: QPoint) -> None:
        view = self.sender()
        if isinstance(view, MessageView):
            self._ensure_visible(QRect(view.mapTo(self.viewport(), point), QSize(1, 1)), _MARGIN)

    # focus

    def _part_of(self, widget: QWidget | None) -> "MessageView | ErrorCard | None":
        for part in self._parts():
            if part is widget or (widget is not None and part.isAncestorOf(widget)):
                return part
        return None

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        for widget, has_focus in ((old, False), (new, True)):
            part = self._part_of(widget)
            if isinstance(part, MessageView):
                part.set_focus_inside(has_focus)

    def _focus(self, widget: QWidget, reason: Qt.FocusReason) -> None:
        widget.setFocus(reason)
        place = QRect(widget.mapTo(self.viewport(), QPoint(0, 0)), widget.size())
        self._ensure_visible(place, _MARGIN)

    def _go(self, step: int) -> None:
        """Move the focus to the message before or after the one that has it."""
        part = self._part_of(self.focusWidget())
        if part is None:
            return
        if isinstance(part, MessageView):
            number = self._numbers[part.message.id] + step
        else:
            number = len(self._messages) - 1 if step < 0 else len(self._messages)
        if number >= len(self._messages):
            target: QWidget | None = self._card
        else:
            number = max(number, 0)
            if number not in self._views:
                self._show_message(number, _MARGIN)
            target = self._views[number]
        if target is not None:
            self._focus(target, Qt.FocusReason.OtherFocusReason)

    def _leave(self, forward: bool, reason: Qt.FocusReason) -> bool:
        widget = _neighbour(self, forward)
        while widget is not None and widget is not self:
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            can_take = widget.isVisibleTo(self.window()) and widget.isEnabled()
            if takes_focus and can_take and not self.isAncestorOf(widget):
                widget.setFocus(reason)
                return True
            widget = _neighbour(widget, forward)
        return False


def _neighbour(widget: QWidget, forward: bool) -> QWidget | None:
    return widget.nextInFocusChain() if forward else widget.previousInFocusChain()


def _warm_up() -> None:
    """Load, beside the window, what would make the first reply wait."""
    with short_turns():
        markdown.warm_up()
        highlight.warm_up()


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _is_text(event: QKeyEvent) -> bool:
    """Whether a key writes something."""
    plain = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return event.text().isprintable() and event.text() != "" and not event.modifiers() & ~plain
