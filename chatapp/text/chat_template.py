"""A model's own chat template: messages to the exact text the model was trained to read.

Knows nothing about files, vocabularies or the length of the context.
"""

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from chatapp.chat import Message
from chatapp.errors import EngineError, Sentence, say

if TYPE_CHECKING:
    from jinja2 import Template

    from chatapp.text.sandbox import Sandbox

MAX_SOURCE = 100_000  # characters; the longest template in common use has 17,000

# For models that were never taught to chat: a reply goes on with the very text it is given.
PLAIN_TEMPLATE = """\
{% for message in messages %}
{{- message.content }}
{{- '' if loop.last or loop.nextitem.role == 'assistant' else '\\n\\n' }}
{%- endfor %}"""


class Segment(Struct, frozen=True):
    """A part of a prompt: `ids` are the tokens of `text` where they are known, else empty."""

    text: str
    ids: tuple[int, ...] = ()


class ChatTemplate:
    """A template, compiled at its first use.

    Attributes:
        sha256: Of the template's source, hexadecimal.
    """

    def __init__(self, source: str, bos_token: str = "", eos_token: str = "") -> None:
        self._source = source if source.strip() else PLAIN_TEMPLATE
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self.sha256 = hashlib.sha256(self._source.encode("utf-8", "replace")).hexdigest()

    def render(self, messages: Sequence[Message], add_generation_prompt: bool = True) -> str:
        """The prompt for `messages`, ready for the model's reply unless told otherwise.

        Where the template itself refuses, because it knows no system role or wants the turns to
        alternate, neighbours of one role become one turn and the system prompt begins the first.

        Raises:
            EngineError: bad_request if the template refuses these messages in every such form;
                damaged if it cannot be read, fails, takes too long or makes too much text.
        """
        return self._accepted(messages, add_generation_prompt)[1]

    def segments(
        self,
        messages: Sequence[Message],
        ids_of: Callable[[Message], Sequence[int]] = lambda message: message.ids,
        add_generation_prompt: bool = True,
    ) -> tuple[Segment, ...]:
        """The prompt as text, content, text ... text, for the contents whose ids are given.

        The ids stand for a content where the template uses it once. Where it changes one by more
        than white space, the whole prompt is text.

        Args:
            messages: The conversation.
            ids_of: Gives the ids of a message's content; none where it is text like the rest.
            add_generation_prompt: Whether the model's reply comes next.

        Raises:
            EngineError: As `render` does.
        """
        accepted, text = self._accepted(messages, add_generation_prompt)
        whole = (Segment(text),)
        nonce = uuid.uuid4().hex
        known = {
            f"{nonce}x{i}x": Segment(message.content, tuple(ids))
            for i, message in enumerate(accepted)
            if (ids := ids_of(message))
        }
        if not known:
            return whole
        marked = [
            msgspec.structs.replace(message, content=mark)
            if (mark := f"{nonce}x{i}x") in known
            else message
            for i, message in enumerate(accepted)
        ]
        try:
            pieces = re.split(f"({nonce}x\\d+x)", self._render(marked, add_generation_prompt))
        except EngineError:  # it looks into the content
            return whole
        segments = _spliced(pieces, known)
        return segments if _same_but_for_space("".join(s.text for s in segments), text) else whole

    def _accepted(
        self, messages: Sequence[Message], add_generation_prompt: bool
    ) -> tuple[Sequence[Message], str]:
        refusals = []
        for shape in _shapes(messages):
            try:
                return shape, self._render(shape, add_generation_prompt)
            except EngineError as error:
                if error.code != "bad_request":
                    raise
                refusals.append(error)
        raise refusals[0]

    def _render(self, messages: Sequence[Message], add_generation_prompt: bool) -> str:
        from jinja2 import TemplateSyntaxError

        from chatapp.text.sandbox import Refusal

        # An honest template needs a small part of this, in proportion to the conversation.
        self._sandbox.bounds.start(
            seconds=1 + 0.005 * len(messages),
            limit=2**18 + 4 * sum(64 + len(message.content) for message in messages),
        )
        try:
            return self._program.render(
                messages=[{"role": m.role, "content": m.content} for m in messages],
                add_generation_prompt=add_generation_prompt,
                **self._tokens,
            )
        except Refusal as refusal:
            raise EngineError(
                "bad_request",
                say(
                    "The model's chat template refuses this conversation: {reason}",
                    reason=_short(refusal),
                ),
            ) from refusal
        except TemplateSyntaxError as error:
            raise _damaged(
                say(
                    "The model's chat template cannot be read (line {line}: {reason}).",
                    line=error.lineno,
                    reason=_short(error),
                )
            ) from error
        except TimeoutError as error:
            raise _damaged(
                say("The model's chat template took too long and was stopped.")
            ) from error
        except Exception as error:  # a stranger's program may fail in any way
            raise _damaged(
                say("The model's chat template fails ({reason}).", reason=_short(error))
            ) from error

    @cached_property
    def _sandbox(self) -> "Sandbox":
        from chatapp.text.sandbox import Sandbox  # not needed before the first prompt

        return Sandbox()

    @cached_property
    def _program(self) -> "Template":
        if len(self._source) > MAX_SOURCE:
            raise ValueError(
                f"it has {len(self._source)} characters, at most {MAX_SOURCE} are read"
            )
        return self._sandbox.from_string(self._source)


def _shapes(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    yield messages
    yield _alternating(messages)
    yield _alternating(_without_system(messages))


def _alternating(messages: Sequence[Message]) -> list[Message]:
    turns = [list(turn) for _, turn in groupby(messages, key=lambda message: message.role)]
    return [
        turn[0]
        if len(turn) == 1
        else Message(role=turn[0].role, content="\n\n".join(message.content for message in turn))
        for turn in turns
    ]


def _without_system(messages: Sequence[Message]) -> list[Message]:
    return [
        msgspec.structs.replace(message, role="user") if message.role == "system" else message
        for message in messages
    ]


def _spliced(pieces: Sequence[str], known: Mapping[str, Segment]) -> tuple[Segment, ...]:
    seen = Counter(pieces)
    segments = []
    text = ""
    for piece in pieces:
        content = known.get(piece)
        if content is None:
            text += piece
        elif seen[piece] > 1:
            text += content.text
        else:
            segments += [Segment(text), content]
            text = ""
    return (*segments, Segment(text))


def _same_but_for_space(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:200] + "…"


def _damaged(what: Sentence) -> EngineError:
    return EngineError("damaged", say("{what} Try another file of this model.", what=what))
