"""Small layers that several networks share: normalisation and feed-forward networks.

B batch, T time, C n_embd, F d_ff.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_new": partial(F.gelu, approximate="tanh"),
    "relu": F.relu,
}


def mean_of_tokens(x: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean over the tokens of each text, [B, C].

    Args:
        x: [B, T, C].
        mask: [B, T], zero or False where there is padding; None without padding.
    """
    if mask is None:
        return x.mean(dim=1)
    weights = mask.to(x.dtype)[..., None]  # (B, T, 1)
    return (x * weights).sum(dim=1) / weights.sum(dim=1)


def chosen_places(x: Tensor, last_only: bool, places: Tensor | None) -> Tensor:
    """Return what is scored of [B, T, C]: the last position, `places` (bool [B, T]), or all."""
    if places is not None:
        return x[places]  # (N, C)
    return x[:, -1:] if last_only else x


class RMSNorm(nn.Module):
    """Divide by the root of the mean square and scale by `weight` [C].

    Source: Zhang and Sennrich 2019, arXiv:1910.07467, equation 4.
    """

    def __init__(self, n_embd: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n_embd))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, C] for [B, T, C]."""
        if torch.is_grad_enabled() or not x.is_cpu:
            return F.rms_norm(x, self.weight.shape, self.weight, self.eps)
        # torch has no fused kernel for CPUs; this takes fewer steps than what it puts together.
        if x.numel() == x.shape[-1]:
            return rms_norm_row(x, self.weight, self.eps)
        wide = x.float()
        norms = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)  # (B, T, 1)
        scale = norms.square_().div_(x.shape[-1]).add_(self.eps).rsqrt_()
        return (wide * scale).to(x.dtype).mul_(self.weight)


def rms_norm_row(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return `RMSNorm` of a single position, [..., C], without a gradient."""
    norm = torch.linalg.vector_norm(x, dtype=torch.float32).item()
    # A plain number is quicker than a tensor of one.
    return (x * (norm * norm / x.shape[-1] + eps) ** -0.5).mul_(weight)


class FeedForward(nn.Module):
    """Two linear layers with an activation between; names for loading: `up` and `down`.

    Args:
        n_embd: C.
        d_ff: F, the width between.
        activation: gelu, gelu_new (by tanh) or relu.
        bias: Whether the layers have a bias.
        dropout: Share of the output dropped in training.

    Raises:
        ValueError: If the activation is another.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.3; Hendrycks and Gimpel 2016,
    arXiv:1606.08415 (gelu).
    """

    def __init__(
        self,
        n_embd: int,
        d_ff: int,
        *,
        activation: str = "gelu",
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if activation not in _ACTIVATIONS:
            raise ValueError(f"Expected one of {', '.join(_ACTIVATIONS)}, got {activation!r}")
        self.up = nn.Linear(n_embd, d_ff, bias=bias)
        self.down = nn.Linear(d_ff, n_embd, bias=bias)
        self.activation = _ACTIVATIONS[activation]
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, C] for [B, T, C]."""
        return self.dropout(self.down(self.activation(self.up(x))))


class SwiGLU(nn.Module):
    """A feed-forward network with a gate: down(silu(gate(x)) * up(x)).

    Names for loading: `gate_up` (rows: the gate's, then up's) and `down`.

    Source: Shazeer 2020, arXiv:2002.05202, section 2.
    """

    def __init__(self, n_embd: int, d_ff: int, *, bias: bool = False) -> None:
        super().__init__()
        self.gate_up = nn.Linear(n_embd, 2 * d_ff, bias=bias)
        self.down = nn.Linear(d_ff, n_embd, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, C] for [B, T, C]."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)  # (B, T, F)
        return self.down(F.silu(gate) * up)
