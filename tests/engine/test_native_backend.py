"""The native backend with the starter model, and with small networks of its own."""

from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch

from chatapp.chat import GenerationParams
from chatapp.engine.backends import native
from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.native import N_PIECE, NativeBackend, load_native
from chatapp.errors import EngineError
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.protocol import Load
from chatapp.text.tokenizer import Tokenizer
from chatapp.weights.opened import OpenedModel

N_VOCAB = 96
GREEDY = GenerationParams(temperature=0, repeat_penalty=1.0)
LLAMA = LlamaConfig(
    n_vocab=N_VOCAB, block_size=2048, n_layer=2, n_head=4, n_kv_head=2, n_embd=64, d_ff=128,
    tie_embeddings=True,
)  # fmt: skip


def tokenizer() -> Tokenizer:
    vocab = {chr(32 + n): n for n in range(N_VOCAB - 1)} | {"</s>": N_VOCAB - 1}
    rules = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocab, merges=[]))
    rules.add_special_tokens(["</s>"])
    return Tokenizer(rules, eos="</s>")


def opened(model: torch.nn.Module, config: object) -> OpenedModel:
    return OpenedModel(model.eval(), config, tokenizer(), "", {"name": "Small"}, "llama")


def small(weights: str = "f32", **fields: object) -> NativeBackend:
    torch.manual_seed(0)
    request = Load(id="load", path="small", **fields)
    with torch.inference_mode():
        return NativeBackend(opened(Llama(LLAMA), LLAMA), request, weights)


def small_rnn() -> NativeBackend:
    torch.manual_seed(0)
    config = RNNConfig(n_vocab=N_VOCAB, block_size=64, n_layer=2, n_embd=32, hidden_size=48)
    request = Load(id="load", path="small", n_ctx=4096)
    with torch.inference_mode():
        return NativeBackend(opened(RNNLM(config), config), request, "int8")


def read(backend: NativeBackend, ids: list[int]) -> int:
    return backend.read(ids, lambda done, total: None)


def words(n: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(0, N_VOCAB - 1, n).tolist()


def logits(backend: NativeBackend, ids: list[int]) -> torch.Tensor:
    read(backend, ids)
    return backend._logits.clone()


@pytest.mark.parametrize("weights", ["f32", "bf16", "int8", "int4"])
def test_any_weights_go_on_where_the_prompt_ends(weights: str) -> None:
    backend = small(weights)
    assert backend.info.weights == weights
    prompt = words(40, seed=1)
    read(backend, prompt[:30])
    for id in prompt[30:]:
        backend.step(id)
    stepped = backend._logits.clone()
    again = logits(small(weights), prompt)
    exact = 1e-5 if weights == "f32" else 0.06
    assert (stepped - again).norm() <= exact * again.norm()


def test_only_what_is_new_is_read() -> None:
    backend = small()
    first = words(100, seed=1)
    assert read(backend, first) == 0
    backend.step(5)
    second = [*first, 5, *words(20, seed=2)]
    assert read(backend, second) == 101
    assert torch.allclose(backend._logits, logits(small(), second), atol=1e-5)


def test_going_back_to_an_earlier_conversation_reads_nothing_again() -> None:
    backend = small()
    talks = [words(300, seed) for seed in range(4)]
    for talk in talks:
        read(backend, talk)
    for talk in talks:
        longer = [*talk, 7]
        assert read(backend, longer) == len(talk)
        assert torch.allclose(backend._logits, logits(small(), longer), atol=1e-5)


def test_a_prompt_is_read_in_pieces_that_are_told_of() -> None:
    told: list[tuple[int, int]] = []
    n = 2 * N_PIECE + 10
    small().read(words(n, 1), lambda done, total: told.append((done, total)))
    assert told == [(0, n), (N_PIECE, n), (2 * N_PIECE, n), (n, n)]


def test_a_stop_within_a_piece_keeps_the_pieces_before_it() -> None:
    backend = small()
    prompt = words(2 * N_PIECE, 1)
    backend._cache._model.blocks[0].register_forward_hook(
        lambda *_: backend.cancel() if len(backend._cache.ids) else None
    )
    with pytest.raises(Cancelled):
        read(backend, prompt)
    backend.clear_cancel()
    backend._cache._model.blocks[0]._forward_hooks.clear()
    assert read(backend, prompt) == N_PIECE
    assert torch.allclose(backend._logits, logits(small(), prompt), atol=1e-5)


def test_a_recurrent_network_goes_on_from_its_state() -> None:
    backend = small_rnn()
    assert backend.info.weights == "f32"
    first = words(200, seed=1)
    read(backend, first)
    longer = [*first, *words(10, seed=2)]
    assert read(backend, longer) == 200
    assert torch.allclose(backend._logits, logits(small_rnn(), longer), atol=1e-5)
    other = words(150, seed=3)
    assert read(backend, other) == 0
    assert read(backend, [*longer, 1]) == 210
    assert read(backend, longer[:50]) == 0, "it cannot forget the end of what it read"


def test_the_likeliest_are_told_with_their_probabilities() -> None:
    backend = small()
    read(backend, words(10, 1))
    backend.start_sampling(GREEDY, [])
    id = backend.sample()
    told = backend.logprob(id, 3)
    expected = backend._logits.log_softmax(-1)
    assert told.alternatives[0][:2] == (id, told.text)
    assert told.logprob == pytest.approx(float(expected[id]), abs=1e-5)
    assert [one[2] for one in told.alternatives] == sorted(
        (one[2] for one in told.alternatives), reverse=True
    )


def test_a_full_context_is_said() -> None:
    backend = small(n_ctx=16)
    with pytest.raises(EngineError, match="has 17 tokens and the context has room for 16"):
        read(backend, words(17, 1))
    read(backend, words(16, 1))
    with pytest.raises(EngineError, match="The context is full"):
        backend.step(1)


def test_a_model_that_is_too_large_is_refused_before_it_is_opened(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native.fit, "memory_available", lambda: 300 * 10**6)
    request = Load(id="1", path=str(starter_model), backend="native", weights="f32")
    with pytest.raises(EngineError, match=r"needs 0\.5 GB of memory and 0\.3 GB are free"):
        load_native(request, lambda part: None)


def test_ids_that_the_model_lacks_are_refused() -> None:
    with pytest.raises(EngineError, match="tokens that this model lacks"):
        read(small(), [N_VOCAB])
    with pytest.raises(EngineError, match="empty"):
        read(small(), [])
