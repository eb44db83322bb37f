r"""Formulas in markdown: `$..$`, `\(..\)` in a line, `$$..$$`, `\[..\]` on lines of their own.

A line that begins a formula always begins a block of its own, closed or not, so that what was
read before it never has to be read again. Money stays money: "$5 and $6" holds no formula.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

BLOCK, INLINE = "math_block", "math_inline"
_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$": "$"}
_DISPLAYED = ("$$", r"\[")
_LONGEST = 2_000  # characters between the marks
_LOOKS_LIKE_MONEY = re.compile(r"\d[^\\^_=+*/<>{}|-]*\s[^\\^_=+*/<>{}|-]*")


def is_displayed(source: str) -> bool:
    """Whether a formula, given with its marks, is large and stands alone."""
    return source.startswith(_DISPLAYED)


def tex_of(source: str) -> str:
    """A formula without its marks."""
    n_marks = 1 if source[:2] not in _CLOSERS else 2
    return source[n_marks:-n_marks].strip()


def math_plugin(parser: "MarkdownIt") -> None:
    """Teach a parser to find formulas."""
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.after("code", BLOCK, _block, {"alt": ends})
    parser.inline.ruler.before("escape", INLINE, _inline)


def _block(state: "StateBlock", first: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[first] + state.tShift[first]
    opener = state.src[begin : begin + 2]
    if opener not in _DISPLAYED or state.sCount[first] - state.blkIndent >= 4:
        return False
    if silent:
        return True
    after = first
    while after < end and not state.isEmpty(after) and state.sCount[after] >= state.blkIndent:
        after += 1
        closing = _closing_line(state, first, after, opener)
        if closing:
            break
    content = state.getLines(first, after, state.blkIndent, False).strip()
    state.line = after
    if closing:
        token = state.push(BLOCK, "math", 0)
        token.block = True
        token.content, token.map = content, [first, after]
        return True
    token = state.push("paragraph_open", "p", 1)
    token.map = [first, after]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = content, [first, after], []
    state.push("paragraph_close", "p", -1)
    return True


def _closing_line(state: "StateBlock", first: int, after: int, opener: str) -> bool:
    """Whether the last of these lines ends the formula, and nothing comes after it."""
    line = state.src[state.bMarks[after - 1] : state.eMarks[after - 1]].rstrip()
    if not line.endswith(_CLOSERS[opener]):
        return False
    text = state.getLines(first, after, state.blkIndent, False).strip()
    at = text.find(_CLOSERS[opener], 2)
    return at == len(text) - 2 and bool(text[2:at].strip())


def _inline(state: "StateInline", silent: bool) -> bool:
    start = state.pos
    opener = state.src[start : start + 2]
    if opener not in _CLOSERS:
        opener = opener[:1]
        if opener != "$":
            return False
    begin = start + len(opener)
    at = state.src.find(_CLOSERS[opener], begin, min(state.posMax, begin + _LONGEST))
    content = state.src[begin:at]
    end = at + len(_CLOSERS[opener])
    if at < 0 or not content.strip() or "`" in content:
        return False
    if opener == "$" and not _is_formula(content, state.src[end : end + 1]):
        return False
    if not silent:
        token = state.push(INLINE, "math", 0)
        token.content = state.src[start:end]
    state.pos = end
    return True


def _is_formula(content: str, following: str) -> bool:
    """Whether what stands between two dollar signs is no sum of money."""
    touches = content[0].isspace() or content[-1].isspace() or "\n" in content
    is_word = following.isascii() and following.isalnum()
    is_escaped = content.endswith("\\")
    return not (touches or is_word or is_escaped or _LOOKS_LIKE_MONEY.fullmatch(content))
