"""Where in the sequence a token stands: sinusoidal, learned and rotary positions.

B batch, T time, C n_embd, H heads, D head size.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn


def sinusoidal_positions(
    n_position: int,
    n_embd: int,
    *,
    start: int = 0,
    device: torch.device | str | None = None,
) -> Tensor:
    """Return the waves [T, C] of the positions from `start`: sines in even columns, cosines in odd.

    Raises:
        ValueError: If the width is odd.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    if n_embd % 2:
        raise ValueError(f"Expected an even width, got {n_embd}")
    rates = torch.exp(
        torch.arange(0, n_embd, 2, device=device, dtype=torch.float32)
        * (-math.log(10000.0) / n_embd)
    )
    times = torch.arange(start, start + n_position, device=device, dtype=torch.float32)
    angles = torch.outer(times, rates)  # (T, C/2)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)  # (T, C)


class LearnedPositions(nn.Module):
    """A vector for each position, learned like a word's; `weight` is [block_size, C].

    Source: Gehring et al. 2017, arXiv:1705.03122, section 3.1; GPT and BERT use it.
    """

    def __init__(self, block_size: int, n_embd: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(block_size, n_embd))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, n_position: int, start: int = 0) -> Tensor:
        """Return the vectors [T, C] of the `n_position` positions from `start`.

        Raises:
            ValueError: If they reach beyond the block size.
        """
        end, block_size = start + n_position, self.weight.shape[0]
        if end > block_size:
            raise ValueError(f"Cannot attend to {end} positions, block size is only {block_size}")
        return self.weight[start:end]


class Rotary:
    """Rotary positions: pairs of a head's numbers are turned by an angle that grows with time.

    The pairs are the two halves of the head, (i, i + D/2), as in the files of Hugging Face. Tables
    are made when they are first asked for and grow with the longest sequence; they are no
    parameters and not saved.

    Args:
        head_dim: D.
        base: The longest wave is about 2 pi times this many positions.
        scaling: What a config calls rope_scaling or rope_parameters: `rope_type` (or `type`) is
            default, linear, llama3 or yarn, with the numbers that belong to it; None means default.

    Raises:
        ValueError: If the head size is odd, or the scaling is of another type or lacks a number.

    Source: Su et al. 2021, arXiv:2104.09864, section 3.4.
    """

    def __init__(
        self, head_dim: int, base: float = 10000.0, scaling: Mapping[str, object] | None = None
    ) -> None:
        if head_dim % 2:
            raise ValueError(f"Expected an even head size, got {head_dim}")
        self.rates, self.gain = _scaled_rates(head_dim, base, scaling or {})
        self._table: tuple[Tensor, Tensor] | None = None

    def __call__(
        self, n_position: int, start: int, *, dtype: torch.dtype, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Return cosines and sines [T, D] of the positions from `start`, for `rotate`."""
        end = start + n_position
        table = self._table
        if (
            table is None
            or table[0].shape[0] < end
            or table[0].dtype != dtype
            or table[0].device != device
        ):
            table = self._table = self._make_table(end, dtype, device)
        return table[0][start:end], table[1][start:end]

    def _make_table(
        self, n_position: int, dtype: torch.dtype, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        n_rows = 1 << max(n_position - 1, 255).bit_length()  # Doubles, so that it is seldom made.
        # A table that was made in inference mode could not be used for training afterwards.
        with torch.inference_mode(False), torch.no_grad():
            times = torch.arange(n_rows, dtype=torch.float32, device=device)
            angles = torch.outer(times, self.rates.to(device))  # (n_rows, D/2)
            cos, sin = angles.cos() * self.gain, angles.sin() * self.gain
            # The rotation's minus is in the table, so that `rotate` need not change a sign.
            cos, sin = torch.cat((cos, cos), 1), torch.cat((-sin, sin), 1)
            return cos.to(dtype), sin.to(dtype)  # (n_rows, D)


def rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Turn queries or keys [B, H, T, D] by cosines and sines [T, D] of `Rotary`."""
    cos, sin = rotation
    return torch.addcmul(x * cos, x.roll(x.shape[-1] // 2, -1), sin)


def _scaled_rates(
    head_dim: int, base: float, scaling: Mapping[str, object]
) -> tuple[Tensor, float]:
    """Return the angle a position adds, [D/2], and the gain of cosines and sines."""
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    share = scaling.get("partial_rotary_factor", 1.0)
    if share != 1.0:
        raise ValueError(f"Rotary positions turn whole heads only, got {share} of them")
    rates = 1.0 / base ** (
        torch.arange(0, head_dim, 2, dtype=torch.float32, device="cpu") / head_dim
    )
    if kind == "default":
        return rates, 1.0
    if kind == "linear":
        return rates / _number(scaling, "factor"), 1.0
    if kind == "llama3":
        return _llama3_rates(rates, scaling), 1.0
    if kind == "yarn":
        return _yarn_rates(rates, base, scaling), _yarn_gain(scaling)
    raise ValueError(
        f"Rotary positions can be scaled by linear, llama3 or yarn; {kind!r} is not supported"
    )


def _llama3_rates(rates: Tensor, scaling: Mapping[str, object]) -> Tensor:
    """Stretch slow waves, keep fast ones, blend between.

    Source: Grattafiori et al. 2024, arXiv:2407.21783, names the base only; the blend is that of
    the published Llama 3.1 code.
    """
    factor = _number(scaling, "factor")
    low = _number(scaling, "low_freq_factor")
    high = _number(scaling, "high_freq_factor")
    # In this order of operations the rounded rates are those the models were trained with.
    turns = _number(scaling, "original_max_position_embeddings") / (2 * math.pi / rates)
    kept = ((turns - low) / (high - low)).clamp(0, 1)
    return (1 - kept) * rates / factor + kept * rates


def _yarn_rates(rates: Tensor, base: float, scaling: Mapping[str, object]) -> Tensor:
    """Interpolate slow waves, keep fast ones, by a ramp over the dimensions.

    Source: Peng et al. 2023, arXiv:2309.00071, section 3.2.
    """
    n_pair = rates.shape[0]
    original = _number(scaling, "original_max_position_embeddings")

    def dimension_of(turns: float) -> float:
        return n_pair * math.log(original / (turns * 2 * math.pi)) / math.log(base)

    first = dimension_of(_number(scaling, "beta_fast", 32.0))
    last = dimension_of(_number(scaling, "beta_slow", 1.0))
    if scaling.get("truncate", True):
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, 2 * n_pair - 1)
    ramp = (torch.arange(n_pair, device=rates.device) - first) / max(last - first, 0.001)
    stretched = ramp.clamp(0, 1)
    return rates * (1 - stretched) + rates / _number(scaling, "factor") * stretched


def _yarn_gain(scaling: Mapping[str, object]) -> float:
    """Return how much cosines and sines grow; source: Peng et al. 2023, section 3.4."""
    if scaling.get("attention_factor") is not None:
        return _number(scaling, "attention_factor")

    def gain(weight: float) -> float:
        factor = _number(scaling, "factor")
        return 0.1 * weight * math.log(factor) + 1.0 if factor > 1 else 1.0

    if scaling.get("mscale") and scaling.get("mscale_all_dim"):
        return gain(_number(scaling, "mscale")) / gain(_number(scaling, "mscale_all_dim"))
    return gain(1.0)


def _number(scaling: Mapping[str, object], name: str, default: float | None = None) -> float:
    value = scaling.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(
            f"Expected a number above 0 as {name} of the rotary scaling, got {value!r}"
        )
    return float(value)
