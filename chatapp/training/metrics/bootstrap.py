"""How sure a figure is: 95 % intervals, and two models compared, by resampling the examples.

Every figure here is computed from sums over the examples (`Tally`). A resample of N examples is
how often each of them was drawn, so that the sums of many resamples are one matrix product. The
examples are taken to be independent of each other.

Sources: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile
intervals); Koehn 2004, Statistical Significance Tests for Machine Translation Evaluation, section 4
(two systems on the same resamples).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

N_RESAMPLES = 2000
_TAILS = (2.5, 97.5)  # percentiles between which 95 % lie
_CELLS = 4_000_000  # how often an example was drawn is held for so many at a time: 32 MB

Floats = NDArray[np.float64]


class Tally(NamedTuple):
    """What was counted on N examples, and the M figures computed from sums of the counts.

    Attributes:
        names: One for each figure.
        rows: The counts of each example, shape (N, K).
        score: From R sums of rows, shape (R, K), to R times the figures, shape (R, M).
    """

    names: tuple[str, ...]
    rows: Floats
    score: Callable[[Floats], Floats]


class Estimate(Struct, frozen=True):
    """A figure and its 95 % interval; without one if it was measured on a single example."""

    value: float
    low: float | None
    high: float | None


class Difference(Struct, frozen=True):
    """By how much a second model's figure is higher than a first's, on the same examples.

    Attributes:
        value: The second's less the first's.
        low: Where its 95 % interval begins.
        high: Where its 95 % interval ends.
        share_higher: In which share of the resamples the second's is higher; equal ones count half.
    """

    value: float
    low: float | None
    high: float | None
    share_higher: float


def estimates(tally: Tally, seed: int = 0) -> Mapping[str, Estimate]:
    """The figures of a tally by their names.

    Raises:
        ValueError: If there are no examples.
    """
    values = tally.score(_all(tally))[0].tolist()
    resampled = tally.score(_resampled(tally.rows, seed))
    triples = zip(values, *_bounds(tally, resampled), strict=True)
    return dict(zip(tally.names, (Estimate(*triple) for triple in triples), strict=True))


def compare(first: Tally, second: Tally, seed: int = 0) -> Mapping[str, Difference]:
    """How two models differ, by the names of the figures.

    Args:
        first: One model's, say the baseline's.
        second: The other's on the same examples in the same order.
        seed: The same seed draws the same resamples.

    Raises:
        ValueError: If the tallies are of different figures or numbers of examples.
    """
    if first.names != second.names or len(first.rows) != len(second.rows):
        raise ValueError("Only the same figures on the same examples can be compared.")
    values = (second.score(_all(second)) - first.score(_all(first)))[0].tolist()
    drawn = _resampled(np.hstack([first.rows, second.rows]), seed)
    n_columns = first.rows.shape[1]
    resampled = second.score(drawn[:, n_columns:]) - first.score(drawn[:, :n_columns])
    higher = ((resampled > 0) + 0.5 * (resampled == 0)).mean(axis=0).tolist()
    fields = zip(values, *_bounds(first, resampled), higher, strict=True)
    return dict(zip(first.names, (Difference(*field) for field in fields), strict=True))


def ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """`above / below`, and 0 where `below` is 0: no share of nothing."""
    shares = np.zeros(np.broadcast(above, below).shape)
    np.divide(above, below, out=shares, where=below != 0)
    return shares


def _all(tally: Tally) -> Floats:
    if not len(tally.rows):
        raise ValueError("There are no examples to measure on.")
    sums: Floats = tally.rows.sum(axis=0, keepdims=True)
    return sums


def _resampled(rows: Floats, seed: int) -> Floats:
    """The sums of `N_RESAMPLES` resamples of rows (N, K), shape (N_RESAMPLES, K)."""
    sums = [counts @ rows for counts in _draws(len(rows), seed)]
    return np.concatenate(sums)


def _draws(n: int, seed: int) -> Iterator[Floats]:
    """How often each of `n` examples was drawn, shape (resamples of this piece, n)."""
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS // n)
    for start in range(0, N_RESAMPLES, step):
        n_draws = min(step, N_RESAMPLES - start)
        drawn = generator.integers(n, size=(n_draws, n)) + n * np.arange(n_draws)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=n_draws * n)
        yield counts.reshape(n_draws, n).astype(np.float64)


def _bounds(tally: Tally, resampled: Floats) -> tuple[list[float | None], list[float | None]]:
    if len(tally.rows) == 1:  # every resample is the same: an interval of nothing would be a lie
        return [None] * len(tally.names), [None] * len(tally.names)
    low, high = np.percentile(resampled, _TAILS, axis=0)
    return low.tolist(), high.tolist()
