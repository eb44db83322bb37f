"""A reply: plain text as wide as the column, block by block, written while one watches."""

from collections.abc import Iterator, Sequence
from time import perf_counter

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.editable_message import EditableMessage
from chatapp.gui.chat.markdown import Leaf
from chatapp.gui.chat.markdown_stream import MarkdownStream, parse, parse_gradually
from chatapp.gui.chat.reasoning_view import ReasoningView
from chatapp.gui.chat.reply_body import ReplyBody
from chatapp.gui.chat.stack import Item
from chatapp.gui.chat.text_view import TextView
from chatapp.storage.records import StoredMessage

_NOTHING_YET = Leaf("text")
_LONG = 4_000  # characters: a longer reply is shown bit by bit, so that nothing waits for it
_SLICE_S = 0.006
_SLICE_OUT_OF_SIGHT_S = 0.001  # one or two blocks: a frame that is due has room beside them
_REST_MS = 4  # from slice to slice
_NOTE_GAP = 12  # as between two paragraphs


class ReplyView(EditableMessage):
    """One reply, whole or being written."""

    gap_below = 14
    footer_gap = 4

    def __init__(self, message: StoredMessage, parent: QWidget, is_in_sight: bool = True) -> None:
        """Build the reply; one that is out of sight, or long, is shown bit by bit."""
        super().__init__(message, parent)
        self._slice_s = _SLICE_S if is_in_sight else _SLICE_OUT_OF_SIGHT_S
        self._reasoning: ReasoningView | None = None
        self._body = ReplyBody(self)
        self._note: QLabel | None = None
        self._stream = MarkdownStream()
        self._text = ""
        self._new_text = ""
        self._new_reasoning = ""
        self._coming: Iterator[list[Leaf]] = iter(())  # what is not shown yet
        self._timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._timer.timeout.connect(self._show_more)
        if message.status == "streaming":
            self.feed(message.content, message.reasoning)
            self.flush()
        else:
            self._take_reasoning(message.reasoning)
            self._show_whole(at_once=is_in_sight)

    def body_items(self) -> Sequence[Item]:
        reasoning = [Item(self._reasoning)] if self._reasoning is not None else []
        note = [Item(self._note, _NOTE_GAP)] if self._note is not None else []
        return [*reasoning, *self._body.items(), *note]

    def views(self) -> Sequence[TextView]:
        reasoning = self._reasoning.views() if self._reasoning is not None else []
        return [*reasoning, *self._body.views()]

    def selected_markdown(self) -> str:
        reasoning = self._reasoning.views() if self._reasoning is not None else []
        parts = [*(view.selected_text() for view in reasoning), self._body.selected_markdown()]
        return "\n\n".join(filter(None, parts))

    def feed(self, text: str, reasoning: str) -> None:
        """Take what was written; `flush` shows it."""
        self._new_text += text
        self._new_reasoning += reasoning

    def flush(self) -> None:
        """Show what was fed."""
        self._take_reasoning(self._new_reasoning)
        self._new_reasoning = ""
        text = self._new_text if self._text else self._new_text.lstrip()
        self._new_text = ""
        if text and self._reasoning is not None:
            self._reasoning.finish()
        self._text += text
        self._stream.feed(text)
        settled, open_leaves = self._stream.update()
        is_thinking = self._reasoning is not None and not self._text
        unchanged = self._body.show(settled, open_leaves or ([] if is_thinking else [_NOTHING_YET]))
        self._body.set_caret(not is_thinking)
        self.rearrange(unchanged + (self._reasoning is not None))

    def finish(self, message: StoredMessage) -> None:
        """Show the final state of the reply."""
        self.flush()
        self.message = message
        self._body.set_caret(False)
        if self._text == message.content.lstrip():
            self._body.show(self._stream.finish())
        if (
            self._text != message.content.lstrip()
            or self._stream.has_late_references
            or self._body.has_broken_paragraph
        ):
            self._body.clear()
            self._show_whole()
        self._show_end()
        self._show_footer()

    def restyle(self) -> None:
        super().restyle()
        self._body.restyle()

    def begin_edit(self) -> None:
        self._timer.stop()  # what is not shown yet waits for the editor to go
        super().begin_edit()

    def end_edit(self) -> None:
        super().end_edit()
        self._show_more()

    def _show_whole(self, *, at_once: bool = True) -> None:
        content = self.message.content.lstrip()
        if len(content) >= _LONG:
            self._coming = parse_gradually(content)
            self._show_more()
        elif at_once:
            self._body.show(parse(content))
            self._show_end()
        else:
            self.is_complete = False
            self._coming = ([leaf] for leaf in parse(content))
            self._timer.start()

    def _show_more(self) -> None:
        """Show as much of a long reply as a moment allows."""
        end = perf_counter() + self._slice_s
        unchanged = len(self._body.items())
        for leaves in self._coming:
            unchanged = min(unchanged, self._body.show(leaves))
            if perf_counter() > end:
                self.rearrange(unchanged)
                self._timer.start()
                return
        self._show_end()

    def _show_end(self) -> None:
        """What is said once nothing more will come."""
        if self._reasoning is not None:
            self._reasoning.finish(_thinking_s(self.message))
        self.tone_views()
        self._show_note(self._note_text())
        who = self.message.model_name or self.tr("The model")
        self.setAccessibleName(f"{who}: {self.message.content}")
        self.is_complete = True
        self.rearrange()

    def _show_note(self, text: str) -> None:
        if text and self._note is None:
            self._note = QLabel(text, self)
            self._note.setWordWrap(True)
            self._note.setToolTip(self.message.error)
            theme.mark(self._note, tone="muted", letters="small")
            self._note.show()

    def _note_text(self) -> str:
        notes = {
            "stopped": self.tr("Stopped."),
            "interrupted": self.tr("The program ended while this was being written."),
            "error": self.tr("This reply could not be finished."),
        }
        if self.message.status == "complete" and self.message.finish_reason == "length":
            return self.tr("It ends here because the longest length allowed was reached.")
        return notes.get(self.message.status, "")

    def _take_reasoning(self, text: str) -> None:
        if self._reasoning is None:
            text = text.lstrip()
        if not text:
            return
        if self._reasoning is None:
            self._reasoning = ReasoningView(self, is_live=self.message.status == "streaming")
            self._reasoning.height_changed.connect(self.rearrange)
            self._reasoning.show()
        self._reasoning.append(text)


def _thinking_s(message: StoredMessage) -> float | None:
    """How long the model thought, by the share of the tokens that were reasoning."""
    if message.timings is None or message.usage is None or not message.usage.completion_tokens:
        return None
    part = message.reasoning_tokens / message.usage.completion_tokens
    return message.timings.generation_s * part
