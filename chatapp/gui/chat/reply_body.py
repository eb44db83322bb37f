"""The blocks of a reply: leaves go in, widgets stand in a column.

While a reply is being written only the end of the column changes: leaves that are settled stay,
those still open are compared with what came before and replaced from the first difference on.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QWidget

from chatapp.gui.chat.blocks import CodeBlock, TableBlock
from chatapp.gui.chat.markdown import Leaf
from chatapp.gui.chat.prose import STEP, ProseBlock
from chatapp.gui.chat.stack import Item, Stack
from chatapp.gui.chat.text_view import TextView

_GAP = 12

Block = ProseBlock | CodeBlock | TableBlock


class _Placed(NamedTuple):
    """A leaf, the block it went into, how to undo that, and whether the block was made for it."""

    leaf: Leaf
    block: Block
    take_back: Callable[[], None]
    is_first: bool


class ReplyBody:
    """Fills blocks, which are children of `parent`, with leaves."""

    def __init__(self, parent: Stack) -> None:
        self._parent = parent
        self._items: list[Item] = []
        self._open: list[_Placed] = []
        self._with_caret: ProseBlock | None = None

    def items(self) -> Sequence[Item]:
        """The blocks from top to bottom."""
        return self._items

    def views(self) -> Iterator[TextView]:
        """The texts from top to bottom."""
        for block in self._blocks():
            yield from block.views()

    def selected_markdown(self) -> str:
        """What is selected, as markdown; a part of one piece of code as it stands."""
        parts = [(block, block.selected_markdown()) for block in self._blocks()]
        parts = [(block, part) for block, part in parts if part]
        if len(parts) == 1 and isinstance(parts[0][0], CodeBlock):
            return parts[0][0].views()[0].selected_text()
        result = ""
        for block, part in parts:
            goes_on = result and isinstance(block, TableBlock) and block.is_continued
            result += "\n" + _without_rule(part) if goes_on else ("\n\n" if result else "") + part
        return result

    @property
    def has_broken_paragraph(self) -> bool:
        """Whether an endless paragraph was cut to keep up with it."""
        return any(isinstance(b, ProseBlock) and b.has_broken_paragraph for b in self._blocks())

    def show(self, settled: Sequence[Leaf], open_leaves: Sequence[Leaf] = ()) -> int:
        """Add settled leaves, and put the open ones in the place of those before.

        Returns:
            How many blocks, from the top, are as they were.
        """
        wanted = [*settled, *open_leaves]
        same = 0
        while same < min(len(wanted), len(self._open)) and self._open[same].leaf == wanted[same]:
            same += 1
        placed = self._open[:same]
        outdated = self._open[same:]
        last = self._last()
        if isinstance(last, ProseBlock):
            last.begin_edit()
        reused = self._reused(outdated, wanted[same:])
        for old in reversed(outdated):
            self._take_back(old, keeps_block=old.block is reused)
        unchanged = max(0, len(self._items) - 1)
        for leaf in wanted[same:]:
            placed.append(self._place(leaf, reused))
            reused = None
        self._open = placed[len(settled) :]
        if isinstance(last, ProseBlock):
            last.end_edit()
        return unchanged

    def set_caret(self, visible: bool) -> None:
        """Show or hide the mark where more text is about to appear."""
        last = self._last()
        place = last if visible and isinstance(last, ProseBlock) else None
        if place is self._with_caret:
            return
        if self._with_caret is not None:
            self._with_caret.set_caret(False)
        if place is not None:
            place.set_caret(True)
        self._with_caret = place

    def restyle(self) -> None:
        """Put tables and code into the colours of the theme now in force."""
        for block in self._blocks():
            if not isinstance(block, ProseBlock):
                block.restyle()

    def clear(self) -> None:
        """Take everything away."""
        for block in self._blocks():
            _remove(block)
        self._items = []
        self._open = []
        self._with_caret = None

    def _blocks(self) -> Iterator[Block]:
        for item in self._items:
            assert isinstance(item.widget, ProseBlock | CodeBlock | TableBlock)
            yield item.widget

    def _last(self) -> Block | None:
        if not self._items:
            return None
        block = self._items[-1].widget
        assert isinstance(block, ProseBlock | CodeBlock | TableBlock)
        return block

    def _reused(self, outdated: Sequence[_Placed], wanted: Sequence[Leaf]) -> Block | None:
        """The block that only changed its words: its widget stays, and what is selected in it."""
        if not outdated or not wanted or not outdated[0].is_first:
            return None
        old, new, block = outdated[0].leaf, wanted[0], outdated[0].block
        if isinstance(block, ProseBlock):
            return block if block.accepts(new) else None
        is_same = old.kind == new.kind and old.depth == new.depth and not new.continues
        return block if is_same else None

    def _take_back(self, placed: _Placed, *, keeps_block: bool) -> None:
        if placed.is_first and not keeps_block:
            if placed.block is self._with_caret:
                self._with_caret = None
            self._items.pop()
            _remove(placed.block)
        else:
            placed.take_back()

    def _place(self, leaf: Leaf, reused: Block | None) -> _Placed:
        last = self._last()
        if reused is not None:
            return self._append(leaf, reused, is_first=True)
        if last is not None and last.accepts(leaf):
            if leaf.continues and isinstance(last, ProseBlock):
                last.break_long_paragraph()
            return self._append(leaf, last, is_first=False)
        return self._append(leaf, self._new_block(leaf, last), is_first=True)

    def _append(self, leaf: Leaf, block: Block, *, is_first: bool) -> _Placed:
        placed = _Placed(leaf, block, block.mark(), is_first)
        block.append(leaf)
        return placed

    def _new_block(self, leaf: Leaf, last: Block | None) -> Block:
        block: Block
        gap, indent = _GAP, leaf.depth * STEP
        if leaf.kind == "code":
            block = CodeBlock(self._parent)
        elif leaf.kind == "table":
            above = last if leaf.continues and isinstance(last, TableBlock) else None
            block = TableBlock(self._parent, above)
            gap = 0 if above else _GAP
        else:
            block, indent = ProseBlock(self._parent), 0
        for view in block.views():
            view.height_changed.connect(self._parent.rearrange)
        self._items.append(Item(block, gap, indent))
        block.resize(self._parent.width(), 1)  # else Qt tries a size of its own before it is shown
        block.show()
        return block


def _without_rule(table: str) -> str:
    """The rows of a table that goes on: what stands under a head is for the first part alone."""
    head, _, rows = table.split("\n", 2)
    return f"{head}\n{rows}".rstrip("\n")


def _remove(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
