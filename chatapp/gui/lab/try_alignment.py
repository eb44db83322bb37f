"""AlignmentMap: how much each token that was written looked at each token that was read."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.announcement import announce
from chatapp.gui.lab import wording

_WIDEST_COLUMN, _WIDEST_NAME = 76, 120
_GAP = 6
_MARKED = 0.1  # of what a token looked at, from which on it is marked and named
_MOST_NAMED = 4


class AlignmentMap(QWidget):
    """A row for each token written, a column for each token read; the darker, the more it looked.

    The pointer or the arrow keys choose a row, and what it looked at is marked above.

    Signals:
        described: What the chosen token looked at, in words; "" where none is chosen.
    """

    described = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tryItAlignment")
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._weights: tuple[tuple[float, ...], ...] = ()
        self._row = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("What each token written looked at"))
        theme.notifier.changed.connect(self.update)
        theme.notifier.resized.connect(self.updateGeometry)

    @property
    def row(self) -> int:
        """The token written that is chosen; -1 for none."""
        return self._row

    def show_alignment(
        self,
        source: Sequence[str],
        target: Sequence[str],
        weights: tuple[tuple[float, ...], ...],
    ) -> None:
        """Show this; `weights` has a row for each of `target`, a column for each of `source`."""
        self._columns = tuple(map(_shown, source))
        self._rows = tuple(map(_shown, target))
        self._weights = weights
        self._row = -1
        self.setAccessibleDescription("; ".join(map(self._words, range(len(self._rows)))))
        self.described.emit("")
        self.updateGeometry()
        self.update()

    # ---- where things stand ----

    def cell(self, row: int, column: int) -> QRect:
        """Where a weight is drawn."""
        x, width = self._side(), self._column_width(self.width())
        left, right = x + round(column * width), x + round((column + 1) * width)
        top = self._head(self.width()) + row * self._line()
        return QRect(left, top, right - left, self._line())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._head(width) + len(self._rows) * self._line() + 2

    def sizeHint(self) -> QSize:
        return QSize(theme.px(320), self.heightForWidth(theme.px(320)))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), 0)

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(theme.SMALL_PX, QFont.Weight.DemiBold))

    def _line(self) -> int:
        return self._metrics().height() + theme.px(4)

    def _side(self) -> int:
        """Room for the tokens written, at the left."""
        return self._longest(self._rows) + _GAP

    def _longest(self, tokens: Sequence[str]) -> int:
        advance = self._metrics().horizontalAdvance
        longest = max(map(advance, tokens), default=0)
        return min(longest, theme.px(_WIDEST_NAME)) + _GAP

    def _column_width(self, width: int) -> float:
        room = max(1, width - self._side() - 2) / max(1, len(self._columns))
        return min(room, theme.px(_WIDEST_COLUMN))

    def _is_upright(self, width: int) -> bool:
        """Whether the tokens read have to be written upwards."""
        return self._column_width(width) < self._longest(self._columns)

    def _head(self, width: int) -> int:
        """Room for the tokens read, above."""
        length = self._longest(self._columns) if self._is_upright(width) else self._line()
        return length + _GAP

    def _row_at(self, place: QPoint) -> int:
        row = (place.y() - self._head(self.width())) // self._line()
        return row if 0 <= row < len(self._rows) else -1

    # ---- what it shows ----

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_columns(painter)
        first = self._row_at(QPoint(0, max(event.rect().top(), self._head(self.width()))))
        for row in range(max(first, 0), len(self._rows)):
            if self.cell(row, 0).top() > event.rect().bottom():
                break
            self._paint_row(painter, row)

    def _paint_columns(self, painter: QPainter) -> None:
        is_upright = self._is_upright(self.width())
        width = self._column_width(self.width())
        every = max(1, round(self._line() / max(1.0, width) + 0.3)) if is_upright else 1
        seen = set() if self._row < 0 else set(self._most(self._row))
        last_right = -1
        # Where not all have room those that are marked come first.
        chosen = sorted(seen) if seen and every > 1 else range(0, len(self._columns), every)
        for column in chosen:
            cell = self.cell(0, column)
            middle = cell.center().x()
            if is_upright and middle - self._line() / 2 < last_right:
                continue
            last_right = middle + self._line() // 2 - 1
            self._paint_column(painter, column, is_upright, column in seen)

    def _paint_column(
        self, painter: QPainter, column: int, is_upright: bool, is_seen: bool
    ) -> None:
        cell, head = self.cell(0, column), self._head(self.width()) - _GAP
        painter.save()
        if is_upright:
            painter.translate(cell.center().x() - self._line() / 2, head)
            painter.rotate(-90)
            place = QRectF(0, 0, head, self._line())
        else:
            place = QRectF(cell.left(), 0, cell.width(), head)
        self._paint_name(painter, self._columns[column], place, is_seen, is_upright)
        painter.restore()

    def _paint_row(self, painter: QPainter, row: int) -> None:
        is_chosen = row == self._row
        cell = self.cell(row, 0)
        name = QRectF(0, cell.top(), self._side() - _GAP, cell.height())
        self._paint_name(painter, self._rows[row], name, is_chosen, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inset = 1 if cell.width() > 6 else 0
        for column, weight in enumerate(self._weights[row]):
            place = self.cell(row, column).adjusted(0, 0, -inset, -1)
            painter.fillRect(place, theme.colour("panel"))
            colour = theme.colour("accent")
            colour.setAlphaF(min(1.0, max(0.0, weight)) ** 0.5)  # or small ones are not seen
            painter.fillRect(place, colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen:
            whole = cell.united(self.cell(row, len(self._columns) - 1))
            painter.setPen(theme.colour("text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(whole).adjusted(-1.5, -0.5, 0.5, -0.5), 3, 3)

    def _paint_name(
        self, painter: QPainter, name: str, place: QRectF, is_marked: bool, is_upright: bool
    ) -> None:
        weight = QFont.Weight.DemiBold if is_marked else QFont.Weight.Normal
        painter.setFont(theme.font(theme.SMALL_PX, weight))
        if is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent-soft"))
            painter.drawRoundedRect(place.adjusted(0, 1, 0, -1), 3, 3)
        painter.setPen(theme.colour("text" if is_marked or self._row < 0 else "muted"))
        inside = place.adjusted(_GAP / 2, 0, -_GAP / 2, 0)
        text = painter.fontMetrics().elidedText(
            name, Qt.TextElideMode.ElideRight, int(inside.width() + 1)
        )
        is_column = not is_upright and place.left() > 0
        across = (
            Qt.AlignmentFlag.AlignHCenter
            if is_column
            else (Qt.AlignmentFlag.AlignLeft if is_upright else Qt.AlignmentFlag.AlignRight)
        )
        painter.drawText(inside, across | Qt.AlignmentFlag.AlignVCenter, text)

    def _most(self, row: int) -> list[int]:
        """What a token looked at most, the most first; one at least."""
        weights = self._weights[row]
        order = sorted(range(len(weights)), key=lambda one: -weights[one])[:_MOST_NAMED]
        return [one for one in order if weights[one] >= _MARKED] or order[:1]

    def _words(self, row: int) -> str:
        seen = ", ".join(
            f"“{self._columns[one]}” {wording.percent(self._weights[row][one])}"
            for one in self._most(row)
        )
        return self.tr("“{token}” looked at {tokens}").format(token=self._rows[row], tokens=seen)

    # ---- what is chosen ----

    def _choose(self, row: int) -> None:
        if row == self._row:
            return
        self._row = row
        self.described.emit(self._words(row) if row >= 0 else "")
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._choose(self._row_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._choose(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._rows and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._choose(max(self._row, 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._rows) - 1
        moves = {
            Qt.Key.Key_Up: self._row - 1,
            Qt.Key.Key_Down: self._row + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() not in moves or last < 0:
            event.ignore()
            return
        self._choose(min(max(moves[Qt.Key(event.key())], 0), last))
        announce(self, lambda: self._words(self._row))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            # As HTML, for a token may look like it.
            words = html.escape(self._value_at(event.pos())).replace("\n", "<br>")
            QToolTip.showText(event.globalPos(), words and f"<p>{words}</p>", self)
            return True
        return super().event(event)

    def _value_at(self, place: QPoint) -> str:
        """What a token looked at, in words, and first the weight at that place, if one is there."""
        row = self._row_at(place)
        if row < 0:
            return ""
        for column in range(len(self._columns)):
            if self.cell(row, column).contains(place):
                value = wording.percent(self._weights[row][column])
                pair = f"{self._rows[row]} → {self._columns[column]}: {value}"
                return f"{pair}\n{self._words(row)}"
        return self._words(row)


def _shown(token: str) -> str:
    """A token as it is written here: it may be nothing but a space."""
    return token.strip() or "␣"
