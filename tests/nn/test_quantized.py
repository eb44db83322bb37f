import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from chatapp.nn import quantized
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.quantized import (
    Int4Linear,
    Int8Embedding,
    Int8Linear,
    has_kernel,
    quantize,
    round_to_int4,
    weight_bytes,
)

CONFIG = LlamaConfig(
    n_vocab=256, block_size=64, n_layer=2, n_head=4, n_kv_head=2, n_embd=128, d_ff=192,
    tie_embeddings=True,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_grad():
    torch.manual_seed(0)
    with torch.no_grad():
        yield


@pytest.fixture(params=[True, False], ids=["kernel", "no kernel"])
def with_kernels(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(quantized, "has_kernel", lambda kind: False)
    return request.param


def relative(y, expected):
    return ((y.float() - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("kind", [Int8Linear, Int4Linear])
@pytest.mark.parametrize("shape", [(1, 128), (1, 1, 128), (2, 3, 128), (1, 70, 128)])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_layer_computes_with_its_dequantized_weights(with_kernels, kind, shape, bias, dtype):
    linear = nn.Linear(128, 192, bias=bias).to(dtype)
    layer = kind(linear.weight, linear.bias)
    x = torch.randn(shape).to(dtype)
    expected = nn.functional.linear(x.float(), layer.dequantized())
    expected += linear.bias.float() if bias else 0
    y = layer(x)
    assert y.shape == expected.shape
    assert y.dtype == x.dtype
    assert relative(y, expected) < (0.01 if dtype == torch.bfloat16 else 1e-6)


@pytest.mark.parametrize(("kind", "within"), [(Int8Linear, 0.01), (Int4Linear, 0.1)])
def test_the_weights_of_a_layer_are_near_those_it_was_made_of(kind, within):
    weight = torch.randn(192, 128)
    assert relative(kind(weight).dequantized(), weight) < within


@pytest.mark.parametrize("capability", ["default", "avx2", "avx512"])
def test_every_processor_gets_right_results(capability):
    # Its kernel of 4 bits wants the weights in another order on each of them.
    if capability not in _capabilities():
        pytest.skip(f"this processor has no {capability}")
    script = """
import torch
from chatapp.nn.quantized import Int4Linear, Int8Linear
for kind in (Int8Linear, Int4Linear):
    layer, x = kind(torch.randn(192, 128)), torch.randn(1, 128)
    expected = x @ layer.dequantized().t()
    assert (layer(x.bfloat16()).float() - expected).norm() < 0.01 * expected.norm(), kind
"""
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": capability}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


def _capabilities():
    known = ["default", "avx2", "avx512"]
    mine = torch.backends.cpu.get_cpu_capability().lower()
    return known[: known.index(mine) + 1] if mine in known else ["default"]


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="the kernels are those of AVX2 and AVX512",
)
@pytest.mark.parametrize("kind", [Int8Linear, Int4Linear])
def test_the_kernels_are_used_where_torch_has_them(kind):
    assert has_kernel(kind)


def test_weights_that_were_of_4_bits_already_stay_what_they_are():
    numbers = torch.randint(0, 16, (64, 128)).float()
    numbers[:, ::32], numbers[:, 1::32] = 0, 15  # each group uses all of its range
    weight = numbers * 0.25 - 2.0
    assert torch.equal(Int4Linear(weight).dequantized(), weight)


def test_groups_that_do_not_divide_a_row_are_refused():
    with pytest.raises(ValueError, match="32 do not divide 40"):
        round_to_int4(torch.ones(64, 40))


def test_an_embedding_gives_the_rows_of_its_table():
    table = Int8Linear(torch.randn(256, 128))
    ids = torch.tensor([[3, 255], [0, 3]])
    assert relative(Int8Embedding(table)(ids), table.dequantized()[ids]) < 0.005


@pytest.mark.parametrize("n_bits", [8, 4])
def test_a_tied_head_shares_the_weights_of_the_embedding(n_bits):
    model = quantize(Llama(CONFIG).eval(), n_bits)
    assert model.head is model.token_embedding.table


@pytest.mark.parametrize("n_bits", [8, 4])
def test_a_rounded_model_says_about_the_same_and_is_smaller(n_bits):
    model = Llama(CONFIG).eval()
    ids = torch.randint(0, 256, (1, 20))
    expected, n_bytes = model(ids), weight_bytes(model)
    rounded = quantize(model, n_bits)
    assert relative(rounded(ids), expected) < (0.03 if n_bits == 8 else 0.2)
    assert weight_bytes(rounded) < n_bytes * (0.4 if n_bits == 8 else 0.25)


@pytest.mark.parametrize("n_bits", [8, 4])
def test_a_rounded_model_says_the_same_step_by_step(n_bits):
    model = quantize(Llama(CONFIG).eval(), n_bits)
    ids = torch.randint(0, 256, (1, 20))
    state = model.new_state(1, 32)
    steps = torch.cat([model(id, state) for id in ids.split(1, dim=1)], 1)
    assert relative(steps, model(ids).float()) < 0.05


def test_other_bits_are_refused():
    with pytest.raises(ValueError, match="got 3"):
        quantize(nn.Linear(2, 2), 3)
