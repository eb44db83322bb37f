import math
from collections.abc import Mapping

import pytest
import torch
from transformers import LlamaConfig as TheirConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from chatapp.nn.positions import LearnedPositions, Rotary, rotate, sinusoidal_positions

_SCALINGS: list[Mapping[str, object] | None] = [
    None,
    {"rope_type": "default"},
    {"type": "linear", "factor": 4.0},
    {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    },
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    {
        "rope_type": "yarn",
        "factor": 4.0,
        "original_max_position_embeddings": 64,
        "beta_fast": 16,
        "beta_slow": 2,
        "mscale": 1.0,
        "mscale_all_dim": 0.5,
        "truncate": False,
    },
    {
        "rope_type": "yarn",
        "factor": 4.0,
        "original_max_position_embeddings": 64,
        "attention_factor": 1.5,
    },
]
_LIKE = {"dtype": torch.float32, "device": torch.device("cpu")}


def test_sinusoidal_positions_follow_the_formula_of_the_paper() -> None:
    waves = sinusoidal_positions(20, 8, start=3)
    for time, column in [(0, 0), (0, 1), (7, 4), (19, 7)]:
        angle = (time + 3) / 10000 ** (column // 2 * 2 / 8)
        expected = math.cos(angle) if column % 2 else math.sin(angle)
        assert waves[time, column].item() == pytest.approx(expected, abs=1e-5)


def test_sinusoidal_positions_need_an_even_width() -> None:
    with pytest.raises(ValueError, match="even width, got 7"):
        sinusoidal_positions(4, 7)


def test_learned_positions_end_at_the_block_size() -> None:
    positions = LearnedPositions(8, 4)
    torch.testing.assert_close(positions(3, 5), positions.weight[5:8])
    with pytest.raises(ValueError, match="9 positions, block size is only 8"):
        positions(3, 6)


@pytest.mark.parametrize("scaling", _SCALINGS)
def test_rotary_positions_equal_those_of_transformers(scaling: Mapping[str, object] | None) -> None:
    config = TheirConfig(
        hidden_size=64,
        num_attention_heads=4,
        max_position_embeddings=256,
        rope_parameters={"rope_type": "default", "rope_theta": 5000.0, **(scaling or {})}
        | ({"rope_type": scaling["type"]} if scaling and "type" in scaling else {}),
    )
    q, k = torch.randn(1, 4, 100, 16), torch.randn(1, 2, 100, 16)
    cos, sin = LlamaRotaryEmbedding(config)(q, torch.arange(50, 150)[None])
    rotation = Rotary(16, 5000.0, scaling)(100, 50, **_LIKE)
    for ours, theirs in zip((q, k), apply_rotary_pos_emb(q, k, cos, sin), strict=True):
        assert (rotate(ours, rotation) - theirs).abs().max() <= 1e-5


def test_rotated_products_depend_on_the_distance_only() -> None:
    q, k, rotary = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16), Rotary(16)

    def product(at_q: int, at_k: int) -> torch.Tensor:
        turned_q, turned_k = (rotate(x, rotary(1, at, **_LIKE)) for x, at in ((q, at_q), (k, at_k)))
        return (turned_q * turned_k).sum()

    torch.testing.assert_close(product(9, 4), product(305, 300), atol=1e-4, rtol=0)


def test_a_table_made_in_inference_mode_serves_training() -> None:
    rotary = Rotary(16)
    with torch.inference_mode():
        rotary(4, 0, **_LIKE)
    x = torch.randn(1, 1, 4, 16, requires_grad=True)
    rotate(x, rotary(4, 0, **_LIKE)).sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize(
    ("scaling", "message"),
    [
        ({"rope_type": "dynamic", "factor": 2.0}, "'dynamic' is not supported"),
        ({"rope_type": "longrope"}, "'longrope' is not supported"),
        ({"rope_type": "linear"}, "number above 0 as factor of the rotary scaling, got None"),
        ({"rope_type": "linear", "factor": "4"}, "got '4'"),
        ({"rope_type": "default", "partial_rotary_factor": 0.5}, "whole heads only, got 0.5 of"),
    ],
)
def test_other_scalings_are_refused(scaling: Mapping[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rotary(16, scaling=scaling)


def test_rotary_positions_need_an_even_head() -> None:
    with pytest.raises(ValueError, match="even head size, got 7"):
        Rotary(7)
