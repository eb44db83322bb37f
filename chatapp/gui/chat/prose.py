"""Words on screen: paragraphs, headings, lists, quotations and rules in one document."""

import unicodedata
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QWidget

from chatapp.gui import theme
from chatapp.gui.chat import markdown_copy
from chatapp.gui.chat.markdown import Leaf
from chatapp.gui.chat.text_format import BARS, DEPTH, MARKER, QUOTE, RULE, coloured
from chatapp.gui.chat.text_view import TextView

LINE_HEIGHT = 1.5
STEP = 24  # what a list is set in by
_QUOTE_STEP = 16
_PARAGRAPH_GAP = 12
_ITEM_GAP = 5
_HEADING_GAP = 20
_HEADING_PX = {1: 20, 2: 18, 3: 16}
_KINDS = ("text", "heading", "rule", "formula")
_RTL_GAP = "\u00a0\u00a0"  # Qt measures tabs from the left in every script
_LONG_BLOCK = 2_000  # characters a paragraph may have while it grows; laying it out costs as many


class ProseBlock(TextView):
    """A run of leaves that are words."""

    def __init__(
        self, parent: QWidget, pixels: int = theme.MESSAGE_PX, colour_name: str = "text"
    ) -> None:
        super().__init__(theme.font(pixels), parent, colour_name=colour_name)
        self._pixels = pixels
        self._is_fresh = True
        self._is_decorated = False  # a rule or a quotation stands in it
        self._edit: QTextCursor | None = None
        self.has_broken_paragraph = False

    def begin_edit(self) -> None:
        """Put the laying out off until `end_edit`."""
        self._edit = QTextCursor(self.document)
        self._edit.beginEditBlock()

    def end_edit(self) -> None:
        """Lay out what was changed."""
        if self._edit is not None:
            self._edit.endEditBlock()
            self._edit = None

    def accepts(self, leaf: Leaf) -> bool:
        """Whether a leaf belongs here."""
        return leaf.kind in _KINDS

    def views(self) -> list[TextView]:
        """What can be selected here."""
        return [self]

    def selected_markdown(self) -> str:
        """The selected part as markdown."""
        return markdown_copy.prose(self.document, *self.selection) if self.selection else ""

    def append(self, leaf: Leaf) -> None:
        """Add a leaf at the end."""
        cursor = self.end_cursor()
        cursor.beginEditBlock()
        if not leaf.continues or self._is_fresh:
            self._begin_block(cursor, leaf)
        self.write(cursor, leaf.runs, self._base_format(leaf))
        cursor.endEditBlock()
        self.changed()

    def append_plain(self, text: str) -> None:
        """Add text as it is, every line of it a paragraph."""
        cursor = self.end_cursor()
        cursor.beginEditBlock()
        if self._is_fresh:
            cursor.setBlockFormat(self._spacing(0, 0))
            self._is_fresh = False
        cursor.insertText(text)
        cursor.endEditBlock()
        self.changed()

    def break_long_paragraph(self) -> None:
        """Cut the last paragraph at the end of a line, where the cut is not seen.

        A paragraph is laid out whole at every change; an endless one would cost more and more.
        """
        if self.document.lastBlock().length() < _LONG_BLOCK:
            return
        is_editing = self._edit is not None
        self.end_edit()
        self.document.size()  # lays out what is not yet
        self._break(self.document.lastBlock())
        if is_editing:
            self.begin_edit()

    def mark(self) -> Callable[[], None]:
        """A way back: calling it takes away what has come since."""
        was_fresh = self._is_fresh
        place = self.end_cursor()
        place.setKeepPositionOnInsert(True)

        def take_back() -> None:
            self._is_fresh = was_fresh
            place.setPosition(place.position())  # the anchor moved on with what was written
            place.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            place.removeSelectedText()
            self.changed()

        return take_back

    def _break(self, block: QTextBlock) -> None:
        lines = block.layout().lineCount()
        if lines < 4:  # not shown yet
            return
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + block.layout().lineAt(lines - 2).textStart())
        below = block.blockFormat()
        below.setTopMargin(0)
        below.setTextIndent(0)
        below.clearProperty(MARKER)
        cursor.insertBlock(below)
        above = block.blockFormat()
        above.setBottomMargin(0)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(above)
        self.has_broken_paragraph = True
        self.changed()

    def _begin_block(self, cursor: QTextCursor, leaf: Leaf) -> None:
        block_format = self._block_format(leaf)
        if self._is_fresh:
            block_format.setTopMargin(0)
            cursor.setBlockFormat(block_format)
        else:
            cursor.insertBlock(block_format, QTextCharFormat())
        self._is_fresh = False
        if leaf.kind == "rule" or leaf.quote:
            self._is_decorated = True
        if leaf.marker:
            is_mirrored = block_format.layoutDirection() == Qt.LayoutDirection.RightToLeft
            gap = _RTL_GAP if is_mirrored else "\t"
            cursor.insertText(leaf.marker + gap, coloured(QTextCharFormat(), "muted"))

    def _block_format(self, leaf: Leaf) -> QTextBlockFormat:
        is_item = leaf.depth > 0
        gap = _ITEM_GAP if is_item else _PARAGRAPH_GAP
        above = _HEADING_GAP if leaf.kind == "heading" else gap
        result = self._spacing(above, 6 if leaf.kind == "heading" else gap)
        margin = leaf.depth * STEP + leaf.quote * _QUOTE_STEP
        if is_right_to_left("".join(run.text for run in leaf.runs if not run.formula)):
            result.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            result.setRightMargin(margin)
        else:
            result.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            result.setLeftMargin(margin)
        if leaf.marker:
            metrics = QFontMetricsF(self.document.defaultFont())
            inside = sum(depth == leaf.depth for depth in leaf.quotes) * _QUOTE_STEP
            hanging = inside + max(STEP - 6.0, metrics.horizontalAdvance(leaf.marker) + 5)
            if result.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                hanging = inside + metrics.horizontalAdvance(leaf.marker + _RTL_GAP)
            result.setTextIndent(-min(hanging, inside + STEP))  # a long number stays in sight
            result.setTabPositions([QTextOption.Tab(hanging, QTextOption.TabType.LeftTab)])
        if leaf.kind == "heading":
            result.setHeadingLevel(leaf.level)
        result.setProperty(DEPTH, leaf.depth)
        result.setProperty(QUOTE, leaf.quote)
        bars = [lists * STEP + level * _QUOTE_STEP for level, lists in enumerate(leaf.quotes)]
        result.setProperty(BARS, bars)
        result.setProperty(MARKER, leaf.marker)
        result.setProperty(RULE, leaf.kind == "rule")
        return result

    def _spacing(self, above: float, below: float) -> QTextBlockFormat:
        result = QTextBlockFormat()
        result.setTopMargin(above)
        result.setBottomMargin(below)
        height = QTextBlockFormat.LineHeightTypes.MinimumHeight
        result.setLineHeight(theme.px(self._pixels) * LINE_HEIGHT, height.value)
        return result

    def _base_format(self, leaf: Leaf) -> QTextCharFormat:
        result = QTextCharFormat()
        if leaf.kind == "heading":
            pixels = _HEADING_PX.get(leaf.level, self._pixels)
            result.setProperty(QTextFormat.Property.FontPixelSize, theme.px(pixels))
            result.setFontWeight(600)
        elif leaf.quote:
            coloured(result, "muted")
        return result

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_decorated:
            return
        painter = QPainter(self)
        block = self.document.findBlock(self.position_at(QPointF(event.rect().topLeft())))
        layout = self.document.documentLayout()
        while block.isValid():
            place = layout.blockBoundingRect(block)
            if place.top() > event.rect().bottom():
                break
            self._paint_decoration(painter, block, place)
            block = block.next()

    def _paint_decoration(self, painter: QPainter, block: QTextBlock, place: QRectF) -> None:
        """The rule, or the bars at the left of a quotation, as far as to the next block."""
        if block.blockFormat().property(RULE):
            line = QRectF(0, place.center().y(), self.width(), 1)
            painter.fillRect(line, theme.colour("line"))
        quote = block.blockFormat().intProperty(QUOTE)
        if not quote:
            return
        following = block.next()
        next_top = self.document.documentLayout().blockBoundingRect(following).top()
        next_quote = following.blockFormat().intProperty(QUOTE) if following.isValid() else 0
        last = block.layout().lineAt(block.layout().lineCount() - 1)
        block_format = block.blockFormat()
        is_mirrored = block_format.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for level, distance in enumerate(block_format.property(BARS)):
            goes_on = level < next_quote
            # Words stand at the bottom of their line, below the rectangle that Qt says is theirs.
            bottom = next_top if goes_on else place.top() + last.y() + last.height()
            x = self.width() - distance - 3 if is_mirrored else distance
            bar = QRectF(x, place.top(), 3, bottom - place.top())
            painter.fillRect(bar, theme.colour("line"))


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is one of a script written leftwards."""
    directions = map(unicodedata.bidirectional, text)
    return next((d for d in directions if d in ("L", "R", "AL")), "L") != "L"
