"""What all messages on screen share: selecting, copying, keys, the line underneath."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QPlainTextEdit, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.markdown_text import plain_text
from chatapp.gui.chat.message_footer import MessageFooter
from chatapp.gui.chat.selection import Place, Selection
from chatapp.gui.chat.stack import Item, Stack
from chatapp.gui.chat.text_view import TextView
from chatapp.gui.chat.wide_text import WideText
from chatapp.storage.records import StoredMessage

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

MARGIN = 8  # room at both sides for the frame that shows the focus
_FOOTER_PADDING = 7  # of its buttons, whose words line up with the text
_FOOTER_HEIGHT = 26
_WORD = QTextCursor.SelectionType.WordUnderCursor
_PARAGRAPH = QTextCursor.SelectionType.BlockUnderCursor


class MessageView(Stack):
    """One message; what stands in it is up to its kind."""

    action_requested = Signal(str, str)  # a `MessageAction`, message id
    version_requested = Signal(str)
    link_requested = Signal(str)
    pressed = Signal()
    reached = Signal()  # with Shift, from another message
    chosen_copy_requested = Signal(bool)  # whether as plain text
    dragged = Signal(QPoint)  # a selection reached this point of the message

    gap_below: int  # to the next message
    unseen_alignment = Qt.AlignmentFlag.AlignLeading

    def __init__(self, message: StoredMessage, parent: QWidget) -> None:
        super().__init__(parent, margin=MARGIN)
        self.message = message
        self.is_complete = True  # else it is still being put together, out of sight
        self._versions: Sequence[str] = ()
        self._models: Sequence[ModelEntry] = ()
        self._can_save = True
        self._footer: MessageFooter | None = None
        self._is_hovered = False
        self._is_last = False
        self._has_focus_inside = False
        self._shows_focus = False
        self._pressed_link = ""
        self._double_click_ms = -1_000_000  # long ago
        self._selection = Selection(self.views)
        self._is_chosen = False
        self._unseen: QLabel | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)

    # what kinds of messages fill in

    def views(self) -> Sequence[TextView]:
        """The texts of the message from top to bottom."""
        raise NotImplementedError

    def selected_markdown(self) -> str:
        """What is selected, as markdown."""
        return self._selection.text()

    def act(self, action: str) -> None:
        """Do what was asked for under the message, a `MessageAction`."""
        raise NotImplementedError

    def open_menu(self, place: QPoint) -> None:
        """Open the menu of the message at a place of the screen."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Put everything into the colours of the theme now in force."""
        for view in self.views():
            view.restyle()

    def footer_item(self, gap: int) -> Item:
        """The line underneath; its room is always kept, so that nothing jumps when it appears."""
        return Item(self._footer, gap, -_FOOTER_PADDING, theme.px(_FOOTER_HEIGHT))

    # what the transcript tells

    def set_versions(self, versions: Sequence[str]) -> None:
        """Say which messages are versions of this one, itself among them, oldest first."""
        self._versions = versions
        if self._footer is not None:
            self._footer.set_versions(versions)

    def set_models(self, models: Sequence["ModelEntry"]) -> None:
        """Say which models there are to write a reply again."""
        self._models = models

    def set_can_save(self, can_save: bool) -> None:
        """Say whether a version of the message can be saved now."""
        self._can_save = can_save

    def set_last(self, is_last: bool) -> None:
        """Say whether this is the end of the conversation, where the buttons always show."""
        if is_last != self._is_last:
            self._is_last = is_last
            self._show_footer()

    def set_focus_inside(self, has_focus: bool) -> None:
        """Say whether the focus is on the message or on something in it."""
        self._has_focus_inside = has_focus
        self._show_footer()

    def tab_stops(self) -> list[QWidget]:
        """The message, and what in it the Tab key stops at, from top to bottom."""
        stops = [
            widget
            for widget in self.findChildren(QWidget)
            if widget.isVisible() and widget.isEnabled() and _is_stop(widget)
        ]

        def place(widget: QWidget) -> tuple[int, int]:
            point = widget.mapTo(self, QPoint(0, 0))
            return point.y(), point.x()

        return [self, *sorted(stops, key=place)]

    @property
    def has_focus_inside(self) -> bool:
        """Whether the focus is on the message or on something in it."""
        return self._has_focus_inside

    @property
    def is_in_use(self) -> bool:
        """Whether it must stay as it is even while it is out of sight."""
        is_written = self.message.status == "streaming"
        return is_written or self._has_focus_inside or self._selection.is_begun

    def text(self) -> str:
        """What a reader sees, its blocks apart by an empty line."""
        return "\n\n".join(part.text() for part in self.views())

    def clear_selection(self) -> None:
        """Select nothing."""
        self._selection.clear()

    def set_chosen(self, is_chosen: bool) -> None:
        """Say whether the message is selected as a whole."""
        if is_chosen != self._is_chosen:
            self._is_chosen = is_chosen
            self.update()

    def mark_words(self, words: str, nth: int | None) -> None:
        """Mark words wherever they stand, and the nth place of these above the others."""
        for view in self.views():
            view.mark_words(words)
            count = len(view.hits())
            if nth is not None and nth < count:
                view.mark_words(words, nth)
            nth = None if nth is None or nth < count else nth - count

    def show_hit(self, nth: int) -> QRect:
        """Bring marked words into sight inside their block; where they are on the message."""
        hits = [(view, cursor) for view in self.views() for cursor in view.hits()]
        if not hits:  # they stand in an address, or between marks
            return QRect(0, 0, self.width(), 1)
        view, cursor = hits[min(nth, len(hits) - 1)]
        place = view.place_of(cursor)
        return QRect(view.mapTo(self, view.show_place(place)), place.size())

    def set_unseen(self, reason: str) -> None:
        """Grey the message, which the model did not see, and say why; without a reason, do not."""
        if reason and self._unseen is None:
            self._unseen = QLabel(self)
            self._unseen.setWordWrap(True)
            self._unseen.setToolTip(self.tr("The model did not see this message."))
            self._unseen.setAlignment(self.unseen_alignment)
            self._unseen.setContentsMargins(0, 0, 0, 4)
            theme.mark(self._unseen, tone="muted", letters="small")
        if self._unseen is None or self._unseen.text() == reason:
            return
        self._unseen.setText(reason)
        self._unseen.setVisible(bool(reason))
        self.tone_views()
        self.rearrange()

    def tone_views(self) -> None:
        """Grey all texts of a message that the model did not see."""
        is_unseen = self._unseen is not None and bool(self._unseen.text())
        for view in self.views():
            view.set_colour("muted" if is_unseen else "text")

    def unseen_items(self) -> list[Item]:
        """The line that says why the model did not see the message, where there is one."""
        return [] if self._unseen is None else [Item(self._unseen)]

    def copy(self, as_plain: bool = False) -> None:
        """Copy what is selected, or else the whole message, as markdown unless told otherwise."""
        if self._is_chosen:
            self.chosen_copy_requested.emit(as_plain)
            return
        content = self.message.content
        whole = plain_text(content) if as_plain and self.message.role != "user" else content
        QGuiApplication.clipboard().setText(self._selection.text() or whole)

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self._place_at(event.position())
        self._pressed_link = self._link_at(event.position())
        with_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if with_shift and not self._selection.is_begun:
            self.reached.emit()
            return
        self.pressed.emit()
        since = event.timestamp() - self._double_click_ms
        if place is None:
            return
        if since < QGuiApplication.styleHints().mouseDoubleClickInterval():
            self._selection.select_unit(place, _PARAGRAPH)
        elif with_shift:
            self._selection.extend(place)
        else:
            self._selection.begin(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._double_click_ms = event.timestamp()
            self._selection.select_unit(place, _WORD)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            place = self._place_at(event.position())
            if place is not None:
                self._selection.extend(place)
                self.dragged.emit(event.position().toPoint())
        else:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        link = self._link_at(event.position())
        if link and link == self._pressed_link and not self._selection.text():
            self.link_requested.emit(link)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._selection.select_all()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        link = self._link_at(QPointF(event.pos())) if by_mouse else ""
        links = [link] if link else [] if by_mouse else self._links()
        menu = self.menu(links)
        menu.popup(event.globalPos() if by_mouse else self.mapToGlobal(QPoint(24, 24)))

    def menu(self, links: Iterable[str]) -> QMenu:
        """What can be done with the message and with these links."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        selected = self._selection.text()
        whole = self.tr("Copy these messages") if self._is_chosen else self.tr("Copy this message")
        copying = menu.addAction(icons.icon("copy"), self.tr("Copy") if selected else whole)
        copying.triggered.connect(lambda: self.copy())
        if selected and self.message.role != "user":
            marked = menu.addAction(self.tr("Copy as Markdown"))
            marked.triggered.connect(
                lambda: QGuiApplication.clipboard().setText(self.selected_markdown())
            )
        if not selected:
            plain = menu.addAction(self.tr("Copy as plain text"))
            plain.triggered.connect(lambda: self.copy(as_plain=True))
        menu.addAction(self.tr("Select all")).triggered.connect(self._selection.select_all)
        for link in links:
            menu.addSeparator()
            shown = self.fontMetrics().elidedText(link, Qt.TextElideMode.ElideMiddle, 260)
            opening = menu.addAction(self.tr("Open {}…").format(shown))
            opening.triggered.connect(lambda _=False, link=link: self.link_requested.emit(link))
            copying = menu.addAction(self.tr("Copy this address"))
            copying.triggered.connect(
                lambda _=False, link=link: QGuiApplication.clipboard().setText(link)
            )
        return menu

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self._show_footer()

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self._show_footer()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._shows_focus = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._shows_focus = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not (self._shows_focus or self._is_chosen):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("accent") if self._shows_focus else Qt.PenStyle.NoPen)
        if self._is_chosen:
            painter.setBrush(theme.colour("accent-soft"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)

    # inside

    def _show_footer(self) -> None:
        is_finished = self.message.status != "streaming"
        is_wanted = self._is_hovered or self._has_focus_inside or self._is_last
        if is_finished and is_wanted and self._footer is None:
            self._footer = self._new_footer()
            self._move()
        if self._footer is not None:
            self._footer.setVisible(is_finished and is_wanted)

    def _new_footer(self) -> MessageFooter:
        message = self.message
        footer = MessageFooter(message, lambda: message.content, self)
        footer.set_versions(self._versions)
        footer.action_requested.connect(self.act)
        footer.menu_requested.connect(self.open_menu)
        footer.version_requested.connect(self.version_requested)
        return footer

    def _view_at(self, point: QPointF) -> TextView | None:
        """The text nearest to a height of the message."""

        def distance(view: TextView) -> float:
            top = view.mapTo(self, QPoint(0, 0)).y()
            return max(top - point.y(), point.y() - top - view.height(), 0)

        return min(self.views(), key=distance, default=None)

    def _place_at(self, point: QPointF) -> Place | None:
        view = self._view_at(point)
        return None if view is None else (view, view.position_at(view.mapFrom(self, point)))

    def _link_at(self, point: QPointF) -> str:
        view = self._view_at(point)
        return "" if view is None else view.link_at(view.mapFrom(self, point))

    def _links(self) -> list[str]:
        return [link for view in self.views() for link in view.links()]

    def _show_cursor(self, point: QPointF) -> None:
        child = self.childAt(point.toPoint())
        if self._link_at(point):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif isinstance(child, TextView):
            self.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self.unsetCursor()


def _is_stop(widget: QWidget) -> bool:
    if isinstance(widget, WideText):
        return widget.is_movable
    return isinstance(widget, QAbstractButton | QPlainTextEdit)
