"""Searches through a table of probabilities, and through the real networks."""

import itertools
import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from chatapp.nn.beam_search import beam_search, greedy_search, length_penalty
from chatapp.nn.transformer import Transformer, TransformerConfig

BOS, EOS = 0, 1


class TableState:
    def __init__(self, n_row: int) -> None:
        self.prefixes: list[tuple[int, ...]] = [()] * n_row

    def reorder(self, rows: Tensor) -> None:
        self.prefixes = [self.prefixes[row] for row in rows.tolist()]


class TableModel:
    """Reads the probabilities of what follows from a table: prefix -> token -> probability."""

    def __init__(self, n_vocab: int, table: dict[tuple[int, ...], dict[int, float]]) -> None:
        self.n_vocab = n_vocab
        self.table = table

    def new_state(
        self, src_ids: Tensor, src_mask: Tensor | None = None, *, n_ctx: int, n_beam: int = 1
    ) -> TableState:
        return TableState(src_ids.shape[0] * n_beam)

    def decode(self, tgt_ids: Tensor, state: TableState, *, last_only: bool = False) -> Tensor:
        state.prefixes = [
            (*prefix, token)
            for prefix, token in zip(state.prefixes, tgt_ids[:, 0].tolist(), strict=True)
        ]
        logits = torch.full((len(state.prefixes), 1, self.n_vocab), -math.inf)
        for row, prefix in enumerate(state.prefixes):
            for token, p in self.table.get(prefix[1:], {EOS: 1.0}).items():
                logits[row, 0, token] = math.log(p)
        return logits

    def logprob(self, ids: Sequence[int]) -> float:
        """Of a whole target."""
        return sum(math.log(self.table[tuple(ids[:n])][token]) for n, token in enumerate(ids))


SOURCE = torch.zeros(1, 1, dtype=torch.int64)

# The likeliest first token leads nowhere likely.
GARDEN_PATH = TableModel(
    5,
    {
        (): {2: 0.6, 3: 0.4},
        (2,): {2: 0.3, 3: 0.3, 4: 0.25, EOS: 0.15},
        (3,): {4: 0.9, EOS: 0.1},
        (3, 4): {EOS: 1.0},
        (2, 2): {EOS: 1.0},
    },
)


def test_beams_find_what_greedy_search_passes_by() -> None:
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 6}
    (greedy,) = greedy_search(GARDEN_PATH, SOURCE, **ends)
    (best,) = beam_search(GARDEN_PATH, SOURCE, n_beam=2, alpha=0.0, **ends)
    assert greedy == [2, 2]
    assert best.ids == [3, 4]
    assert best.logprob == pytest.approx(math.log(0.4 * 0.9), abs=1e-5)
    assert best.logprob > GARDEN_PATH.logprob([*greedy, EOS])


def test_the_length_penalty_decides_between_short_and_long() -> None:
    model = TableModel(4, {(): {EOS: 0.5, 2: 0.5}, (2,): {3: 0.95, 2: 0.05}, (2, 3): {EOS: 1.0}})
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 5, "n_beam": 2}
    (short,) = beam_search(model, SOURCE, alpha=0.0, **ends)
    (long,) = beam_search(model, SOURCE, alpha=1.0, **ends)
    assert short.ids == []
    assert long.ids == [2, 3]
    assert long.score == pytest.approx(math.log(0.5 * 0.95) / (8 / 6), abs=1e-5)


def test_an_ended_beginning_leaves_the_beam_narrower() -> None:
    model = TableModel(
        5,
        {
            (): {EOS: 0.4, 2: 0.35, 3: 0.25},
            (2,): {2: 0.6, 3: 0.4},
            (2, 2): {4: 0.5, EOS: 0.5},
            (2, 3): {EOS: 1.0},
        },
    )
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 3, "alpha": 3.0}
    (of_two,) = beam_search(model, SOURCE, n_beam=2, **ends)
    (of_four,) = beam_search(model, SOURCE, n_beam=4, **ends)
    assert of_two.ids == []  # After the end only (2, 2) is followed.
    assert of_four.ids == [2, 3]


def test_the_length_penalty_is_that_of_the_paper() -> None:
    assert length_penalty(1, 0.6) == 1.0
    assert length_penalty(7, 1.0) == 2.0
    assert length_penalty(40, 0.0) == 1.0


def random_table(seed: int, n_vocab: int, n_token: int) -> TableModel:
    """Every beginning of up to `n_token` tokens goes on by chances of its own."""
    torch.manual_seed(seed)
    words = [token for token in range(n_vocab) if token != EOS]
    prefixes = [prefix for n in range(n_token) for prefix in itertools.product(words, repeat=n)]
    logits = torch.randn(len(prefixes), n_vocab) * 1.5
    logits[:, EOS] -= 2.0  # Ends are rare, and targets of every length win.
    chances = logits.softmax(dim=-1).tolist()
    rows = (dict(enumerate(row)) for row in chances)
    return TableModel(n_vocab, dict(zip(prefixes, rows, strict=True)))


def tiny_transformer(seed: int) -> Transformer:
    """Not trained, but of many words: a last norm turned about keeps it from repeating itself."""
    torch.manual_seed(seed)
    model = Transformer(TransformerConfig(11, 1, 2, 16, dropout=0.0)).eval()
    nn.init.normal_(model.decoder[-1].norm3.weight)
    return model


def every_target(n_vocab: int, max_new_tokens: int) -> list[list[int]]:
    """Every sequence that ends, or is as long as may be."""
    words = [token for token in range(n_vocab) if token != EOS]
    targets = []
    for n in range(max_new_tokens):
        targets += [[*ids, EOS] for ids in itertools.product(words, repeat=n)]
    return targets + [list(ids) for ids in itertools.product(words, repeat=max_new_tokens)]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.5])
@pytest.mark.parametrize("seed", range(8))
def test_a_beam_wide_enough_finds_what_trying_everything_finds(seed: int, alpha: float) -> None:
    model = random_table(seed, 4, 4)
    scores = {
        tuple(ids): model.logprob(ids) / length_penalty(len(ids), alpha)
        for ids in every_target(4, 4)
    }
    expected = max(scores, key=scores.__getitem__)
    (best,) = beam_search(
        model, SOURCE, bos_id=BOS, eos_id=EOS, max_new_tokens=4, n_beam=108, alpha=alpha
    )
    assert best.ids == [token for token in expected if token != EOS]
    assert best.score == pytest.approx(scores[expected], abs=1e-4)
    assert best.logprob == pytest.approx(model.logprob(expected), abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_one_beam_is_greedy_search(seed: int) -> None:
    model = random_table(seed, 5, 6)
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 6}
    (best,) = beam_search(model, SOURCE, n_beam=1, **ends)
    assert [best.ids] == greedy_search(model, SOURCE, **ends)


def test_the_score_is_that_of_the_whole_forward() -> None:
    model, src = tiny_transformer(4), torch.randint(11, (1, 6))
    (best,) = beam_search(model, src, bos_id=BOS, eos_id=EOS, max_new_tokens=7, n_beam=3)
    ids = torch.tensor([best.ids if len(best.ids) == 7 else [*best.ids, EOS]])
    logits = model(src, torch.cat((torch.tensor([[BOS]]), ids[:, :-1]), dim=1))
    logprob = logits.detach().log_softmax(dim=-1).gather(2, ids[..., None]).sum().item()
    assert best.logprob == pytest.approx(logprob, abs=1e-4)
    assert best.score == pytest.approx(logprob / length_penalty(ids.shape[1], 0.6), abs=1e-4)


def test_many_sources_give_what_each_gives_alone() -> None:
    model = tiny_transformer(4)
    src, lengths = torch.randint(11, (4, 6)), [6, 2, 4, 1]
    mask = torch.arange(6) < torch.tensor(lengths)[:, None]
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 9, "n_beam": 3}
    together = beam_search(model, src, mask, **ends)
    for row, length in enumerate(lengths):
        (alone,) = beam_search(model, src[row : row + 1, :length], **ends)
        assert together[row].ids == alone.ids
        assert together[row].score == pytest.approx(alone.score, abs=1e-4)


def test_a_target_without_end_is_cut() -> None:
    model = TableModel(3, {(2,) * n: {2: 1.0} for n in range(9)})
    ends = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 5}
    assert greedy_search(model, SOURCE, **ends) == [[2] * 5]
    assert beam_search(model, SOURCE, n_beam=3, **ends)[0].ids == [2] * 5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
        ({"n_beam": 0}, "n_beam must be at least 1, got 0"),
        ({"alpha": -0.1}, "alpha must be at least 0, got -0.1"),
    ],
)
def test_numbers_that_cannot_be_are_refused(changed: dict[str, float], message: str) -> None:
    arguments = {"bos_id": BOS, "eos_id": EOS, "max_new_tokens": 5, **changed}
    with pytest.raises(ValueError, match=message):
        beam_search(GARDEN_PATH, SOURCE, **arguments)
