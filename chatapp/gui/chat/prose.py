"""Words on screen: paragraphs, headings, lists, quotations and rules in one document."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
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
from chatapp.gui.chat.markdown import Leaf, Run
from chatapp.gui.chat.text_view import TextView, coloured

LINE_HEIGHT = 1.5
STEP = 24  # what a list is set in by
_QUOTE_STEP = 16
_PARAGRAPH_GAP = 12
_ITEM_GAP = 5
_HEADING_GAP = 20
_HEADING_PX = {1: 20, 2: 18, 3: 16}
_KINDS = ("text", "heading", "rule")
_LINE_SEPARATOR = "\u2028"
_LONG_BLOCK = 2_000  # characters a paragraph may have while it grows; laying it out costs as many
_RULE = 100  # user state of a block that is a rule; below it, the number of quotations


class ProseBlock(TextView):
    """A run of leaves that are words."""

    def __init__(
        self, parent: QWidget, pixels: int = theme.MESSAGE_PX, colour_name: str = "text"
    ) -> None:
        super().__init__(theme.font(pixels), parent, colour_name=colour_name)
        self._pixels = pixels
        self._is_fresh = True
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

    def append(self, leaf: Leaf) -> None:
        """Add a leaf at the end."""
        cursor = self.end_cursor()
        cursor.beginEditBlock()
        if not leaf.continues or self._is_fresh:
            self._begin_block(cursor, leaf)
        insert_runs(cursor, leaf.runs, self._base_format(leaf))
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

    def position(self) -> int:
        """Where the next leaf will begin."""
        return -1 if self._is_fresh else self.length()

    def truncate(self, position: int) -> None:
        """Take back what came after a position."""
        self._is_fresh = position < 0
        cursor = self.end_cursor()
        cursor.setPosition(max(0, position), QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self.changed()

    def _break(self, block: QTextBlock) -> None:
        lines = block.layout().lineCount()
        if lines < 4:  # not shown yet
            return
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + block.layout().lineAt(lines - 2).textStart())
        below = block.blockFormat()
        below.setTopMargin(0)
        below.setTextIndent(0)
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
        cursor.block().setUserState(_RULE if leaf.kind == "rule" else leaf.quote)
        if leaf.marker:
            cursor.insertText(f"{leaf.marker}\t", coloured(QTextCharFormat(), "muted"))

    def _block_format(self, leaf: Leaf) -> QTextBlockFormat:
        is_item = leaf.depth > 0
        gap = _ITEM_GAP if is_item else _PARAGRAPH_GAP
        above = _HEADING_GAP if leaf.kind == "heading" else gap
        result = self._spacing(above, 6 if leaf.kind == "heading" else gap)
        margin = leaf.depth * STEP + leaf.quote * _QUOTE_STEP
        result.setLeftMargin(margin)
        if leaf.marker:
            metrics = QFontMetricsF(self.document.defaultFont())
            hanging = max(STEP - 6.0, metrics.horizontalAdvance(leaf.marker) + 5)
            result.setTextIndent(-hanging)
            result.setTabPositions([QTextOption.Tab(hanging, QTextOption.TabType.LeftTab)])
        if leaf.kind == "heading":
            result.setHeadingLevel(leaf.level)
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
        state = block.userState()
        if state <= 0:
            return
        if state == _RULE:
            line = QRectF(0, place.center().y(), self.width(), 1)
            painter.fillRect(line, theme.colour("line"))
            return
        following = block.next()
        next_top = self.document.documentLayout().blockBoundingRect(following).top()
        next_quote = following.userState() if following.isValid() else 0
        left = block.blockFormat().leftMargin() - state * _QUOTE_STEP
        for level in range(state):
            goes_on = level < next_quote < _RULE
            bottom = next_top if goes_on else place.bottom()
            bar = QRectF(left + level * _QUOTE_STEP, place.top(), 3, bottom - place.top())
            painter.fillRect(bar, theme.colour("line"))


def insert_runs(cursor: QTextCursor, runs: Iterable[Run], base: QTextCharFormat) -> None:
    """Write runs at a cursor, each in its style on top of `base`."""
    for run in runs:
        cursor.insertText(run.text.replace("\n", _LINE_SEPARATOR), _char_format(run, base))


def _char_format(run: Run, base: QTextCharFormat) -> QTextCharFormat:
    result = QTextCharFormat(base)
    if run.bold:
        result.setFontWeight(600 if base.fontWeight() <= 600 else 700)
    if run.italic:
        result.setFontItalic(True)
    if run.strike:
        result.setFontStrikeOut(True)
    if run.code:
        result.setFontFamilies(theme.code_font().families())
        result.setProperty(QTextFormat.Property.FontPixelSize, theme.px(theme.CODE_PX + 0.5))
    if run.href:
        result.setAnchor(True)
        result.setAnchorHref(run.href)
        result.setFontUnderline(True)
        coloured(result, "accent")
    return result
