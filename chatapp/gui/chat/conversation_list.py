"""The list of conversations: what stands in it, in which group, and how a line is painted.

One model and one delegate, no widget a line, so that thousands of conversations stay quick.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.storage.records import ConversationSummary

ID_ROLE = Qt.ItemDataRole.UserRole
IS_OPEN_ROLE = Qt.ItemDataRole.UserRole + 1

_ITEM_HEIGHT = 34
_GROUP_HEIGHT = 36
_Index = QModelIndex | QPersistentModelIndex


class ConversationModel(QAbstractListModel):
    """Conversations newest first, under lines that say when."""

    renamed = Signal(str, str)  # id, new title

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[str | ConversationSummary] = []  # a str is the name of a group
        self._open_id: str | None = None

    def set_conversations(
        self, summaries: Sequence[ConversationSummary], open_id: str | None
    ) -> None:
        """Replace everything; lines that only changed their words stay where they are."""
        rows = list(self._grouped(summaries))
        self._open_id = open_id
        if _identities(rows) == _identities(self._rows):
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, conversation_id: str | None) -> int:
        """The line a conversation stands in, or -1."""
        for row, entry in enumerate(self._rows):
            if isinstance(entry, ConversationSummary) and entry.id == conversation_id:
                return row
        return -1

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._rows[index.row()]
        if isinstance(entry, str):
            return entry if role == Qt.ItemDataRole.DisplayRole else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return entry.title or self.tr("New chat")
        if role == ID_ROLE:
            return entry.id
        if role == IS_OPEN_ROLE:
            return entry.id == self._open_id
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for the new title; the line itself changes once the history has it."""
        title = " ".join(str(value).split())
        conversation_id = self.data(index, ID_ROLE)
        if not title or title == self.data(index) or conversation_id is None:
            return False
        self.renamed.emit(conversation_id, title)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def _grouped(
        self, summaries: Sequence[ConversationSummary]
    ) -> Iterator[str | ConversationSummary]:
        today = datetime.now().astimezone().date()
        last = ""
        for summary in summaries:
            group = self._group(_local_date(summary.updated_at), today)
            if group != last:
                yield group
            last = group
            yield summary

    def _group(self, day: date, today: date) -> str:
        if day >= today:
            return self.tr("Today")
        if day == today - timedelta(days=1):
            return self.tr("Yesterday")
        if day >= today - timedelta(days=7):
            return self.tr("Previous 7 days")
        month = QLocale().standaloneMonthName(day.month)
        return month if day.year == today.year else f"{month} {day.year}"


class ConversationDelegate(QStyledItemDelegate):
    """Paints a line: a quiet group name, or a title that gives way at its end."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        is_group = not index.flags() & Qt.ItemFlag.ItemIsEnabled
        return QSize(0, theme.px(_GROUP_HEIGHT if is_group else _ITEM_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self._paint_title(painter, option, index)
        else:
            painter.setFont(theme.font(theme.SMALL_PX))
            painter.setPen(theme.colour("muted"))
            place = option.rect.adjusted(8, 0, -8, -4)
            painter.drawText(place, Qt.AlignmentFlag.AlignBottom, index.data())
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("titleEditor")
        editor.setAccessibleName(self.tr("Title of the conversation"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        editor.setGeometry(_box(option.rect))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def _paint_title(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        box = _box(option.rect)
        is_open = bool(index.data(IS_OPEN_ROLE))
        painter.setPen(Qt.PenStyle.NoPen)
        if is_open or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.colour("bubble"))
            painter.drawRoundedRect(box, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 8, 8)
        font = theme.font(theme.INTERFACE_PX)
        font.setWeight(font.Weight.Medium if is_open else font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        text_box = box.adjusted(8, 0, -8, 0)
        title = painter.fontMetrics().elidedText(
            index.data().replace("\n", " "), Qt.TextElideMode.ElideRight, text_box.width()
        )
        painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter, title)


def _box(line: QRect) -> QRect:
    return line.adjusted(0, 1, 0, -1)


def _identities(rows: Sequence[str | ConversationSummary]) -> list[str]:
    return [row if isinstance(row, str) else row.id for row in rows]


def _local_date(utc: str) -> date:
    return datetime.fromisoformat(utc).astimezone().date()
