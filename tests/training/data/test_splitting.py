from collections import Counter
from collections.abc import Sequence

import pytest

from chatapp.chat import Message
from chatapp.errors import DataError
from chatapp.training.data.examples import Chat, Example, Labelled, Pair, Question, Text
from chatapp.training.data.splitting import (
    LEAST_CHARACTERS,
    LEAST_EXAMPLES,
    LEAST_OF_A_LABEL,
    folds,
    key_of,
    split_examples,
    split_from,
    unique,
)


def labelled(n: int) -> list[Example]:
    return [Labelled(f"text number {number}", "ab"[number % 2]) for number in range(n)]


def keys(examples: Sequence[Example]) -> set[str]:
    return {key_of(example) for example in examples}


def said(*contents: str) -> Chat:
    roles = ("user", "assistant")
    return Chat(tuple(Message(role=roles[n % 2], content=text) for n, text in enumerate(contents)))


def test_a_single_text_is_cut_as_nanogpt_cuts_it() -> None:
    data = "".join(chr(97 + n % 23) for n in range(11_153))
    split = split_examples([Text(data)], validation=0.1, seed=5)
    n = len(data)
    train_data, val_data = data[: int(n * 0.9)], data[int(n * 0.9) :]  # nanoGPT's prepare.py
    assert split == ([Text(train_data)], [Text(val_data)], 0)


def test_of_a_few_texts_the_end_of_each_is_held_out() -> None:
    texts = [Text(letter * 1_000) for letter in "abc"]
    split = split_examples(texts, validation=0.2)
    assert split.train == [Text(letter * 800) for letter in "abc"]
    assert split.validation == [Text(letter * 200) for letter in "abc"]


def test_of_many_texts_whole_ones_are_held_out() -> None:
    texts = [Text(f"{n} " * 100) for n in range(200)]
    split = split_examples(texts, validation=0.2)
    assert sorted(split.train + split.validation, key=str) == sorted(texts, key=str)
    assert 20 < len(split.validation) < 60


def test_the_parts_are_the_shares_and_nothing_is_lost() -> None:
    split = split_examples(labelled(5_000), validation=0.1)
    sizes = [len(split.train), len(split.validation)]
    assert sum(sizes) == 5_000
    assert sizes == pytest.approx([4_500, 500], rel=0.1)


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    first, again, other = (
        split_examples(labelled(500), validation=0.1, seed=seed).validation for seed in (1, 1, -2)
    )
    assert first == again
    assert len(keys(first) & keys(other)) < 20
    # Another version of the program must hold out the same.
    assert [key_of(example)[12:] for example in first[:3]] == ["25", "59", "64"]


def test_more_examples_move_none_to_the_other_side() -> None:
    some, more = labelled(500), labelled(1_000)[::-1]
    before, after = split_examples(some, validation=0.2), split_examples(more, validation=0.2)
    assert keys(before.validation) == keys(after.validation) & keys(some)


def test_one_example_is_held_out_however_few_there_are() -> None:
    for seed in range(30):
        split = split_examples(labelled(12), validation=0.01, seed=seed)
        assert (len(split.train), len(split.validation)) == (11, 1)


def test_duplicates_are_the_same_but_for_case_and_white_space() -> None:
    examples = [
        Labelled("Win  NOW\n", "spam"),
        Labelled("win now", "spam"),
        Labelled("win now!", "spam"),
        Labelled("WIN NOW", "ham"),
        Pair("Go.", "Ve."),
        Pair("Go.", "Vete."),
        Pair("go. ", "ve."),
        Question("c", "q", ("c",), (0,)),
        Question("c", "Q", ("c",), (0,)),
        Question("c", "r", ("c",), (0,)),
        said("Hi", "Hello"),
        said("hi", "hello "),
        said("Hi", "Hey"),
    ]
    kept = [number for number, example in enumerate(examples) if example in list(unique(examples))]
    assert kept == [0, 2, 4, 5, 7, 9, 10, 12]


def test_duplicates_are_counted_and_dropped_before_the_split() -> None:
    split = split_examples(labelled(100) * 3, validation=0.1)
    assert split.n_duplicates == 200
    assert len(split.train) + len(split.validation) == 100


@pytest.mark.parametrize(
    "examples",
    [
        [Pair(f"sentence {n % 100}", f"oración {n}") for n in range(500)],
        [Question(f"context {n % 100}", f"question {n}?", ("c",), (0,)) for n in range(500)],
        [said(f"hello {n % 100}", f"reply {n}") for n in range(500)],
        [
            said(f"hello {n % 100}".upper() if n % 2 else f"hello {n % 100}", f"{n}")
            for n in range(500)
        ],
    ],
    ids=["pairs", "questions", "chats", "case"],
)
def test_what_belongs_together_is_never_on_both_sides(examples: list[Example]) -> None:
    split = split_examples(examples, validation=0.2)
    train, validation = keys(split.train), keys(split.validation)
    assert not train & validation
    assert len(train | validation) == 100
    for outside, inside in folds(examples, 4):
        assert not keys(outside) & keys(inside)


def test_each_example_is_in_one_fold() -> None:
    examples = labelled(1_000)
    parts = list(folds(examples + examples, 5, seed=3))
    assert len(parts) == 5
    inside = Counter(key_of(example) for _, part in parts for example in part)
    assert inside == Counter(keys(examples))
    for outside, part in parts:
        assert len(outside) + len(part) == 1_000
        assert 150 < len(part) < 250
    assert parts == list(folds(examples, 5, seed=3))


def test_what_is_outside_a_fold_can_be_split_further() -> None:
    for outside, _ in folds(labelled(1_000), 5):
        split = split_examples(outside, validation=0.1)
        assert 40 < len(split.validation) < 130


def test_what_is_held_out_elsewhere_is_not_learned_from() -> None:
    asked = [Question(f"Context  {n}", "Which?", ("c",), (0,)) for n in range(20)]
    held_out = [Question("context 3", who, ("c",), (0,)) for who in ("Who?", "who?", "When?")]
    split = split_from(asked * 2, held_out)
    assert split == (asked[:3] + asked[4:], held_out, 21)
    with pytest.raises(DataError, match="nothing to evaluate on"):
        split_from(asked, [])
    with pytest.raises(DataError, match="nothing to learn from"):
        split_from(asked, asked)


TOO_LITTLE: list[tuple[list[Example], str]] = [
    ([], "nothing to learn from"),
    ([Text("one line of text")], "16 characters. That is too little; bring 1,000 or more."),
    (labelled(9), "to learn from: 9. That is too few; bring 10 or more."),
    (labelled(9) * 5, "to learn from: 9. That is too few"),
    ([Labelled(str(n), "a") for n in range(50)], "All rows are labelled “a”"),
    ([*labelled(50), Labelled("x", "rare")], "labelled “rare” to learn from: 1. Bring 5 or more"),
    ([Pair("same", str(n)) for n in range(50)], "too few different examples to hold some out"),
]


@pytest.mark.parametrize(("examples", "what"), TOO_LITTLE)
def test_too_little_is_refused(examples: list[Example], what: str) -> None:
    with pytest.raises(DataError, match=what.replace(".", r"\.")):
        split_examples(examples, validation=0.1)


def test_just_enough_is_taken() -> None:
    split_examples([Text("x" * LEAST_CHARACTERS)], validation=0.1)
    split_examples([Pair(str(n), "x") for n in range(LEAST_EXAMPLES)], validation=0.1)
    few = [Labelled(str(n), "ab"[n % 2]) for n in range(2 * LEAST_OF_A_LABEL)]
    assert len(split_examples(few, validation=0).train) == len(few)


def test_too_few_for_the_folds_are_refused() -> None:
    with pytest.raises(DataError, match="too few examples for 50 folds"):
        list(folds(labelled(30), 50))
