"""The conversation on screen: messages in a column in the middle, followed while one is written.

Messages stand at places computed here, each of the height it says it has; whatever changes, what
the reader looks at stays where it is, or, at the end of the conversation, the end stays in sight.
A long conversation is built from its end upwards, a few messages at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.error_card import ErrorCard
from chatapp.gui.chat.message_view import MARGIN, MessageView
from chatapp.gui.chat.reply_view import ReplyView
from chatapp.gui.chat.user_view import UserView
from chatapp.storage.records import StoredMessage

COLUMN = 760  # with a margin of 24 at each side
_SIDE = 24
_ENDS = 20  # above the first message and below the last
_GAP = 8
_PAINT_MS = 33
_ADDED_AT_ONCE = 8  # more new messages than these are built bit by bit
_BUILDING_S = 0.008  # at a time, so that nothing waits for older messages


class Transcript(QScrollArea):
    """The messages of one conversation."""

    message_action_requested = Signal(str, str)
    version_requested = Signal(str)
    error_action_requested = Signal(str)
    link_requested = Signal(str)
    typed = Signal(QKeyEvent)  # a key that belongs into the prompt

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Conversation"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._content = QWidget(self)
        self._content.setMouseTracking(True)
        self.setWidget(self._content)
        self._content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._views: list[MessageView] = []
        self._unbuilt: list[StoredMessage] = []  # older than the first view
        self._versions: dict[str, Sequence[str]] = {}
        self._error: ErrorCard | None = None
        self._follows = True
        self._is_arranging = False
        self._end_button = self._new_end_button()
        self._paint_timer = _timer(self, _PAINT_MS, self._flush)
        self._build_timer = _timer(self, 0, self._build_some)
        self._fed: set[ReplyView] = set()
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        _application().focusChanged.connect(self._on_focus_changed)
        theme.notifier.changed.connect(self._restyle)

    # what is shown

    def show_messages(
        self, messages: Sequence[StoredMessage], versions: Mapping[str, Sequence[str]]
    ) -> None:
        """Show these instead of the present ones; what is the same in both stays as it is."""
        self._versions = dict(versions)
        shown = [*self._unbuilt, *(view.message for view in self._views)]
        same = 0
        while same < min(len(shown), len(messages)) and shown[same] == messages[same]:
            same += 1
        added = len(messages) - same
        if same < len(self._unbuilt) or not same or added > _ADDED_AT_ONCE:
            self._replace_all(messages)
        else:
            self._remove_from(same - len(self._unbuilt))
            for message in messages[same:]:
                self._views.append(self._new_view(message))
            for view in self._views:
                view.set_versions(self._versions.get(view.message.id, ()))
        self._arrange()

    def add_message(self, message: StoredMessage, versions: Sequence[str]) -> None:
        """Add a message at the end; sending one leads to the end."""
        self._versions[message.id] = versions
        self._views.append(self._new_view(message))
        self._follows = self._follows or message.role == "user"
        self._arrange()

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
            self._fed.discard(view)
            view.finish(message)
            view.set_versions(versions)

    def show_error(
        self, title: str, text: str, actions: Sequence[tuple[str, str]], details: str
    ) -> None:
        """Put a card under the last message."""
        self.clear_error()
        self._error = ErrorCard(title, text, actions, details, self._content)
        self._error.action_requested.connect(self.error_action_requested)
        self._error.height_changed.connect(self._arrange)
        self._error.show()
        self._follows = True
        self._arrange()

    def clear_error(self) -> None:
        """Take the card away."""
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None
            self._arrange()

    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._views and self._error is None

    def views(self) -> Sequence[MessageView]:
        """The messages that have been built, from top to bottom."""
        return self._views

    def scroll_to_end(self) -> None:
        """Show the end of the conversation, and stay there while it grows."""
        self._follows = True
        self._arrange()

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come in by the Tab key: on to the last thing that was said."""
        by_tab = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if self._parts() and event.reason() in by_tab:
            self._focus(self._parts()[-1], event.reason())

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
        bar = self.verticalScrollBar()
        if with_control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.scroll_to_end()
        elif event.matches(QKeySequence.StandardKey.Paste) or _is_text(event):
            self.typed.emit(event)
        else:
            super().keyPressEvent(event)

    # messages

    def _replace_all(self, messages: Sequence[StoredMessage]) -> None:
        """Build what is seen at the end; the rest follows bit by bit."""
        self._remove_from(0)
        self._unbuilt = list(messages)
        height, wanted = 0, 2 * self.viewport().height()
        while self._unbuilt and height < wanted:
            self._build_one()
            height += self._views[0].heightForWidth(self._column() + 2 * MARGIN)
        self._follows = True
        if self._unbuilt:
            self._build_timer.start()

    def _remove_from(self, index: int) -> None:
        for view in self._views[index:]:
            self._fed.discard(view)
            view.hide()
            view.deleteLater()
        del self._views[index:]

    def _build_some(self) -> None:
        """Build some of the older messages; what is in sight stays where it is."""
        end = perf_counter() + _BUILDING_S
        while self._unbuilt and perf_counter() < end:
            self._build_one()
        if self._unbuilt:
            self._build_timer.start()
        self._arrange()

    def _build_one(self) -> None:
        view = self._new_view(self._unbuilt.pop())
        view.lower()  # before all others, also for who has the screen read out
        self._views.insert(0, view)

    def _new_view(self, message: StoredMessage) -> MessageView:
        kind = UserView if message.role == "user" else ReplyView
        view = kind(message, self._content)
        view.set_versions(self._versions.get(message.id, ()))
        view.action_requested.connect(self.message_action_requested)
        view.version_requested.connect(self.version_requested)
        view.link_requested.connect(self.link_requested)
        view.height_changed.connect(self._arrange)
        view.pressed.connect(self._on_pressed)
        view.dragged.connect(self._on_dragged)
        view.show()
        return view

    def _reply(self, message_id: str) -> ReplyView | None:
        for view in reversed(self._views):
            if view.message.id == message_id and isinstance(view, ReplyView):
                return view
        return None

    def _flush(self) -> None:
        fed, self._fed = self._fed, set()
        for view in fed:
            view.flush()

    def _restyle(self) -> None:
        for view in self._views:
            view.restyle()

    # places

    def _parts(self) -> list[MessageView | ErrorCard]:
        return [*self._views, *([self._error] if self._error is not None else [])]

    def _arrange(self) -> None:
        """Put every part in its place, and the reader's eye where it was."""
        if self._is_arranging:
            return
        self._is_arranging = True
        anchor = self._anchor()
        width = self.width()  # also of the scroll bar: nothing moves when it appears
        bar_width = self.verticalScrollBar().sizeHint().width()
        column = self._column()
        y = _ENDS
        for part in self._parts():
            inset = MARGIN if isinstance(part, MessageView) else 0
            part_width = column + 2 * inset
            height = part.heightForWidth(part_width)
            part.setGeometry((width - part_width) // 2, y, part_width, height)
            y += height + (part.gap_below if isinstance(part, MessageView) else _GAP)
        self._content.resize(width - bar_width, y + _ENDS - _GAP)
        self._restore(anchor)
        for view in self._views:
            view.set_last(view is self._views[-1])
        self._is_arranging = False
        self._place_end_button()

    def _column(self) -> int:
        return min(self.width(), COLUMN) - 2 * _SIDE

    def _anchor(self) -> tuple[QWidget, int] | None:
        """The first part in sight and how far it is from the upper edge; none at the end."""
        top = self.verticalScrollBar().value()
        if self._follows:
            return None
        for part in self._parts():
            if part.geometry().bottom() > top:
                return part, part.y() - top
        return None

    def _restore(self, anchor: tuple[QWidget, int] | None) -> None:
        bar = self.verticalScrollBar()
        if self._follows:
            bar.setValue(bar.maximum())
        elif anchor is not None:
            bar.setValue(anchor[0].y() - anchor[1])

    def _on_scrolled(self, value: int) -> None:
        if not self._is_arranging:
            self._follows = value >= self.verticalScrollBar().maximum() - _GAP
            self._place_end_button()

    def _new_end_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("endButton")
        button.setIcon(icons.icon("arrow-down", "text"))
        button.setAccessibleName(self.tr("Go to the end of the conversation"))
        button.setToolTip(self.tr("To the end (End)"))
        button.setFixedSize(32, 32)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.hide()
        button.clicked.connect(self.scroll_to_end)
        return button

    def _place_end_button(self) -> None:
        button = self._end_button
        button.setVisible(not self._follows)
        button.move((self.width() - button.width()) // 2, self.height() - button.height() - 10)

    # selection and focus

    def _on_pressed(self) -> None:
        """A selection begins in one message: there is only one in the conversation."""
        for view in self._views:
            if view is not self.sender():
                view.clear_selection()

    def _on_dragged(self, point: QPoint) -> None:
        view = self.sender()
        if isinstance(view, MessageView):
            place = view.mapTo(self._content, point)
            self.ensureVisible(place.x(), place.y(), 0, 24)

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
        self.ensureWidgetVisible(widget, 0, _GAP)

    def _go(self, step: int) -> None:
        """Move the focus to the message before or after the one that has it."""
        parts = self._parts()
        part = self._part_of(self.focusWidget())
        if part is not None:
            index = min(max(parts.index(part) + step, 0), len(parts) - 1)
            self._focus(parts[index], Qt.FocusReason.OtherFocusReason)

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


def _timer(parent: QWidget, interval_ms: int, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _is_text(event: QKeyEvent) -> bool:
    """Whether a key writes something."""
    plain = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return event.text().isprintable() and event.text() != "" and not event.modifiers() & ~plain
