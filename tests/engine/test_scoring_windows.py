"""How a text is scored, with models whose distributions are known."""

import math
from collections.abc import Iterator

import byte_engine
import numpy as np
import pytest

from chatapp.chat import new_id
from chatapp.client import EngineClient
from chatapp.engine.scoring import Window, judge, windows
from chatapp.errors import EngineError
from chatapp.protocol import (
    Count,
    Counted,
    Done,
    Perplexity,
    Progress,
    Score,
    Scored,
    ScoredToken,
)

N_VOCAB = 257


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    with EngineClient(byte_engine.command()) as client:
        yield client


def score(
    engine: EngineClient, text: str, *, model: str = "even", n_ctx: int = 4096, top_n: int = 0
) -> tuple[Perplexity, list[ScoredToken]]:
    engine.load(model, n_ctx=n_ctx)
    tokens: list[ScoredToken] = []
    return engine.score(text, top_n=top_n, on_tokens=tokens.extend), tokens


def test_a_model_that_expects_everything_alike_has_the_size_of_its_vocabulary(
    engine: EngineClient,
) -> None:
    result, tokens = score(engine, "Salt: été")
    assert (result.n_tokens, result.n_scored, result.n_bytes) == (11, 10, 10)
    assert result.perplexity == pytest.approx(N_VOCAB)
    assert result.bits_per_byte == pytest.approx(math.log2(N_VOCAB))
    assert result.nll == pytest.approx(10 * math.log(N_VOCAB))
    for token in tokens[1:]:
        assert token.rank == 1
        assert token.logprob == pytest.approx(-math.log(N_VOCAB), abs=1e-6)
        assert token.entropy == pytest.approx(math.log(N_VOCAB), abs=1e-5)


def test_the_first_token_of_a_model_without_bos_is_told_and_does_not_count(
    engine: EngineClient,
) -> None:
    _, tokens = score(engine, "Salt")
    assert [token.text for token in tokens] == ["S", "a", "l", "t"]
    assert tokens[0] == ScoredToken(id=ord("S"), text="S")
    assert tokens[1].logprob is not None


def test_with_bos_every_token_counts(engine: EngineClient) -> None:
    result, tokens = score(engine, "Salt", model="begins")
    assert (result.n_tokens, result.n_scored, result.n_bytes) == (4, 4, 4)
    assert tokens[0].logprob is not None


@pytest.mark.parametrize("model", ["tells", "begins"])
def test_each_token_of_a_long_text_sees_at_least_half_the_context(
    engine: EngineClient, model: str
) -> None:
    """These models expect the byte whose number is how many tokens they have read."""
    n_ctx, text = 40, "x" * 237
    _, tokens = score(engine, text, model=model, n_ctx=n_ctx, top_n=1)
    seen = [token.alternatives[0][0] for token in tokens if token.alternatives]
    has_bos = model == "begins"
    assert len(seen) == len(text) - (not has_bos)
    assert seen[:n_ctx] == list(range(1, n_ctx + 1)), "all that comes before, in the first window"
    later = seen[n_ctx:]
    assert min(later) >= n_ctx // 2
    assert max(later) == n_ctx
    assert later[:20] == list(range(later[0], later[0] + 20))


@pytest.mark.parametrize("n_bos", [0, 1])
@pytest.mark.parametrize("n_ctx", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 50, 101])
def test_windows_score_each_token_once_and_fit(n: int, n_ctx: int, n_bos: int) -> None:
    found = list(windows(n, n_ctx, n_bos))
    scored = [at for window in found for at in range(window.first, window.stop)]
    assert scored == list(range(1 - n_bos, n))
    for start, first, stop in found:
        assert 1 <= n_bos + stop - 1 - start <= n_ctx
        assert 0 <= start < first + n_bos


def test_windows_overlap_by_half() -> None:
    assert list(windows(20, 8, 1)) == [
        Window(0, 0, 8), Window(4, 8, 12), Window(8, 12, 16), Window(12, 16, 20)
    ]  # fmt: skip


def test_a_judgement_follows_its_definitions() -> None:
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 5, (20, 1000)).astype(np.float32)
    ids = draw.integers(0, 1000, 20)
    found = judge(logits, ids, 4)
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact) / np.exp(exact).sum(1, keepdims=True)
    own = probabilities[np.arange(20), ids]
    assert np.allclose(found.logprobs, np.log(own), atol=1e-5)
    assert np.allclose(found.entropies, -(probabilities * np.log(probabilities)).sum(1), atol=1e-5)
    order = np.argsort(-exact, axis=1)
    assert (found.likeliest == order[:, :4]).all()
    assert found.ranks.tolist() == [
        list(row).index(id) + 1 for row, id in zip(order, ids, strict=True)
    ]
    assert np.allclose(
        found.likeliest_logprobs,
        np.log(np.take_along_axis(probabilities, order[:, :4], 1)),
        atol=1e-5,
    )


def test_huge_logits_and_forbidden_ids_do_no_harm() -> None:
    logits = np.array([[1e30, 0, -np.inf], [-np.inf, 3, 3]], np.float32)
    found = judge(logits, np.array([0, 1]), 3)
    assert found.logprobs.tolist() == pytest.approx([0, -math.log(2)])
    assert found.entropies.tolist() == pytest.approx([0, math.log(2)])
    assert found.ranks.tolist() == [1, 1]
    assert np.isfinite(found.likeliest_logprobs).all()


def test_a_long_text_streams_in_batches_and_tells_how_far_it_is(engine: EngineClient) -> None:
    engine.load("even", n_ctx=4096)
    request = Score(id=new_id(), text="x" * 3000)
    events = list(engine.request(request))
    batches = [event for event in events if isinstance(event, Scored)]
    assert len(batches) > 20
    assert sum(len(batch.tokens) for batch in batches) == 3000
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.phase, last.done, last.total) == ("score", 3000, 3000)
    assert isinstance(events[-2], Perplexity)
    assert events[-1] == Done(id=request.id)


def test_a_stop_is_heard_between_pieces_and_other_questions_are_answered(
    engine: EngineClient,
) -> None:
    engine.load("endless", n_ctx=100)
    request = Score(id=new_id(), text="x" * 2_000_000)
    events = engine.request(request)
    assert isinstance(next(events), Scored)
    count = Count(id=new_id(), messages=())
    assert any(isinstance(event, Counted) for event in engine.request(count))
    engine.cancel(request.id)
    with pytest.raises(EngineError, match="Stopped before") as failure:
        list(events)
    assert failure.value.code == "cancelled"


def test_what_raises_while_tokens_are_taken_stops_the_rest(engine: EngineClient) -> None:
    engine.load("endless", n_ctx=100)

    def refuse(tokens: tuple[ScoredToken, ...]) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        engine.score("x" * 2_000_000, on_tokens=refuse)
    assert score(engine, "Salt")[0].n_scored == 3, "the engine is free again"


@pytest.mark.parametrize("text", ["", "x"])
def test_nothing_to_score_is_said(engine: EngineClient, text: str) -> None:
    with pytest.raises(EngineError, match="nothing to score") as failure:
        score(engine, text)
    assert failure.value.code == "bad_request"


def test_too_many_alternatives_are_refused(engine: EngineClient) -> None:
    with pytest.raises(ValueError, match="top_n is 101, not 0 to 100"):
        engine.score("x", top_n=101)


def test_vectors_are_not_made_by_a_model_that_writes(engine: EngineClient) -> None:
    engine.load("even")
    with pytest.raises(EngineError, match="makes no vectors"):
        engine.embed(["x"])
