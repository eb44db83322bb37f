"""Scores a text: how likely each of its tokens was to the model, and what else it expected there.

The same for every backend, in numpy, which is there without torch. Knows nothing about how a model
computes.

A text that does not fit into the context is read in windows, each with a BOS of its own if the
model has one. The first fills the context and scores all its tokens. Each later one fills it too,
but scores only its second half: the first half is what the window before scored last, and is read
again for the others to follow. So a token sees all that comes before it within the first window,
and between a half and the whole of the context after that.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatapp.engine.backends.base import Backend
from chatapp.errors import EngineError, say
from chatapp.protocol import Event, Perplexity, Progress, Score, Scored, ScoredToken

_FORBIDDEN = np.float32(-1e30)  # the least log-probability, of ids that cannot come
_N_ROWS = 32  # rows of logits looked at together: few enough to stay in the processor's cache

Floats = NDArray[np.float32]


class Window(NamedTuple):
    """Ids `start` to `stop` - 2 are read, after BOS; ids `first` to `stop` - 1 are scored."""

    start: int
    first: int
    stop: int


class Judgement(NamedTuple):
    """What rows of logits say of the ids that came; one number, or `top_n` of them, for each row.

    Attributes:
        logprobs: Natural logarithm of the probability of the id, before any filter.
        ranks: 1 + the number of ids with a larger logit: 1 is what greedy decoding would take.
        entropies: -sum of p ln p over the vocabulary, in nats.
        likeliest: The ids with the largest logits, the likeliest first.
        likeliest_logprobs: Their log-probabilities.
    """

    logprobs: Floats
    ranks: NDArray[np.int64]
    entropies: Floats
    likeliest: NDArray[np.int64]
    likeliest_logprobs: Floats


def windows(n: int, n_ctx: int, n_bos: int) -> Iterator[Window]:
    """How `n` ids are read in a context of `n_ctx`; see the module's docstring.

    Args:
        n: How many ids there are.
        n_ctx: How many fit, BOS included.
        n_bos: 1 if each window begins with BOS. Without it nothing comes before the first id of
            all, which is not scored.
    """
    span = n_ctx - n_bos + 1  # the last id of a window is scored and need not be read
    window = Window(0, 1 - n_bos, min(n, span))
    while window.first < window.stop:
        yield window
        start = window.stop - span // 2
        window = Window(start, window.stop, min(n, start + span))


def judge(logits: Floats, ids: NDArray[np.int64], top_n: int) -> Judgement:
    """What the logits [N, V] say of the ids [N] that came after, and of the `top_n` likeliest."""
    rows = np.arange(len(ids))
    own = logits[rows, ids]
    shifted = logits - logits.max(axis=1, keepdims=True)
    # JSON has no infinity, and zero times it is no number.
    np.maximum(shifted, _FORBIDDEN, out=shifted)
    weights = np.exp(shifted)
    sums = weights.sum(axis=1)
    log_sums = np.log(sums)
    top_n = min(top_n, logits.shape[1])
    likeliest = np.empty((len(ids), 0), np.int64)
    if top_n:
        likeliest = np.argpartition(logits, -top_n, axis=1)[:, -top_n:]
        order = np.argsort(-np.take_along_axis(logits, likeliest, 1), axis=1, kind="stable")
        likeliest = np.take_along_axis(likeliest, order, 1)
    np.multiply(weights, shifted, out=weights)
    return Judgement(
        logprobs=shifted[rows, ids] - log_sums,
        ranks=1 + np.count_nonzero(logits > own[:, None], axis=1),
        entropies=log_sums - weights.sum(axis=1) / sums,
        likeliest=likeliest,
        likeliest_logprobs=np.take_along_axis(shifted, likeliest, 1) - log_sums[:, None],
    )


class Scoring:
    """The scoring of one text.

    Args:
        backend: The loaded model.
        request: What to score.
        emit: Takes `Scored`, `Progress` and `Perplexity` events.
        poll: Called between pieces of the text.
    """

    def __init__(
        self,
        backend: Backend,
        request: Score,
        emit: Callable[[Event], None],
        poll: Callable[[], None],
    ) -> None:
        self._backend, self._request, self._emit, self._poll = backend, request, emit, poll
        self._texts: dict[int, str] = {}
        self._nll = 0.0

    def run(self) -> None:
        """Emit the score of every token, then that of the whole text.

        Raises:
            Cancelled: If a stop was asked for.
            EngineError: If there is nothing in the text that can be scored.
        """
        text, backend = self._request.text, self._backend
        ids = backend.tokenize(text, special=False)
        bos = backend.tokenize(backend.bos, special=True) if backend.adds_bos else []
        n_scored = len(ids) - 1 + len(bos)
        if not ids or n_scored < 1:
            raise EngineError(
                "bad_request", say("There is nothing to score: the text is empty or one token.")
            )
        counted = text.encode()
        if not bos:
            first = backend.piece(ids[0])
            # Some vocabularies put a space before a text.
            counted = counted.removeprefix(first if counted.startswith(first) else first[1:])
            self._send([ScoredToken(id=ids[0], text=self._text(ids[0]))])
        for window in windows(len(ids), backend.info.n_ctx, len(bos)):
            self._score(window, bos, ids)
        self._emit(
            Perplexity(
                id=self._request.id,
                n_tokens=len(ids),
                n_scored=n_scored,
                n_bytes=len(counted),
                nll=self._nll,
                perplexity=math.exp(min(self._nll / n_scored, 700.0)),
                bits_per_byte=self._nll / math.log(2) / len(counted),
            )
        )

    def _score(self, window: Window, bos: list[int], ids: list[int]) -> None:
        """Emit the scores of one window's tokens as they are computed."""
        at = window.first
        inputs = [*bos, *ids[window.start : window.stop - 1]]
        first = len(bos) + window.first - window.start - 1  # what comes before the first scored id
        with contextlib.closing(self._backend.logits(inputs, first)) as read:
            for piece in read:
                for row in range(0, len(piece), _N_ROWS):
                    logits = piece[row : row + _N_ROWS]
                    self._send(self._tokens(logits, ids[at : at + len(logits)]))
                    at += len(logits)
                progress = Progress(id=self._request.id, phase="score", done=at, total=len(ids))
                self._emit(progress)
                self._poll()

    def _tokens(self, logits: Floats, ids: Sequence[int]) -> list[ScoredToken]:
        found = judge(logits, np.asarray(ids, np.int64), self._request.top_n)
        self._nll -= float(found.logprobs.sum(dtype=np.float64))
        columns = (column.tolist() for column in found)
        return [
            ScoredToken(
                id=id,
                text=self._text(id),
                logprob=logprob,
                rank=rank,
                entropy=entropy,
                alternatives=tuple(
                    (other, self._text(other), value)
                    for other, value in zip(others, values, strict=True)
                ),
            )
            for id, logprob, rank, entropy, others, values in zip(ids, *columns, strict=True)
        ]

    def _send(self, tokens: list[ScoredToken]) -> None:
        self._emit(Scored(id=self._request.id, tokens=tuple(tokens)))

    def _text(self, id: int) -> str:
        text = self._texts.get(id)
        if text is None:
            text = self._texts[id] = self._backend.piece(id).decode("utf-8", "replace")
        return text
