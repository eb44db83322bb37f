"""Code and tables on screen, each scrolling sideways inside itself where it is too wide."""

from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextFrameFormat,
    QTextLayout,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.copy_button import CopyButton
from chatapp.gui.chat.highlight import Span, spans, units
from chatapp.gui.chat.markdown import Leaf, Run
from chatapp.gui.chat.prose import LINE_HEIGHT, insert_runs
from chatapp.gui.chat.text_view import TextView

_HEADER_HEIGHT = 30
_PADDING_X = 12
_ABOVE = 8  # less than below: a line has its spare room above the letters
_BELOW = 12
_SLICE_S = 0.006  # highlighting takes so long at a time, so that nothing waits for it
_TABLE_PX = 14
_ROWS = 40  # of one table; a longer one goes on in the next, since a table is laid out whole
_LEAST_COLUMN = 90
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeading,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignTrailing,
}


class SideScroll(QScrollArea):
    """Shows a text as wide as it is; the wheel goes on moving what is around it."""

    def __init__(self, view: TextView, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sideScroll")
        self._view = view
        self.setWidget(view)
        view.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self, view_width: int, width: int) -> int:
        """Make the text that wide, and say how high all is in a place `width` wide."""
        height = self._view.heightForWidth(view_width)
        self._view.resize(max(view_width, width), height)
        overflows = view_width > width
        return height + (self.horizontalScrollBar().sizeHint().height() if overflows else 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        sideways = abs(turn.x()) > abs(turn.y())
        if sideways and self.horizontalScrollBar().maximum():
            super().wheelEvent(event)
        else:
            event.ignore()


class CodeBlock(QFrame):
    """A piece of code with its language and a button that copies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, surface="code")
        self._code = ""
        self._language = ""
        self._spans: Iterator[Span] = iter(())
        self._formats: dict[int, list[QTextLayout.FormatRange]] = {}
        self._header = QWidget(self)
        self._header.setObjectName("codeHeader")
        self._label = QLabel(self._header)
        theme.mark(self._label, tone="muted", size="small")
        copy = CopyButton(lambda: self._code, self.tr("Copy this code"), self._header)
        row = QHBoxLayout(self._header)
        row.setContentsMargins(_PADDING_X, 0, 4, 0)
        row.addWidget(self._label)
        row.addStretch()
        row.addWidget(copy)
        self._view = TextView(theme.code_font(), self, wraps=False)
        self._scroll = SideScroll(self._view, self)
        self._scroll.setAccessibleName(self.tr("Code"))
        self._set_line_height()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._highlight_some)

    def accepts(self, leaf: Leaf) -> bool:
        """Whether a leaf goes on here."""
        return leaf.kind == "code" and leaf.continues

    def views(self) -> list[TextView]:
        """What can be selected here."""
        return [self._view]

    def append(self, leaf: Leaf) -> None:
        """Begin or go on; highlight once the code is whole."""
        self._language = leaf.language
        self._label.setText(leaf.language or self.tr("text"))
        self._show(self._code + leaf.text)
        if not leaf.is_open:
            self.highlight()

    def position(self) -> int:
        """Where more code will begin."""
        return len(self._code)

    def truncate(self, position: int) -> None:
        """Take back what came after a position."""
        self._show(self._code[:position])

    def highlight(self) -> None:
        """Colour the code as the theme says."""
        self._spans = spans(self._code, self._language)
        self._formats = {}
        self._timer.start(0)
        self._highlight_some()

    def heightForWidth(self, width: int) -> int:
        return _HEADER_HEIGHT + self._body_height(width) + _ABOVE + _BELOW

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = event.size().width()
        self._header.setGeometry(1, 1, width - 2, _HEADER_HEIGHT - 1)
        self._scroll.setGeometry(
            _PADDING_X,
            _HEADER_HEIGHT + _ABOVE,
            width - 2 * _PADDING_X,
            self._body_height(width),
        )

    def _body_height(self, width: int) -> int:
        return self._scroll.fit(self._view.natural_width(), width - 2 * _PADDING_X)

    def _show(self, code: str) -> None:
        """Change what differs at the end; the last line end is not shown as an empty line."""
        shown = self._code.removesuffix("\n")
        wanted = code.removesuffix("\n")
        common = min(len(shown), len(wanted))
        cursor = self._view.end_cursor()
        if len(shown) > common:
            cursor.setPosition(units(wanted), cursor.MoveMode.KeepAnchor)
        cursor.insertText(wanted[common:])
        self._code = code
        self._view.changed()

    def _highlight_some(self) -> None:
        """Take as many spans as a moment allows, and colour the lines they are in."""
        end = perf_counter() + _SLICE_S
        touched: set[int] = set()
        for span in self._spans:
            self._formats.setdefault(span.line, []).append(_coloured(span))
            touched.add(span.line)
            if perf_counter() > end:
                break
        else:
            self._timer.stop()
        for line in touched:
            block = self._view.document.findBlockByNumber(line)
            block.layout().setFormats(self._formats[line])
            self._view.document.markContentsDirty(block.position(), block.length())
        self._view.update()

    def _set_line_height(self) -> None:
        block_format = QTextBlockFormat()
        block_format.setLineHeight(
            theme.CODE_PX * LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.MinimumHeight.value
        )
        self._view.end_cursor().setBlockFormat(block_format)


class TableBlock(QFrame):
    """A table; columns as wide as their words, within reason."""

    def __init__(self, parent: QWidget, above: "TableBlock | None" = None) -> None:
        """Build an empty table; one that goes on below another takes over its columns."""
        super().__init__(parent)
        self._rows = 0
        self._table: QTextTable | None = None
        self._widths = above.column_widths() if above else []
        self._view = TextView(theme.font(_TABLE_PX), self)
        self._scroll = SideScroll(self._view, self)
        self._scroll.setAccessibleName(self.tr("Table"))

    def accepts(self, leaf: Leaf) -> bool:
        """Whether a leaf goes on here."""
        return leaf.kind == "table" and leaf.continues and self._rows < _ROWS

    def views(self) -> list[TextView]:
        """What can be selected here."""
        return [self._view]

    def append(self, leaf: Leaf) -> None:
        """Add rows; the first of a table that goes on nowhere is its head."""
        if not leaf.rows:
            return
        cursor = self._view.end_cursor()
        cursor.beginEditBlock()
        if self._table is None:
            self._table = cursor.insertTable(len(leaf.rows), len(leaf.aligns), self._format())
            _flatten_last_line(self._view.end_cursor())
        else:
            self._table.appendRows(len(leaf.rows))
        for row in leaf.rows:
            self._fill(row, leaf.aligns, is_head=self._rows == 0 and not leaf.continues)
            self._rows += 1
        cursor.endEditBlock()
        self._view.changed()

    def position(self) -> int:
        """How many rows there are."""
        return self._rows

    def truncate(self, position: int) -> None:
        """Take back the rows after the first so many."""
        if self._table is not None and position < self._rows:
            self._table.removeRows(position, self._rows - position)
            self._rows = position
            if not position:
                self._table = None
            self._view.changed()

    def column_widths(self) -> list[float]:
        """How wide the columns have become, without their padding."""
        layout = self._view.document.documentLayout()
        if self._table is None:
            return []
        cells = [self._table.cellAt(0, column) for column in range(self._table.columns())]
        blocks = [cell.firstCursorPosition().block() for cell in cells]
        return [layout.blockBoundingRect(block).width() for block in blocks]

    def heightForWidth(self, width: int) -> int:
        columns = self._table.columns() if self._table else 0
        natural = min(self._view.natural_width(), max(width, columns * _LEAST_COLUMN))
        return self._scroll.fit(natural, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scroll.setGeometry(self.rect())

    def _format(self) -> QTextTableFormat:
        result = QTextTableFormat()
        result.setBorder(0)
        result.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        result.setCellSpacing(0)
        result.setCellPadding(7)
        if self._widths:
            fixed = QTextLength.Type.FixedLength
            result.setColumnWidthConstraints([QTextLength(fixed, w + 14) for w in self._widths])
        return result

    def _fill(
        self, row: tuple[tuple[Run, ...], ...], aligns: tuple[str, ...], is_head: bool
    ) -> None:
        assert self._table is not None
        words = QTextCharFormat()
        if is_head:
            words.setForeground(theme.colour("muted"))
            words.setProperty(QTextFormat.Property.FontPixelSize, theme.SMALL_PX)
        border = QTextTableCellFormat()
        border.setBottomBorder(1)
        border.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        border.setBottomBorderBrush(theme.colour("line"))
        for column, (runs, align) in enumerate(zip(row, aligns, strict=False)):
            cell = self._table.cellAt(self._rows, column)
            cell.setFormat(border)
            cursor = cell.firstCursorPosition()
            block_format = QTextBlockFormat()
            block_format.setAlignment(_ALIGNMENTS[align])
            cursor.setBlockFormat(block_format)
            insert_runs(cursor, runs, words)


def _flatten_last_line(cursor: QTextCursor) -> None:
    """A document ends with a paragraph, here an empty one after the table: it takes no room."""
    block_format = QTextBlockFormat()
    block_format.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    cursor.setBlockFormat(block_format)
    words = QTextCharFormat()
    words.setProperty(QTextFormat.Property.FontPixelSize, 1)
    cursor.setBlockCharFormat(words)


def _coloured(span: Span) -> QTextLayout.FormatRange:
    result = QTextLayout.FormatRange()
    result.start = span.start
    result.length = span.length
    result.format.setForeground(theme.colour(span.colour))
    return result
