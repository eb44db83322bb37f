import ctypes
from collections.abc import Iterator

import llama_cpp.llama_cpp as llama
import numpy as np
import pytest
import torch

from chatapp.chat import GenerationParams
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.engine.backends.llama_sampling import Sampler as LlamaSampler
from chatapp.engine.backends.native_sampling import Sampler

TEXT = "The sea is blue: the sea is deep, and the sea is wide. The sea is blue, the sea is"
OFF = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0, "temperature": 0.8}
SETTINGS = [
    {},
    {"temperature": 0.8, "top_p": 0.7},
    {"temperature": 2.0, "min_p": 0.2},
    {"top_k": 0},
    {"top_k": 0, "typical_p": 0.6, "min_p": 0.0},
    {**OFF, "top_k": 7},
    {**OFF, "top_p": 0.5},
    {**OFF, "min_p": 0.05},
    {**OFF, "top_k": 30, "typical_p": 0.3},
    {**OFF, "top_k": 30, "typical_p": 0.9},
    {**OFF, "top_k": 50, "repeat_penalty": 1.5, "penalty_last_n": 8},
    {**OFF, "top_k": 50, "repeat_penalty": 0.5, "penalty_last_n": -1},
    {**OFF, "top_k": 50, "frequency_penalty": 0.7, "presence_penalty": 0.4},
    {**OFF, "top_k": 20, "xtc_probability": 1.0, "xtc_threshold": 0.05},
    {**OFF, "top_k": 20, "xtc_probability": 1.0, "xtc_threshold": 0.6},
    {**OFF, "top_k": 40, "dry_multiplier": 0.8},
    {**OFF, "top_k": 40, "dry_multiplier": 3.0, "dry_allowed_length": 1, "dry_penalty_last_n": 12},
    {**OFF, "top_k": 40, "dry_multiplier": 1.0, "dry_base": 1.0, "dry_allowed_length": 0},
    {"dry_multiplier": 0.8, "xtc_probability": 1.0, "xtc_threshold": 0.02, "typical_p": 0.9},
]


class Reference:
    """What llama.cpp's chain leaves of the same logits, its draw left out."""

    def __init__(self, backend: LlamaBackend) -> None:
        self._sampler = LlamaSampler(llama.llama_model_get_vocab(backend._model), 2_048)

    def distribution(
        self, params: GenerationParams, ids: list[int], logits: np.ndarray
    ) -> dict[int, float]:
        self._sampler.start(params, ids)
        chain = self._sampler._chain
        if params.temperature > 0:
            draw = llama.llama_sampler_chain_n(chain) - 1
            llama.llama_sampler_free(llama.llama_sampler_chain_remove(chain, draw))
        data = (llama.llama_token_data * len(logits))()
        for id, logit in enumerate(logits.tolist()):
            data[id].id, data[id].logit = id, logit
        array = llama.llama_token_data_array(data, len(logits), -1, False)
        llama.llama_sampler_apply(chain, ctypes.byref(array))
        if params.temperature == 0:
            return {array.data[array.selected].id: 1.0}
        kept = [(array.data[i].id, array.data[i].logit) for i in range(array.size)]
        weights = np.exp([logit - max(one for _, one in kept) for _, logit in kept])
        return dict(zip((id for id, _ in kept), weights / weights.sum(), strict=True))

    def close(self) -> None:
        self._sampler.close()


@pytest.fixture(scope="module")
def prompt(backend: LlamaBackend) -> list[int]:
    return backend.tokenize(TEXT, special=False)


@pytest.fixture(scope="module")
def logits(backend: LlamaBackend, prompt: list[int]) -> np.ndarray:
    backend.read(prompt, lambda done, total: None)
    return backend._logprobs().astype(np.float32) + 15  # some above zero, as logits are


@pytest.fixture(scope="module")
def reference(backend: LlamaBackend) -> Iterator[Reference]:
    one = Reference(backend)
    yield one
    one.close()


@pytest.fixture(scope="module")
def sampler(backend: LlamaBackend) -> Sampler:
    return Sampler(backend.info.n_vocab, 2_048, backend._special_text)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_what_may_be_drawn_is_what_llama_cpp_leaves(
    sampler: Sampler, reference: Reference, prompt: list[int], logits: np.ndarray, settings: dict
) -> None:
    params = GenerationParams(**settings, seed=1)
    expected = reference.distribution(params, prompt, logits)
    sampler.start(params, prompt)
    left = sampler.candidates(torch.from_numpy(logits))
    ours = dict(zip(left.ids.tolist(), left.probabilities().tolist(), strict=True))
    assert ours.keys() == expected.keys()
    assert ours == pytest.approx(expected, rel=1e-3, abs=1e-7)


@pytest.mark.parametrize(
    "settings", [{}, {"dry_multiplier": 2.0}, {"repeat_penalty": 1.0}, {"top_k": 0}], ids=str
)
def test_temperature_zero_takes_what_llama_cpp_takes(
    sampler: Sampler, reference: Reference, prompt: list[int], logits: np.ndarray, settings: dict
) -> None:
    params = GenerationParams(temperature=0, **settings)
    sampler.start(params, prompt)
    [(id, _)] = reference.distribution(params, prompt, logits).items()
    assert sampler.sample(torch.from_numpy(logits)) == id


def test_draws_follow_the_probabilities(sampler: Sampler, logits: np.ndarray) -> None:
    scores = torch.from_numpy(logits)
    params = GenerationParams(**{**OFF, "top_k": 4, "seed": 3})
    sampler.start(params, [])
    left = sampler.candidates(scores)
    n = 4_000
    drawn = [sampler.sample(scores) for _ in range(n)]
    shares = [drawn.count(id) / n for id in left.ids.tolist()]
    assert shares == pytest.approx(left.probabilities().tolist(), abs=0.04)


def test_the_same_seed_draws_the_same(sampler: Sampler, logits: np.ndarray) -> None:
    def draw(seed: int) -> list[int]:
        assert sampler.start(GenerationParams(temperature=2.0, seed=seed), []) == seed
        return [sampler.sample(torch.from_numpy(logits)) for _ in range(20)]

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_what_was_drawn_is_remembered_by_the_penalties(sampler: Sampler) -> None:
    scores = torch.linspace(5, 1, 50)
    sampler.start(GenerationParams(temperature=0, repeat_penalty=10.0), [])
    assert [sampler.sample(scores) for _ in range(3)] == [0, 1, 2]


def test_logits_are_left_as_they_are(sampler: Sampler, prompt: list[int]) -> None:
    for settings in ({"top_k": 0}, {"dry_multiplier": 2.0}):
        scores = torch.linspace(5, 1, sampler._n_vocab)
        sampler.start(GenerationParams(**settings), prompt)
        sampler.sample(scores)
        assert torch.equal(scores, torch.linspace(5, 1, sampler._n_vocab))
