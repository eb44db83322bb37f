"""The list of models: one painted row each, and the heads of its columns.

A row has one action, a painted button at its right end; Enter does the same.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QCursor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.models import wording

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

ENTRY_ROLE = Qt.ItemDataRole.UserRole
_IS_DEFAULT_ROLE = Qt.ItemDataRole.UserRole + 1

_ROW_HEIGHT = 41
_TWO_LINES_HEIGHT = 58
_THREE_LINES_HEIGHT = 80
_HEADS_HEIGHT = 34
_LEAST_ROWS = 2
_MARGIN = 10
_GAP = 14
_WIDTHS = {"license": 104, "size": 68, "fit": 158, "action": 76}
_ONE_LINE = 620  # narrower rows put name and kind below each other
_TWO_LINES = 440  # and still narrower ones the tag below these
_WITH_LICENSE = 820
_TAG_HEIGHT = 19
_BUTTON_HEIGHT = 28
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class Columns(NamedTuple):
    """Where the parts of a row stand; an empty rectangle is not shown."""

    name: QRect
    kind: QRect
    license: QRect
    size: QRect
    fit: QRect
    action: QRect


def columns(row: QRect) -> Columns:
    """Share the width of `row` out among its parts."""
    box = row.adjusted(_MARGIN, 0, -_MARGIN, 0)
    is_wide, is_wider = row.width() >= theme.px(_ONE_LINE), row.width() >= theme.px(_WITH_LICENSE)
    right = box.right() + 1
    places = {}
    for part, is_shown in (
        ("action", True),
        ("fit", True),
        ("size", is_wide),
        ("license", is_wider),
    ):
        width = theme.px(_WIDTHS[part]) if is_shown else 0
        places[part] = QRect(right - width, box.top(), width, box.height())
        right -= width + _GAP if is_shown else 0
    left = QRect(box.left(), box.top(), right - box.left(), box.height())
    if row.width() < theme.px(_TWO_LINES):
        left.setRight(places["action"].left() - _GAP)
        third = (left.height() - 16) // 3
        name, kind, places["fit"] = (
            QRect(left.left(), left.top() + 8 + line * third, left.width(), third)
            for line in range(3)
        )
        return Columns(name, kind, **places)
    if not is_wide:
        half = left.height() // 2
        name, kind = left.adjusted(0, 8, 0, -half), left.adjusted(0, half, 0, -8)
        return Columns(name, kind, **places)
    name = QRect(left.left(), left.top(), left.width() * 2 // 5, left.height())
    return Columns(name, left.adjusted(name.width() + _GAP, 0, 0, 0), **places)


class ModelListModel(QAbstractListModel):
    """The entries to show, in the order of the shelf."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: tuple[ModelEntry, ...] = ()
        self._default_path = ""

    def set_entries(self, entries: "Sequence[ModelEntry]", default_path: str) -> None:
        """Show these, the one in `default_path` marked."""
        self.beginResetModel()
        self.entries = tuple(entries)
        self._default_path = default_path
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        is_default = entry.path == self._default_path
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return wording.spoken(entry, is_default)
            case Qt.ItemDataRole.ToolTipRole:
                return wording.problem(entry) or entry.path
            case _ if role == ENTRY_ROLE:
                return entry
            case _ if role == _IS_DEFAULT_ROLE:
                return is_default
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: "ModelListView") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, self._view.row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: ModelEntry = index.data(ENTRY_ROLE)
        parts = columns(option.rect)
        is_wide = not parts.size.isEmpty()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index.row() == index.model().rowCount() - 1)
        self._paint_name(painter, parts.name, index)
        kind = wording.kind(entry)
        if not is_wide and not entry.error:
            kind = f"{wording.size(entry.size_bytes)} · {kind}"
        reaches_on = bool(entry.error) and not parts.license.isEmpty()
        kind_place = parts.kind.united(parts.license) if reaches_on else parts.kind
        _text(painter, kind_place, kind, "muted", 13 if is_wide else 12)
        if is_wide:
            _text(painter, parts.size, wording.size(entry.size_bytes), "text", 13, _RIGHT)
        if not parts.license.isEmpty() and not entry.error:
            _text(painter, parts.license, wording.license_name(entry) or "—", "muted")
        _tag(painter, parts.fit, *wording.fit(entry))
        self._paint_button(painter, parts.action, option, self._view.action_text(entry))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, is_last: bool) -> None:
        row = option.rect
        if not is_last:  # there, the frame of the list is the line
            painter.setPen(theme.colour("line"))
            painter.drawLine(row.left() + 1, row.bottom(), row.right() - 1, row.bottom())
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if not is_selected and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        has_focus = is_selected and self._view.hasFocus()
        painter.setPen(theme.colour("accent") if has_focus else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("bubble" if is_selected else "panel"))
        painter.drawRoundedRect(row.adjusted(1, 2, -2, -3), 8, 8)

    def _paint_name(self, painter: QPainter, place: QRect, index: _Index) -> None:
        text, is_default = index.data(), index.data(_IS_DEFAULT_ROLE)
        mark = self.tr("default")
        mark_width = _tag_width(painter, mark) + 8 if is_default else 0
        painter.setFont(theme.font(13, QFont.Weight.Medium))
        room = place.width() - mark_width
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = painter.fontMetrics().horizontalAdvance(shown)
        painter.setPen(theme.colour("text"))
        painter.drawText(place, _LEFT, shown)
        if is_default:
            _tag(painter, place.adjusted(width + 8, 0, 0, 0), mark, "quiet")

    def _paint_button(
        self, painter: QPainter, place: QRect, option: QStyleOptionViewItem, text: str
    ) -> None:
        button = button_place(place)
        pointer = self._view.viewport().mapFromGlobal(QCursor.pos())
        is_hot = bool(option.state & QStyle.StateFlag.State_MouseOver) and button.contains(pointer)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("bubble" if is_hot else "bg"))
        painter.drawRoundedRect(button, 9, 9)
        _text(painter, button, text, "text", 13, Qt.AlignmentFlag.AlignCenter)


def button_place(place: QRect) -> QRect:
    """The painted button within the last column."""
    height = theme.px(_BUTTON_HEIGHT)
    return QRect(place.left(), place.center().y() - height // 2, place.width(), height)


class ModelListView(QListView):
    """The rows.

    Signals:
        action_requested: Do what the button of the current row says.
        removal_requested: Take the current row off the list.
    """

    action_requested = Signal()
    removal_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("Models on this computer"))
        self.setAccessibleDescription(self.tr("Enter does what the button of the row says"))
        theme.notifier.changed.connect(self.viewport().update)

    def action_text(self, entry: "ModelEntry") -> str:
        """What the button of a row says."""
        if entry.error:
            return self.tr("Show")
        if entry.fit is not None and entry.fit.level == "no":
            return self.tr("Why?")
        return self.tr("Chat")

    def row_height(self) -> int:
        """Pixels of one row: narrow rows have two lines."""
        width = self.viewport().width()
        if width >= theme.px(_ONE_LINE):
            return theme.px(_ROW_HEIGHT)
        return theme.px(_TWO_LINES_HEIGHT if width >= theme.px(_TWO_LINES) else _THREE_LINES_HEIGHT)

    def sizeHint(self) -> QSize:
        rows = self.model().rowCount() if self.model() is not None else 0
        return QSize(super().sizeHint().width(), rows * self.row_height())

    def minimumSizeHint(self) -> QSize:
        rows = min(_LEAST_ROWS, self.model().rowCount() if self.model() is not None else 0)
        return QSize(0, rows * self.row_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.action_requested.emit()
        elif event.key() == Qt.Key.Key_Delete and is_control and self.currentIndex().isValid():
            self.removal_requested.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_button(
            event.position().toPoint()
        ):
            self.action_requested.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.viewport().update()  # the painted buttons show where the pointer is

    def _is_on_button(self, position: QPoint) -> bool:
        index = self.indexAt(position)
        if not index.isValid() or index != self.currentIndex():
            return False
        return button_place(columns(self.visualRect(index)).action).contains(position)


class ColumnHeads(QWidget):
    """The names of the columns above the list."""

    def __init__(self, view: ModelListView) -> None:
        super().__init__()
        self._view = view
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(0, theme.px(_HEADS_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row = QRect(0, 0, self._view.viewport().width(), self.height())
        parts = columns(row)
        painter.setPen(theme.colour("line"))
        painter.drawLine(1, self.height() - 1, self.width() - 2, self.height() - 1)
        if parts.size.isEmpty():
            both = row.adjusted(_MARGIN, 0, 0, 0)
            _text(painter, both, self.tr("Name and kind"), "muted", 12)
        else:
            _text(painter, parts.name, self.tr("Name"), "muted", 12)
            _text(painter, parts.kind, self.tr("Kind"), "muted", 12)
            _text(painter, parts.size, self.tr("Size"), "muted", 12, _RIGHT)
        if not parts.license.isEmpty():
            _text(painter, parts.license, self.tr("Licence"), "muted", 12)
        if parts.fit.left() > parts.name.left():
            _text(painter, parts.fit, self.tr("This computer"), "muted", 12)


def _text(
    painter: QPainter,
    place: QRect,
    text: str,
    colour_name: str,
    pixels: int = 13,
    alignment: Qt.AlignmentFlag = _LEFT,
) -> None:
    painter.setFont(theme.font(pixels))
    painter.setPen(theme.colour(colour_name))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, alignment, shown)


def _tag(painter: QPainter, place: QRect, text: str, tone: str) -> None:
    if not text:
        return
    width = min(_tag_width(painter, text), place.width())
    height = theme.px(_TAG_HEIGHT)
    box = QRect(place.left(), place.center().y() - height // 2, width, height)
    if tone == "quiet":  # seen on every ground
        painter.setPen(theme.colour("faint"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(f"{tone}-soft"))
    painter.drawRoundedRect(box, 6, 6)
    letters = "muted" if tone == "quiet" else tone
    _text(painter, box, text, letters, 12, Qt.AlignmentFlag.AlignCenter)


def _tag_width(painter: QPainter, text: str) -> int:
    painter.setFont(theme.font(12))
    return painter.fontMetrics().horizontalAdvance(text) + 14
