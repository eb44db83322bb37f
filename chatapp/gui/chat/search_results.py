"""What a search has found: titles, then messages, each with the words that were found marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTime,
    Signal,
)
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.storage.snippets import Hit

HIT_ROLE = Qt.ItemDataRole.UserRole

_SIDE = 8
_GAP = 6
_SNIPPET_LINES = 2
_SHORT = QLocale.FormatType.ShortFormat
_Index = QModelIndex | QPersistentModelIndex


class ResultModel(QAbstractListModel):
    """The hits, under a line for titles and one for messages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[str | Hit] = []

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Replace everything."""
        titles = [hit for hit in hits if not hit.message_id]
        messages = [hit for hit in hits if hit.message_id]
        self.beginResetModel()
        self._rows = []
        for name, group in ((self.tr("Titles"), titles), (self.tr("Messages"), messages)):
            if group:
                self._rows += [name, *group]
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._rows[index.row()]
        if isinstance(entry, str):
            return entry if role == Qt.ItemDataRole.DisplayRole else None
        if role == HIT_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title or self.tr("New chat")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ". ".join([self.data(index), *self.about(entry), entry.snippet])
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def about(self, hit: Hit) -> list[str]:
        """Who wrote it, when, and whether it lies in the archive."""
        roles = {"user": self.tr("You"), "assistant": self.tr("Reply")}
        words = [roles.get(hit.role, ""), _day(hit.created_at)]
        if hit.is_archived:
            words.append(self.tr("Archived"))
        return [word for word in words if word]


class ResultDelegate(QStyledItemDelegate):
    """Paints a hit: the title, who and when, and two lines of the text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        hit = index.data(HIT_ROLE)
        if hit is None:
            return QSize(0, theme.px(30))
        n_lines = 2 + _SNIPPET_LINES if hit.message_id else 2
        return QSize(0, n_lines * theme.px(18) + 2 * _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hit = index.data(HIT_ROLE)
        if hit is None:
            painter.setFont(theme.font(theme.SMALL_PX))
            painter.setPen(theme.colour("muted"))
            place = option.rect.adjusted(_SIDE, 0, -_SIDE, -4)
            painter.drawText(place, Qt.AlignmentFlag.AlignBottom, index.data())
        else:
            self._paint_hit(painter, option, index, hit)
        painter.restore()

    def _paint_hit(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, hit: Hit
    ) -> None:
        box = option.rect.adjusted(0, 1, 0, -1)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_current or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(theme.colour("accent") if is_current else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("bubble"))
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        line = QRect(box.left() + _SIDE, box.top() + _GAP, box.width() - 2 * _SIDE, theme.px(18))
        title = theme.font(theme.INTERFACE_PX, QFont.Weight.Medium)
        if hit.message_id:
            _draw(painter, line, 1, title, "text", index.data())
        else:
            _draw(painter, line, 1, title, "text", hit.snippet, hit.marks)
        small = theme.font(theme.SMALL_PX)
        line.translate(0, line.height())
        model = index.model()
        assert isinstance(model, ResultModel)
        _draw(painter, line, 1, small, "muted", " · ".join(model.about(hit)))
        if hit.message_id:
            line.translate(0, line.height())
            _draw(painter, line, _SNIPPET_LINES, small, "text", hit.snippet, hit.marks)


class ResultView(QListView):
    """The hits; a click or Enter opens one.

    Signals:
        opened: The ids of a conversation and of a message in it, or no message for a title.
    """

    opened = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchResults")
        self.setAccessibleName(self.tr("What was found"))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = ResultModel(self)
        self.setModel(self._model)
        self.setItemDelegate(ResultDelegate(self))
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Show these, the first of them chosen."""
        self._model.set_hits(hits)
        if hits:
            self.setCurrentIndex(self._model.index(1))
        self.scrollToTop()

    def step(self, by: int) -> None:
        """Choose the next hit, or with -1 the one before."""
        row = self.currentIndex().row() + by
        while 0 <= row < self._model.rowCount():
            index = self._model.index(row)
            if index.data(HIT_ROLE) is not None:
                self.setCurrentIndex(index)
                return
            row += by

    def open_current(self) -> None:
        """Open the hit that is chosen."""
        self._open(self.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        hit = index.data(HIT_ROLE)
        if hit is not None:
            self.opened.emit(hit.conversation_id, hit.message_id)


def _draw(
    painter: QPainter,
    box: QRect,
    n_lines: int,
    font: QFont,
    colour: str,
    text: str,
    marks: Sequence[tuple[int, int]] = (),
) -> None:
    """Draw text in at most so many lines, `marks` of it standing out; `box` is the first line."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats([_mark(text, start, end) for start, end in marks])
    painter.setPen(theme.colour(colour))
    layout.beginLayout()
    for number in range(n_lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(box.width())
        line.setPosition(QPointF(0, number * box.height()))
    layout.endLayout()
    painter.setClipRect(box.adjusted(0, 0, 0, (n_lines - 1) * box.height()))
    layout.draw(painter, QPointF(box.topLeft()))
    painter.setClipping(False)


def _mark(text: str, start: int, end: int) -> QTextLayout.FormatRange:
    format = QTextCharFormat()
    format.setBackground(theme.colour("accent-soft"))
    format.setForeground(theme.colour("accent"))
    found = QTextLayout.FormatRange()
    found.start = _units(text[:start])
    found.length = _units(text[start:end])
    found.format = format
    return found


def _units(text: str) -> int:
    """How long a text is for Qt, which counts in UTF-16."""
    return len(text) + sum(character > "\uffff" for character in text)


def _day(utc: str) -> str:
    try:
        moment = datetime.fromisoformat(utc).astimezone()
    except (ValueError, OverflowError):  # an import may say anything
        return ""
    if moment.date() == datetime.now().astimezone().date():
        return QLocale().toString(QTime(moment.hour, moment.minute), _SHORT)
    return QLocale().toString(QDate(moment.year, moment.month, moment.day), _SHORT)
