"""What is there to beat: models that need no network and learn in seconds.

A figure says little by itself. Majority shows what knowing nothing about the text reaches, naive
Bayes what counting words reaches, the n-grams what remembering the last few tokens reaches.

Sources: McCallum and Nigam 1998, A Comparison of Event Models for Naive Bayes Text Classification;
Wang and Manning 2012, Baselines and Bigrams, ACL P12-2018 (naive Bayes on pairs of words); Kneser
and Ney 1995, Improved Backing-off for M-gram Language Modeling; Chen and Goodman 1998, An Empirical
Study of Smoothing Techniques for Language Modeling, TR-10-98 (interpolated, with three discounts).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from chatapp.training.data.examples import Labelled

_WORD_OR_MARK = re.compile(r"\w+|[^\w\s]")
_UNSURE = (0.5, 1.0, 1.5)  # discounts where the counts are too few or too many to tell them

Floats = NDArray[np.float64]
Ids = NDArray[np.integer[Any]]


class Classifier(Protocol):
    """Learns from labelled texts, then says how likely each label is for others.

    Attributes:
        labels: What it learned, sorted.
    """

    labels: tuple[str, ...]

    def fit(self, examples: Sequence[Labelled]) -> None:
        """Learn from scratch.

        Raises:
            ValueError: If there are no examples.
        """

    def predict(self, texts: Sequence[str]) -> Floats:
        """The probabilities of the labels, shape (number of texts, number of labels)."""


class Majority:
    """Takes every text for what most were, whatever it says."""

    labels: tuple[str, ...] = ()

    def fit(self, examples: Sequence[Labelled]) -> None:
        """Count the labels."""
        self.labels, self._shares = _shares(examples)

    def predict(self, texts: Sequence[str]) -> Floats:
        """The share of each label, the same for every text."""
        return np.tile(self._shares, (len(texts), 1))


class NaiveBayes:
    """Takes the words of a text, and pairs of neighbours, to be independent given its label.

    Multinomial, with one added to every count (Laplace). Case is ignored, punctuation marks are
    words of their own, and what was in no text it learned from is passed over.
    """

    labels: tuple[str, ...] = ()

    def fit(self, examples: Sequence[Labelled]) -> None:
        """Count the words and pairs of each label."""
        self.labels, shares = _shares(examples)
        counts = {label: Counter[str]() for label in self.labels}
        for example in examples:
            counts[example.label].update(_terms(example.text))
        self._rows = {term: i for i, term in enumerate(set().union(*counts.values()))}
        table = np.ones((len(self._rows), len(self.labels)))
        for column, label in enumerate(self.labels):
            table[[self._rows[term] for term in counts[label]], column] += [*counts[label].values()]
        self._priors = np.log(shares)
        sums = np.maximum(table.sum(axis=0), 1)  # 0 only if no text has a word
        self._logprobs = np.log(table / sums)  # (terms, labels)

    def predict(self, texts: Sequence[str]) -> Floats:
        """The probabilities by Bayes' rule, which are far too sure: terms are not independent."""
        joint = np.array([self._joint(text) for text in texts]).reshape(-1, len(self.labels))
        likely = np.exp(joint - joint.max(axis=1, keepdims=True))
        probs: Floats = likely / likely.sum(axis=1, keepdims=True)
        return probs

    def _joint(self, text: str) -> Floats:
        rows = [self._rows[term] for term in _terms(text) if term in self._rows]
        total: Floats = self._priors + self._logprobs[rows].sum(axis=0)
        return total


class _Order(NamedTuple):
    """What is known of the n-grams of one length.

    Each is a number: its place in `keys`, which are sorted. The key of a gram is the number of its
    context (all but its last id) times the vocabulary, plus its last id.

    Attributes:
        keys: Of all grams that were there, int64, shape (G,).
        seen: What is left of the count of each over the sum of its context, shape (G,).
        held_back: For each context, the probability kept for shorter contexts, shape (contexts,).
    """

    keys: NDArray[np.int64]
    seen: Floats
    held_back: Floats


class NGrams:
    """A language model that remembers which id followed the few before it: Kneser-Ney, smoothed.

    Every id of the vocabulary has a probability everywhere, so its perplexity can be compared with
    that of a network on the same ids. Lower orders count in how many different contexts an id was
    seen, not how often; what discounting takes from the seen goes to them, and from the lowest to
    all ids alike.
    """

    def __init__(self, order: int, n_vocab: int) -> None:
        """Make a model that knows nothing yet.

        Args:
            order: The length of the longest grams: one id and `order - 1` before it.
            n_vocab: Ids are below it.
        """
        if order < 1 or n_vocab < 1:
            raise ValueError(f"An order of {order} over {n_vocab} ids makes no model.")
        self.order = order
        self.n_vocab = n_vocab
        self._orders: list[_Order] = []

    def fit(self, ids: Ids) -> None:
        """Learn from scratch from ids in the order of the text, shape (N,).

        Raises:
            ValueError: If there are none, or one is not in the vocabulary.
        """
        if not len(ids):
            raise ValueError("There are no ids to learn from.")
        ids = self._checked(ids)
        # Of each length: the keys, where in the text each was first, and which gram is where.
        keys: list[NDArray[np.int64]] = []
        firsts: list[NDArray[np.intp]] = []
        grams: list[NDArray[np.intp]] = []
        contexts = np.zeros(len(ids), np.int64)
        for length in range(1, min(self.order, len(ids)) + 1):
            wanted = contexts * self.n_vocab + ids[length - 1 :]
            key, first, gram = np.unique(wanted, return_index=True, return_inverse=True)
            keys.append(key)
            firsts.append(first)
            grams.append(gram)
            contexts = gram[:-1]
        counts = [
            # In how many contexts: every different longer gram ends in one of this length.
            np.bincount(gram[longer + 1], minlength=len(key))
            for key, gram, longer in zip(keys, grams, firsts[1:], strict=False)
        ]
        counts.append(np.bincount(grams[-1]))
        n_contexts = [1, *map(len, keys)]
        self._orders = [
            _smooth(*known, self.n_vocab) for known in zip(keys, counts, n_contexts, strict=False)
        ]

    def logprobs(self, ids: Ids) -> Floats:
        """The natural logarithm of the probability of each id after those before it, shape (N,)."""
        ids = self._checked(ids)
        probs = np.full(len(ids), 1 / self.n_vocab)
        contexts = np.zeros(len(ids), np.int64)  # the gram before each id; -1 is one never seen
        for order in self._orders:
            grams = _find(order.keys, contexts * self.n_vocab + ids)
            seen = np.where(grams >= 0, order.seen[grams], 0)
            probs = seen + np.where(contexts >= 0, order.held_back[contexts], 1) * probs
            contexts = np.concatenate([[-1], grams])[:-1]
        logprobs: Floats = np.log(probs)
        return logprobs

    def _checked(self, ids: Ids) -> NDArray[np.int64]:
        if len(ids) and not 0 <= ids.min() <= ids.max() < self.n_vocab:
            raise ValueError(f"Ids must be from 0 to {self.n_vocab - 1}.")
        return ids.astype(np.int64)


def _shares(examples: Sequence[Labelled]) -> tuple[tuple[str, ...], Floats]:
    """The labels, sorted, and the share of the examples that each has."""
    if not examples:
        raise ValueError("There are no examples to learn from.")
    counts = Counter(example.label for example in examples)
    labels = tuple(sorted(counts))
    return labels, np.array([counts[label] for label in labels]) / len(examples)


def _terms(text: str) -> Iterator[str]:
    """The words of a text and its pairs of neighbours, which have a space between them."""
    words = _WORD_OR_MARK.findall(text.lower())
    yield from words
    yield from map(" ".join, pairwise(words))


def _smooth(
    keys: NDArray[np.int64], counts: NDArray[np.int64], n_contexts: int, n_vocab: int
) -> _Order:
    """Discount the counts of grams; what it takes is held back in each context."""
    discounts = np.array([0.0, *_discounts(counts)])[np.minimum(counts, 3)]
    contexts = keys // n_vocab
    sums = np.bincount(contexts, counts, n_contexts)
    taken = np.bincount(contexts, discounts, n_contexts)
    has_followers = sums > 0  # what stands only at the very end has none
    held_back = np.where(has_followers, taken, 1) / np.where(has_followers, sums, 1)
    seen = (counts - discounts) / np.where(has_followers, sums, 1)[contexts]
    return _Order(keys, seen, held_back)


def _discounts(counts: NDArray[np.int64]) -> tuple[float, ...]:
    """What to take from counts of 1, of 2 and of more: Chen and Goodman's D1, D2 and D3+."""
    n = [np.count_nonzero(counts == count) for count in range(1, 5)]
    if not all(n):
        return _UNSURE
    y = n[0] / (n[0] + 2 * n[1])
    found = tuple(count - (count + 1) * y * n[count] / n[count - 1] for count in (1, 2, 3))
    return found if all(0 < d < c for c, d in enumerate(found, 1)) else _UNSURE


def _find(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each gram, or -1 where it never was; an unknown context makes it negative."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, -1)
