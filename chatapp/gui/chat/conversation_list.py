"""The list of conversations: what stands in it, in which group, and how a line is painted.

One model and one delegate, no widget a line, so that thousands of conversations stay quick.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QLocale,
    QMimeData,
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

from chatapp.gui import icons, theme
from chatapp.storage.records import ConversationSummary

ID_ROLE = Qt.ItemDataRole.UserRole
IS_OPEN_ROLE = Qt.ItemDataRole.UserRole + 1
GROUP_ROLE = Qt.ItemDataRole.UserRole + 2
IDS_TYPE = "application/x-chatapp-conversations"  # ids, one a line, that are dragged

_LINE_HEIGHT = 34
_ICON = 14
_Index = QModelIndex | QPersistentModelIndex


class Group(Struct, frozen=True):
    """A line above conversations: what is pinned, a folder, or a time."""

    name: str
    is_pinned: bool = False
    folder: str = ""
    is_open: bool = True  # a folder can be closed


class ConversationModel(QAbstractListModel):
    """Conversations newest first, under lines that say where and when.

    Signals:
        renamed: An id, and the title it is to have.
        dropped: Ids, and the Group they were dropped on.
    """

    renamed = Signal(str, str)
    dropped = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Group | ConversationSummary] = []
        self._summaries: tuple[ConversationSummary, ...] = ()
        self._closed: set[str] = set()  # folders
        self._open_id: str | None = None

    def set_conversations(
        self, summaries: Sequence[ConversationSummary], open_id: str | None
    ) -> None:
        """Replace everything; lines that only changed their words stay where they are."""
        self._summaries = tuple(summaries)
        before, rows = self._rows, list(self._grouped(self._summaries))
        changed_open = {self._open_id, open_id} if open_id != self._open_id else set()
        self._open_id = open_id
        if [_identity(row) for row in rows] != [_identity(row) for row in before]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._rows = rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new or _identity(new) in changed_open:
                self.dataChanged.emit(self.index(place), self.index(place))

    def toggle(self, folder: str) -> None:
        """Close a folder, or open it again."""
        self._closed ^= {folder}
        self.set_conversations(self._summaries, self._open_id)

    def row_of(self, conversation_id: str | None) -> int:
        """The line a conversation stands in, or -1."""
        for row, entry in enumerate(self._rows):
            if isinstance(entry, ConversationSummary) and entry.id == conversation_id:
                return row
        return -1

    def summary(self, index: _Index) -> ConversationSummary | None:
        """The conversation in a line, if it holds one."""
        entry = self._rows[index.row()] if index.isValid() else None
        return entry if isinstance(entry, ConversationSummary) else None

    def ids(self, rows: Iterable[int]) -> list[str]:
        """The conversations in those lines."""
        entries = (self._rows[row] for row in rows)
        return [entry.id for entry in entries if isinstance(entry, ConversationSummary)]

    def folders(self) -> list[str]:
        """The folders there are, in the order of their names."""
        return sorted({entry.folder for entry in self._summaries} - {""}, key=str.casefold)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._rows[index.row()]
        if isinstance(entry, Group):
            return {Qt.ItemDataRole.DisplayRole: entry.name, GROUP_ROLE: entry}.get(role)
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
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        entry = self._rows[index.row()]
        if isinstance(entry, Group):
            is_folder = bool(entry.folder)
            can_drop = Qt.ItemFlag.ItemIsDropEnabled
            return can_drop | Qt.ItemFlag.ItemIsEnabled if is_folder else can_drop
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemIsDropEnabled
        )

    # ---- dragging into a group ----

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [IDS_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(IDS_TYPE, "\n".join(index.data(ID_ROLE) for index in indexes).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Ask for the move; the list itself changes once the history has it."""
        place = parent.row() if parent.isValid() else row - 1
        if not data.hasFormat(IDS_TYPE) or not 0 <= place < len(self._rows):
            return False
        ids = data.data(IDS_TYPE).toStdString().splitlines()
        self.dropped.emit(ids, self._group_above(place))
        return False  # nothing for the view to take away

    def _group_above(self, place: int) -> Group:
        return next(row for row in reversed(self._rows[: place + 1]) if isinstance(row, Group))

    # ---- groups ----

    def _grouped(
        self, summaries: Sequence[ConversationSummary]
    ) -> Iterator[Group | ConversationSummary]:
        pinned = [entry for entry in summaries if entry.pinned]
        if pinned:
            yield Group(self.tr("Pinned"), is_pinned=True)
            yield from pinned
        by_folder: dict[str, list[ConversationSummary]] = {}
        for entry in summaries:
            if not entry.pinned:
                by_folder.setdefault(entry.folder, []).append(entry)
        loose = by_folder.pop("", [])
        for folder in sorted(by_folder, key=str.casefold):
            is_open = folder not in self._closed
            yield Group(folder, folder=folder, is_open=is_open)
            if is_open:
                yield from by_folder[folder]
        yield from self._by_time(loose)

    def _by_time(
        self, summaries: Sequence[ConversationSummary]
    ) -> Iterator[Group | ConversationSummary]:
        begin = "~"  # of the group, in UTC as the times of the conversations: text is compared
        for entry in summaries:
            if entry.updated_at < begin:
                name, first_day = self._group(_local_date(entry.updated_at))
                begin = _utc(first_day)
                yield Group(name)
            yield entry

    def _group(self, day: date) -> tuple[str, date]:
        """The name of the time a day belongs to, and the day that begins it."""
        today = datetime.now().astimezone().date()
        if day >= today:
            return self.tr("Today"), today
        if day == today - timedelta(days=1):
            return self.tr("Yesterday"), day
        if day >= today - timedelta(days=7):
            return self.tr("Previous 7 days"), today - timedelta(days=7)
        month = QLocale().standaloneMonthName(day.month)
        name = month if day.year == today.year else f"{month} {day.year}"
        return name, day.replace(day=1)


class ConversationDelegate(QStyledItemDelegate):
    """Paints a line: a quiet group name, or a title that gives way at its end.

    Attributes:
        shows_selection: Whether several conversations are chosen, which is then seen.
    """

    shows_selection = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme.px(_LINE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = index.data(GROUP_ROLE)
        if group is None:
            self._paint_title(painter, option, index)
        else:
            self._paint_group(painter, option, group)
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

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, group: Group) -> None:
        box = option.rect.adjusted(8, 0, -8, -4)
        if group.folder:
            self._paint_frame(painter, option, is_filled=False)
            name = "chevron-down" if group.is_open else "chevron-right"
            ratio = painter.device().devicePixelRatioF()
            top = box.bottom() - _ICON - 1
            painter.drawPixmap(box.left() - 2, top, icons.pixmap(name, _ICON, ratio))
            box.setLeft(box.left() + _ICON + 2)
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(theme.colour("muted"))
        name = painter.fontMetrics().elidedText(
            group.name, Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom, name)

    def _paint_title(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        is_open = bool(index.data(IS_OPEN_ROLE))
        self._paint_frame(painter, option, is_filled=is_open)
        font = theme.font(theme.INTERFACE_PX)
        font.setWeight(font.Weight.Medium if is_open else font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        text_box = _box(option.rect).adjusted(8, 0, -8, 0)
        title = painter.fontMetrics().elidedText(
            index.data().replace("\n", " "), Qt.TextElideMode.ElideRight, text_box.width()
        )
        painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_frame(
        self, painter: QPainter, option: QStyleOptionViewItem, *, is_filled: bool
    ) -> None:
        box = _box(option.rect)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.shows_selection and option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.colour("accent-soft"))
            painter.drawRoundedRect(box, 8, 8)
        elif is_filled or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.colour("bubble"))
            painter.drawRoundedRect(box, 8, 8)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 8, 8)


def _box(line: QRect) -> QRect:
    return line.adjusted(0, 1, 0, -1)


def _identity(row: Group | ConversationSummary) -> Group | str:
    return row.id if isinstance(row, ConversationSummary) else row


def _local_date(utc: str) -> date:
    return datetime.fromisoformat(utc).astimezone().date()


def _utc(day: date) -> str:
    """The moment a day begins here, as the history writes times."""
    return datetime.combine(day, time()).astimezone(UTC).isoformat(timespec="microseconds")
