"""Messages one below another, of which only those near what is in sight have a widget.

Every message has a place; the height of one without a widget is a guess. Whatever changes, what
the reader looks at stays where it is, or, at the end of the conversation, the end stays in sight.
"""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.error_card import ErrorCard
from chatapp.gui.chat.message_view import MARGIN, MessageView
from chatapp.gui.chat.places import Places
from chatapp.storage.records import StoredMessage

COLUMN = 760  # with a margin of 24 at each side
_SIDE = 24
_ENDS = 20  # above the first message and below the last
_GAP = 8
_HALF = 4_000_000  # pixels: Qt allows a widget four times as many
_STEP = 24  # of the scroll bar: the wheel moves three of them
_REST_MS = 8  # from one message built ahead to the next, so that a frame has to wait for one
_LETTER = 7.5  # pixels, for guesses
_LINE = 22.5

_Anchor = tuple[int, int] | None  # a message and how far it is below the upper edge


class MessageColumn(QAbstractScrollArea):
    """A column that scrolls; what a message looks like is up to who fills it in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        # Scrolling moves this one widget, which holds all others, and is as high as can be.
        self.content = QWidget(self.viewport())
        self.content.setMouseTracking(True)
        # It has a ground of its own: Qt then moves what is painted, and paints only what comes in.
        self.content.setAutoFillBackground(True)
        self._base = 0  # the place in the column that is in the middle of the content
        self.verticalScrollBar().setSingleStep(_STEP)
        self._messages: list[StoredMessage] = []
        self._places = Places(_ENDS)
        self._views: dict[int, MessageView] = {}  # by the number of the message
        self._card: ErrorCard | None = None  # under the last message
        self._follows = True
        self._is_arranging = False
        self._outdated: set[str] = set()  # built for another size of letters, by message
        theme.notifier.resized.connect(self._rebuild)
        self._end_button = self._new_end_button()
        self._build_timer = single_shot(self, _REST_MS, self._build_ahead)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # what kinds of columns fill in

    def new_view(self, message: StoredMessage, is_in_sight: bool) -> MessageView:
        """The widget of a message, a child of the content; one out of sight may take its time."""
        raise NotImplementedError

    # what is there

    def views(self) -> Sequence[MessageView]:
        """The messages that have a widget, from top to bottom."""
        return [self._views[index] for index in sorted(self._views)]

    def scroll_to_end(self) -> None:
        """Show the end of the conversation, and stay there while it grows."""
        self._follows = True
        self.arrange()

    def first_in_sight(self) -> int:
        """The number of the first message in sight."""
        return self._places.index_at(self.verticalScrollBar().value())

    def arrange(self) -> None:
        """Put everything in its place, and the reader's eye where it was."""
        if not self._is_arranging:
            self._settle(self._anchor())

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Nothing: messages are put in their places by `arrange`."""

    # messages

    def _add(self, messages: Sequence[StoredMessage]) -> None:
        width = self._column()
        self._messages += messages
        self._places.extend(_guess(message, width) for message in messages)

    def _remove_from(self, count: int) -> None:
        """Keep the first so many messages."""
        for index in [index for index in self._views if index >= count]:
            self._drop(index)
        del self._messages[count:]
        self._places.truncate(count)

    def _build(self, index: int, *, is_in_sight: bool) -> None:
        view = self.new_view(self._messages[index], is_in_sight)
        above = min((other for other in self._views if other > index), default=None)
        if above is not None:  # the order in which a screen reader finds them
            view.stackUnder(self._views[above])
        self._views[index] = view
        self._measure(index)
        view.show()

    def _drop(self, index: int) -> None:
        view = self._views.pop(index)
        view.hide()
        view.deleteLater()

    def _rebuild(self) -> None:
        """Build every widget anew: the letters have another size.

        What is being written stays as it is until it is complete: its text is known to its widget
        alone.
        """
        anchor = self._anchor()
        focus = next((index for index, view in self._views.items() if view.has_focus_inside), None)
        for index in list(self._views):
            if self._messages[index].status == "streaming":
                self._outdated.add(self._messages[index].id)
            else:
                self._drop(index)
        self._places.truncate(0)
        width = self._column()
        self._places.extend(_guess(message, width) for message in self._messages)
        self._settle(anchor)
        if focus in self._views:
            self._views[focus].setFocus(Qt.FocusReason.OtherFocusReason)

    def _measure(self, index: int) -> None:
        view = self._views[index]
        if view.is_complete:  # until then the guess is nearer
            height = view.heightForWidth(self._column() + 2 * MARGIN)
            self._places.set_height(index, height + view.gap_below)

    def _show_message(self, index: int, distance: int) -> None:
        """Bring a message to a distance below the upper edge."""
        self._follows = False
        self._is_arranging = True  # the place moves when what is above it is built
        self.verticalScrollBar().setValue(self._places.top(index) - distance)
        self._is_arranging = False
        self._settle((index, distance))
        self._note_following()

    # places

    def _settle(self, anchor: _Anchor) -> None:
        self._is_arranging = True
        for index in self._views:
            self._measure(index)
        self._restore(anchor)
        while missing := self._missing(0):
            self._build(missing[-1] if self._follows else missing[0], is_in_sight=True)
            self._restore(anchor)
        self._place()
        self._is_arranging = False
        # A timer that runs is left alone: begun anew at every step, it would never end.
        if (self._missing(1) or self._far()) and not self._build_timer.isActive():
            self._build_timer.start()

    def _build_ahead(self) -> None:
        """Build one message that is at most a screen away, and drop one that is further."""
        anchor = self._anchor()
        if missing := self._missing(1):
            first = self.first_in_sight()
            self._build(min(missing, key=lambda index: abs(index - first)), is_in_sight=False)
        if far := self._far():
            self._drop(far[0])
        self._settle(anchor)

    def _missing(self, screens: int) -> list[int]:
        """The messages without a widget in sight, or so many screens around it."""
        if not self._messages:
            return []
        height = self.viewport().height()
        top = self.verticalScrollBar().value() - screens * height
        first = self._places.index_at(top)
        last = self._places.index_at(top + (2 * screens + 1) * height)
        return [index for index in range(first, last + 1) if index not in self._views]

    def _far(self) -> list[int]:
        """The messages that are so far out of sight that they need no widget."""
        height = self.viewport().height()
        top = self.verticalScrollBar().value()
        first = self._places.index_at(top - 2 * height)
        last = self._places.index_at(top + 3 * height)
        unneeded = (index for index in self._views if not first <= index <= last)
        return [index for index in unneeded if not self._views[index].is_in_use]

    def _place(self) -> None:
        width = self.width()  # also of the scroll bar: nothing moves when it appears
        value = self.verticalScrollBar().value()
        if abs(value - self._base) > _HALF // 2:
            self._base = value
        top = self._base - _HALF
        self.content.setGeometry(0, top - value, width, 2 * _HALF)
        last = len(self._messages) - 1
        part = self._column() + 2 * MARGIN
        for index, view in self._views.items():
            height = self._places.height(index) - view.gap_below
            view.setGeometry((width - part) // 2, self._places.top(index) - top, part, height)
            view.set_last(index == last)
        if self._card is not None:
            place = QRect(0, self._places.end - top, self._column(), self._card_height())
            self._card.setGeometry(place.translated((width - self._column()) // 2, 0))
        button = self._end_button
        button.setVisible(not self._follows)
        button.raise_()
        below = value - top + self.height() - button.height() - 10
        button.move((self.width() - button.width()) // 2, below)

    def _column(self) -> int:
        return min(self.width(), theme.px(COLUMN)) - 2 * _SIDE

    def _card_height(self) -> int:
        return self._card.heightForWidth(self._column()) if self._card is not None else -_GAP

    def _anchor(self) -> _Anchor:
        """The first message in sight that has a widget; none at the end."""
        if self._follows or not self._messages:
            return None
        top = self.verticalScrollBar().value()
        first = self._places.index_at(top)
        last = self._places.index_at(top + self.viewport().height())
        seen = (index for index in range(first, last + 1) if index in self._views)
        index = next(seen, first)
        return index, self._places.top(index) - top

    def _restore(self, anchor: _Anchor) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setRange(0, max(0, self._places.end + self._card_height() + _ENDS - height))
        if self._follows:
            bar.setValue(bar.maximum())
        elif anchor is not None and anchor[0] < len(self._messages):
            value = bar.value()
            bar.setValue(self._places.top(anchor[0]) - anchor[1])
            self._base += bar.value() - value  # what is in sight need not move

    def _on_scrolled(self) -> None:
        if not self._is_arranging:
            self._note_following()
            self.arrange()

    def _note_following(self) -> None:
        bar = self.verticalScrollBar()
        self._follows = bar.value() >= bar.maximum() - _GAP

    def _ensure_visible(self, place: QRect, margin: int) -> None:
        """Scroll as far as needed to have a place of the viewport in sight."""
        bar = self.verticalScrollBar()
        above, below = place.top() - margin, place.bottom() + margin - self.viewport().height()
        if above < 0 or place.height() > self.viewport().height():
            bar.setValue(bar.value() + above)
        elif below > 0:
            bar.setValue(bar.value() + below)

    def _parts(self) -> Iterator[MessageView | ErrorCard]:
        """What stands in the column and has a widget."""
        yield from self.views()
        if self._card is not None:
            yield self._card

    def _new_end_button(self) -> QToolButton:
        button = QToolButton(self.content)  # beside it, Qt would paint all anew at every step
        button.setObjectName("endButton")
        button.setIcon(icons.icon("arrow-down", "text"))
        button.setAccessibleName(self.tr("Go to the end of the conversation"))
        button.setToolTip(self.tr("To the end (End)"))
        button.setFixedSize(32, 32)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.hide()
        button.clicked.connect(self.scroll_to_end)
        return button


def single_shot(parent: QWidget, interval_ms: int, slot: Callable[[], None]) -> QTimer:
    """A timer that, once started, calls a slot one time."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer


def _guess(message: StoredMessage, width: int) -> int:
    """About how high a message will be."""
    text = message.content
    size = theme.notifier.percent / 100
    lines = text.count("\n") + len(text) * _LETTER * size // max(1, width) + 1
    return int(lines * _LINE * size) + 48
