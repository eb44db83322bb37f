import math
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.training.baselines import Classifier, Majority, NaiveBayes, NGrams
from chatapp.training.data.examples import Labelled

CLASSIFIERS: list[type[Majority] | type[NaiveBayes]] = [Majority, NaiveBayes]


def learned(model: Classifier, *pairs: tuple[str, str]) -> Classifier:
    model.fit([Labelled(text, label) for text, label in pairs])
    return model


def test_majority_says_the_share_of_each_label_of_every_text() -> None:
    model = learned(Majority(), ("a", "x"), ("b", "y"), ("c", "x"), ("d", "x"))
    assert model.labels == ("x", "y")
    assert model.predict(["b", "never read"]).tolist() == [[0.75, 0.25]] * 2


def test_naive_bayes_adds_one_to_every_count() -> None:
    model = learned(NaiveBayes(), ("red", "x"), ("blue", "y"))
    # Of x: red 1 + 1 of 1 + 2. Of y: 0 + 1 of 1 + 2.
    assert model.predict(["Red"])[0].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_naive_bayes_weighs_what_is_more_common_by_bayes_rule() -> None:
    model = learned(NaiveBayes(), ("red", "x"), ("red", "x"), ("red", "y"))
    # 2/3 times 3/3 against 1/3 times 2/2: one term in all, so the text says nothing.
    assert model.predict(["red"])[0].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_naive_bayes_tells_texts_of_the_same_words_in_another_order_apart() -> None:
    model = learned(NaiveBayes(), ("not good", "bad"), ("good not", "fine"))
    assert model.predict(["not good", "good not"])[:, 0].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_naive_bayes_reads_marks_and_passes_over_what_it_never_read() -> None:
    model = learned(NaiveBayes(), ("win!", "spam"), ("win.", "ham"), ("hi.", "ham"))
    shout, unknown, empty = model.predict(["!", "zebra", ""])
    assert shout[1] > 0.4 > 1 / 3
    assert unknown.tolist() == empty.tolist() == pytest.approx([2 / 3, 1 / 3])


@pytest.mark.parametrize("kind", CLASSIFIERS)
@given(
    st.lists(st.tuples(st.text("ab .", max_size=12), st.sampled_from("xyz")), min_size=1),
    st.lists(st.text("abc .", max_size=300), max_size=5),
)
def test_the_probabilities_of_every_text_sum_to_one(
    kind: Callable[[], Classifier], pairs: list[tuple[str, str]], texts: list[str]
) -> None:
    model = learned(kind(), *pairs)
    probs = model.predict(texts)
    assert probs.shape == (len(texts), len(model.labels))
    assert (probs >= 0).all()
    assert probs.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_fitting_again_forgets_what_was_learned_before(kind: Callable[[], Classifier]) -> None:
    again = learned(learned(kind(), ("a", "x"), ("b", "z")), ("a", "y"), ("b", "y"), ("b", "w"))
    fresh = learned(kind(), ("a", "y"), ("b", "y"), ("b", "w"))
    assert again.labels == fresh.labels == ("w", "y")
    assert again.predict(["a b"]).tolist() == fresh.predict(["a b"]).tolist()


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_a_classifier_learns_from_no_examples_by_saying_so(kind: Callable[[], Classifier]) -> None:
    with pytest.raises(ValueError, match="no examples"):
        kind().fit([])


def test_naive_bayes_sorts_generated_messages_far_better_than_majority() -> None:
    generator = np.random.default_rng(0)
    topics = {"sea": "ship wave harbour the a of", "farm": "cow barn field the a of"}

    def message(label: str) -> Labelled:
        return Labelled(" ".join(generator.choice(topics[label].split(), 6)), label)

    examples = [message(label) for label in ("sea", "sea", "farm") * 60]
    model, floor = NaiveBayes(), Majority()
    model.fit(examples[:120])
    floor.fit(examples[:120])
    texts = [each.text for each in examples[120:]]

    def n_right(probs: np.ndarray) -> int:
        found = [model.labels[i] for i in probs.argmax(axis=1)]
        return sum(a == each.label for a, each in zip(found, examples[120:], strict=True))

    assert n_right(floor.predict(texts)) == 40
    assert n_right(model.predict(texts)) >= 57


def probability(model: NGrams, before: list[int], following: int) -> float:
    return math.exp(model.logprobs(np.array([*before, following]))[-1])


def test_kneser_ney_of_four_ids_is_that_of_pencil_and_paper() -> None:
    model = NGrams(order=2, n_vocab=3)
    model.fit(np.array([0, 1, 0, 2]))
    # The pairs 01, 10 and 02 came once each, too few to tell a discount, so it is 1/2. After 0:
    # (1 - 1/2) / 2 for 1 and for 2, and 1/2 is held back for the single ids. Each of those follows
    # one other, so all have 1/3.
    assert probability(model, [0], 1) == pytest.approx(1 / 4 + 1 / 2 * 1 / 3)
    assert probability(model, [0], 2) == pytest.approx(1 / 4 + 1 / 2 * 1 / 3)
    assert probability(model, [0], 0) == pytest.approx(1 / 2 * 1 / 3)
    assert probability(model, [1], 2) == pytest.approx(1 / 2 * 1 / 3)
    assert probability(model, [2], 1) == pytest.approx(1 / 3)  # after 2 nothing ever came


def test_an_id_that_follows_one_other_only_is_unlikely_elsewhere_however_often_it_came() -> None:
    # 7 comes 30 times, always after 6 ("San Francisco"); 5 comes 9 times after 9 others.
    pairs = [[6, 7]] * 30 + [[before, 5] for before in (0, 1, 2, 3, 4, 6, 7, 8, 9)]
    model = NGrams(order=2, n_vocab=12)
    model.fit(np.concatenate(pairs))
    assert probability(model, [6], 7) > 0.8
    assert probability(model, [11], 5) > 2 * probability(model, [11], 7)


tokens = st.lists(st.integers(0, 4), min_size=1, max_size=60)


@given(tokens, st.lists(st.integers(0, 4), max_size=6), st.integers(1, 5))
def test_after_any_ids_the_probabilities_of_the_next_sum_to_one(
    text: list[int], before: list[int], order: int
) -> None:
    model = NGrams(order, n_vocab=6)  # the last id never comes
    model.fit(np.array(text))
    probs = [probability(model, before, following) for following in range(6)]
    assert min(probs) > 0
    assert sum(probs) == pytest.approx(1)


def slow_kneser_ney(text: list[int], order: int, n_vocab: int) -> Callable[[list[int]], float]:
    """The same model by dictionaries and recursion, as the papers write it."""
    order = min(order, len(text))
    grams = {
        n: Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        for n in range(1, order + 1)
    }
    for n in range(1, order):
        before = Counter(gram[1:] for gram in grams[n + 1])
        grams[n] = Counter({gram: before[gram] for gram in grams[n]})

    def discount(n: int, count: int) -> float:
        n_1, n_2, n_3, n_4 = (sum(c == k for c in grams[n].values()) for k in (1, 2, 3, 4))
        found = [0.5, 1.0, 1.5]
        if n_1 and n_2 and n_3 and n_4:
            y = n_1 / (n_1 + 2 * n_2)
            told = [1 - 2 * y * n_2 / n_1, 2 - 3 * y * n_3 / n_2, 3 - 4 * y * n_4 / n_3]
            found = told if all(0 < d < k for k, d in enumerate(told, 1)) else found
        return [0.0, *found][min(count, 3)]

    after = {n: defaultdict[tuple[int, ...], list[int]](list) for n in grams}
    for n in grams:
        for gram, count in grams[n].items():
            after[n][gram[:-1]].append(count)

    def prob(gram: tuple[int, ...]) -> float:
        if not gram:
            return 1 / n_vocab
        n = len(gram)
        counts = after[n][gram[:-1]]
        if not sum(counts):
            return prob(gram[1:])
        kept = max(grams[n][gram] - discount(n, grams[n][gram]), 0) / sum(counts)
        held_back = sum(discount(n, count) for count in counts) / sum(counts)
        return kept + held_back * prob(gram[1:])

    return lambda ids: prob(tuple(ids[-order:]))


@given(tokens, tokens, st.integers(1, 5))
def test_every_probability_is_that_of_the_model_written_as_in_the_papers(
    text: list[int], other: list[int], order: int
) -> None:
    model = NGrams(order, n_vocab=5)
    model.fit(np.array(text))
    slow = slow_kneser_ney(text, order, 5)
    wanted = [math.log(slow(other[: i + 1])) for i in range(len(other))]
    assert model.logprobs(np.array(other)).tolist() == pytest.approx(wanted)


def test_discounts_are_told_from_counts_where_there_are_enough() -> None:
    generator = np.random.default_rng(1)
    text = np.minimum(generator.geometric(0.1, 4000), 40) - 1
    model = NGrams(3, n_vocab=40)
    model.fit(text)
    slow = slow_kneser_ney(text.tolist(), 3, 40)
    other = generator.integers(0, 40, 50).tolist()
    wanted = [math.log(slow(other[: i + 1])) for i in range(len(other))]
    assert model.logprobs(np.array(other)).tolist() == pytest.approx(wanted)


def test_a_longer_memory_predicts_a_text_that_needs_it_better() -> None:
    generator = np.random.default_rng(2)
    text = [0, 1]
    for _ in range(6000):  # the sum of the two before, nine times in ten
        rule = (text[-1] + text[-2]) % 7
        text.append(rule if generator.random() < 0.9 else int(generator.integers(7)))
    losses = []
    for order in (1, 2, 3, 4):
        model = NGrams(order, n_vocab=7)
        model.fit(np.array(text[:5000]))
        losses.append(-model.logprobs(np.array(text[5000:])).mean())
    best = -(0.9 + 0.1 / 7) * math.log(0.9 + 0.1 / 7) - 6 * (0.1 / 7) * math.log(0.1 / 7)
    assert losses[0] == pytest.approx(math.log(7), abs=0.02)
    assert losses[1] > 1.8
    assert losses[2] == pytest.approx(best, abs=0.1)
    assert losses[3] == pytest.approx(best, abs=0.2)


def test_ids_of_a_token_file_are_taken_as_they_are() -> None:
    generator = np.random.default_rng(3)
    ids = generator.integers(0, 60_000, 300)
    wide, narrow = NGrams(3, 60_000), NGrams(3, 60_000)
    wide.fit(ids)
    narrow.fit(ids.astype(np.uint16))
    assert narrow.logprobs(ids.astype(np.uint16)).tolist() == wide.logprobs(ids).tolist()


def test_ids_that_make_no_model_are_refused() -> None:
    model = NGrams(2, n_vocab=4)
    with pytest.raises(ValueError, match="no ids"):
        model.fit(np.array([], np.int64))
    for wrong in ([0, 4], [-1, 2]):
        with pytest.raises(ValueError, match="from 0 to 3"):
            model.fit(np.array(wrong))
    with pytest.raises(ValueError, match="makes no model"):
        NGrams(0, n_vocab=4)
