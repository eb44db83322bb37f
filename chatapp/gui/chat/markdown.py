"""Markdown as a flat row of leaves: what a reader sees as one thing each.

A leaf is a paragraph, a heading, a piece of code, a table, a formula or a rule. Nesting is kept
in numbers, so that a leaf can be shown or taken back without looking at any other. A single
line break is kept, as the model wrote it. Knows nothing about widgets, colours or time.

Setext headings are off, so that a line of dashes under a text is a rule, and no paragraph turns
into a heading after it was read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from chatapp.gui.chat import markdown_math

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LeafKind = Literal["text", "heading", "code", "table", "rule", "formula"]

_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}'*_]")
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}
_BULLETS = "•◦▪"
# The marker of an item that does not begin with words stands alone.
_ENDS_ITEM = {
    "fence",
    "code_block",
    markdown_math.BLOCK,
    "list_item_open",
    "list_item_close",
    "footnote_reference_open",
    "footnote_reference_close",
}
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


class Run(Struct, frozen=True, gc=False):
    """A stretch of text in one style; `href` is an http or https address, or empty.

    That of a formula is its source with the marks around it.
    """

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    raised: bool = False
    formula: bool = False
    href: str = ""


class Leaf(Struct, frozen=True, gc=False):
    r"""One thing a reader sees.

    Attributes:
        kind: What it is.
        runs: The words of a text or heading; "\n" in them is a line break.
        text: Code, each of its lines ended by "\n".
        language: What the fence said the code is written in.
        rows: The cells of a table, the head first.
        aligns: For each column of a table "left", "center" or "right".
        level: 1 to 6 for headings.
        depth: How many lists it stands in.
        quotes: For each quotation it stands in, from the outermost, how many lists are around it.
        marker: What stands before the first leaf of a list item.
        continues: It goes on where the leaf before it, of the same kind, ended.
        is_open: More code may follow.
    """

    kind: LeafKind
    runs: tuple[Run, ...] = ()
    text: str = ""
    language: str = ""
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()
    aligns: tuple[str, ...] = ()
    level: int = 0
    depth: int = 0
    quotes: tuple[int, ...] = ()
    marker: str = ""
    continues: bool = False
    is_open: bool = False

    @property
    def quote(self) -> int:
        """How many quotations it stands in."""
        return len(self.quotes)


def warm_up() -> None:
    """Have the parser ready before the first text comes."""
    _parser().parse("x")


def tokens(source: str, references: dict[str, Any]) -> "list[Token]":
    """The tokens of a text; link references found are added to those known already."""
    return _parser().parse(source, references)


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same words, neighbours of one style made one."""
    result: list[Run] = []
    for run in runs:
        alike = result and replace(result[-1], text="") == replace(run, text="")
        if alike and not run.formula:
            result[-1] = replace(run, text=result[-1].text + run.text)
        elif run.text:
            result.append(run)
    return tuple(result)


class Flattener:
    """Turns tokens into leaves; may be given the tokens of one text bit by bit.

    Attributes:
        next_number: What the next item of the outermost list is given; None outside a numbered one.
    """

    def __init__(self, first_number: int | None = None) -> None:
        """Begin; `first_number` overrules what the first list, if it is numbered, begins with."""
        self.next_number = first_number
        self._lists: list[int | None] = []  # next number of each open list, None for bullets
        self._quotes: list[int] = []  # for each open quotation the lists around it
        self._marker = ""
        self._heading = 0

    def leaves(self, source: "Sequence[Token]") -> Iterator[Leaf]:
        """The leaves of these tokens."""
        position = 0
        while position < len(source):
            token = source[position]
            position += 1
            if token.type == "table_open":
                end = next(
                    i for i in range(position, len(source)) if source[i].level == token.level
                )
                yield self._leaf("table", **_table(source[position:end]))
                position = end
            else:
                yield from self._leaves_of(token)

    def _leaves_of(self, token: "Token") -> Iterator[Leaf]:
        if token.type in _ENDS_ITEM:
            yield from self._pending_marker()
        match token.type:
            case "inline":
                kind: LeafKind = "heading" if self._heading else "text"
                yield self._words(kind, _runs(token.children or []))
            case "fence" | "code_block":
                yield self._leaf("code", text=token.content, language=language(token))
            case markdown_math.BLOCK:
                yield self._leaf("formula", runs=(Run(token.content, formula=True),))
            case "hr":
                yield self._leaf("rule")
            case _:
                self._go_in_or_out(token)

    def _go_in_or_out(self, token: "Token") -> None:
        """Take note of where the next leaves stand."""
        match token.type:
            case "heading_open":
                self._heading = int(token.tag[1])
            case "heading_close":
                self._heading = 0
            case "blockquote_open":
                self._quotes.append(len(self._lists))
            case "blockquote_close":
                self._quotes.pop()
            case "list_item_open":
                self._begin_item()
            case "footnote_reference_open":
                self._lists.append(None)
                self._marker = f"{token.meta['label']}."
            case "bullet_list_open" | "ordered_list_open":
                self._begin_list(token)
            case "bullet_list_close" | "ordered_list_close" | "footnote_reference_close":
                self._lists.pop()
                if not self._lists:
                    self.next_number = None  # the next list begins with a number of its own

    def _begin_list(self, token: "Token") -> None:
        number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        if not self._lists:
            if number is not None and self.next_number is not None:
                number = self.next_number
            self.next_number = number
        self._lists.append(number)

    def _begin_item(self) -> None:
        number = self._lists[-1]
        if number is None:
            self._marker = _BULLETS[min(len(self._lists), len(_BULLETS)) - 1]
            return
        self._marker = f"{number}."
        self._lists[-1] = number + 1
        if len(self._lists) == 1:
            self.next_number = number + 1

    def _words(self, kind: LeafKind, runs: tuple[Run, ...]) -> Leaf:
        task = _TASKS.get(runs[0].text[:4]) if runs and self._marker else None
        if task:
            self._marker = task
            runs = (replace(runs[0], text=runs[0].text[4:]), *runs[1:])
        return self._leaf(kind, runs=runs, level=self._heading)

    def _pending_marker(self) -> Iterator[Leaf]:
        """The marker of an item, if nothing stands beside it yet."""
        if self._marker:
            yield self._leaf("text")

    def _leaf(self, kind: LeafKind, **values: Any) -> Leaf:
        marker, self._marker = self._marker, ""
        depth, quotes = len(self._lists), tuple(self._quotes)
        return Leaf(kind, depth=depth, quotes=quotes, marker=marker, **values)


def language(token: "Token") -> str:
    """What a fence says its code is written in."""
    return token.info.split()[0] if token.info.strip() else ""


def _table(source: "Sequence[Token]") -> dict[str, Any]:
    rows: list[list[tuple[Run, ...]]] = []
    aligns: list[str] = []
    for token in source:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            aligns.append(str(token.attrs.get("style", "")).removeprefix("text-align:") or "left")
        elif token.type == "inline":
            rows[-1].append(_runs(token.children or []))
    return {"rows": tuple(map(tuple, rows)), "aligns": tuple(aligns)}


def _runs(children: "Sequence[Token]") -> tuple[Run, ...]:
    style = Run("")
    result: list[Run] = []
    for token in children:
        match token.type:
            case "text":
                result += _linked(replace(style, text=token.content))
            case "code_inline":
                result.append(replace(style, text=token.content, code=True))
            case markdown_math.INLINE:
                result.append(replace(style, text=token.content, formula=True))
            case "footnote_ref":
                result.append(replace(style, text=token.meta["label"], raised=True))
            case "softbreak" | "hardbreak":
                result.append(replace(style, text="\n"))
            case "link_open":
                style = replace(style, href=_safe_address(token.attrs.get("href")))
            case "link_close":
                style = replace(style, href="")
            case "image":  # pictures are not fetched: their words lead to them
                address = _safe_address(token.attrs.get("src"))
                result.append(replace(style, text=token.content or address, href=address))
            case _:
                name, _, end = token.type.rpartition("_")
                style = replace(style, **{_STYLES[name]: end == "open"})
    return joined(result)


def _linked(run: Run) -> Iterator[Run]:
    """Make links of the addresses in a text that is not a link itself."""
    position = 0
    for match in () if run.href else _ADDRESS.finditer(run.text):
        yield replace(run, text=run.text[position : match.start()])
        yield replace(run, text=match.group(), href=match.group())
        position = match.end()
    yield replace(run, text=run.text[position:])


def _safe_address(address: Any) -> str:
    text = str(address or "")
    return text if text.lower().startswith(("http://", "https://")) else ""


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 40 ms that the first paint does not wait for
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    parser.use(markdown_math.math_plugin)
    # A note is shown where it was written, and may be called before it is known.
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    return parser.enable(["table", "strikethrough"]).disable("lheading")
