"""Code and tables on screen."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from time import perf_counter

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
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
)
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.chat import markdown_copy
from chatapp.gui.chat.copy_button import CopyButton
from chatapp.gui.chat.highlight import Span, spans, units
from chatapp.gui.chat.markdown import Leaf, Run
from chatapp.gui.chat.prose import LINE_HEIGHT
from chatapp.gui.chat.text_format import coloured
from chatapp.gui.chat.text_view import TextView
from chatapp.gui.chat.wide_text import WideText

_HEADER_HEIGHT = 30
_PADDING_X = 12
_ABOVE = 8  # less than below: a line has its spare room above the letters
_BELOW = 12
_MOST_HEIGHT = 480  # of code in sight; more scrolls inside the block
_SLICE_S = 0.006  # highlighting takes so long at a time, so that nothing waits for it
_TABLE_PX = 14
_CELL_PADDING = 7
_ROWS = 24  # of one table; a longer one goes on in the next, since a table is laid out whole
_LEAST_COLUMN = 90
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeading,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignTrailing,
}


class CodeBlock(QWidget):
    """A piece of code with its language and a button that copies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._code = ""
        self._language = ""
        self._found: Iterator[Span] = iter(())
        self._lines: dict[int, list[Span]] = {}  # what is coloured, by line
        self._copy = CopyButton(lambda: self._code, self.tr("Copy this code"), self)
        self._view = WideText(theme.code_font(), self, wraps=False, most_height=_MOST_HEIGHT)
        self._view.setAccessibleName(self.tr("Code"))
        self._set_line_height()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._highlight_some)

    def accepts(self, leaf: Leaf) -> bool:
        """Whether a leaf goes on here."""
        return leaf.kind == "code" and leaf.continues

    def views(self) -> list[TextView]:
        """What can be selected here."""
        return [self._view]

    def selected_markdown(self) -> str:
        """The selected part as markdown."""
        text = self._view.selected_text()
        return markdown_copy.code(text, self._language) if text else ""

    def append(self, leaf: Leaf) -> None:
        """Begin or go on; highlight once the code is whole."""
        self._language = leaf.language
        self._show(self._code + leaf.text)
        if not leaf.is_open:
            self._highlight()

    def mark(self) -> Callable[[], None]:
        """A way back: calling it takes away what has come since."""
        length = len(self._code)
        return lambda: self._show(self._code[:length])

    def restyle(self) -> None:
        """Put the code into the colours of the theme now in force."""
        self._colour(self._lines)
        self.update()

    def heightForWidth(self, width: int) -> int:
        body = self._view.fit(self._view.natural_width(), width - 2 * _PADDING_X)
        return theme.px(_HEADER_HEIGHT) + _ABOVE + body + (4 if self._view.is_movable else _BELOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = event.size().width()
        button = self._copy.sizeHint()
        top = (theme.px(_HEADER_HEIGHT) - button.height()) // 2
        self._copy.setGeometry(
            QRect(width - button.width() - 5, top, button.width(), button.height())
        )
        body = self._view.fit(self._view.natural_width(), width - 2 * _PADDING_X)
        above = theme.px(_HEADER_HEIGHT) + _ABOVE
        self._view.setGeometry(_PADDING_X, above, width - 2 * _PADDING_X, body)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("code"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.fillRect(1, theme.px(_HEADER_HEIGHT) - 1, self.width() - 2, 1, theme.colour("line"))
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(theme.colour("muted"))
        label = QRect(_PADDING_X, 0, self._copy.x() - _PADDING_X, theme.px(_HEADER_HEIGHT))
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, self._language or self.tr("text"))

    def _show(self, code: str) -> None:
        """Change what differs at the end; the last line end is not shown as an empty line."""
        shown = self._code.removesuffix("\n")
        wanted = code.removesuffix("\n")
        common = min(len(shown), len(wanted))
        cursor = self._view.end_cursor()
        if len(shown) > common:
            cursor.setPosition(units(wanted), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(wanted[common:])
        self._code = code
        self._view.changed()

    def _highlight(self) -> None:
        self._found = spans(self._code, self._language)
        self._lines = {}
        self._timer.start(0)
        self._highlight_some()

    def _highlight_some(self) -> None:
        """Take as many spans as a moment allows, and colour the lines they are in."""
        end = perf_counter() + _SLICE_S
        touched: set[int] = set()
        for span in self._found:
            self._lines.setdefault(span.line, []).append(span)
            touched.add(span.line)
            if perf_counter() > end:
                break
        else:
            self._timer.stop()
        self._colour(touched)

    def _colour(self, lines: Collection[int]) -> None:
        if not lines:
            return
        document = self._view.document
        for line in lines:
            formats = [_painted(span) for span in self._lines[line]]
            document.findBlockByNumber(line).layout().setFormats(formats)
        first = document.findBlockByNumber(min(lines))
        last = document.findBlockByNumber(max(lines))
        end = last.position() + last.length()
        document.markContentsDirty(first.position(), end - first.position())
        self._view.update()

    def _set_line_height(self) -> None:
        block_format = QTextBlockFormat()
        block_format.setLineHeight(
            theme.px(theme.CODE_PX) * LINE_HEIGHT,
            QTextBlockFormat.LineHeightTypes.MinimumHeight.value,
        )
        self._view.end_cursor().setBlockFormat(block_format)


class TableBlock(QWidget):
    """A table; columns as wide as their words, within reason."""

    def __init__(self, parent: QWidget, above: "TableBlock | None" = None) -> None:
        """Build an empty table; one that goes on below another takes over its columns."""
        super().__init__(parent)
        self._rows = 0
        self.is_continued = above is not None
        self._table: QTextTable | None = None
        self._widths = above.column_widths() if above else []
        self._view = WideText(theme.font(_TABLE_PX), self, wraps=True)
        self._view.setAccessibleName(self.tr("Table"))

    def accepts(self, leaf: Leaf) -> bool:
        """Whether a leaf goes on here."""
        return leaf.kind == "table" and leaf.continues and self._rows < _ROWS

    def views(self) -> list[TextView]:
        """What can be selected here."""
        return [self._view]

    def selected_markdown(self) -> str:
        """The selected part as markdown."""
        selection = self._view.selection
        if selection is None or self._table is None:
            return ""
        return markdown_copy.table(self._table, *selection)

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

    def mark(self) -> Callable[[], None]:
        """A way back: calling it takes away what has come since."""
        return partial(self._keep, self._rows)

    def restyle(self) -> None:
        """Put the lines into the colours of the theme now in force."""
        if self._table is not None:
            for row in range(self._table.rows()):
                for column in range(self._table.columns()):
                    self._table.cellAt(row, column).setFormat(_underlined())

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
        return self._view.fit(max(width, columns * _LEAST_COLUMN), width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._view.setGeometry(self.rect())

    def _keep(self, rows: int) -> None:
        """Take away the rows after the first so many."""
        if self._table is not None and rows < self._rows:
            self._table.removeRows(rows, self._rows - rows)
            self._rows = rows
            if not rows:
                self._table = None
            self._view.changed()

    def _format(self) -> QTextTableFormat:
        result = QTextTableFormat()
        result.setBorder(0)
        result.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        result.setCellSpacing(0)
        result.setCellPadding(_CELL_PADDING)
        if self._widths:
            fixed = QTextLength.Type.FixedLength
            widths = [width + 2 * _CELL_PADDING for width in self._widths]
            result.setColumnWidthConstraints([QTextLength(fixed, width) for width in widths])
        return result

    def _fill(
        self, row: tuple[tuple[Run, ...], ...], aligns: tuple[str, ...], is_head: bool
    ) -> None:
        assert self._table is not None
        words = QTextCharFormat()
        if is_head:
            coloured(words, "muted")
            words.setProperty(QTextFormat.Property.FontPixelSize, theme.px(theme.SMALL_PX))
        for column, (runs, align) in enumerate(zip(row, aligns, strict=False)):
            cell = self._table.cellAt(self._rows, column)
            cell.setFormat(_underlined())
            cursor = cell.firstCursorPosition()
            block_format = QTextBlockFormat()
            block_format.setAlignment(_ALIGNMENTS[align])
            cursor.setBlockFormat(block_format)
            self._view.write(cursor, runs, words)


def _underlined() -> QTextTableCellFormat:
    result = QTextTableCellFormat()
    result.setBottomBorder(1)
    result.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    result.setBottomBorderBrush(theme.colour("line"))
    return result


def _flatten_last_line(cursor: QTextCursor) -> None:
    """A document ends with a paragraph, here an empty one after the table: it takes no room."""
    block_format = QTextBlockFormat()
    block_format.setLineHeight(0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    cursor.setBlockFormat(block_format)
    words = QTextCharFormat()
    words.setProperty(QTextFormat.Property.FontPixelSize, 1)
    cursor.setBlockCharFormat(words)


def _painted(span: Span) -> QTextLayout.FormatRange:
    result = QTextLayout.FormatRange()
    result.start = span.start
    result.length = span.length
    result.format.setForeground(theme.colour(span.colour))
    return result
