"""How well texts are put into classes, and whether the probabilities given for it can be believed.

Shares are between 0 and 1. Where nothing was said to be of a label its precision is 0, and where
nothing is of it its recall.

Sources: Opitz and Burst 2019, Macro F1 and Macro F1, arXiv:1911.03347 (the mean of the F1 of the
labels, not the F1 of the means); Guo et al. 2017, On Calibration of Modern Neural Networks,
arXiv:1706.04599, section 2 (reliability diagrams, expected calibration error).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from chatapp.training.metrics.bootstrap import Estimate, Floats, Tally, estimates, ratio

N_BINS = 15  # as in Guo et al., section 5
_EACH = ("precision", "recall", "f1")


class LabelFigures(Struct, frozen=True):
    """How well one label is found.

    Attributes:
        label: The label.
        n: How many texts are of it.
        precision: Of the texts said to be of it, the share that are.
        recall: Of the texts that are of it, the share that were said to be.
        f1: The harmonic mean of both.
    """

    label: str
    n: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


class Bin(Struct, frozen=True):
    """Predictions of nearly the same confidence.

    Attributes:
        low: The confidence above which they lie.
        high: The confidence they reach at most.
        n: How many there are.
        confidence: Their mean probability of the label predicted.
        accuracy: The share of them that is right.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


class Calibration(Struct, frozen=True):
    """Whether of the predictions made with 80 % confidence 80 % are right.

    Attributes:
        error: The expected calibration error: the mean distance between confidence and accuracy of
            the bins, weighted by their size. It has no interval, for it is larger in a resample
            than in the sample: chance adds to a distance and never takes away.
        bins: In order of confidence, the empty ones with them.
    """

    error: float
    bins: tuple[Bin, ...]


class Classification(Struct, frozen=True):
    """How a model classifies N texts.

    Attributes:
        n: How many texts there are.
        accuracy: The share of texts put into their class.
        precision: The mean over the labels that were there or predicted ("macro").
        recall: The same of their recalls.
        f1: The same of their F1.
        labels: One for each label, sorted.
        confusion: How many texts of the label of the row were said to be of that of the column.
        calibration: Whether the probabilities can be believed.
    """

    n: int
    accuracy: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate
    labels: tuple[LabelFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration


def measure(labels: Sequence[str], actual: Sequence[str], probs: Floats) -> Classification:
    """All figures of a classifier.

    Args:
        labels: The L labels it knows.
        actual: The label of each of the N texts. One that it does not know it cannot find.
        probs: Its probabilities, shape (N, L); the first of the largest is its prediction.

    Raises:
        ValueError: If there are no texts, or the shapes do not fit.
    """
    names, truth, predicted = _indices(labels, actual, probs)
    figures = estimates(tally(labels, actual, probs))
    pairs = np.bincount(truth * len(names) + predicted, minlength=len(names) ** 2)
    confusion = pairs.reshape(len(names), len(names))
    return Classification(
        n=len(truth),
        accuracy=figures["accuracy"],
        precision=figures["precision"],
        recall=figures["recall"],
        f1=figures["f1"],
        labels=tuple(_of_labels(names, confusion.sum(axis=1).tolist(), figures)),
        confusion=tuple(map(tuple, confusion.tolist())),
        calibration=calibrate(probs.max(axis=1), truth == predicted),
    )


def tally(labels: Sequence[str], actual: Sequence[str], probs: Floats) -> Tally:
    """What `measure` counts, to compare two classifiers; the same arguments.

    The figures: accuracy, precision, recall, f1, and the latter three of each label, as "f1:spam".
    """
    names, truth, predicted = _indices(labels, actual, probs)
    own = np.eye(len(names))
    # For each label: was it found, predicted, there?  (N, 3 L)
    rows = np.hstack([own[truth] * own[predicted], own[predicted], own[truth]])
    of_labels = (f"{figure}:{name}" for figure in _EACH for name in names)
    return Tally(("accuracy", *_EACH, *of_labels), rows, _score)


def calibrate(confidence: Floats, is_right: NDArray[np.bool_]) -> Calibration:
    """How far the confidence of N predictions is from the share that is right.

    Args:
        confidence: The probability of each label predicted, shape (N,).
        is_right: Whether it is the right one, shape (N,).
    """
    edges = np.linspace(0, 1, N_BINS + 1)
    # The highest edge is open: rounding may carry a probability above 1.
    bins = np.searchsorted(edges[1:-1], confidence, side="left")
    n = np.bincount(bins, minlength=N_BINS)
    confidences = ratio(np.bincount(bins, confidence, N_BINS), n)
    accuracies = ratio(np.bincount(bins, is_right, N_BINS), n)
    error = (n * np.abs(accuracies - confidences)).sum() / n.sum()
    columns = (edges[:-1], edges[1:], n, confidences, accuracies)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Calibration(float(error), tuple(Bin(*row) for row in rows))


def _indices(
    labels: Sequence[str], actual: Sequence[str], probs: Floats
) -> tuple[tuple[str, ...], NDArray[np.intp], NDArray[np.intp]]:
    """All labels, sorted; which of them is right for each text, and which was predicted."""
    if probs.shape != (len(actual), len(labels)):
        raise ValueError(
            f"{len(actual)} texts and {len(labels)} labels do not fit probabilities of shape "
            f"{probs.shape}."
        )
    names = tuple(sorted({*labels, *actual}))
    place = {name: i for i, name in enumerate(names)}
    truth = np.array([place[label] for label in actual], np.intp)
    known = np.array([place[label] for label in labels], np.intp)
    return names, truth, known[probs.argmax(axis=1)]


def _score(sums: Floats) -> Floats:
    found, predicted, there = sums.reshape(len(sums), 3, -1).swapaxes(0, 1)  # each (R, L)
    n_all = there.sum(axis=1, keepdims=True)
    of_labels = (ratio(found, predicted), ratio(found, there), ratio(2 * found, predicted + there))
    n_labels = np.count_nonzero(predicted + there, axis=1)[:, None]
    means = [figure.sum(axis=1, keepdims=True) / n_labels for figure in of_labels]
    return np.hstack([found.sum(axis=1, keepdims=True) / n_all, *means, *of_labels])


def _of_labels(
    names: tuple[str, ...], n: list[int], figures: Mapping[str, Estimate]
) -> Iterator[LabelFigures]:
    for name, n_texts in zip(names, n, strict=True):
        yield LabelFigures(name, n_texts, *(figures[f"{figure}:{name}"] for figure in _EACH))
