"""The list of runs: two painted lines each, what it is called and what it does."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.run_reader import Summary

RUN_ROLE = Qt.ItemDataRole.UserRole

_ROW_HEIGHT = 52
_MARGIN = 10
_GAP = 6
_TONES = {"ok": "accent", "quiet": "muted"}
_Index = QModelIndex | QPersistentModelIndex


class RunListModel(QAbstractListModel):
    """The runs, the newest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.runs: tuple[Summary, ...] = ()

    def set_runs(self, runs: Sequence[Summary]) -> None:
        """Show these; the rows stay where the runs are the same ones."""
        is_same = [one.path for one in runs] == [one.path for one in self.runs]
        if is_same:
            self.runs = tuple(runs)
            self.dataChanged.emit(self.index(0), self.index(max(0, len(self.runs) - 1)))
            return
        self.beginResetModel()
        self.runs = tuple(runs)
        self.endResetModel()

    def row_of(self, path: str) -> int:
        """Where a run stands; -1 if it is not there."""
        return next((row for row, one in enumerate(self.runs) if one.path == path), -1)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.runs)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return run.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return wording.spoken(run)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{wording.spoken(run)}\n{run.path}"
            case _ if role == RUN_ROLE:
                return run
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme.px(_ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        run: Summary = index.data(RUN_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        box = option.rect.adjusted(_MARGIN, theme.px(7), -_MARGIN, -theme.px(7))
        upper = QRect(box.left(), box.top(), box.width(), box.height() // 2)
        lower = upper.translated(0, box.height() - upper.height())
        painter.setFont(theme.font(13, QFont.Weight.Medium))
        _text(painter, option, upper, run.name, "text")
        painter.setFont(theme.font(12))
        word, tone = wording.phase(run)
        width = painter.fontMetrics().horizontalAdvance(word) + 2
        place = QRect(lower.left(), lower.top(), min(width, lower.width()), lower.height())
        _text(painter, option, _turned(option, lower, place), word, _TONES.get(tone, tone))
        rest = lower.adjusted(width + _GAP, 0, 0, 0)
        if rest.width() > 0:
            words = f"· {wording.row(run)}"
            _text(painter, option, _turned(option, lower, rest), words, "muted")
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if not is_selected and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        has_focus = is_selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(theme.colour("accent") if has_focus else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("bubble"))
        painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -2), 8, 8)


class RunListView(QListView):
    """The rows.

    Signals:
        entered_run: The user wants to see the current run, by Enter or a click.
        removal_requested: The current run is to be deleted.
    """

    entered_run = Signal()
    removal_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runList")
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(self.tr("Runs, the newest first"))
        self.clicked.connect(lambda _: self.entered_run.emit())
        theme.notifier.changed.connect(self.viewport().update)
        theme.notifier.resized.connect(self.scheduleDelayedItemsLayout)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.entered_run.emit()
        elif event.key() == Qt.Key.Key_Delete and is_control and self.currentIndex().isValid():
            self.removal_requested.emit()
        else:
            super().keyPressEvent(event)


def _turned(option: QStyleOptionViewItem, line: QRect, place: QRect) -> QRect:
    """A place in a line, seen from the side where the language begins."""
    return QStyle.visualRect(option.direction, line, place)


def _text(
    painter: QPainter, option: QStyleOptionViewItem, place: QRect, text: str, colour_name: str
) -> None:
    painter.setPen(theme.colour(colour_name))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(place, QStyle.visualAlignment(option.direction, leading), shown)
