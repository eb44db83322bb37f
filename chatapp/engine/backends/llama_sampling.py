"""The chain of llama.cpp's samplers for one reply.

One order for both engines: DRY, top-k, penalties, typical, top-p, min-p, XTC, temperature, draw.
Without top-k the chain begins with all of the vocabulary; min-p then comes before top-p, which
would have to sort it. Knows nothing about contexts or text.
"""

import ctypes
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp.llama_cpp as llama
from msgspec import Struct

from chatapp.chat import GenerationParams

_MAX_SEED = 2**32 - 2  # llama.cpp draws a seed of its own for 2**32 - 1
_MIN_KEEP = 1
# What ends a repetition in the sense of DRY; the defaults of its author and of llama.cpp.
_BREAKERS = (b"\n", b":", b'"', b"*")


class _Dry(Struct, frozen=True):
    multiplier: float
    base: float
    allowed_length: int
    last_n: int


class Sampler:
    """Draws ids for one reply after another from one model's logits.

    Args:
        vocab: The llama_vocab of the model.
        n_ctx: What a look-back of -1 means.
    """

    def __init__(self, vocab: Any, n_ctx: int) -> None:
        self._vocab = vocab
        self._n_vocab = llama.llama_vocab_n_tokens(vocab)
        self._n_ctx = n_ctx
        self._chain: Any = None
        self._dry: Any = None
        self._dry_params: _Dry | None = None

    def start(self, params: GenerationParams, ids: Sequence[int]) -> int:
        """Build the chain for one reply, with the end of the prompt `ids` in its memory.

        Returns:
            The seed in use.
        """
        seed = secrets.randbelow(_MAX_SEED + 1) if params.seed is None else params.seed
        seed = min(seed, _MAX_SEED)
        self._free_chain()
        self._chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for sampler in self._samplers(params, seed):
            llama.llama_sampler_chain_add(self._chain, sampler)
        for id in ids[max(0, len(ids) - self._look_back(params)) :]:
            llama.llama_sampler_accept(self._chain, id)
        return seed

    def sample(self, context: Any) -> int:
        """Draw an id from the last logits of `context` and remember it for the penalties."""
        id: int = llama.llama_sampler_sample(self._chain, context, -1)
        return id

    def close(self) -> None:
        """Free what is held in C."""
        self._free_chain()
        self._free_dry()

    def _samplers(self, params: GenerationParams, seed: int) -> Iterator[Any]:
        if params.dry_multiplier > 0:
            yield llama.llama_sampler_clone(self._dry_sampler(params))
        if params.top_k > 0:
            yield llama.llama_sampler_init_top_k(params.top_k)
        if _has_penalties(params):
            yield llama.llama_sampler_init_penalties(
                self._n_vocab,
                self._reach(params.penalty_last_n),
                params.repeat_penalty,
                params.frequency_penalty,
                params.presence_penalty,
            )
        if params.temperature == 0:
            yield llama.llama_sampler_init_greedy()
            return
        yield from _filters(params)
        if params.xtc_probability > 0:
            yield llama.llama_sampler_init_xtc(
                params.xtc_probability, params.xtc_threshold, _MIN_KEEP, seed
            )
        yield llama.llama_sampler_init_temp(params.temperature)
        yield llama.llama_sampler_init_dist(seed)

    def _dry_sampler(self, params: GenerationParams) -> Any:
        """A pristine one to clone: looking through the vocabulary for its breakers takes long."""
        wanted = _Dry(
            params.dry_multiplier,
            params.dry_base,
            params.dry_allowed_length,
            self._reach(params.dry_penalty_last_n),
        )
        if wanted != self._dry_params:
            self._free_dry()
            breakers = (ctypes.c_char_p * len(_BREAKERS))(*_BREAKERS)
            self._dry = llama.llama_sampler_init_dry(
                self._vocab,
                wanted.multiplier,
                wanted.base,
                wanted.allowed_length,
                wanted.last_n,
                breakers,
                len(_BREAKERS),
            )
            self._dry_params = wanted
        return self._dry

    def _look_back(self, params: GenerationParams) -> int:
        penalties = self._reach(params.penalty_last_n) if _has_penalties(params) else 0
        dry = self._reach(params.dry_penalty_last_n) if params.dry_multiplier > 0 else 0
        return max(penalties, dry)

    def _reach(self, last_n: int) -> int:
        # More than the context cannot be looked back on, and llama.cpp allocates what is asked for.
        return self._n_ctx if last_n < 0 else min(last_n, self._n_ctx)

    def _free_chain(self) -> None:
        if self._chain is not None:
            llama.llama_sampler_free(self._chain)
            self._chain = None

    def _free_dry(self) -> None:
        if self._dry is not None:
            llama.llama_sampler_free(self._dry)
            self._dry = self._dry_params = None


def _has_penalties(params: GenerationParams) -> bool:
    return params.penalty_last_n != 0 and (
        params.repeat_penalty != 1 or params.frequency_penalty != 0 or params.presence_penalty != 0
    )


def _filters(params: GenerationParams) -> Iterator[Any]:
    if params.typical_p < 1:
        yield llama.llama_sampler_init_typical(params.typical_p, _MIN_KEEP)
    narrow = [
        (llama.llama_sampler_init_top_p, params.top_p, params.top_p < 1),
        (llama.llama_sampler_init_min_p, params.min_p, params.min_p > 0),
    ]
    if params.top_k == 0:
        narrow.reverse()
    for init, value, is_on in narrow:
        if is_on:
            yield init(value, _MIN_KEEP)
