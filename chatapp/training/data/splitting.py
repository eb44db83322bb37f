"""Duplicates dropped, and what is held out told from what is learned from, the same every time.

Examples are drawn by a hash of what must not stand on both sides, so more data moves none of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chatapp.training.data.examples import Example


class Split(NamedTuple):
    """Examples by what they are for, in the order they were read.

    Attributes:
        train: To learn from.
        validation: To be evaluated on while learning.
        test: To be evaluated on once, at the end.
        n_duplicates: How many were dropped.
    """

    train: list[Example]
    validation: list[Example]
    test: list[Example]
    n_duplicates: int


def split_examples(
    examples: Iterable[Example], *, validation: float, test: float = 0.0, seed: int = 0
) -> Split:
    """Drop duplicates and hold out a share of the rest.

    Of a few long texts the end of each is held out; a single text is cut as nanoGPT does.

    Raises:
        DataError: If what is left is too little to learn from.
    """
    raise NotImplementedError


def unique(examples: Iterable[Example]) -> Iterator[Example]:
    """The first of those that are the same but for case and white space."""
    raise NotImplementedError


def folds(
    examples: Sequence[Example], n_fold: int, *, seed: int = 0
) -> Iterator[tuple[list[Example], list[Example]]]:
    """For each of `n_fold` parts: the examples of all others, and those of the part."""
    raise NotImplementedError


def key_of(example: Example) -> str:
    """What must not stand on both sides of a split, without its case and white space."""
    raise NotImplementedError
