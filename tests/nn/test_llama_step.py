"""A step without modules computes what the network does."""

import pytest
import torch

from chatapp.nn import attention
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.llama_step import LlamaStep
from chatapp.nn.quantized import Int4Linear, has_kernel, quantize

SIZES = {"n_layer": 2, "n_head": 4, "n_kv_head": 2, "n_embd": 128, "d_ff": 256}


@pytest.fixture(autouse=True)
def _no_grad():
    with torch.inference_mode():
        yield


def _llama(**options: object) -> Llama:
    return Llama(LlamaConfig(256, 64, **SIZES, **options)).eval()


def _logits(read, model: Llama, ids: torch.Tensor) -> torch.Tensor:
    """What `read` says after each of `ids` but the first half, which the network reads."""
    state = model.new_state(1, 64)
    half = ids.shape[1] // 2
    model(ids[:, :half], state)
    found = torch.cat([read(one, state) for one in ids[:, half:].split(1, dim=1)], 1)
    assert state.length == ids.shape[1]
    return found


@pytest.mark.skipif(not has_kernel(Int4Linear), reason="torch has no kernel for this processor")
@pytest.mark.parametrize("n_bits", [8, 4])
@pytest.mark.parametrize("many_keys", [4_000, 1], ids=["few keys", "many keys"])
def test_a_step_says_what_the_network_says(n_bits, many_keys, monkeypatch):
    monkeypatch.setattr(attention, "_MANY_KEYS", many_keys)
    model = quantize(_llama(tie_embeddings=True), n_bits)
    step = LlamaStep.of(model)
    assert step is not None
    ids = torch.randint(0, 256, (1, 24))
    assert torch.equal(_logits(step, model, ids), _logits(model, model, ids))


@pytest.mark.skipif(not has_kernel(Int4Linear), reason="torch has no kernel for this processor")
def test_a_step_beyond_the_room_is_refused():
    model = quantize(_llama(), 4)
    step, state = LlamaStep.of(model), model.new_state(1, 2)
    assert step is not None
    for id in range(2):
        step(torch.tensor([[id]]), state)
    with pytest.raises(ValueError, match="Cannot hold 3 positions"):
        step(torch.tensor([[2]]), state)


@pytest.mark.parametrize(
    "model",
    [
        _llama(),
        quantize(_llama(qkv_bias=True), 4),
        quantize(_llama(sliding_window=8), 4),
        torch.nn.Linear(2, 2),
    ],
    ids=["not rounded", "biases", "a window", "no Llama"],
)
def test_other_models_have_no_such_step(model):
    assert LlamaStep.of(model) is None
