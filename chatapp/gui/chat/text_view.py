"""A text on screen: laid out by a QTextDocument, painted and measured here, selected from outside.

A quarter of the cost of a QTextBrowser and no scroll area of its own, so that a transcript may
hold hundreds. It takes no mouse or key: the message it belongs to does, so that one selection may
reach over many of them. Nothing in a text is ever fetched or opened.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from chatapp.gui import theme
from chatapp.gui.chat import formula
from chatapp.gui.chat.formula_text import (
    OBJECT,
    FormulaObject,
    insert_formula,
    place_formulas,
    sources,
)
from chatapp.gui.chat.markdown import Run
from chatapp.gui.chat.text_format import CODE, COLOUR, coloured

LINE_SEPARATOR = "\u2028"
_ENDLESS = 1_000_000  # pixels
_HIT_WIDTH = 80  # of marked words that are to be seen, about


class Document(QTextDocument):
    """A document without undo and margins that loads nothing from anywhere."""

    def __init__(self, font: QFont, parent: QWidget) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(font)

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """Whatever is asked for is an empty picture: no file is opened, no address called."""
        return QImage(1, 1, QImage.Format.Format_Mono)


class TextView(QWidget):
    """Paints a document at the width it is given, as high as the text needs."""

    height_changed = Signal()  # by itself: formulas were drawn

    def __init__(
        self, font: QFont, parent: QWidget, *, colour_name: str = "text", wraps: bool = True
    ) -> None:
        super().__init__(parent)
        self.document = Document(font, self)
        self._colour_name = colour_name
        self._wraps = wraps
        self._offset = QPointF(0, 0)  # how far the text is moved to the left and upwards
        self._has_caret = False
        self._selection: tuple[int, int] | None = None
        self._wanted = ""  # words that are marked
        self._hits: list[QTextCursor] | None = None  # where they stand, if that is known
        self._hit: int | None = None  # the one among them that was gone to
        self._formulas: FormulaObject | None = None
        self.waits_for_formulas = False  # more is to be drawn
        if not wraps:
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.NoWrap)
            option.setTextDirection(Qt.LayoutDirection.LeftToRight)
            self.document.setDefaultTextOption(option)
            # Without a width, every change would lay out the whole again.
            self.document.setTextWidth(_ENDLESS)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)

    # size

    def heightForWidth(self, width: int) -> int:
        if self._wraps and self.document.textWidth() != width:
            self.document.setTextWidth(width)
        return int(self.document.size().height() + 0.99)

    def natural_width(self) -> int:
        """How wide the text would be if no line had to be broken."""
        if self._wraps:
            self.document.setTextWidth(-1)
        return int(self.document.idealWidth() + 1)

    # what is shown

    def end_cursor(self) -> QTextCursor:
        """A cursor at the end of the text."""
        cursor = QTextCursor(self.document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def write(self, cursor: QTextCursor, runs: Iterable[Run], base: QTextCharFormat) -> None:
        """Write runs at a cursor, each in its style on top of `base`."""
        for run in runs:
            words = _char_format(run, base)
            if run.formula:
                self._write_formula(cursor, run.text, words)
            else:
                cursor.insertText(run.text.replace("\n", LINE_SEPARATOR), words)

    def changed(self) -> None:
        """To be called after the document was changed."""
        self._hits = None
        self.update()

    def set_caret(self, visible: bool) -> None:
        """Show or hide the mark where more text is about to appear."""
        self._has_caret = visible
        self.update()

    def set_colour(self, colour_name: str) -> None:
        """Write the words that have no colour of their own in another one."""
        self._colour_name = colour_name
        if self._formulas is not None:
            self._formulas.colour_name = colour_name
        self.update()

    def restyle(self) -> None:
        """Put the words that have a colour of their own into the theme now in force."""
        cursor = QTextCursor(self.document)
        cursor.beginEditBlock()
        block = self.document.begin()
        while block.isValid():
            for piece in block.textFormats():
                if piece.format.hasProperty(COLOUR):
                    cursor.setPosition(block.position() + piece.start)
                    end = block.position() + piece.start + piece.length
                    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
                    name = str(piece.format.property(COLOUR))
                    cursor.setCharFormat(coloured(piece.format, name))
            block = block.next()
        cursor.endEditBlock()
        self.update()

    # selection

    def select(self, start: int, end: int) -> None:
        """Show that part of the text as selected."""
        selection = (start, end) if start != end else None
        if selection != self._selection:
            self._selection = selection
            self.update()

    def mark_words(self, words: str, hit: int | None = None) -> None:
        """Mark words wherever they stand, and one place of these above the others."""
        if (words, hit) != (self._wanted, self._hit):
            self._hits = self._hits if words == self._wanted else None
            self._wanted, self._hit = words, hit
            self.update()

    def hits(self) -> list[QTextCursor]:
        """Where the marked words stand."""
        if self._hits is None:
            self._hits = list(self._occurrences())
        return self._hits

    def place_of(self, cursor: QTextCursor) -> QRect:
        """Where on the widget the words of a cursor begin, if nothing in it is scrolled."""
        block = self.document.findBlock(cursor.selectionStart())
        origin = self.document.documentLayout().blockBoundingRect(block).topLeft()
        position = cursor.selectionStart() - block.position()
        line = block.layout().lineForTextPosition(position)
        left = cast(tuple[float, int], line.cursorToX(position))[0]
        place = QRectF(origin.x() + left, origin.y() + line.y(), _HIT_WIDTH, line.height())
        return place.toAlignedRect()

    def show_place(self, place: QRect) -> QPoint:
        """Have a place of the text in sight as far as it is up to this widget; where it is then."""
        return place.topLeft()

    @property
    def selection(self) -> tuple[int, int] | None:
        """Where the selected part begins and ends."""
        return self._selection

    def selected_text(self) -> str:
        """The selected part as plain text."""
        if self._selection is None:
            return ""
        seen = self._selection_cursor(*self._selection).selection().toPlainText()
        return self._with_sources(seen, *self._selection)

    def text(self) -> str:
        """The whole as plain text."""
        return self._with_sources(self.document.toPlainText(), 0, self.length())

    def length(self) -> int:
        """The position after the last character."""
        return self.document.characterCount() - 1

    def position_at(self, point: QPointF) -> int:
        """The place in the text nearest to a point of the widget."""
        layout = self.document.documentLayout()
        return max(0, layout.hitTest(point + self._offset, Qt.HitTestAccuracy.FuzzyHit))

    def link_at(self, point: QPointF) -> str:
        """The address of the link at a point of the widget, or nothing."""
        return self.document.documentLayout().anchorAt(point + self._offset)

    def links(self) -> list[str]:
        """The addresses of all links in the text, in their order."""
        found: dict[str, None] = {}
        block = self.document.begin()
        while block.isValid():
            for piece in block.textFormats():
                if piece.format.isAnchor():
                    found[piece.format.anchorHref()] = None
            block = block.next()
        return list(found)

    def unit_at(self, position: int, unit: QTextCursor.SelectionType) -> tuple[int, int]:
        """The word, line or paragraph around a place in the text."""
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(position, self.length()))
        cursor.select(unit)
        return cursor.selectionStart(), cursor.selectionEnd()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = event.rect().toRectF().translated(self._offset)
        context.palette.setColor(QPalette.ColorRole.Text, theme.colour(self._colour_name))
        selections = [self._painted_hit(number) for number in range(len(self.hits()))]
        if self._selection is not None:
            selections.append(self._painted_selection())
        context.selections = selections
        painter.setClipRect(event.rect())
        painter.translate(-self._offset)
        self.document.documentLayout().draw(painter, context)
        if self._has_caret:
            painter.fillRect(self._caret(), theme.colour("accent"))

    # formulas

    def _write_formula(self, cursor: QTextCursor, source: str, words: QTextCharFormat) -> None:
        if self._formulas is None:
            self._formulas = FormulaObject(self.document, self._colour_name)
        is_waiting = insert_formula(cursor, source, words)
        if is_waiting and not self.waits_for_formulas:
            self.waits_for_formulas = True
            formula.notifier.drawn.connect(self._place_formulas)

    def _place_formulas(self) -> None:
        self.waits_for_formulas, placed = place_formulas(self.document)
        if not self.waits_for_formulas:
            formula.notifier.drawn.disconnect(self._place_formulas)
        for start, end in placed:
            if self._selection is not None:
                first, last = (_moved(at, start, end) for at in self._selection)
                self._selection = first, last
        if placed:
            self.changed()
            self.height_changed.emit()

    def _with_sources(self, text: str, start: int, end: int) -> str:
        """A text with the formulas that stand in it as they were written."""
        if self._formulas is not None:
            for source in sources(self.document, start, end):
                text = text.replace(OBJECT, source, 1)
        return text

    def _painted_selection(self) -> QAbstractTextDocumentLayout.Selection:
        assert self._selection is not None
        selection = QAbstractTextDocumentLayout.Selection()
        selection.cursor = self._selection_cursor(*self._selection)
        selection.format.setBackground(theme.colour("accent-soft"))
        return selection

    def _painted_hit(self, number: int) -> QAbstractTextDocumentLayout.Selection:
        is_current = number == self._hit
        mark = QAbstractTextDocumentLayout.Selection()
        mark.cursor = self.hits()[number]
        mark.format.setBackground(theme.colour("accent" if is_current else "warn-soft"))
        mark.format.setForeground(theme.colour("on-accent" if is_current else "text"))
        return mark

    def _occurrences(self) -> Iterator[QTextCursor]:
        cursor = QTextCursor(self.document)
        while self._wanted:
            cursor = self.document.find(self._wanted, cursor)
            if cursor.isNull():
                return
            yield QTextCursor(cursor)

    def _selection_cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(start, self.length()))
        cursor.setPosition(min(end, self.length()), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _caret(self) -> QRectF:
        block = self.document.lastBlock()
        origin = self.document.documentLayout().blockBoundingRect(block).topLeft()
        layout = block.layout()
        line = layout.lineAt(max(0, layout.lineCount() - 1))
        if not line.isValid():
            return QRectF(origin.x(), origin.y(), 2, self.fontMetrics().height())
        x = line.naturalTextRect().right()
        return QRectF(origin.x() + x + 2, origin.y() + line.y(), 2, line.height())


def _moved(at: int, start: int, end: int) -> int:
    """Where a place comes to be when what stands there becomes one character."""
    return at if at <= start else max(start + 1, at - (end - start - 1))


def _char_format(run: Run, base: QTextCharFormat) -> QTextCharFormat:
    result = QTextCharFormat(base)
    if run.bold:
        result.setFontWeight(600 if base.fontWeight() <= 600 else 700)
    if run.italic:
        result.setFontItalic(True)
    if run.strike:
        result.setFontStrikeOut(True)
    if run.raised:
        result.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
    if run.code:
        result.setProperty(CODE, True)
        result.setFontFamilies(theme.code_font().families())
        result.setProperty(QTextFormat.Property.FontPixelSize, theme.px(theme.CODE_PX + 0.5))
    if run.href:
        result.setAnchor(True)
        result.setAnchorHref(run.href)
        result.setFontUnderline(True)
        coloured(result, "accent")
    return result
