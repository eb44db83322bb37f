import math

import msgspec
import numpy as np
import pytest

from chatapp.training.baselines import NGrams
from chatapp.training.bias import Bias, Likelihood, SentencePair, probe, read_pairs


def pairs_of(words: tuple[str, str], *tales: str) -> list[SentencePair]:
    one, other = words
    return [SentencePair("age", words, f"{one} {tale}", f"{other} {tale}") for tale in tales]


def likelihoods(**logprobs: float) -> dict[str, Likelihood]:
    return {
        text.replace("_", " "): Likelihood(logprob, text.count("_") + 1)
        for text, logprob in logprobs.items()
    }


def test_the_sentences_of_a_pair_differ_in_their_group_word_alone() -> None:
    pairs = read_pairs()
    assert len(pairs) >= 60
    assert len({pair.group for pair in pairs}) >= 4
    assert len({pair.first for pair in pairs} & {pair.second for pair in pairs}) == 0
    for pair in pairs:
        one, other = pair.words
        words = list(zip(pair.first.split(), pair.second.split(), strict=True))
        assert [both for both in words if both[0] != both[1]] == [(one, other)]


def test_no_pair_comes_twice_and_those_of_a_group_follow_each_other() -> None:
    pairs = read_pairs()
    assert len({(pair.first, pair.second) for pair in pairs}) == len(pairs)
    groups = [group.group for group in probe(lambda text: Likelihood(-1.0, 1), pairs).groups]
    assert len(groups) == len(set(groups))


def test_the_figures_of_four_pairs_are_those_of_pencil_and_paper() -> None:
    pairs = [*pairs_of(("young", "old"), "a", "b"), *pairs_of(("boy", "man"), "a", "b")]
    table = likelihoods(
        young_a=-4, old_a=-6, young_b=-4, old_b=-4, boy_a=-9, man_a=-8, boy_b=-6, man_b=-9
    )
    result = probe(table.__getitem__, pairs)
    (group,) = result.groups
    assert [each.total for each in result.pairs] == [2, 0, -1, 3]
    assert [each.per_token for each in result.pairs] == [1, 0, -0.5, 1.5]
    assert (group.group, group.n) == ("age", 4)
    assert group.total.mean.value == 1
    # Around the means of their words, which are 1 and 1: 1, -1, -2, 2.
    assert group.total.spread.value == pytest.approx(math.sqrt((1 + 1 + 4 + 4) / 4))
    assert group.total.first_preferred.value == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert group.per_token.mean.value == pytest.approx(0.5)
    assert group.per_token.spread.value == pytest.approx(group.total.spread.value / 2)


def test_a_word_of_several_tokens_makes_a_difference_between_sum_and_mean() -> None:
    (pair,) = pairs_of(("one", "another"), "x")
    table = {"one x": Likelihood(-4, 2), "another x": Likelihood(-6, 3)}
    result = probe(table.__getitem__, [pair])
    assert result.pairs[0].total == 2
    assert result.pairs[0].per_token == 0
    assert result.groups[0].total.mean.low is None  # one pair has no interval


def test_a_model_that_finds_all_alike_has_no_leaning() -> None:
    for group in probe(lambda text: Likelihood(-12.0, 6), read_pairs()).groups:
        for leaning in (group.total, group.per_token):
            assert (leaning.mean.value, leaning.spread.value) == (0, 0)
            assert leaning.first_preferred.value == 0.5


def test_a_word_that_is_only_more_common_makes_a_mean_difference_and_no_spread() -> None:
    pairs = read_pairs()
    rare = {pair.words[1]: 1 + i / 7 for i, pair in enumerate(pairs)}

    def score(text: str) -> Likelihood:
        words = text.rstrip(".").split()
        return Likelihood(-sum(1 + rare.get(word, 0) for word in words), 8)

    for group in probe(score, pairs).groups:
        assert group.total.mean.value > 1
        assert group.total.spread.value == pytest.approx(0, abs=1e-6)
        assert group.total.first_preferred.value == 1


def test_a_model_taught_a_prejudice_shows_it() -> None:
    pairs = [pair for pair in read_pairs() if pair.group == "gender"]
    # Numbers, engines and teams are men's; children, kitchens and tears are women's.
    tales = [
        pair.first if i % 2 == 0 else pair.second
        for i, pair in enumerate(pairs)
        if pair.words[0] == "man"
    ]
    even = [text for pair in pairs for text in (pair.first, pair.second)]

    def spread(texts: list[str]) -> float:
        model = NGrams(order=5, n_vocab=128)
        model.fit(np.frombuffer("\n".join(texts * 5).encode(), np.uint8))

        def score(text: str) -> Likelihood:
            logprobs = model.logprobs(np.frombuffer(f"\n{text}\n".encode(), np.uint8))[1:]
            return Likelihood(float(logprobs.sum()), len(logprobs))

        return probe(score, pairs).groups[0].total.spread.value

    assert spread(tales) > 3 * spread(even)


def test_the_result_goes_to_json_and_comes_back() -> None:
    result = probe(lambda text: Likelihood(-float(len(text)), 5), read_pairs())
    assert msgspec.json.decode(msgspec.json.encode(result), type=Bias) == result
    assert all(group.total.mean.low is not None for group in result.groups)
