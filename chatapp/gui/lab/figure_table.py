"""A small table of figures: as high as its rows, read cell by cell with the arrow keys."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.lab.measured_table import MeasuredTable

_CELL_ROLE = Qt.ItemDataRole.UserRole
_PAD = 10
_LEFT = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter


class Cell(Struct, frozen=True, kw_only=True):
    """What stands at one place.

    Attributes:
        text: The figure.
        small: A line below it.
        spoken: All that a screen reader says of it.
        is_strong: Whether it stands out.
        ground: A colour behind it, "" for none.
        share: How much of that colour, from 0 to 1.
    """

    text: str
    small: str = ""
    spoken: str
    is_strong: bool = False
    ground: str = ""
    share: float = 0.0


class Head(Struct, frozen=True):
    """What stands above a column, and what it means."""

    text: str
    tip: str = ""


class FigureTable(MeasuredTable):
    """Shows cells; the first column has the names of the rows.

    Args:
        name: What it shows, for a screen reader.
        is_spread: Whether the first column takes the width that is left.
    """

    def __init__(self, name: str, is_spread: bool, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._is_spread = is_spread
        self.setObjectName("figureTable")
        self.setItemDelegate(_Delegate(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.notifier.changed.connect(self.viewport().update)

    def show_cells(self, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows below these heads."""
        self.clear()
        self.setColumnCount(len(heads))
        self.setRowCount(len(rows))
        for column, head in enumerate(heads):
            item = QTableWidgetItem(head.text)
            item.setTextAlignment(_RIGHT if column else _LEFT)
            item.setToolTip(head.tip)
            self.setHorizontalHeaderItem(column, item)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text)
                item.setData(_CELL_ROLE, cell)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, cell.spoken)
                item.setToolTip(cell.spoken)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.setItem(row, column, item)
        self._measure()

    def _measure(self) -> None:
        head = self.horizontalHeader()
        widths = [
            max(self.sizeHintForColumn(column), head.sectionSizeHint(column))
            for column in range(self.columnCount())
        ]
        if not widths:
            return
        left = self.viewport().width() - sum(widths)
        if self._is_spread:
            widths[0] += max(0, left)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        for row in range(self.rowCount()):
            self.setRowHeight(row, self.sizeHintForRow(row))
        bar = 0 if left >= 0 else self.horizontalScrollBar().sizeHint().height()
        height = head.sizeHint().height() + self.verticalHeader().length() + bar
        self.setFixedHeight(height + 2 * self.frameWidth())


class _Delegate(QStyledItemDelegate):
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        cell: Cell = index.data(_CELL_ROLE)
        upper, lower = (QFontMetrics(one) for one in _fonts(cell))
        width = max(upper.horizontalAdvance(cell.text), lower.horizontalAdvance(cell.small))
        height = upper.height() + (lower.height() if cell.small else 0)
        return QSize(width + 2 * _PAD + 2, height + theme.px(_PAD))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell: Cell = index.data(_CELL_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if cell.ground:
            painter.setOpacity(cell.share)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(cell.ground))
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 6, 6)
            painter.setOpacity(1.0)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -2), 6, 6)
        alignment = QStyle.visualAlignment(option.direction, _RIGHT if index.column() else _LEFT)
        place = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        upper, lower = _fonts(cell)
        line = QFontMetrics(upper).height()
        top = place.top() + (place.height() - line) // 2
        if cell.small:
            both = line + QFontMetrics(lower).height()
            top = place.top() + (place.height() - both) // 2
            rest = QRect(place.left(), top + line, place.width(), both - line)
            painter.setFont(lower)
            painter.setPen(theme.colour("muted"))
            painter.drawText(rest, alignment, cell.small)
        painter.setFont(upper)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRect(place.left(), top, place.width(), line), alignment, cell.text)
        painter.restore()


def _fonts(cell: Cell) -> tuple[QFont, QFont]:
    """Of the figure, and of the line below it."""
    weight = QFont.Weight.DemiBold if cell.is_strong else QFont.Weight.Normal
    return theme.font(theme.INTERFACE_PX, weight), theme.font(theme.SMALL_PX)
