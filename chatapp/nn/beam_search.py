"""Greedy and beam search with an encoder-decoder.

Knows nothing about the network behind it: any that has the two calls of `EncoderDecoder`.

B sources, K beams of each, T time, V vocabulary.

Sources: Sutskever et al. 2014, arXiv:1409.3215, section 3.2; Wu et al. 2016, arXiv:1609.08144,
section 7 (length penalty).
"""

import math
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor


class EncoderDecoder(Protocol):
    """A network that writes a target for a source."""

    def new_state(
        self, src_ids: Tensor, src_mask: Tensor | None = None, *, n_ctx: int, n_beam: int = 1
    ) -> Any:
        """Read the sources [B, S]; return a state of B * n_beam rows that can `reorder` them."""

    def decode(self, tgt_ids: Tensor, state: Any, *, last_only: bool = False) -> Tensor:
        """Read target ids [rows, T] on and return the scores of what follows, [rows, T, V]."""


class Hypothesis(NamedTuple):
    """A target that was found.

    Attributes:
        ids: Its tokens, without those that begin and end it.
        logprob: Log-probability of the whole, the ending token included.
        score: `logprob` divided by the length penalty; what the search makes as large as it can.
    """

    ids: list[int]
    logprob: float
    score: float


def length_penalty(n_token: int, alpha: float) -> float:
    """Return ((5 + n_token) / 6) ** alpha, which divides the log-probability of n_token tokens.

    Source: Wu et al. 2016, arXiv:1609.08144, equation 14.
    """
    return float(((5 + n_token) / 6) ** alpha)


@torch.inference_mode()
def greedy_search(
    model: EncoderDecoder,
    src_ids: Tensor,
    src_mask: Tensor | None = None,
    *,
    bos_id: int,
    eos_id: int,
    max_new_tokens: int,
) -> list[list[int]]:
    """Write a target for each source, taking the most likely token each time.

    Args:
        model: The network, in eval mode.
        src_ids: int64 [B, S].
        src_mask: [B, S], False where the source is padding.
        bos_id: The token that begins every target.
        eos_id: The token that ends it.
        max_new_tokens: Tokens of a target at most, the ending one included.

    Returns:
        Each target's ids, without `bos_id` and `eos_id`.

    Raises:
        ValueError: If `max_new_tokens` is below 1.
    """
    _check_at_least_one("max_new_tokens", max_new_tokens)
    state = model.new_state(src_ids, src_mask, n_ctx=max_new_tokens)
    ids = torch.full_like(src_ids[:, :1], bos_id)  # (B, 1)
    has_ended = torch.zeros_like(ids, dtype=torch.bool)
    written = []
    for _ in range(max_new_tokens):
        ids = model.decode(ids, state, last_only=True).argmax(dim=-1)  # (B, 1)
        written.append(ids)
        has_ended |= ids == eos_id
        if has_ended.all():
            break
    rows: list[list[int]] = torch.cat(written, dim=1).tolist()
    return [row[: row.index(eos_id)] if eos_id in row else row for row in rows]


@torch.inference_mode()
def beam_search(
    model: EncoderDecoder,
    src_ids: Tensor,
    src_mask: Tensor | None = None,
    *,
    bos_id: int,
    eos_id: int,
    max_new_tokens: int,
    n_beam: int = 4,
    alpha: float = 0.6,
) -> list[Hypothesis]:
    """Write the best target found for each source, following the `n_beam` most likely beginnings.

    A beginning that ends leaves the beam, which is narrower by one from then on; with a width of 1
    this is greedy search. A source is done when nothing on its beam can pass its best target.

    Args:
        model: The network, in eval mode.
        src_ids: int64 [B, S].
        src_mask: [B, S], False where the source is padding.
        bos_id: The token that begins every target.
        eos_id: The token that ends it.
        max_new_tokens: Tokens of a target at most, the ending one included.
        n_beam: K, beginnings followed at the same time for each source.
        alpha: Of the length penalty; 0 compares plain log-probabilities.

    Returns:
        The best target of each source.

    Raises:
        ValueError: If `max_new_tokens` or `n_beam` is below 1, or `alpha` is negative.
    """
    _check_at_least_one("max_new_tokens", max_new_tokens)
    _check_at_least_one("n_beam", n_beam)
    if alpha < 0:
        raise ValueError(f"alpha must be at least 0, got {alpha}")
    state = model.new_state(src_ids, src_mask, n_ctx=max_new_tokens, n_beam=n_beam)
    beams = [_Beam(n_beam, max_new_tokens, alpha) for _ in src_ids]
    ids = src_ids.new_full((len(beams) * n_beam, 1), bos_id)  # (B*K, 1)
    while True:
        logits = model.decode(ids, state, last_only=True)  # (B*K, 1, V)
        n_vocab = logits.shape[-1]
        logprobs = logits.float().log_softmax(dim=-1).view(len(beams), n_beam, n_vocab)
        so_far = logprobs.new_tensor([beam.logprobs for beam in beams])  # (B, K)
        top, at = (logprobs + so_far[..., None]).flatten(1).topk(n_beam)  # (B, K)
        steps = [
            beam.extend([divmod(i, n_vocab) for i in places], totals, eos_id)
            for beam, places, totals in zip(beams, at.tolist(), top.tolist(), strict=True)
        ]
        if all(beam.is_done for beam in beams):
            return [beam.best for beam in beams]
        rows = [n * n_beam + row for n, (parents, _) in enumerate(steps) for row in parents]
        ids = src_ids.new_tensor([token for _, tokens in steps for token in tokens])[:, None]
        state.reorder(src_ids.new_tensor(rows))


class _Beam:
    """The beginnings followed for one source, and the best target so far."""

    def __init__(self, n_beam: int, max_new_tokens: int, alpha: float) -> None:
        self.n_beam = n_beam
        self.n_open = n_beam
        self.max_new_tokens = max_new_tokens
        self.alpha = alpha
        self.best = Hypothesis([], -math.inf, -math.inf)
        self.begun: list[tuple[list[int], float]] = [([], 0.0)]

    @property
    def is_done(self) -> bool:
        """Whether nothing that is followed can pass the best target."""
        # More tokens only lower the log-probability; the penalty favours the longest.
        most = max((logprob for _, logprob in self.begun), default=-math.inf)
        return most / length_penalty(self.max_new_tokens, self.alpha) <= self.best.score

    @property
    def logprobs(self) -> list[float]:
        """Log-probability of each row's beginning, -inf for a row that follows nothing."""
        n_idle = self.n_beam - len(self.begun)
        return [logprob for _, logprob in self.begun] + [-math.inf] * n_idle

    def extend(
        self, places: list[tuple[int, int]], totals: list[float], eos_id: int
    ) -> tuple[list[int], list[int]]:
        """Take the best continuations.

        Args:
            places: Row and token of the K most likely ones, best first.
            totals: Their log-probabilities.
            eos_id: The token that ends a target.

        Returns:
            For each row to come the row it continues and the token it does so with. Rows that
            follow nothing any more continue the first with the ending token.
        """
        rows, begun = [], []
        n_open = self.n_open
        for (row, token), logprob in zip(places[:n_open], totals[:n_open], strict=True):
            if logprob == -math.inf:
                break
            ids = [*self.begun[row][0], token]
            if token == eos_id:
                self._finish(ids[:-1], logprob, len(ids))
                self.n_open -= 1
            elif len(ids) == self.max_new_tokens:
                self._finish(ids, logprob, len(ids))
            else:
                rows.append(row)
                begun.append((ids, logprob))
        self.begun = begun
        n_idle = self.n_beam - len(rows)
        return rows + [0] * n_idle, [ids[-1] for ids, _ in begun] + [eos_id] * n_idle

    def _finish(self, ids: list[int], logprob: float, n_token: int) -> None:
        score = logprob / length_penalty(n_token, self.alpha)
        if score > self.best.score:
            self.best = Hypothesis(ids, logprob, score)


def _check_at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
