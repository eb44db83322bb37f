"""What a backend is: one loaded model that reads ids and draws the next one, or an encoder.

Knows nothing about conversations, templates, text that streams, or the protocol's events.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

from chatapp.chat import GenerationParams
from chatapp.errors import EngineError, say
from chatapp.protocol import TokenLogprob

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BackendInfo(Struct, frozen=True, kw_only=True):
    """What was loaded, for the protocol's `loaded` event."""

    name: str
    architecture: str
    backend: str
    build: str
    device: str
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    n_threads: int
    n_gpu_layers: int
    flash_attention: bool
    memory_bytes: int
    weights: str = ""  # what they became, where the backend lets one choose
    features: str = ""  # instruction sets that it computes with


class Cancelled(Exception):  # noqa: N818 - what was asked for is no error
    """Raised out of `read` and `step` when a stop was asked for."""


class Loadable(Protocol):
    """One loaded model, of whichever kind; every call comes from one thread, except `cancel`.

    Attributes:
        info: What was loaded.
    """

    info: BackendInfo

    def cancel(self) -> None:
        """Stop what runs as soon as possible; from any thread."""
        ...

    def clear_cancel(self) -> None:
        """Forget a stop that was asked for."""
        ...

    def close(self) -> None:
        """Free the model; nothing may be called afterwards."""
        ...


@runtime_checkable
class Encoder(Loadable, Protocol):
    """A loaded model that does not write: it says where texts lie by their meaning."""

    def embed(self, texts: Sequence[str]) -> Iterator[list[list[float]]]:
        """Make a vector of length 1 of each text, batch after batch, in their order.

        Raises:
            Cancelled: If a stop was asked for.
            EngineError: If a text is longer than the context.
        """
        ...


class Backend(Loadable, Protocol):
    """One loaded model that writes, and its kv cache.

    Attributes:
        chat_template: The file's own template, "" when it has none.
        bos: Text of the token that begins a text, "" when there is none.
        eos: Text of the token that ends a text, "" when there is none.
        adds_bos: Whether the model was trained with `bos` before every text.
    """

    chat_template: str
    bos: str
    eos: str
    adds_bos: bool

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Ids of `text`, never with a BOS of its own; `special` parses special tokens."""
        ...

    def piece(self, id: int) -> bytes:
        """Bytes of one token; b"" for control tokens, except those that mark reasoning."""
        ...

    def is_end(self, id: int) -> bool:
        """Whether this token ends a reply."""
        ...

    def read(self, ids: Sequence[int], on_progress: Callable[[int, int], None]) -> int:
        """Bring the kv cache to hold exactly `ids`, the logits of the last one ready.

        Args:
            ids: The whole prompt, 1 to n_ctx ids.
            on_progress: Called between pieces with (tokens in the cache, tokens in all).

        Returns:
            How many tokens were in the cache already and were not evaluated.

        Raises:
            Cancelled: If a stop was asked for; whole pieces stay in the cache.
            EngineError: If the prompt is longer than the context.
        """
        ...

    def start_sampling(self, params: GenerationParams, ids: Sequence[int]) -> int:
        """Prepare to draw tokens, with the end of the prompt `ids` in mind of the penalties.

        Returns:
            The seed in use.
        """
        ...

    def sample(self) -> int:
        """Draw the next id from the logits that are ready."""
        ...

    def step(self, id: int) -> None:
        """Append one id to the kv cache and make the logits after it ready.

        Raises:
            Cancelled: If a stop was asked for; the id is not in the cache then.
            EngineError: If the context is full.
        """
        ...

    def logprob(self, id: int, n: int) -> TokenLogprob:
        """Log-probabilities of `id` and of the `n` likeliest ids.

        They are the model's own, before any filter, for the logits `sample` drew from.
        """
        ...

    def logits(
        self, ids: Sequence[int], first: int
    ) -> "Generator[NDArray[np.float32], None, None]":
        """Read `ids` in an empty kv cache; tell what the model expects after each.

        What the cache held is saved if it is worth it, and the cache is empty in the end.

        Args:
            ids: 1 to n_ctx ids.
            first: Logits are wanted after this one of them and after those that follow it.

        Yields:
            float32 [n, n_vocab] for piece after piece of `ids`, a row for each whose logits are
            wanted, so that n may be 0; to be used before the next piece is asked for.

        Raises:
            Cancelled: If a stop was asked for.
            EngineError: If the ids are more than the context has room for.
        """
        ...


def checked(ids: Sequence[int], info: BackendInfo) -> Sequence[int]:
    """The ids of a prompt, if the model that `info` describes can read them.

    Raises:
        EngineError: If there are none, more than the context has room for, or ids it lacks.
    """
    if not ids:
        raise EngineError("bad_request", say("The prompt is empty."))
    if len(ids) > info.n_ctx:
        raise EngineError(
            "context_too_long",
            say(
                "The prompt has {needs:,} tokens and the context has room for {limit:,}. "
                "Shorten the message, or start a new conversation.",
                needs=len(ids),
                limit=info.n_ctx,
            ),
            needs=len(ids),
            limit=info.n_ctx,
        )
    if min(ids) < 0 or max(ids) >= info.n_vocab:
        raise EngineError("bad_request", say("The prompt holds tokens that this model lacks."))
    return ids


def pieces(n: int, first: int, most: int, most_with_logits: int) -> Iterator[tuple[int, int]]:
    """Where the pieces begin and end in which `Backend.logits` reads `n` ids.

    Args:
        n: How many ids there are.
        first: A piece begins here: up to it no logits are wanted, from it on all are.
        most: Ids of a piece whose logits are not wanted.
        most_with_logits: Ids of a piece whose logits are.
    """
    for start in range(0, first, most):
        yield start, min(start + most, first)
    for start in range(first, n, most_with_logits):
        yield start, min(start + most_with_logits, n)
