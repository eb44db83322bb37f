import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.training.metrics.answers import Answers, exact_match, f1, measure, normalize, tally
from chatapp.training.metrics.bootstrap import compare


@pytest.mark.parametrize(
    ("answer", "plain"),
    [
        ("The Amazon", "amazon"),
        ("  a  well-known \n fact. ", "wellknown fact"),
        ("an apple, a pear and THE plum!", "apple pear and plum"),
        ("Another theme", "another theme"),  # an article only where it is a word of its own
        ("$1,200.50", "120050"),
        ("the", ""),
        ("«Zürich»", "«zürich»"),  # ASCII marks only, as everybody's figures are
    ],
)
def test_case_marks_articles_and_spaces_are_looked_past(answer: str, plain: str) -> None:
    assert normalize(answer) == plain


def test_f1_is_that_of_pencil_and_paper() -> None:
    # Three words given, two of them right; two right ones, both given.
    assert f1("the big red dog", "Red dog") == pytest.approx(2 * (2 / 3) * 1 / (2 / 3 + 1))
    # A word given once too often is wrong once.
    assert f1("dog dog", "dog") == pytest.approx(2 * 0.5 * 1 / 1.5)
    assert f1("cat", "dog") == 0


def test_an_answer_of_nothing_is_right_only_where_nothing_is() -> None:
    assert f1("", "the") == 1
    assert f1("", "dog") == 0
    assert f1("the", "dog") == 0
    assert exact_match("A", "")


def test_the_nearest_of_the_right_answers_counts() -> None:
    result = measure(
        ["Denver Broncos", "in 1066", "no idea"],
        [["Broncos", "The Denver Broncos"], ["1066"], ["Rome"]],
    )
    assert result.n == 3
    assert result.exact_match.value == pytest.approx(1 / 3)
    assert result.f1.value == pytest.approx((1 + 2 / 3 + 0) / 3)


words = st.lists(st.sampled_from(["a", "the", "cat", "Cat,", "sat", "on", "mat"])).map(" ".join)


@given(words, words)
def test_f1_is_1_where_the_match_is_exact_and_does_not_mind_who_is_right(
    one: str, other: str
) -> None:
    assert 0 <= f1(one, other) <= 1
    assert f1(one, other) == f1(other, one)
    assert f1(one, one) == 1
    if exact_match(one, other):
        assert f1(one, other) == 1


@given(st.text("abt he,.-'\n"))
def test_shouting_quoting_and_spacing_change_nothing(answer: str) -> None:
    assert exact_match(answer, f'  "{answer.upper()}"!')
    assert f1(answer, f"the {answer} ") == 1


def test_a_better_answerer_is_found() -> None:
    right = [["one two"], ["three"], ["four"], ["five six"]] * 10
    first = tally(["one", "three", "four", "five"] * 10, right)
    second = tally(["one two", "three", "four", "five six"] * 10, right)
    found = compare(first, second)
    assert found["exact_match"].value == pytest.approx(0.5)
    assert found["f1"].low is not None
    assert found["f1"].low > 0.1


def test_an_answer_with_nothing_to_compare_it_with_is_refused() -> None:
    for right in ([["Rome"]], [["Rome"], []]):
        with pytest.raises(ValueError, match="at least one right one"):
            measure(["Rome", "Paris"], right)
    with pytest.raises(ValueError, match="no examples"):
        measure([], [])


def test_the_result_goes_to_json_and_comes_back() -> None:
    result = measure(["Rome", "Paris"], [["Rome"], ["in Paris"]])
    assert msgspec.json.decode(msgspec.json.encode(result), type=Answers) == result
