import pytest
import torch
from torch import nn

from chatapp.nn import quantized
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.quantized import (
    Int4Linear,
    Int8Embedding,
    Int8Linear,
    TiedInt8Head,
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
        for name in ("has_int8_kernel", "has_int8_matrix_kernel", "has_int4_kernel"):
            monkeypatch.setattr(quantized, name, lambda: False)
    return request.param


def relative(y, expected):
    return ((y.float() - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("shape", [(1, 128), (1, 1, 128), (2, 3, 128)])
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_of_8_bits_computes_with_its_dequantized_weights(with_kernels, shape, bias):
    linear = nn.Linear(128, 192, bias=bias)
    layer = Int8Linear(linear)
    x = torch.randn(shape)
    expected = nn.functional.linear(x, layer.dequantized(), linear.bias)
    y = layer(x)
    assert y.shape == expected.shape
    assert y.dtype == x.dtype
    assert relative(y, expected) < (0.01 if with_kernels else 1e-6)
    assert relative(layer.dequantized(), linear.weight) < 0.01


def test_a_large_row_takes_no_digits_from_the_others():
    layer = Int8Linear(nn.Linear(128, 64, bias=False))
    x = torch.randn(2, 128)
    x[0] *= 1000
    assert relative(layer(x)[1], x[1] @ layer.dequantized().t()) < 0.02


@pytest.mark.parametrize("shape", [(1, 128), (1, 1, 128), (2, 3, 128)])
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_of_4_bits_computes_with_its_dequantized_weights(with_kernels, shape, bias):
    linear = nn.Linear(128, 192, bias=bias)
    layer = Int4Linear(linear)
    x = torch.randn(shape).bfloat16()
    linear.to(torch.bfloat16)
    expected = nn.functional.linear(x.float(), layer.dequantized(), None)
    expected += linear.bias.float() if bias else 0
    y = layer(x)
    assert y.shape == expected.shape
    assert y.dtype == x.dtype
    assert relative(y, expected) < 0.01


def test_weights_that_were_of_4_bits_already_stay_what_they_are():
    numbers = torch.randint(0, 16, (64, 128)).float()
    numbers[:, ::32], numbers[:, 1::32] = 0, 15  # each group uses all of its range
    linear = nn.Linear(128, 64, bias=False)
    linear.weight.copy_(numbers * 0.25 - 2.0)
    assert torch.equal(Int4Linear(linear).dequantized(), linear.weight)


def test_groups_that_do_not_divide_a_row_are_refused():
    with pytest.raises(ValueError, match="32 do not divide 40"):
        round_to_int4(torch.ones(64, 40))


def test_a_tied_head_computes_with_the_embedding(with_kernels):
    table = nn.Embedding(256, 128)
    embedding = Int8Embedding(table, torch.bfloat16)
    assert relative(embedding(torch.arange(256)), table.weight) < 0.01
    x = torch.randn(1, 2, 128).bfloat16()
    assert relative(TiedInt8Head(embedding)(x), x.float() @ table.weight.t()) < 0.02


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
