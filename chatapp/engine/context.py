"""Which messages fit into the context, and the ids of the prompt they make.

When turns must go, room is made once: whole oldest turns are left out until 70 % of the context is
used, and that cut stays until the context is full again, so that every turn in between finds the
beginning of its prompt in the kv cache. Pure functions over what a backend and a template offer.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from itertools import takewhile
from math import inf
from typing import Protocol

from msgspec import Struct

from chatapp.chat import Message
from chatapp.errors import EngineError, say
from chatapp.text.chat_template import ChatTemplate, Segment
from chatapp.text.reasoning import opened_by

_FILL = 0.7  # part of the context that is used after a cut
_MAX_TOKEN_CHARACTERS = 16  # tokens are shorter on average; what would need longer is not tried


class Prompt(Struct, frozen=True, kw_only=True):
    """What the model reads: the ids, the messages in them and the ids of the messages left out."""

    ids: list[int]
    messages: tuple[Message, ...]
    left_out: tuple[str, ...]


class Vocabulary(Protocol):
    """What is needed of a backend to turn a prompt's text into ids."""

    bos: str
    adds_bos: bool

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Ids of `text`, never with a BOS of its own; `special` parses special tokens."""
        ...


def reply_room(max_new_tokens: int | None, n_ctx: int) -> int:
    """Tokens of the context to keep free for a reply.

    Few replies are longer than 1,024 tokens. More than an eighth of a small context would cost the
    conversation too much: a reply that outgrows it makes room while it is written.
    """
    return max(1, min(max_new_tokens or 1024, n_ctx // 8))


def render_prompt(
    vocabulary: Vocabulary, template: ChatTemplate, messages: Sequence[Message], prefill: str = ""
) -> tuple[str, list[int]]:
    """The exact text of a prompt, and its ids.

    A reply whose ids are known is read as these; the text around it is tokenised by itself, as it
    was when the reply was written. So a prompt begins with the one before it, id for id. What
    somebody wrote never becomes a special token where the template keeps it whole: no message can
    end its own turn. A prefill is answer: reasoning that the template opens is closed before it.

    Raises:
        EngineError: If the template cannot render these messages.
    """
    contents = template.segments(messages, lambda message: _content_ids(vocabulary, message))
    end = contents[-1].text
    if prefill and (closing_tag := opened_by(end)):
        contents = (*contents[:-1], Segment(f"{end}\n{closing_tag}\n\n"))
    first, *later = (*contents, Segment(prefill))
    bos = vocabulary.bos if vocabulary.adds_bos else ""
    start = first.text if first.text.startswith(bos) else bos + first.text
    ids = vocabulary.tokenize(start, special=True)
    for segment in later:
        ids += segment.ids or _tokenize_on(vocabulary, segment.text)
    return start + "".join(segment.text for segment in later), ids


def fit(
    messages: Sequence[Message],
    left_out: Collection[str],
    n_ctx: int,
    render_ids: Callable[[Sequence[Message]], list[int]],
    room: int,
) -> Prompt:
    """The prompt that holds as much of a conversation as the context can.

    Everything if it fits; else what the previous prompt held and what came since; else a new cut.
    The system prompt, messages marked `keep`, the last user turn and what follows it always stay.

    Args:
        messages: The conversation.
        left_out: Ids of the messages that the previous prompt of it left out.
        n_ctx: Length of the context.
        render_ids: Gives the whole prompt for some of the messages.
        room: Tokens to keep free; a quarter of them will do where no more can be had.

    Raises:
        EngineError: context_too_long if what must stay is too long.
    """
    cuts = _Cuts(messages, n_ctx, render_ids)
    limit = n_ctx - room
    cut = _choose(cuts, cuts.known(left_out), limit, min(limit, int(_FILL * n_ctx)))
    prompt = cuts.prompt(cut)
    if len(prompt.ids) > n_ctx - room // 4:
        raise EngineError(
            "context_too_long",
            say(
                "This needs {needs:,} tokens, limit {limit:,}. Shorten the last message or the "
                "system prompt, or load the model with a longer context.",
                needs=len(prompt.ids),
                limit=limit,
            ),
            needs=len(prompt.ids),
            limit=limit,
        )
    return prompt


def _choose(cuts: "_Cuts", known: int, limit: int, target: int) -> int:
    if cuts.length(known) <= limit and cuts.all_is_far_beyond(known, limit):
        return known
    for cut in (0, known):
        if cuts.length(cut) <= limit:
            return cut
    longer = range(known + 1, cuts.last)
    at = bisect_left(longer, True, key=lambda cut: cuts.length(cut) <= target)
    return longer[at] if at < len(longer) else cuts.last


class _Cuts:
    """The prompts that remain when the first 0, 1, 2 ... turns are left out, rendered on demand."""

    def __init__(
        self,
        messages: Sequence[Message],
        n_ctx: int,
        render_ids: Callable[[Sequence[Message]], list[int]],
    ) -> None:
        self._messages = messages
        self._turns = _turns_that_may_go(messages)
        self._n_ctx = n_ctx
        self._render_ids = render_ids
        self._prompts: dict[int, Prompt] = {}
        self.last = len(self._turns)  # the cut at which nothing more can go

    def known(self, left_out: Collection[str]) -> int:
        """The cut that the previous prompt made."""
        gone = set(left_out)
        return sum(
            1 for _ in takewhile(lambda turn: self._messages[turn[0]].id in gone, self._turns)
        )

    def prompt(self, cut: int) -> Prompt:
        if cut not in self._prompts:
            gone = {i for turn in self._turns[:cut] for i in turn}
            kept = tuple(message for i, message in enumerate(self._messages) if i not in gone)
            self._prompts[cut] = Prompt(
                ids=self._render_ids(kept),
                messages=kept,
                left_out=tuple(m.id for i, m in enumerate(self._messages) if i in gone and m.id),
            )
        return self._prompts[cut]

    def length(self, cut: int) -> float:
        """Tokens of a prompt; infinite, unrendered, when it is far too long to fit."""
        too_long = self._characters(cut) > _MAX_TOKEN_CHARACTERS * self._n_ctx
        return inf if too_long and cut < self.last else len(self.prompt(cut).ids)

    def all_is_far_beyond(self, known: int, limit: int) -> bool:
        """Whether the whole conversation surely does not fit, judged by the length of a part."""
        return self.length(known) * self._characters(0) > 1.25 * limit * self._characters(known)

    def _characters(self, cut: int) -> int:
        # A message has at least a token of its own, whatever it says.
        gone = {i for turn in self._turns[:cut] for i in turn}
        lengths = (len(m.content) for i, m in enumerate(self._messages) if i not in gone)
        return sum(_MAX_TOKEN_CHARACTERS + length for length in lengths)


def _turns_that_may_go(messages: Sequence[Message]) -> list[list[int]]:
    """Indices of the messages of each turn that may be left out, oldest first.

    A turn is a user's message and what follows it.
    """
    turns: list[list[int]] = [[]]
    for i, message in enumerate(messages):
        if message.role == "user":
            turns.append([])
        if message.role != "system":
            turns[-1].append(i)
    return [turn for turn in turns[:-1] if turn and not any(messages[i].keep for i in turn)]


def _content_ids(vocabulary: Vocabulary, message: Message) -> Sequence[int]:
    """Ids of a content that is not to be tokenised with the text around it."""
    if message.ids:
        return message.ids
    plain = _tokenize_on(vocabulary, message.content, special=False)
    return () if plain == _tokenize_on(vocabulary, message.content) else plain


def _tokenize_on(vocabulary: Vocabulary, text: str, *, special: bool = True) -> list[int]:
    # Some vocabularies put a space before a text; after a line feed it is before the line feed.
    before = vocabulary.tokenize("\n", special=special)
    ids = vocabulary.tokenize("\n" + text, special=special)
    if ids[: len(before)] == before:
        return ids[len(before) :]
    return vocabulary.tokenize(text, special=special)
