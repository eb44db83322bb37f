"""How right answers to questions are: exact match and F1, as SQuAD measures them.

Both look past case, ASCII punctuation and the English articles, and the best of several right
answers counts. Shares between 0 and 1; papers give them times 100. Written from the description in
the paper, and from that of SQuAD 2.0 for answers of which nothing is left: they are right only if
nothing is left of the other either.

Sources: Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension of Text,
arXiv:1606.05250, section 6.1; Rajpurkar et al. 2018, Know What You Don't Know, arXiv:1806.03822.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from chatapp.training.metrics.bootstrap import Estimate, Tally, estimates

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class Answers(Struct, frozen=True):
    """How right N answers are.

    Attributes:
        n: How many there are.
        exact_match: The share that is a right answer, word for word.
        f1: The mean of the F1 of the words of each, against the right answer nearest to it.
    """

    n: int
    exact_match: Estimate
    f1: Estimate


def measure(given: Sequence[str], right: Sequence[Sequence[str]]) -> Answers:
    """All figures of answers.

    Args:
        given: What the model answered.
        right: For each, the right answers, at least one.

    Raises:
        ValueError: If there are no answers, or one has no right one beside it.
    """
    return Answers(n=len(given), **estimates(tally(given, right)))


def tally(given: Sequence[str], right: Sequence[Sequence[str]]) -> Tally:
    """What `measure` counts, to compare two answerers; the figures are exact_match and f1."""
    if len(given) != len(right) or not all(right):
        raise ValueError("Every answer needs at least one right one to be compared with.")
    best = [
        (max(exact_match(answer, other) for other in others), max(f1(answer, o) for o in others), 1)
        for answer, others in zip(given, right, strict=True)
    ]
    rows = np.array(best, np.float64).reshape(-1, 3)
    return Tally(("exact_match", "f1"), rows, lambda sums: sums[:, :2] / sums[:, 2:])


def normalize(answer: str) -> str:
    """Lower case, without punctuation and articles, one space between words."""
    bare = answer.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(given: str, right: str) -> bool:
    """Whether both are the same but for case, punctuation and articles."""
    return normalize(given) == normalize(right)


def f1(given: str, right: str) -> float:
    """The harmonic mean of the share of given words that are right, and of right words given."""
    words, right_words = normalize(given).split(), normalize(right).split()
    if not words or not right_words:
        return float(words == right_words)
    n_common = (Counter(words) & Counter(right_words)).total()
    return 2 * n_common / (len(words) + len(right_words))
