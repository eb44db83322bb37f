import pytest
import torch
from torch import nn

from chatapp.nn.layers import FeedForward, RMSNorm, SwiGLU


@pytest.mark.parametrize("shape", [(2, 5, 32), (1, 1, 32)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rms_norm_equals_that_of_torch(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    ours, theirs = RMSNorm(32, 1e-3), nn.RMSNorm(32, 1e-3)
    nn.init.normal_(ours.weight)
    theirs.load_state_dict(ours.state_dict())
    x = 0.1 * torch.randn(shape, dtype=dtype)
    expected = theirs.to(dtype)(x)
    tolerance = 1e-5 if dtype == torch.float32 else 0.02
    for is_training in (True, False):
        with torch.inference_mode(not is_training):
            assert ours.to(dtype)(x).dtype == dtype
            assert (ours(x) - expected).abs().max() <= tolerance * expected.abs().max()


def test_feed_forward_applies_its_activation_between() -> None:
    x = torch.randn(2, 3, 8)
    for name, function in {
        "gelu": nn.GELU(),
        "gelu_new": nn.GELU("tanh"),
        "relu": nn.ReLU(),
    }.items():
        layer = FeedForward(8, 16, activation=name)
        torch.testing.assert_close(layer(x), layer.down(function(layer.up(x))))


def test_feed_forward_refuses_an_unknown_activation() -> None:
    with pytest.raises(ValueError, match="Expected one of gelu, gelu_new, relu, got 'swish'"):
        FeedForward(8, 16, activation="swish")


def test_swiglu_gates_what_goes_up() -> None:
    layer, x = SwiGLU(8, 16), torch.randn(2, 3, 8)
    gate, up = x @ layer.gate_up.weight[:16].T, x @ layer.gate_up.weight[16:].T
    torch.testing.assert_close(layer(x), layer.down(gate * gate.sigmoid() * up))
