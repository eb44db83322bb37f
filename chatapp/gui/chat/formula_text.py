"""Formulas inside text: each is one character of a document that stands on the line of letters."""

from math import ceil

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFontInfo,
    QFontMetrics,
    QPainter,
    QPyTextObject,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from chatapp.gui.chat import formula
from chatapp.gui.chat.formula import Drawing
from chatapp.gui.chat.markdown_math import is_displayed
from chatapp.gui.chat.text_format import COLOUR, SOURCE

KIND = QTextFormat.ObjectTypes.UserObject.value + 1
OBJECT = "\ufffc"
_LARGER = 1.15  # the letters of formulas are small for their size


class FormulaObject(QPyTextObject):
    """Measures and paints the formulas of a document."""

    def __init__(self, document: QTextDocument, colour_name: str) -> None:
        super().__init__(document)
        self.colour_name = colour_name
        self._drawings: dict[str, Drawing] = {}
        document.documentLayout().registerHandler(KIND, self)

    def intrinsicSize(
        self, document: QTextDocument, position: int, text_format: QTextFormat
    ) -> QSizeF:
        """As wide as it is; high enough that its middle is the middle of a small letter."""
        shown = self._drawing(text_format)
        em, half_x = _font(text_format)
        em *= _scale(shown, em, document.textWidth())
        above, below = shown.ascent * em, shown.descent * em
        height = max(2 * above - half_x, 2 * below + half_x)
        # Qt counts a line with something in it a pixel too low, and begins it above its place.
        return QSizeF(shown.width * em, ceil(height) + 2)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        document: QTextDocument,
        position: int,
        text_format: QTextFormat,
    ) -> None:
        shown = self._drawing(text_format)
        em, half_x = _font(text_format)
        em *= _scale(shown, em, document.textWidth())
        # Qt lays out what stands in the middle with half of the height of an x below its middle.
        line = rect.top() + (rect.height() + half_x) / 2
        height = (shown.ascent + shown.descent) * em
        place = QRectF(rect.left(), line - shown.ascent * em, rect.width(), height)
        shown.paint(painter, place, str(text_format.property(COLOUR) or self.colour_name))

    def _drawing(self, text_format: QTextFormat) -> Drawing:
        source = str(text_format.property(SOURCE))
        if source not in self._drawings:
            shown = formula.drawing(source)
            assert shown is not None, "only what was drawn is put into a text"
            self._drawings[source] = shown
        return self._drawings[source]


def insert_formula(cursor: QTextCursor, source: str, words: QTextCharFormat) -> bool:
    """Write a formula at a cursor.

    Returns:
        Whether it is written as plain text until it has been drawn.
    """
    shown = QTextCharFormat(words)
    shown.setProperty(SOURCE, source)
    is_waiting = formula.is_waiting(source)
    if formula.drawing(source) is None:
        cursor.insertText(source.replace("\n", "\u2028"), shown)
        return is_waiting
    shown.setObjectType(KIND)
    shown.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    cursor.insertText(OBJECT, shown)
    if is_displayed(source) and cursor.block().text() == OBJECT:
        centred = QTextBlockFormat()
        centred.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        cursor.mergeBlockFormat(centred)
    return False


def place_formulas(document: QTextDocument) -> tuple[bool, list[tuple[int, int]]]:
    """Put drawings in the places of formulas that were written as plain text so far.

    Returns:
        Whether there are more to come; where texts stood that are one character now, last first.
    """
    found = _waiting(document)
    is_waiting = any(formula.is_waiting(source) for _, _, source in found)
    placed = [(start, end) for start, end, source in found if formula.drawing(source)][::-1]
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for start, end in placed:
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        words = cursor.charFormat()
        cursor.removeSelectedText()
        insert_formula(cursor, str(words.property(SOURCE)), words)
    cursor.endEditBlock()
    return is_waiting, placed


def sources(document: QTextDocument, start: int, end: int) -> list[str]:
    """The formulas that are drawn between two places of a document."""
    found: list[str] = []
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        for piece in block.textFormats():
            at = block.position() + piece.start
            if piece.format.objectType() == KIND and start <= at < end:
                found.append(str(piece.format.property(SOURCE)))
        block = block.next()
    return found


def _waiting(document: QTextDocument) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    block: QTextBlock = document.begin()
    while block.isValid():
        for piece in block.textFormats():
            source = piece.format.property(SOURCE)
            if source and piece.format.objectType() != KIND:
                start = block.position() + piece.start
                found.append((start, start + piece.length, str(source)))
        block = block.next()
    return found


def _font(text_format: QTextFormat) -> tuple[float, float]:
    """How large the letters around are: an em, and half of the height of an x."""
    font = text_format.toCharFormat().font()
    return QFontInfo(font).pixelSize() * _LARGER, QFontMetrics(font).xHeight() / 2


def _scale(shown: Drawing, em: float, room: float) -> float:
    """Smaller where it would be wider than the text."""
    return min(1.0, room / (shown.width * em)) if room > 0 else 1.0
