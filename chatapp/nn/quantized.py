"""Linear layers and embeddings whose weights are integers of 8 or 4 bits.

Decoding one token reads every weight once, so smaller weights are faster as well as smaller. Where
this machine lacks the kernel of a layer, its weights are brought back to floats at every call:
slower, with the same weights.

N rows of outputs, K columns of inputs, V n_vocab, C n_embd.

Sources: Jacob et al. 2018, arXiv:1712.05877, section 2 (integers with a scale for each channel);
Dettmers et al. 2022, arXiv:2208.07339, section 3 (a scale for each row of activations); Frantar et
al. 2023, arXiv:2210.17323, section 4 (groups within a row).
"""

import warnings
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROUP = 32  # columns that share a scale and a zero in 4 bits
_MIDDLE = 8  # the kernel of 4 bits counts from -8
_BLOCK = 64  # outputs that the kernel of 4 bits computes side by side
# Without VNNI the kernel of 8 bits adds up in 16: the activations must leave room.
_NARROW = not torch.cpu._is_vnni_supported()


def round_to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return int8 [N, K] and the scale of each row, float32 [N], for a matrix [N, K]."""
    weight = weight.detach().float()
    scale = weight.abs().amax(1).clamp(min=1e-12) / 127  # (N)
    return (weight / scale[:, None]).round_().to(torch.int8), scale


def round_to_int4(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return uint8 of 0 to 15 [N, K], and scale and zero of each group, bfloat16 [K/GROUP, N, 2].

    A weight is (integer - 8) * scale + zero. Numbers are rounded after scale and zero are, so that
    what bfloat16 leaves off of those is made up for.

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


class Int8Linear(nn.Module):
    """A linear layer with int8 weights, one scale for each output.

    Its kernel rounds the activations of each row to 8 bits too: results are within about one
    percent of those of the dequantised weights.

    Args:
        linear: The layer whose weights are rounded.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.out_features, self.in_features = linear.weight.shape
        self.bias = linear.bias
        numbers, self.scale = round_to_int8(linear.weight)
        self._packed = _pack_int8(numbers, self.scale) if has_int8_kernel() else None
        self._numbers = numbers if self._packed is None else None

    @property
    def n_bytes(self) -> int:
        """Memory the weights take."""
        return self.out_features * (self.in_features + 4)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, N] for [B, T, K], in the type of `x`."""
        if self._packed is None:
            return F.linear(x, self.dequantized(x.dtype), self.bias)
        rows = x.float()
        if x.numel() == self.in_features:
            y = torch.ops.quantized.linear_dynamic(rows, self._packed, _NARROW)
        else:
            # The kernel has one scale for all rows: brought to one size, each keeps its own.
            size = rows.abs().amax(-1, keepdim=True).clamp_(min=1e-12)
            y = torch.ops.quantized.linear_dynamic(rows / size, self._packed, _NARROW)
            y *= size
        return y.to(x.dtype) if self.bias is None else y.to(x.dtype) + self.bias

    def dequantized(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the weights [N, K] that the layer computes with."""
        numbers = self._numbers
        if numbers is None:
            numbers = torch.ops.quantized.linear_unpack(self._packed)[0].int_repr()
        return numbers.to(dtype) * self.scale.to(dtype)[:, None]


class Int4Linear(nn.Module):
    """A linear layer with weights of 4 bits, a scale and a zero for each group of a row.

    The kernel computes single rows in bfloat16; many rows are multiplied by dequantised weights,
    which is quicker there.

    Args:
        linear: The layer whose weights are rounded; `fits` tells whether they can be.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.out_features, self.in_features = linear.weight.shape
        self.bias = linear.bias
        numbers, self.scale_zero = round_to_int4(linear.weight)
        # Two numbers share a byte: those of the outputs n and n + 32 of each 64.
        blocks = numbers.view(-1, 2, _BLOCK // 2, self.in_features)  # (N/64, 2, 32, K)
        packed = (blocks[:, 0] | blocks[:, 1] << 4).transpose(1, 2).contiguous()  # (N/64, K, 32)
        self.packed = packed.view(self.out_features, -1)

    @staticmethod
    def fits(linear: nn.Linear) -> bool:
        """Whether the sizes of a layer allow weights of 4 bits."""
        return linear.in_features % GROUP == 0 and linear.out_features % _BLOCK == 0

    @property
    def n_bytes(self) -> int:
        """Memory the weights take."""
        return self.packed.nbytes + self.scale_zero.nbytes

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, T, N] for [B, T, K], in the type of `x`."""
        if x.numel() != self.in_features or x.dtype != torch.bfloat16 or not has_int4_kernel():
            y = x @ self._transposed(x.dtype)
        else:
            # By its name in torch: torch.ops looks for the overload anew at each of many calls.
            y = torch._weight_int4pack_mm_for_cpu(
                x.view(1, -1), self.packed, GROUP, self.scale_zero
            ).view(*x.shape[:-1], -1)
        return y if self.bias is None else y + self.bias

    def dequantized(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the weights [N, K] that the layer computes with."""
        return self._transposed(dtype).t()

    def _transposed(self, dtype: torch.dtype) -> Tensor:
        packed = self.packed.view(-1, self.in_features, _BLOCK // 2)  # (N/64, K, 32)
        numbers = torch.cat((packed & 15, packed >> 4), -1).transpose(0, 1)  # (K, N/64, 64)
        groups = numbers.reshape(-1, GROUP, self.out_features).to(dtype)  # (K/G, G, N)
        scale, zero = self.scale_zero.to(dtype).unbind(-1)  # (K/G, N)
        groups = torch.addcmul(zero[:, None], groups.sub_(_MIDDLE), scale[:, None])
        return groups.view(self.in_features, self.out_features)


class Int8Embedding(nn.Module):
    """An embedding with int8 weights, one scale for each token.

    Args:
        embedding: The table whose rows are rounded.
        dtype: What comes out.
    """

    def __init__(self, embedding: nn.Embedding, dtype: torch.dtype) -> None:
        super().__init__()
        self.numbers, scale = round_to_int8(embedding.weight)
        self.scale = scale.to(dtype)

    @property
    def n_bytes(self) -> int:
        """Memory the weights take."""
        return self.numbers.nbytes + self.scale.nbytes

    def forward(self, ids: Tensor) -> Tensor:
        """Return [..., C] for ids [...]."""
        return self.numbers[ids].to(self.scale.dtype) * self.scale[ids][..., None]


class TiedInt8Head(nn.Module):
    """An output layer that shares the weights of an `Int8Embedding`."""

    n_bytes = 0  # beside the embedding's

    def __init__(self, embedding: Int8Embedding) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, x: Tensor) -> Tensor:
        """Return [..., V] for [..., C], in the type of `x`."""
        numbers, scale = self.embedding.numbers, self.embedding.scale
        if x.dtype == torch.bfloat16 and has_int8_matrix_kernel():
            rows = x.reshape(-1, x.shape[-1])
            y: Tensor = torch._weight_int8pack_mm(rows, numbers, scale)
            return y.view(*x.shape[:-1], -1)
        return F.linear(x, numbers.to(x.dtype)) * scale.to(x.dtype)


def quantize(model: nn.Module, n_bits: int) -> nn.Module:
    """Replace the linear layers and embeddings of a model by rounded ones, in place.

    Args:
        model: On the CPU, in float32; its layers are named as in chatapp.nn.
        n_bits: 8, or 4: then what does not fit into groups, and the embeddings, take 8.

    Returns:
        `model`; with 4 bits what is left of it is bfloat16.

    Raises:
        ValueError: If `n_bits` is another number.
    """
    if n_bits not in (4, 8):
        raise ValueError(f"Expected 4 or 8 bits, got {n_bits}")
    dtype = torch.bfloat16 if n_bits == 4 else torch.float32
    embeddings: dict[Tensor, Int8Embedding] = {}
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            new: nn.Module | None = None
            if isinstance(child, nn.Embedding):
                new = embeddings[child.weight] = Int8Embedding(child, dtype)
            elif isinstance(child, nn.Linear) and n_bits == 4 and child.weight in embeddings:
                new = TiedInt8Head(embeddings[child.weight])
            elif isinstance(child, nn.Linear):
                four = n_bits == 4 and Int4Linear.fits(child)
                new = Int4Linear(child) if four else Int8Linear(child)
            if new is not None:
                setattr(module, name, new)
    return model.to(dtype)


def weight_bytes(model: nn.Module) -> int:
    """Memory that the weights of a model take, rounded or not; what is shared counts once."""
    floats = sum(parameter.nbytes for parameter in model.parameters())
    kinds = (Int8Linear, Int4Linear, Int8Embedding)
    return floats + sum(m.n_bytes for m in model.modules() if isinstance(m, kinds))


@cache
def has_int8_kernel() -> bool:
    """Whether the kernel of `Int8Linear` is here and gives what the weights say."""
    if torch.backends.quantized.engine not in ("x86", "fbgemm"):
        return False
    numbers = torch.arange(-128, 128).repeat(32).to(torch.int8).clamp_(min=-127).view(64, 128)
    scale = torch.linspace(0.1, 1.0, 64)
    x = torch.linspace(-1, 2, 128)[None]
    try:
        y = torch.ops.quantized.linear_dynamic(x, _pack_int8(numbers, scale), _NARROW)
    except (RuntimeError, AttributeError):
        return False
    return _is_close(y, x @ (numbers.float() * scale[:, None]).t())


@cache
def has_int8_matrix_kernel() -> bool:
    """Whether the kernel of `TiedInt8Head` is here and gives what the weights say."""
    numbers = torch.arange(-128, 128).repeat(32).to(torch.int8).view(64, 128)
    scale, x = torch.linspace(0.1, 1.0, 64), torch.linspace(-1, 2, 128)[None]
    try:
        y = torch._weight_int8pack_mm(x.bfloat16(), numbers, scale.bfloat16())
    except (RuntimeError, AttributeError):
        return False
    return _is_close(y, x @ (numbers.float() * scale[:, None]).t())


@cache
def has_int4_kernel() -> bool:
    """Whether the kernel of `Int4Linear` is here, lies the weights as we do, and is right."""
    linear = nn.Linear(2 * GROUP, 2 * _BLOCK, bias=False, device="cpu")
    with torch.no_grad():
        linear.weight.copy_(torch.linspace(-1, 2, linear.weight.numel()).sin().view(128, 64))
        layer, x = Int4Linear(linear), torch.linspace(-1, 2, 2 * GROUP)[None]
        try:
            y = torch._weight_int4pack_mm_for_cpu(
                x.bfloat16(), layer.packed, GROUP, layer.scale_zero
            )
        except (RuntimeError, AttributeError):
            return False
        return _is_close(y, x @ layer.dequantized().t())


def _is_close(y: Tensor, expected: Tensor) -> bool:
    return bool((y.float() - expected).norm() <= 0.02 * expected.norm())


def _pack_int8(numbers: Tensor, scale: Tensor) -> Any:
    with warnings.catch_warnings():
        # The kernel stays; torch means to take away this way of making its tensors.
        warnings.filterwarnings("ignore", ".*quantize_per", UserWarning)
        tensor = torch._make_per_channel_quantized_tensor(
            numbers, scale.double(), torch.zeros(len(scale), dtype=torch.int64), 0
        )
    return torch.ops.quantized.linear_prepack(tensor, None)
