import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.training.metrics.bootstrap import compare
from chatapp.training.metrics.language import Piece, Prediction, measure, tally


def test_a_coin_that_is_fair_has_a_perplexity_of_two_and_one_bit_each() -> None:
    pieces = [Piece(-10 * math.log(2), 10, 10, 10)] * 3
    result = measure(pieces)
    assert result.perplexity.value == pytest.approx(2)
    assert result.bits_per_char.value == pytest.approx(1)
    assert result.bits_per_byte.value == pytest.approx(1)
    assert (result.n_tokens, result.n_chars, result.n_bytes) == (30, 30, 30)


def test_the_figures_are_means_over_all_tokens_and_not_over_pieces() -> None:
    result = measure([Piece(-6.0, 2, 5, 6), Piece(-6.0, 10, 20, 30)])
    assert result.loss.value == pytest.approx(1)
    assert result.perplexity.value == pytest.approx(math.e)
    assert result.bits_per_char.value == pytest.approx(12 / 25 / math.log(2))
    assert result.bits_per_byte.value == pytest.approx(12 / 36 / math.log(2))


@given(
    st.lists(
        st.builds(
            Piece,
            logprob=st.floats(-1e4, 0),
            n_tokens=st.integers(1, 1000),
            n_chars=st.integers(1, 1000),
            n_bytes=st.integers(1, 1000),
        ),
        min_size=2,
        max_size=10,
    )
)
def test_every_figure_lies_between_those_of_the_best_and_the_worst_piece(
    pieces: list[Piece],
) -> None:
    result = measure(pieces)
    for name in ("loss", "perplexity", "bits_per_char", "bits_per_byte"):
        alone = [getattr(measure([piece]), name).value for piece in pieces]
        figure = getattr(result, name)
        assert min(alone) <= figure.value * (1 + 1e-9)
        assert figure.value <= max(alone) * (1 + 1e-9)
        assert figure.low <= figure.high


def test_pieces_unlike_each_other_make_the_interval_wide() -> None:
    alike = measure([Piece(-100.0, 100, 100, 100)] * 20).loss
    unlike = measure([Piece(-50.0 - 5 * i, 100, 100, 100) for i in range(20)]).loss
    assert alike.low == alike.high == 1.0
    assert unlike.low is not None
    assert unlike.high is not None
    assert unlike.high - unlike.low > 0.2


def test_a_text_that_a_model_takes_for_impossible_still_goes_to_json() -> None:
    result = measure([Piece(-1e30, 1, 1, 1), Piece(-1e30, 1, 1, 1)])
    assert math.isfinite(result.perplexity.value)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Prediction) == result


def test_two_models_with_other_tokens_are_compared_by_bits() -> None:
    by_character = [Piece(-20.0, 20, 20, 20)] * 5
    by_word = [Piece(-10.0, 4, 20, 20)] * 5
    found = compare(tally(by_character), tally(by_word))
    assert found["perplexity"].value > 0  # says the opposite, for a word is harder than a letter
    assert found["bits_per_char"].value == pytest.approx(-0.5 / math.log(2))


@pytest.mark.parametrize("empty", [Piece(-1.0, 0, 1, 1), Piece(-1.0, 1, 0, 1)])
def test_a_piece_of_nothing_is_refused(empty: Piece) -> None:
    with pytest.raises(ValueError, match="without a token"):
        measure([Piece(-1.0, 1, 1, 1), empty])


def test_no_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="no examples"):
        measure([])
