"""Markdown as plain text: what a reader sees, without the marks."""

from collections.abc import Iterable

from chatapp.gui.chat.markdown import Leaf, Run
from chatapp.gui.chat.markdown_stream import parse

_STEP = "   "  # what a list is set in by


def plain_text(source: str) -> str:
    """The words of a text, its blocks apart by an empty line, the items of a list below another."""
    result = ""
    before: Leaf | None = None
    for leaf in parse(source):
        if before is not None:
            result += "\n" if before.depth and leaf.depth else "\n\n"
        result += _text(leaf)
        before = leaf
    return result


def _text(leaf: Leaf) -> str:
    match leaf.kind:
        case "code":
            return leaf.text.removesuffix("\n")
        case "table":
            return "\n".join("\t".join(map(_words, row)) for row in leaf.rows)
        case "rule":
            return "---"
    marker = f"{leaf.marker} " if leaf.marker else ""
    return _STEP * max(0, leaf.depth - 1) + marker + _words(leaf.runs)


def _words(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)
