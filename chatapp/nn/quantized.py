"""Linear layers and embeddings whose weights are integers of 8 or 4 bits.

Decoding one token reads every weight once, so smaller weights are faster as well as smaller. The
kernels compute in bfloat16, row by row. Many rows are multiplied by dequantised weights, which is
quicker there; so are few on a machine without the kernel: slower, with the same weights.

N rows of outputs, K columns of inputs, V n_vocab, C n_embd.

Sources: Jacob et al. 2018, arXiv:1712.05877, section 2 (integers with a scale for each channel);
Frantar et al. 2023, arXiv:2210.17323, section 4 (groups within a row).
"""

from collections.abc import Callable
from functools import cache
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROUP = 32  # columns that share a scale and a zero in 4 bits
_MIDDLE = 8  # the kernel of 4 bits counts from -8
_BLOCKS = {"AVX512": 64}  # outputs that the kernel of 4 bits computes side by side
_BLOCK = _BLOCKS.get(torch.backends.cpu.get_cpu_capability(), 32)


def round_to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return int8 [N, K] and the scale of each row, bfloat16 [N], for a matrix [N, K].

    Numbers are rounded after the scale is, so that what bfloat16 leaves off of it is made up for.
    """
    weight = weight.detach().float()
    scale = (weight.abs().amax(1) / 127).clamp(min=1e-12).bfloat16()  # (N)
    numbers = (weight / scale.float()[:, None]).round_().clamp_(-127, 127)
    return numbers.to(torch.int8), scale


def round_to_int4(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return uint8 of 0 to 15 [N, K], and scale and zero of each group, bfloat16 [K/GROUP, N, 2].

    A weight is (integer - 8) * scale + zero. Here too numbers are rounded last.

    Raises:
        ValueError: If `GROUP` does not divide K.
    """
    n_out, n_in = weight.shape
    if n_in % GROUP:
        raise ValueError(f"Groups of {GROUP} do not divide {n_in} columns")
    groups = weight.detach().float().view(n_out, -1, GROUP)  # (N, K/G, G)
    low, high = groups.amin(-1), groups.amax(-1)  # (N, K/G)
    scale = ((high - low) / 15).clamp(min=1e-12).bfloat16()
    zero = (low + _MIDDLE * scale.float()).bfloat16()
    numbers = (groups - zero.float()[..., None]) / scale.float()[..., None]
    numbers = numbers.round_().add_(_MIDDLE).clamp_(0, 15).to(torch.uint8).view(n_out, n_in)
    return numbers, torch.stack((scale, zero), -1).transpose(0, 1).contiguous()


class RoundedLinear(nn.Module):
    """A linear layer with rounded weights.

    Args:
        bias: [N], if there is one.
    """

    most_rows: int  # with more the kernel is slower than dequantising, measured
    n_bytes: int  # memory the weights take

    def __init__(self, bias: Tensor | None) -> None:
        super().__init__()
        self.bias = bias

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, N] for [B, T, K], in the type of `x`."""
        n_in = x.shape[-1]
        is_short = x.numel() <= self.most_rows * n_in
        if is_short and x.dtype == torch.bfloat16 and has_kernel(type(self)):  # type: ignore[arg-type]
            y = self.by_kernel(x.reshape(-1, n_in)).view(*x.shape[:-1], -1)
        else:
            # Where the processor does not compute in bfloat16, its matrices take far longer.
            dtype = x.dtype if has_bf16_matrices() else torch.float32
            y = F.linear(x.to(dtype), self.dequantized(dtype)).to(x.dtype)
        return y if self.bias is None else y + self.bias

    def by_kernel(self, x: Tensor) -> Tensor:
        """Return [R, N] for rows [R, K], both bfloat16, without the bias."""
        raise NotImplementedError

    def dequantized(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the weights [N, K] that the layer computes with."""
        raise NotImplementedError


class Int8Linear(RoundedLinear):
    """A linear layer with weights of 8 bits, one scale for each output.

    Args:
        weight: The weights that are rounded, [N, K].
        bias: [N], if there is one.
    """

    most_rows = 32

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__(bias)
        self.numbers, self.scale = round_to_int8(weight)
        self.n_bytes = self.numbers.nbytes + self.scale.nbytes

    def by_kernel(self, x: Tensor) -> Tensor:
        """Return [R, N] for rows [R, K], both bfloat16, without the bias."""
        # By its name in torch: torch.ops looks for the overload anew at each of many calls.
        return torch._weight_int8pack_mm(x, self.numbers, self.scale)

    def dequantized(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the weights [N, K] that the layer computes with."""
        return self.numbers.to(dtype) * self.scale.to(dtype)[:, None]


class Int4Linear(RoundedLinear):
    """A linear layer with weights of 4 bits, a scale and a zero for each group of a row.

    Args:
        weight: The weights that are rounded, [N, K]; `fits` tells whether they can be.
        bias: [N], if there is one.
    """

    most_rows = 64

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        super().__init__(bias)
        self.out_features, self.in_features = weight.shape
        numbers, self.scale_zero = round_to_int4(weight)
        # Two numbers share a byte: those of the outputs n and n + half a block of each block.
        blocks = numbers.view(-1, 2, _BLOCK // 2, self.in_features)  # (N/block, 2, block/2, K)
        packed = (blocks[:, 0] | blocks[:, 1] << 4).transpose(1, 2).contiguous()
        self.packed = packed.view(self.out_features, -1)  # (N, K/2)
        self.n_bytes = self.packed.nbytes + self.scale_zero.nbytes

    @staticmethod
    def fits(weight: Tensor) -> bool:
        """Whether the sizes of a matrix allow weights of 4 bits."""
        n_out, n_in = weight.shape
        return n_in % GROUP == 0 and n_out % _BLOCK == 0

    def by_kernel(self, x: Tensor) -> Tensor:
        """Return [R, N] for rows [R, K], both bfloat16, without the bias."""
        return torch._weight_int4pack_mm_for_cpu(x, self.packed, GROUP, self.scale_zero)

    def dequantized(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the weights [N, K] that the layer computes with."""
        packed = self.packed.view(-1, self.in_features, _BLOCK // 2)  # (N/block, K, block/2)
        numbers = torch.cat((packed & 15, packed >> 4), -1).transpose(0, 1)  # (K, N/block, block)
        groups = numbers.reshape(-1, GROUP, self.out_features).to(dtype)  # (K/G, G, N)
        scale, zero = self.scale_zero.to(dtype).unbind(-1)  # (K/G, N)
        groups = torch.addcmul(zero[:, None], groups.sub_(_MIDDLE), scale[:, None])
        return groups.view(self.in_features, self.out_features).t()


class Int8Embedding(nn.Module):
    """An embedding whose table is that of an `Int8Linear`, which may be the head as well."""

    def __init__(self, table: Int8Linear) -> None:
        super().__init__()
        self.table = table

    def forward(self, ids: Tensor) -> Tensor:
        """Return bfloat16 [..., C] for ids [...]."""
        numbers, scale = self.table.numbers[ids], self.table.scale[ids]
        return numbers.to(scale.dtype) * scale[..., None]


def quantize(model: nn.Module, n_bits: int) -> nn.Module:
    """Replace the linear layers and embeddings of a model by rounded ones, in place.

    Args:
        model: On the CPU, in float32; its layers are named as in chatapp.nn.
        n_bits: 8, or 4: then what does not fit into groups, and the embeddings, take 8.

    Returns:
        `model`; what is left of it is bfloat16.

    Raises:
        ValueError: If `n_bits` is another number.
    """
    if n_bits not in (4, 8):
        raise ValueError(f"Expected 4 or 8 bits, got {n_bits}")
    tables: dict[Tensor, Int8Linear] = {}
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Embedding):
                table = tables[child.weight] = Int8Linear(child.weight)
                setattr(module, name, Int8Embedding(table))
            elif isinstance(child, nn.Linear):
                setattr(module, name, _rounded(child, n_bits, tables))
    return model.to(torch.bfloat16)


def _rounded(linear: nn.Linear, n_bits: int, tables: dict[Tensor, Int8Linear]) -> nn.Module:
    bias = cast(Tensor | None, linear.bias)  # torch's own type leaves out that there may be none
    if linear.weight in tables and bias is None:
        return tables[linear.weight]
    kind = Int4Linear if n_bits == 4 and Int4Linear.fits(linear.weight) else Int8Linear
    return kind(linear.weight, bias)


def weight_bytes(model: nn.Module) -> int:
    """Memory that the weights of a model take, rounded or not; what is shared counts once."""
    floats = sum(parameter.nbytes for parameter in model.parameters())
    return floats + sum(m.n_bytes for m in model.modules() if isinstance(m, RoundedLinear))


@cache
def has_bf16_matrices() -> bool:
    """Whether the processor multiplies matrices of bfloat16 without converting them."""
    return bool(
        torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


@cache
def has_kernel(kind: Callable[[Tensor], RoundedLinear]) -> bool:
    """Whether the kernel of a kind of layer is here, lies the weights as we do, and is right."""
    # No two rows or columns are alike, so that the same weights in another order are found out.
    weight = (torch.arange(128.0 * 64, device="cpu") * 2.3).sin().view(128, 64)
    x = (torch.arange(64.0, device="cpu") * 1.7).cos()[None]
    layer = kind(weight)
    try:
        y = layer.by_kernel(x.bfloat16()).float()
    except (RuntimeError, AttributeError):
        return False
    expected = x @ layer.dequantized().t()
    return bool((y - expected).norm() <= 0.02 * expected.norm())
