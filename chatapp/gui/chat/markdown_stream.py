"""Markdown while it is still being written: only its end is parsed again.

A block is settled once the next one begins, a list item by item, code line by line, an endless
paragraph piece by piece. Knows nothing about widgets or time.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from chatapp.gui.chat.markdown import Flattener, Leaf, Run, joined, language, tokens

if TYPE_CHECKING:
    from markdown_it.token import Token

_PARAGRAPH_LIMIT = 1_200  # characters an open paragraph may have before its beginning is settled
_PARAGRAPH_REST = 300
_SPLIT_TRIES = 4
_PIECE = 500  # characters of a long text that are read together
_DEFINITION = re.compile(r"^ {0,3}\[[^\]^][^\]]*\]:.*$", re.M)  # of the address of a link
_SENTENCE_END = re.compile(r"[.!?:;]\s|\n|[。！？]")
# Stands before the rest of a split paragraph, so that a "- x" there begins no list.
_INSIDE = "\ue000"
# A last line that may still become something else: a list, a fence, a rule, the row of a table.
_UNDECIDED = re.compile(
    r"(?:^|\n)[ \t>]*(?:[-=*_+#~`|:> \t]+|\d{1,9}(?:[.)][ \t]*)?|(?:`{3,}|~{3,})[^\n`]*)$"
)
_OPEN_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*$")
_OPEN_MARKS = re.compile(r"(?<=\s)[*_`~]+$")


class Update(NamedTuple):
    """What came of more text: `settled` will never change, `open` replaces the `open` before."""

    settled: list[Leaf]
    open: list[Leaf]


def parse(text: str) -> list[Leaf]:
    """The leaves of a whole text."""
    stream = MarkdownStream()
    stream.feed(text)
    return stream.finish()


def parse_gradually(text: str) -> Iterator[list[Leaf]]:
    """The leaves of a long text as `parse` finds them, a few at a time, long ones in parts."""
    stream = MarkdownStream(splits_paragraphs=False)
    stream.read_references(text)
    position = 0
    while position < len(text):
        end = text.find("\n", position + _PIECE) + 1 or len(text)
        stream.feed(text[position:end])
        yield stream.update().settled
        position = end
    yield stream.finish()


class MarkdownStream:
    """A text that is still being written.

    Feed it deltas, and ask for an `update` as often as the screen needs one: its cost depends on
    what is still open, never on the length of the text.
    """

    def __init__(self, *, splits_paragraphs: bool = True) -> None:
        """Begin; without `splits_paragraphs` one paragraph is one leaf, however long it is."""
        self._splits_paragraphs = splits_paragraphs
        self._source = ""  # what is not settled yet
        self._is_inside = False  # the source goes on in a paragraph whose beginning is settled
        self._table_head = ""  # the source goes on in a table with these two first lines
        self._next_number: int | None = None  # of the numbered list the source goes on in
        self._fence: _Fence | None = None  # the source goes on in this piece of code
        self._references: dict[str, Any] = {}
        self._has_settled = False

    @property
    def has_late_references(self) -> bool:
        """Whether links settled early may lack an address that was given later."""
        return self._has_settled and bool(self._references.get("references"))

    def read_references(self, text: str) -> None:
        """Take note of the addresses of links that a text, to be fed later, gives at its end."""
        lines = _DEFINITION.findall(text)
        if lines:
            tokens("\n\n".join(lines), self._references)

    def feed(self, text: str) -> None:
        """Add what was written."""
        self._source += text.replace("\r", "").replace("\0", "\ufffd")

    def update(self) -> Update:
        """Settle what can be settled, and look at the rest as it stands."""
        result = Update([], [])
        is_done = False
        while not is_done:
            step = self._settle_code(self._fence) if self._fence else self._settle_blocks()
            leaves, open_leaves, is_done = step
            result = Update(result.settled + leaves, open_leaves)
        if self._fence is None:
            seen = self._completed(result.open)
            result = Update(result.settled, [_unfinished(leaf) for leaf in seen])
        self._has_settled = self._has_settled or bool(result.settled)
        return result

    def finish(self) -> list[Leaf]:
        """Settle everything: nothing more will come."""
        settled: list[Leaf] = []
        if self._fence:
            settled.append(self._fence.last_leaf(self._source))
            self._source = self._fence.rest(self._source)
            self._fence = None
        settled += self._leaves(self._source)
        self._source = ""
        return settled

    # blocks

    def _settle_blocks(self) -> tuple[list[Leaf], list[Leaf], bool]:
        """Settle all blocks but the last, and of the last what allows it."""
        shown = _UNDECIDED.sub("", self._source)
        found = self._tokens(shown)
        if not found:
            return [], [], True
        cut = _last_block(found)
        last = found[cut]
        if last.type in ("bullet_list_open", "ordered_list_open"):
            cut = _last_item(found)
        flattener = Flattener(self._next_number)
        settled = list(flattener.leaves(found[:cut]))
        number = flattener.next_number if cut and last.type == "ordered_list_open" else None
        leaves = self._inside([*settled, *flattener.leaves(found[cut:])])
        settled, rest = leaves[: len(settled)], leaves[len(settled) :]
        line = _first_line(found[cut]) - self._table_head.count("\n")
        if line > 0:
            self._advance(_line_start(self._source, line))
            self._next_number = number
        if last.type == "fence" and _is_unclosed(last, shown):
            return [*settled, self._enter_code(last)], [], False
        is_long = self._splits_paragraphs and len(self._source) > _PARAGRAPH_LIMIT
        if last.type == "paragraph_open" and is_long:
            head = self._split_paragraph(self._source[: len(shown)])
            return [*settled, *head], rest, not head
        if last.type == "table_open":
            settled_rows, rest = self._settle_rows(rest[0], found[cut:])
            settled += settled_rows
        return settled, rest, True

    def _completed(self, open_leaves: list[Leaf]) -> list[Leaf]:
        """What is open, with the marks at its end closed that would be seen bare."""
        shown = _UNDECIDED.sub("", self._source)
        completed = _completed(shown)
        return open_leaves if completed == shown else self._leaves(completed)

    def _leaves(self, source: str) -> list[Leaf]:
        return self._inside(list(Flattener(self._next_number).leaves(self._tokens(source))))

    def _tokens(self, source: str) -> "list[Token]":
        before = _INSIDE if self._is_inside else self._table_head
        return tokens(before + source, self._references)

    def _advance(self, position: int) -> None:
        self._source = self._source[position:]
        self._is_inside = False
        self._table_head = ""
        self._next_number = None

    def _inside(self, leaves: list[Leaf]) -> list[Leaf]:
        """Take away what kept the rest of a paragraph a paragraph, or of a table a table."""
        if self._table_head:
            return [replace(leaves[0], rows=leaves[0].rows[1:], continues=True), *leaves[1:]]
        if not self._is_inside:
            return leaves
        first = leaves[0]
        return [replace(first, runs=_without_mark(first.runs), continues=True), *leaves[1:]]

    def _settle_rows(self, table: Leaf, found: "list[Token]") -> tuple[list[Leaf], list[Leaf]]:
        """Settle all rows of an open table but the last."""
        lines = [_first_line(token) for token in found if token.type == "tr_open"]
        first_line = self._table_head.count("\n") or _first_line(found[0])
        if len(lines) < 3:  # the head, one row that is settled, one that is not
            return [], [table]
        self._table_head = self._table_head or self._source[: _line_start(self._source, 2)]
        self._source = self._source[_line_start(self._source, lines[-1] - first_line) :]
        head_and_rows = replace(table, rows=table.rows[:-1])
        return [head_and_rows], [replace(table, rows=table.rows[-1:], continues=True)]

    def _split_paragraph(self, shown: str) -> list[Leaf]:
        """Settle the beginning of an endless paragraph where no style is cut in two."""
        whole = self._words(shown)
        for at in _places_to_split(shown):
            gap = shown[at - 1] if shown[at - 1].isspace() else ""
            head = joined([*self._words(shown[:at]), Run(gap)])
            if joined([*head, *self._words(shown[at:])]) == whole:
                leaf = Leaf("text", head, continues=self._is_inside)
                self._advance(at)
                self._is_inside = True
                return [leaf]
        return []

    def _words(self, source: str) -> tuple[Run, ...]:
        """The words of a paragraph; nothing when it is not one paragraph."""
        leaves = list(Flattener().leaves(tokens(_INSIDE + source, self._references)))
        return _without_mark(leaves[0].runs) if len(leaves) == 1 else ()

    # code

    def _enter_code(self, token: "Token") -> Leaf:
        start = _line_start(self._source, 1)
        self._fence = _Fence(token, self._source[:start])
        self._advance(start)
        return Leaf("code", language=language(token), is_open=True)

    def _settle_code(self, fence: "_Fence") -> tuple[list[Leaf], list[Leaf], bool]:
        """Settle whole lines, and leave the code where its closing fence stands."""
        if fence.is_closed_in(self._source):
            leaf = fence.last_leaf(self._source)
            self._source = fence.rest(self._source)
            self._fence = None
            return [leaf], [], False
        end = self._source.rfind("\n") + 1
        settled = [fence.leaf(self._source[:end])] if end else []
        self._source = self._source[end:]
        has_line = self._source and not fence.may_close(self._source)
        return settled, [fence.leaf(self._source)] if has_line else [], True


class _Fence:
    """A piece of code that has been opened and not been closed yet."""

    def __init__(self, token: "Token", opening_line: str) -> None:
        indent = len(opening_line) - len(opening_line.lstrip(" "))
        self._indent = re.compile(rf"^ {{0,{indent}}}", re.M)  # is not part of the code
        self._language = language(token)
        self._character = token.markup[0]
        self._closing = closing_line(token)

    def is_closed_in(self, source: str) -> bool:
        """Whether the closing line stands in the text, whole."""
        match = self._closing.search(source)
        return match is not None and match.group().endswith("\n")

    def may_close(self, line: str) -> bool:
        """Whether a line that is not whole yet may become the closing one."""
        return not line.strip(self._character + " ")

    def leaf(self, text: str) -> Leaf:
        """More of the code."""
        code = self._indent.sub("", text)
        return Leaf("code", text=code, language=self._language, continues=True, is_open=True)

    def last_leaf(self, source: str) -> Leaf:
        """What the text has of the code, which ends with it or in it."""
        match = self._closing.search(source)
        text = source[: match.start()] if match else source
        unended = text.rpartition("\n")[2]
        if not unended.strip() and unended:  # as in a whole reading, spaces at the end are nothing
            text = text.removesuffix(unended)
        return replace(self.leaf(text), is_open=False)

    def rest(self, source: str) -> str:
        """What comes after the code."""
        match = self._closing.search(source)
        return source[match.end() :] if match else ""


def closing_line(token: "Token") -> re.Pattern[str]:
    """What closes a fence: at least as many of its characters, alone on a line."""
    character = re.escape(token.markup[0])
    return re.compile(rf"^ {{0,3}}{character}{{{len(token.markup)},}}[ \t]*(?:\n|\Z)", re.M)


def _is_unclosed(token: "Token", source: str) -> bool:
    first, end = token.map or [0, 0]
    last_line = source.split("\n")[end - 1]
    return end - 1 == first or not closing_line(token).match(last_line)


def _unfinished(leaf: Leaf) -> Leaf:
    return replace(leaf, is_open=True) if leaf.kind == "code" else leaf


def _completed(source: str) -> str:
    """The text with what has been opened at its end closed, so that no bare marks are seen."""
    source = _OPEN_MARKS.sub("", _OPEN_LINK.sub(r"\1", source))
    tail = source[source.rfind("\n\n") + 1 :]
    if tail.count("```") % 2:
        return source
    if tail.count("`") % 2:
        return source + "`"
    opened = tail.rfind("**") + 2
    if tail.count("**") % 2 and tail[opened : opened + 1].strip(" \n*"):
        return source.rstrip(" *") + "**"
    return source


def _without_mark(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return joined([replace(runs[0], text=runs[0].text[1:]), *runs[1:]])


def _places_to_split(text: str) -> list[int]:
    """Where an endless paragraph may be cut, best first: between sentences, else at a space."""
    end = len(text) - _PARAGRAPH_REST
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, 0, end)]
    places = sentences[-_SPLIT_TRIES:][::-1]
    return places or [text.rfind(" ", 0, end) + 1 or end]


def _last_block(found: "list[Token]") -> int:
    return max(i for i, token in enumerate(found) if token.level == 0 and token.nesting >= 0)


def _last_item(found: "list[Token]") -> int:
    is_item = [token.type == "list_item_open" and token.level == 1 for token in found]
    return max(i for i, item in enumerate(is_item) if item)


def _first_line(token: "Token") -> int:
    return token.map[0] if token.map else 0


def _line_start(source: str, line: int) -> int:
    position = 0
    for _ in range(line):
        position = source.find("\n", position) + 1 or len(source)
    return position
