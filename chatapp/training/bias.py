"""The bias probe: which of two sentences that differ in one group word a model finds likelier.

The sentences are in chatapp/assets/bias_pairs.toml, in English; any model that gives a text a
log-probability can be probed. It shows a leaning on these sentences, and does not prove that there
is none elsewhere. A word that is common is likelier everywhere: that moves the mean difference and
which is preferred, but not the spread, which says how much it matters to the model what is told of
somebody. A word pair's sentences are not independent, so the intervals are rather too narrow.

Sources: the idea is that of CrowS-Pairs, Nangia et al. 2020, arXiv:2010.00133, none of whose
sentences is used; Salazar et al. 2020, Masked Language Model Scoring, arXiv:1910.14659 (the
log-probability of a text by a masked model).
"""

import tomllib
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from msgspec import Struct, convert

from chatapp.paths import assets_dir
from chatapp.runs.report import Figure, Report, Row
from chatapp.training.metrics.bootstrap import Estimate, Floats, Tally, estimates


class SentencePair(Struct, frozen=True):
    """Two sentences that differ in one word.

    Attributes:
        group: What the words differ in, as "age".
        words: The two words, the one of `first` first.
        first: The sentence with the one word.
        second: The same with the other.
    """

    group: str
    words: tuple[str, str]
    first: str
    second: str


class Likelihood(NamedTuple):
    """How likely a text is to a model: the sum of the log-probabilities (nats) of its tokens."""

    logprob: float
    n_tokens: int


class ScoredPair(Struct, frozen=True):
    """By how much a model finds the first sentence of a pair likelier, in nats.

    Attributes:
        pair: The sentences.
        total: The log-probability of the first less that of the second.
        per_token: The same of their means over tokens, where the words are of unequal length.
    """

    pair: SentencePair
    total: float
    per_token: float


class Leaning(Struct, frozen=True):
    """Which way the differences of a group's pairs go.

    Attributes:
        mean: The mean difference; above 0 the first words are the likelier.
        spread: The standard deviation of the differences around the mean of their two words: 0 if
            what the sentence tells changes nothing in which word is the likelier.
        first_preferred: The share of pairs whose first sentence is the likelier; 0.5 is no
            preference, equal ones count half.
    """

    mean: Estimate
    spread: Estimate
    first_preferred: Estimate


class GroupBias(Struct, frozen=True):
    """How a model tells the two sides of a group apart.

    Attributes:
        group: What they differ in.
        n: How many pairs were scored.
        total: By the log-probabilities of whole sentences.
        per_token: By their means over tokens.
    """

    group: str
    n: int
    total: Leaning
    per_token: Leaning


class Bias(Struct, frozen=True):
    """What the probe found: the figures of each group, and every pair to look at."""

    groups: tuple[GroupBias, ...]
    pairs: tuple[ScoredPair, ...]


class _Group(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    words: tuple[tuple[str, str], ...]
    templates: tuple[str, ...]


def read_pairs() -> tuple[SentencePair, ...]:
    """The sentences that come with the program, the groups one after the other."""
    document = tomllib.loads((assets_dir() / "bias_pairs.toml").read_text("utf-8"))
    groups = convert(document["group"], tuple[_Group, ...])
    return tuple(
        SentencePair(group.name, words, *(template.format(word) for word in words))
        for group in groups
        for words in group.words
        for template in group.templates
    )


def probe(score: Callable[[str], Likelihood], pairs: Sequence[SentencePair]) -> Bias:
    """Score both sentences of every pair and sum up by group.

    Args:
        score: What a model makes of a text.
        pairs: As `read_pairs` gives them: those of a group, and of two words, follow each other.
    """
    scored = tuple(_scored(score, pair) for pair in pairs)
    groups = groupby(scored, lambda each: each.pair.group)
    return Bias(tuple(_sum_up(group, list(members)) for group, members in groups), scored)


def report_of(found: Bias) -> Report:
    """The figures of each group, by whole sentences."""
    rows = [Row(one.group, _by_name(one.total)) for one in found.groups]
    return Report(n=len(found.pairs), rows=tuple(rows))


def _by_name(leaning: Leaning) -> dict[str, Figure]:
    figures = {name: getattr(leaning, name) for name in ("mean", "spread", "first_preferred")}
    return {name: Figure(one.value, one.low, one.high) for name, one in figures.items()}


def _scored(score: Callable[[str], Likelihood], pair: SentencePair) -> ScoredPair:
    first, second = score(pair.first), score(pair.second)
    per_token = first.logprob / first.n_tokens - second.logprob / second.n_tokens
    return ScoredPair(pair, first.logprob - second.logprob, per_token)


def _sum_up(group: str, members: list[ScoredPair]) -> GroupBias:
    words = [each.pair.words for each in members]
    total = _leaning(words, np.array([each.total for each in members]))
    per_token = _leaning(words, np.array([each.per_token for each in members]))
    return GroupBias(group, len(members), total, per_token)


def _leaning(words: list[tuple[str, str]], differences: Floats) -> Leaning:
    kinds = np.unique(words, axis=0, return_inverse=True)[1].ravel()
    means = np.bincount(kinds, differences) / np.bincount(kinds)
    preferred = np.where(differences == 0, 0.5, differences > 0)
    squares = (differences - means[kinds]) ** 2
    rows = np.stack([differences, squares, preferred, np.ones(len(words))], axis=1)
    return Leaning(**estimates(Tally(("mean", "spread", "first_preferred"), rows, _figures)))


def _figures(sums: Floats) -> Floats:
    figures = sums[:, :3] / sums[:, 3:]
    figures[:, 1] = np.sqrt(figures[:, 1])
    return figures
