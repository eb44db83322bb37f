import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chatapp.training.metrics.bootstrap import compare, estimates
from chatapp.training.metrics.classification import (
    N_BINS,
    Classification,
    calibrate,
    measure,
    tally,
)

LABELS = ("ham", "spam")
ACTUAL = ["spam", "spam", "ham", "ham", "ham"]
PREDICTED = ["spam", "ham", "ham", "ham", "spam"]


def sure(predicted: list[str], labels: tuple[str, ...] = LABELS) -> NDArray[np.float64]:
    """Probabilities of a model that is certain of what it predicts."""
    return np.array([[float(label == name) for label in labels] for name in predicted])


def test_the_figures_of_five_messages_are_those_of_pencil_and_paper() -> None:
    result = measure(LABELS, ACTUAL, sure(PREDICTED))
    ham, spam = result.labels
    assert result.n == 5
    assert result.confusion == ((2, 1), (1, 1))
    assert result.accuracy.value == pytest.approx(3 / 5)
    assert (ham.label, ham.n, spam.label, spam.n) == ("ham", 3, "spam", 2)
    assert [ham.precision.value, ham.recall.value, ham.f1.value] == pytest.approx([2 / 3] * 3)
    assert [spam.precision.value, spam.recall.value, spam.f1.value] == pytest.approx([1 / 2] * 3)
    assert result.f1.value == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_a_label_never_predicted_has_no_precision_and_pulls_the_mean_down() -> None:
    result = measure(LABELS, ACTUAL, sure(["ham"] * 5))
    ham, spam = result.labels
    assert (ham.precision.value, ham.recall.value, ham.f1.value) == pytest.approx((0.6, 1, 0.75))
    assert (spam.precision.value, spam.recall.value, spam.f1.value) == (0, 0, 0)
    assert result.f1.value == pytest.approx(0.375)


def test_a_label_neither_there_nor_predicted_is_left_out_of_the_mean() -> None:
    labels = ("eggs", *LABELS)
    result = measure(labels, ACTUAL, sure(PREDICTED, labels))
    assert result.labels[0].n == 0
    assert result.f1 == measure(LABELS, ACTUAL, sure(PREDICTED)).f1


def test_a_label_the_model_does_not_know_counts_as_missed() -> None:
    result = measure(LABELS, [*ACTUAL, "fraud"], sure([*PREDICTED, "spam"]))
    assert [each.label for each in result.labels] == ["fraud", "ham", "spam"]
    assert result.confusion == ((0, 0, 1), (0, 2, 1), (0, 1, 1))
    assert result.accuracy.value == pytest.approx(3 / 6)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_figures_follow_from_the_confusion_matrix(pairs: list[tuple[int, int]]) -> None:
    labels = ("d", "c", "b", "a")  # in an order of the model's own
    actual = [labels[truth] for truth, _ in pairs]
    result = measure(labels, actual, sure([labels[said] for _, said in pairs], labels))
    matrix = np.array(result.confusion)
    assert [each.label for each in result.labels] == sorted(labels)
    assert matrix.sum() == result.n == len(pairs)
    assert matrix.trace() / len(pairs) == pytest.approx(result.accuracy.value)
    f1s = []
    for i, each in enumerate(result.labels):
        found, predicted, there = matrix[i, i], matrix[:, i].sum(), matrix[i].sum()
        assert each.n == there
        assert each.precision.value == pytest.approx(found / predicted if predicted else 0)
        assert each.recall.value == pytest.approx(found / there if there else 0)
        both = each.precision.value + each.recall.value
        mean = 2 * each.precision.value * each.recall.value / both if both else 0
        assert each.f1.value == pytest.approx(mean)
        f1s += [each.f1.value] if predicted + there else []
    assert result.f1.value == pytest.approx(sum(f1s) / len(f1s))


def test_every_figure_lies_within_its_interval() -> None:
    generator = np.random.default_rng(0)
    labels = ("a", "b", "c")
    actual = generator.choice(labels, 300).tolist()
    probs = generator.dirichlet([1, 1, 1], 300) + 0.4 * sure(actual, labels)
    for name, figure in estimates(tally(labels, actual, probs / 1.4)).items():
        assert figure.low is not None, name
        assert figure.high is not None, name
        assert figure.low < figure.value < figure.high, name


def test_two_models_that_order_their_labels_differently_can_be_compared() -> None:
    turned = ("spam", "ham")
    first = tally(LABELS, ACTUAL, sure(["ham"] * 5))
    second = tally(turned, ACTUAL, sure(ACTUAL, turned))
    found = compare(first, second)
    assert found["accuracy"].value == pytest.approx(2 / 5)
    assert found["f1:spam"].value == pytest.approx(1)


def test_probabilities_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        measure(LABELS, ACTUAL, sure(PREDICTED)[:4])
    with pytest.raises(ValueError, match="no examples"):
        measure(LABELS, [], np.zeros((0, 2)))


def test_overconfidence_is_the_calibration_error() -> None:
    confidence = np.array([0.9] * 10 + [0.6] * 10)
    is_right = np.array([True] * 7 + [False] * 3 + [True] * 6 + [False] * 4)
    result = calibrate(confidence, is_right)
    assert result.error == pytest.approx((10 * 0.2 + 10 * 0.0) / 20)
    filled = [each for each in result.bins if each.n]
    assert [(each.n, each.accuracy) for each in filled] == [(10, 0.6), (10, 0.7)]
    assert [each.confidence for each in filled] == pytest.approx([0.6, 0.9])
    assert all(each.low < each.confidence <= each.high for each in filled)


def test_the_bins_cover_all_confidences_without_gap() -> None:
    edges = np.linspace(0, 1, N_BINS + 1)
    confidence = np.array([*edges, np.nextafter(1, 2)])  # rounding may lead above 1
    result = calibrate(confidence, np.ones(len(confidence), bool))
    assert [each.low for each in result.bins[1:]] == [each.high for each in result.bins[:-1]]
    # An edge belongs to the bin below it, 0 to the first.
    assert [each.n for each in result.bins] == [2, *[1] * (N_BINS - 2), 2]


def test_a_model_as_often_right_as_it_says_has_little_calibration_error() -> None:
    generator = np.random.default_rng(1)
    confidence = generator.random(20_000)
    assert calibrate(confidence, generator.random(20_000) < confidence).error < 0.02


def test_the_result_goes_to_json_and_comes_back() -> None:
    result = measure(LABELS, ACTUAL, sure(PREDICTED))
    assert msgspec.json.decode(msgspec.json.encode(result), type=Classification) == result
