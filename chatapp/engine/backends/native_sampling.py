"""Draws the next token from a native model's logits, in the order and meaning of llama.cpp's chain.

DRY, top-k, penalties, typical, top-p, min-p, XTC, temperature, draw; without top-k, min-p comes
before top-p. What is left after top-k is a few numbers, which numpy handles with the least ado.
Knows nothing about models or text.

Source: llama-sampler.cpp of llama.cpp.
"""

import math
import secrets
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatapp.chat import GenerationParams

_MAX_SEED = 2**32 - 2
# What ends a repetition in the sense of DRY; the defaults of its author and of llama.cpp.
_BREAKERS = ("\n", ":", '"', "*")
_MAX_LOG = 88.7228391  # of a float32
_XTC_MOST = 0.5  # two tokens cannot both be likelier, so that there is nothing to exclude

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


class Candidates:
    """Tokens that may still be drawn, the likeliest first once `sort` was called."""

    def __init__(self, ids: Ids, logits: Floats, *, is_sorted: bool) -> None:
        self.ids, self.logits = ids, logits
        self._is_sorted = is_sorted

    def sort(self) -> None:
        """Put the likeliest first."""
        if not self._is_sorted:
            self.keep(np.argsort(-self.logits, kind="stable"))
            self._is_sorted = True

    def keep(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> None:
        """Keep those at `which`, in that order."""
        self.ids, self.logits = self.ids[which], self.logits[which]

    def probabilities(self) -> Floats:
        """Their probabilities among each other."""
        weights = np.exp(self.logits - self.logits.max())
        probabilities: Floats = weights / weights.sum()
        return probabilities

    def penalize(self, ids: Ids, counts: Ids, params: GenerationParams) -> None:
        """Make the tokens `ids` less likely, which came up so often."""
        order = np.argsort(ids)
        places = order[np.searchsorted(ids, self.ids, sorter=order).clip(max=len(ids) - 1)]
        found = ids[places] == self.ids
        if not found.any():
            return
        n, old = counts[places[found]], self.logits[found]
        scaled = np.where(old <= 0, old * params.repeat_penalty, old / params.repeat_penalty)
        self.logits[found] = scaled - n * params.frequency_penalty - params.presence_penalty
        self._is_sorted = False

    def typical(self, p: float) -> None:
        """Keep those whose surprise is nearest to the expected one, until `p` is passed.

        Source: Meister et al. 2022, arXiv:2202.00666.
        """
        probabilities = self.probabilities()
        surprise = -np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
        order = np.argsort(np.abs(surprise - probabilities @ surprise), kind="stable")
        n = int(np.searchsorted(probabilities[order].cumsum(), p, side="right")) + 1
        self.keep(order[:n])
        self._is_sorted = False

    def top_p(self, p: float) -> None:
        """Keep the likeliest until `p` is reached; source: Holtzman et al. 2019, 1904.09751."""
        self.sort()
        n = int(np.searchsorted(self.probabilities().cumsum(), p, side="left")) + 1
        self.keep(slice(n))

    def min_p(self, p: float) -> None:
        """Keep those at least `p` as likely as the likeliest; source: arXiv:2407.01082."""
        self.keep(self.logits >= self.logits.max() + math.log(p))

    def xtc(self, threshold: float) -> None:
        """Drop all but the least likely of those that reach `threshold`."""
        self.sort()
        n = int((self.probabilities() >= threshold).sum())
        if n > 1:
            self.keep(slice(n - 1, None))


class Sampler:
    """Draws ids for one reply after another from one model's logits.

    Args:
        n_vocab: How many ids there are.
        n_ctx: What a look-back of -1 means.
        text: The text of a token.
    """

    def __init__(self, n_vocab: int, n_ctx: int, text: Callable[[int], str]) -> None:
        self._n_vocab, self._n_ctx, self._text = n_vocab, n_ctx, text
        self._params = GenerationParams()
        self._random = np.random.default_rng(0)
        self._seen = array("q")  # what the penalties and DRY may look back on

    def start(self, params: GenerationParams, ids: Sequence[int]) -> int:
        """Begin a reply after the prompt `ids`; returns the seed in use."""
        seed = secrets.randbelow(_MAX_SEED + 1) if params.seed is None else params.seed
        seed = min(seed, _MAX_SEED)
        self._params = params
        self._random = np.random.default_rng(seed)
        self._seen = array("q", ids[max(0, len(ids) - self._n_ctx) :])
        return seed

    def sample(self, logits: Tensor) -> int:
        """Draw an id by the logits [V] and remember it for the penalties."""
        candidates = self.candidates(logits)
        if self._params.temperature == 0:
            id = int(candidates.ids[candidates.logits.argmax()])
        else:
            sums = candidates.probabilities().cumsum()
            drawn = np.searchsorted(sums, self._random.random() * sums[-1], side="right")
            id = int(candidates.ids[min(int(drawn), len(sums) - 1)])
        self._seen.append(id)
        return id

    def candidates(self, logits: Tensor) -> Candidates:
        """What may be drawn by the logits [V], temperature applied."""
        params = self._params
        if params.dry_multiplier > 0:
            logits = self._without_repetition(logits)
        candidates = _top_k(logits, params.top_k)
        if _has_penalties(params):
            recent = self._look_back(params.penalty_last_n)
            if len(recent):
                candidates.penalize(*np.unique(recent, return_counts=True), params)
        if params.temperature == 0:
            return candidates
        if params.typical_p < 1:
            candidates.typical(params.typical_p)
        narrow = [
            (candidates.top_p, params.top_p, params.top_p < 1),
            (candidates.min_p, params.min_p, params.min_p > 0),
        ]
        for by, value, is_on in narrow if params.top_k else reversed(narrow):
            if is_on:
                by(value)
        if params.xtc_probability > 0 and params.xtc_threshold <= _XTC_MOST:  # noqa: SIM102
            if self._random.random() <= params.xtc_probability:
                candidates.xtc(params.xtc_threshold)
        candidates.logits = candidates.logits / params.temperature
        return candidates

    def _without_repetition(self, logits: Tensor) -> Tensor:
        """Make tokens less likely by how long a repetition they would go on with (DRY)."""
        params = self._params
        recent = self._look_back(params.dry_penalty_last_n)[::-1]
        repeats = _repeats(recent, self._breakers, params.dry_allowed_length)
        if not repeats:
            return logits
        log_base = math.log(params.dry_base)
        most = _MAX_LOG / log_base if params.dry_base > 1.000001 else math.inf
        beyond = np.minimum(np.array([*repeats.values()]) - params.dry_allowed_length, most)
        penalties = params.dry_multiplier * np.exp(beyond * log_base)
        places = torch.tensor([*repeats], device=logits.device)
        logits = logits.float().clone()
        logits[places] -= torch.from_numpy(penalties).to(logits)
        return logits

    def _look_back(self, last_n: int) -> Ids:
        n = self._n_ctx if last_n < 0 else min(last_n, self._n_ctx)
        n = min(n, len(self._seen))
        return np.array(self._seen[len(self._seen) - n :], np.int64)

    @cached_property
    def _breakers(self) -> NDArray[np.bool_]:
        """Whether the text of each token ends a repetition."""
        texts = map(self._text, range(self._n_vocab))
        return np.array([any(breaker in text for breaker in _BREAKERS) for text in texts])


def _repeats(recent: Ids, breakers: NDArray[np.bool_], allowed: int) -> dict[int, int]:
    """How long a repetition each token would go on with, where that is at least `allowed`.

    Args:
        recent: What was written, the latest first.
        breakers: Whether each token ends a repetition.
        allowed: Repetitions shorter than this do not count.
    """
    is_breaker = breakers[recent]
    limit = int(is_breaker.argmax()) if is_breaker.any() else len(recent)
    if len(recent) <= allowed or limit < allowed:
        return {}
    lengths = np.zeros(len(recent), np.int64)  # of what stands k tokens ago as it stands at the end
    places = np.arange(1, len(recent))
    for n in range(limit):
        places = places[places + n < len(recent)]
        places = places[recent[places + n] == recent[n]]
        if not len(places):
            break
        lengths[places] += 1
    longest: dict[int, int] = {}
    for k in np.flatnonzero(lengths >= allowed).tolist():
        if k:
            follower, length = int(recent[k - 1]), int(lengths[k])
            longest[follower] = max(longest.get(follower, 0), length)
    return longest


def _top_k(logits: Tensor, k: int) -> Candidates:
    if k == 0 or k >= len(logits):
        all_logits = logits.to("cpu", torch.float64, copy=True).numpy()
        return Candidates(np.arange(len(logits)), all_logits, is_sorted=False)
    values, ids = logits.topk(k)
    return Candidates(ids.cpu().numpy(), values.cpu().double().numpy(), is_sorted=True)


def _has_penalties(params: GenerationParams) -> bool:
    return params.penalty_last_n != 0 and (
        params.repeat_penalty != 1 or params.frequency_penalty != 0 or params.presence_penalty != 0
    )
