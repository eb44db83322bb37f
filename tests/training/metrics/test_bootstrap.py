import math
import time

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chatapp.training.metrics.bootstrap import (
    Difference,
    Estimate,
    Tally,
    compare,
    estimates,
    ratio,
)

Floats = NDArray[np.float64]


def mean_of(values: list[float] | Floats) -> Tally:
    rows = np.stack([np.asarray(values, np.float64), np.ones(len(values))], axis=1)
    return Tally(("mean",), rows, lambda sums: sums[:, :1] / sums[:, 1:])


def bounds(values: list[float] | Floats, seed: int = 0) -> tuple[float, float]:
    estimate = estimates(mean_of(values), seed)["mean"]
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def test_the_interval_of_a_share_is_as_wide_as_theory_says() -> None:
    low, high = bounds([1.0] * 300 + [0.0] * 700)
    half = 1.96 * math.sqrt(0.3 * 0.7 / 1000)
    assert low == pytest.approx(0.3 - half, abs=0.1 * half)
    assert high == pytest.approx(0.3 + half, abs=0.1 * half)


def test_nearly_95_of_100_intervals_hold_the_truth() -> None:
    generator = np.random.default_rng(5)
    intervals = [bounds(generator.normal(3, 2, 80), seed) for seed in range(200)]
    n_holding = sum(low <= 3 <= high for low, high in intervals)
    assert 0.90 <= n_holding / 200 <= 0.99


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.integers(0, 5))
def test_the_value_is_that_of_all_examples_and_the_bounds_lie_between_the_extremes(
    values: list[float], seed: int
) -> None:
    estimate = estimates(mean_of(values), seed)["mean"]
    low, high = bounds(values, seed)
    slack = 1e-9 * max(map(abs, values))
    assert estimate.value == pytest.approx(sum(values) / len(values), abs=slack)
    assert min(values) - slack <= low <= high <= max(values) + slack


def test_a_seed_draws_the_same_resamples_again_and_another_draws_others() -> None:
    values = np.random.default_rng(1).random(50)
    assert bounds(values, 7) == bounds(values, 7)
    assert bounds(values, 7) != bounds(values, 8)


def test_resamples_are_drawn_in_pieces_when_the_examples_are_many() -> None:
    values = np.random.default_rng(2).random(5000)  # 2,000 resamples come in pieces of 800
    low, high = bounds(values)
    error = values.std() / math.sqrt(5000)
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_a_single_example_has_a_value_and_no_interval() -> None:
    assert estimates(mean_of([4.0])) == {"mean": Estimate(4.0, None, None)}
    assert compare(mean_of([4.0]), mean_of([5.0])) == {"mean": Difference(1.0, None, None, 1.0)}


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="no examples"):
        estimates(Tally(("mean",), np.zeros((0, 2)), lambda sums: sums[:, :1]))


def test_a_small_but_steady_gain_is_seen_only_by_comparing_on_the_same_examples() -> None:
    easy = np.random.default_rng(3).random(200) * 10
    gain = compare(mean_of(easy), mean_of(easy + 0.1 + 0.01 * (np.arange(200) % 2)))["mean"]
    assert gain.value == pytest.approx(0.105)
    assert gain.low == pytest.approx(0.105, abs=0.002)
    assert gain.high == pytest.approx(0.105, abs=0.002)
    assert gain.share_higher == 1.0
    low, high = bounds(easy)
    assert high - low > 0.5


def test_a_model_is_neither_higher_nor_lower_than_itself() -> None:
    values = np.random.default_rng(4).random(40)
    assert compare(mean_of(values), mean_of(values)) == {"mean": Difference(0.0, 0.0, 0.0, 0.5)}


def test_comparing_the_other_way_round_turns_the_sign() -> None:
    first, second = np.random.default_rng(6).random((2, 60))
    there = compare(mean_of(first), mean_of(second))["mean"]
    back = compare(mean_of(second), mean_of(first))["mean"]
    assert there.low is not None
    assert back.high is not None
    assert there.value == -back.value
    assert there.low == pytest.approx(-back.high)
    assert there.share_higher == pytest.approx(1 - back.share_higher)


def test_only_the_same_figures_on_as_many_examples_are_compared() -> None:
    other = mean_of([1.0, 2.0])._replace(names=("sum",))
    for second in (other, mean_of([1.0, 2.0, 3.0])):
        with pytest.raises(ValueError, match="same examples"):
            compare(mean_of([1.0, 2.0]), second)


def test_a_share_of_nothing_is_none() -> None:
    shares = ratio(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 4.0]))
    assert shares.tolist() == [0.5, 0.0, 0.75]


def test_an_estimate_goes_to_json_and_comes_back() -> None:
    estimate = estimates(mean_of([1.0, 2.0, 4.0]))["mean"]
    assert msgspec.json.decode(msgspec.json.encode(estimate), type=Estimate) == estimate


def test_ten_thousand_examples_take_no_minutes() -> None:
    begin = time.process_time()
    bounds(np.random.default_rng(7).random(10_000))
    assert time.process_time() - begin < 20  # a loop over resamples would take far longer
