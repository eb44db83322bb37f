"""What is selected of a text on screen, written as markdown again.

Read back, it says the same in the same styles; where its writer could choose, as between two ways
of emphasis, it may look another way than in the source.
"""

import re
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextTable,
)

from chatapp.gui.chat.text_format import CODE, DEPTH, MARKER, QUOTE, RULE, SOURCE
from chatapp.gui.chat.text_view import LINE_SEPARATOR

_MARK = re.compile(r"[\\`*~\[\]$<&|]|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(
    r"^(#{1,6}(?=\s|$)|[-+](?=[\s-]|$)|>|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE
)
_MARKERS = {"•": "-", "◦": "-", "▪": "-", "☐": "- [ ]", "☑": "- [x]"}
_SHOWN_MARKER = re.compile(r"[^\t\u00a0]*[\t\u00a0]+")
_BACKTICKS = re.compile("`+")
_RULES = {Qt.AlignmentFlag.AlignHCenter: ":-:", Qt.AlignmentFlag.AlignRight: "--:"}


def words(document: QTextDocument, start: int, end: int) -> str:
    """The words between two places, in their styles."""
    return "".join(_words_of(document, start, end))


def prose(document: QTextDocument, start: int, end: int) -> str:
    """Paragraphs, headings, lists, quotations and rules between two places.

    What stands before the first word of a paragraph belongs to it as soon as that word does.
    """
    result = ""
    widths: dict[int, int] = {}  # of the markers of the lists that go on, by their depth
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        style = block.blockFormat()
        depth, marker = style.intProperty(DEPTH), _marker(style)
        gap = "\n" if result and marker and depth in widths else "\n\n"
        begin = block.position() + _units_before_words(block)
        last = min(end, block.position() + block.length() - 1)
        text = escaped_starts(words(document, max(begin, start), last))
        if style.property(RULE):
            text = "---"
        if start <= begin:
            indent = " " * sum(width for level, width in widths.items() if level < depth)
            if marker:
                widths = {level: widths[level] for level in widths if level < depth}
                widths[depth] = len(marker)
            else:
                indent = " " * sum(width for level, width in widths.items() if level <= depth)
            lines = (_heading(style) + marker + text).split("\n")
            text = ("\n" + indent + " " * len(marker)).join(lines)
            text = quoted(indent + text, style.intProperty(QUOTE))
        if not depth:
            widths = {}
        result += (gap if result else "") + text
        block = block.next()
    return result


def code(text: str, language: str) -> str:
    """A piece of code between fences."""
    fence = "`" * max(3, 1 + _longest(text))
    return f"{fence}{language}\n{text}\n{fence}"


def table(source: QTextTable, start: int, end: int) -> str:
    """The rows touched between two places; of a single cell its words alone."""
    document = source.document()
    first, last = source.cellAt(start), source.cellAt(end)
    if first.isValid() and first == last:
        return words(document, start, end)
    top = first.row() if first.isValid() else 0
    bottom = last.row() if last.isValid() else source.rows() - 1
    lines: list[str] = []
    for row in range(top, bottom + 1):
        cells = [source.cellAt(row, column) for column in range(source.columns())]
        texts = [words(document, cell.firstPosition(), cell.lastPosition()) for cell in cells]
        lines.append(f"| {' | '.join(texts)} |")
        if row == top:
            aligns = [cell.firstCursorPosition().blockFormat().alignment() for cell in cells]
            rules = [_rule(align) for align in aligns]
            lines.append(f"| {' | '.join(rules)} |")
    return "\n".join(lines)


def quoted(text: str, level: int) -> str:
    """A text in so many quotations."""
    return "\n".join("> " * level + line for line in text.split("\n")) if level else text


def escaped_starts(text: str) -> str:
    """A text of which no line begins a list, a heading or a quotation."""
    return _LINE_START.sub(
        lambda match: match[1] + "\\" if match[1].isdigit() else "\\" + match[1], text
    )


def _marker(style: QTextBlockFormat) -> str:
    marker = str(style.property(MARKER) or "")
    return f"{_MARKERS.get(marker, marker)} " if marker else ""


def _units_before_words(block: QTextBlock) -> int:
    """How long the marker on screen is, with the gap after it."""
    if not block.blockFormat().property(MARKER):
        return 0
    match = _SHOWN_MARKER.match(block.text())
    return match.end() if match else 0


def _heading(style: QTextBlockFormat) -> str:
    return "#" * style.headingLevel() + " " if style.headingLevel() else ""


def _words_of(document: QTextDocument, start: int, end: int) -> Iterator[str]:
    block = document.findBlock(start)
    while block.isValid() and block.position() < end:
        for first, last, style in _pieces(block):
            if max(first, start) < min(last, end):
                cursor = QTextCursor(document)
                cursor.setPosition(max(first, start))
                cursor.setPosition(min(last, end), QTextCursor.MoveMode.KeepAnchor)
                is_heading = block.blockFormat().headingLevel() > 0
                text = cursor.selectedText().replace(LINE_SEPARATOR, "\n")
                yield _styled(text, style, is_bold=style.fontWeight() >= 600 and not is_heading)
        block = block.next()


def _pieces(block: QTextBlock) -> Iterator[tuple[int, int, QTextCharFormat]]:
    for piece in block.textFormats():
        first = block.position() + piece.start
        yield first, first + piece.length, piece.format


def _styled(text: str, style: QTextCharFormat, *, is_bold: bool) -> str:
    source = style.property(SOURCE)
    if source:
        return str(source)
    inside = text.strip()
    if not inside:
        return text
    before, after = text[: text.index(inside)], text[text.index(inside) + len(inside) :]
    result = _code(inside) if style.property(CODE) else _MARK.sub(r"\\\g<0>", inside)
    if style.verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignSuperScript:
        result = f"[^{inside}]"
    if style.isAnchor():
        address = style.anchorHref()
        is_bare = inside == address and result == inside
        result = address if is_bare else f"[{result}](<{address}>)"
    if style.fontStrikeOut():
        result = f"~~{result}~~"
    if style.fontItalic():
        result = f"*{result}*"
    if is_bold:
        result = f"**{result}**"
    return before + result + after


def _code(text: str) -> str:
    marks = "`" * (1 + _longest(text))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def _longest(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def _rule(align: Qt.AlignmentFlag) -> str:
    return next((rule for flag, rule in _RULES.items() if align & flag), "---")
