"""The words everything speaks in: roles, messages, sampling parameters, usage.

Pure values. Knows nothing about files, windows, engines or the history.
"""

import uuid
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled"]
BackendName = Literal["llama", "native"]
WeightsName = Literal["f32", "bf16", "int8", "int4"]


def new_id() -> str:
    """A fresh identifier for a conversation or a message: 32 hexadecimal characters."""
    return uuid.uuid4().hex


def clean(text: str) -> str:
    """Text from outside as it may be kept: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One turn of a conversation, as the engine sees it.

    `ids` are the token ids a reply was made of, known only when the model about to read it is the
    one that wrote it: they are read as they stand instead of `content` being tokenised again.
    A message marked `keep` is never left out when a conversation outgrows the context.
    """

    role: Role
    content: str
    id: str = ""
    ids: tuple[int, ...] = ()
    keep: bool = False


class Attachment(Struct, frozen=True, omit_defaults=True):
    """A text that goes with a message, as it was read from a file or pasted."""

    name: str
    text: str
    media_type: str = "text/plain"


def with_attachments(content: str, attachments: Sequence[Attachment]) -> str:
    """What a model reads of a message: its attachments under their names, then what was typed."""
    texts = [f"[{attachment.name}]\n{attachment.text}" for attachment in attachments]
    return "\n\n".join([*texts, content] if content else texts)


class GenerationParams(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the next token is drawn and when a reply ends.

    Temperature 0 is greedy. `RANGES` names the lowest and highest value of each number, `OFF` the
    one that switches it off, where there is one.

    Raises:
        ValueError: If a value is out of its range; the text names it.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    typical_p: float = 1.0
    repeat_penalty: float = 1.1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    penalty_last_n: int = (
        64  # tokens looked back on by the three penalties; -1 is the whole context
    )
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int = -1
    seed: int | None = None  # None draws a new one for each reply; the reply reports which
    stop: tuple[str, ...] = ()
    max_new_tokens: int | None = None  # None: until the model ends the reply or the context is full

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:  # also false for NaN
                raise ValueError(f"{name} is {value}; it must lie between {low} and {high}.")
        if self.max_new_tokens is not None and self.max_new_tokens < 1:
            raise ValueError(f"max_new_tokens is {self.max_new_tokens}; it must be at least 1.")
        if any(not text for text in self.stop):
            raise ValueError("A stop string is empty; it would end every reply at once.")


RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0.0, 5.0),
    "top_k": (0, 1_000_000),
    "top_p": (0.0, 1.0),
    "min_p": (0.0, 1.0),
    "typical_p": (0.0, 1.0),
    "repeat_penalty": (0.1, 10.0),
    "presence_penalty": (-10.0, 10.0),
    "frequency_penalty": (-10.0, 10.0),
    "penalty_last_n": (-1, 1_000_000),
    "xtc_probability": (0.0, 1.0),
    "xtc_threshold": (0.0, 1.0),
    "dry_multiplier": (0.0, 100.0),
    "dry_base": (1.0, 10.0),
    "dry_allowed_length": (0, 1_000_000),
    "dry_penalty_last_n": (-1, 1_000_000),
    "seed": (0, 2**32 - 1),
}

OFF: dict[str, float | None] = {
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "xtc_probability": 0.0,
    "dry_multiplier": 0.0,
    "seed": None,
    "max_new_tokens": None,
}


class Usage(Struct, frozen=True, kw_only=True):
    """What a reply cost, in tokens.

    `cached_tokens` of the prompt were already in the kv cache; the rest was evaluated.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


class Timings(Struct, frozen=True, kw_only=True):
    """How long a reply took, in seconds; the rates are derived from them."""

    prompt_s: float  # evaluating the part of the prompt that was not cached
    generation_s: float  # from the first token of the reply to the last
    first_token_s: float  # from the request to the first token

    def prompt_tps(self, usage: Usage) -> float:
        """Prompt tokens evaluated a second; 0 when nothing had to be evaluated."""
        evaluated = usage.prompt_tokens - usage.cached_tokens
        return evaluated / self.prompt_s if self.prompt_s > 0 else 0.0

    def generation_tps(self, usage: Usage) -> float:
        """Tokens of the reply a second, the first one excluded: it belongs to the prompt."""
        later = usage.completion_tokens - 1
        return later / self.generation_s if self.generation_s > 0 and later > 0 else 0.0
