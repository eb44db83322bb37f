"""Tells what a model thinks from what it answers, while the reply streams in.

A reply may begin with reasoning between two tags; later in a reply the same tags are ordinary
text. The result does not depend on how the text was cut into pieces.
"""

from typing import Literal

from chatapp.text.stop_strings import overlap

_FINAL = "<|channel|>final<|message|>"

# What opens reasoning at the start of a reply, and what closes it. The harmony format also names
# the channel of an answer without reasoning: such a tag closes itself.
_CLOSING = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<reasoning>": "</reasoning>",
    "<thought>": "</thought>",
    "<seed:think>": "</seed:think>",
    "<mm:think>": "</mm:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|channel>thought": "<channel|>",
    "<|channel|>analysis<|message|>": f"<|end|><|start|>assistant{_FINAL}",
    _FINAL: "",
}

# Tokens of these texts must reach the splitter as text although many models hold them as control
# tokens, whose text is otherwise left out. Some tags are made of several tokens.
MARKERS = frozenset(_CLOSING) | frozenset(_CLOSING.values()) - {""}
MARKERS |= {"<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|channel>"}


def opened_by(prompt: str) -> str:
    """The closing tag of the reasoning that `prompt` has opened at its end, "" when it has not."""
    end = prompt.rstrip()
    return next((close for tag, close in _CLOSING.items() if end.endswith(tag)), "")


def split(text: str) -> tuple[str, str]:
    """Answer and reasoning of a whole reply."""
    splitter = ReasoningSplitter()
    answer, reasoning = splitter.add(text)
    late_answer, late_reasoning = splitter.finish()
    return answer + late_answer, reasoning + late_reasoning


class ReasoningSplitter:
    """Splits a stream of text into answer and reasoning.

    White space around the tags belongs to neither. A reply whose reasoning is never closed is
    reasoning to its end.

    Args:
        closing_tag: Closes the reasoning that the prompt has opened already; see `opened_by`.
    """

    def __init__(self, closing_tag: str = "") -> None:
        self._closing_tag = closing_tag
        self._place: Literal["start", "reasoning", "answer"] = (
            "reasoning" if closing_tag else "start"
        )
        self._skips_space = bool(closing_tag)
        self._held = ""

    @property
    def is_reasoning(self) -> bool:
        """Whether all text so far is reasoning; true until the first character of the answer."""
        return self._place == "reasoning" or (self._place == "answer" and self._skips_space)

    def add(self, text: str) -> tuple[str, str]:
        """Take the next piece; returns the (answer, reasoning) that it makes certain."""
        if self._place == "answer" and not self._skips_space:
            return text, ""
        self._held += text
        reasoning = ""
        if self._place == "start":
            self._find_opening_tag()
        if self._place == "reasoning":
            reasoning = self._take_reasoning()
        return (self._take(len(self._held)) if self._place == "answer" else ""), reasoning

    def finish(self) -> tuple[str, str]:
        """The (answer, reasoning) still held back at the end of the reply."""
        held = self._take(len(self._held))
        return ("", held) if self._place == "reasoning" else (held, "")

    def _find_opening_tag(self) -> None:
        start = self._held.lstrip()
        for tag, closing_tag in _CLOSING.items():
            if start.startswith(tag):
                self._held = start[len(tag) :]
                self._closing_tag = closing_tag
                self._place, self._skips_space = "reasoning", True
                return
        if not any(tag.startswith(start) for tag in _CLOSING):
            self._place = "answer"

    def _take_reasoning(self) -> str:
        end = self._held.find(self._closing_tag)
        if end < 0:
            return self._take(len(self._held) - overlap(self._held, self._closing_tag))
        reasoning = self._take(end)
        self._held = self._held.removeprefix(self._closing_tag)
        self._place, self._skips_space = "answer", True
        return reasoning

    def _take(self, n: int) -> str:
        taken, self._held = self._held[:n], self._held[n:]
        if self._skips_space:
            taken = taken.lstrip()
            self._skips_space = not taken
        return taken
