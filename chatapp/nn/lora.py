"""LoRA: a trained model is taught more by two small matrices beside each of its linear layers.

A layer that has q, k and v, or gate and up, in one matrix gets one pair of small ones, as it is one
layer here: its parts share A, which costs two small products where pairs of their own would take
four or six.

N rows of outputs, K columns of inputs, R rank.

Source: Hu et al. 2021, arXiv:2106.09685, section 4.1.
"""

from collections.abc import Collection, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LoRALinear(nn.Module):
    """A frozen linear layer and what is learned beside it: base(x) + alpha / R * B A x.

    Names for loading: `base`, and `lora_a` [R, K] and `lora_b` [N, R] in float32, whatever the base
    is in. B begins as zeros, so that nothing is changed at first.

    Args:
        base: The layer; its parameters are frozen.
        rank: R.
        alpha: Scale of what is added, times R.
        dropout: Share of the adapter's input dropped in training.

    Raises:
        ValueError: If the rank is below 1.
    """

    def __init__(self, base: nn.Linear, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__()
        if rank < 1:
            raise ValueError(f"rank must be at least 1, got {rank}")
        self.base = base.requires_grad_(False)
        self.alpha = alpha
        self.dropout = nn.Dropout(dropout)
        n_in, n_out = base.in_features, base.out_features
        like = torch.empty(0, dtype=torch.float32, device=base.weight.device)
        self.lora_a = nn.Parameter(like.new_empty(rank, n_in).normal_(std=n_in**-0.5))
        self.lora_b = nn.Parameter(like.new_zeros(n_out, rank))

    @property
    def rank(self) -> int:
        """Width of the matrices between."""
        return self.lora_a.shape[0]

    def forward(self, x: Tensor) -> Tensor:
        """Return [..., N] for [..., K]."""
        y = self.base(x)
        low = F.linear(self.dropout(x).to(self.lora_a.dtype), self.lora_a)  # (..., R)
        return y + (F.linear(low, self.lora_b) * (self.alpha / self.rank)).to(y.dtype)

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """Return the base layer with what was learned added to its weights, in their type."""
        learned = (self.lora_b @ self.lora_a) * (self.alpha / self.rank)
        self.base.weight.copy_(self.base.weight.float() + learned)  # rounded once
        return self.base


def add_lora(
    model: nn.Module,
    rank: int,
    alpha: float,
    dropout: float = 0.0,
    targets: Collection[str] | None = None,
) -> nn.Module:
    """Freeze a model and put adapters beside its linear layers, in place.

    Args:
        model: Its layers are named as in chatapp.nn.
        rank: R.
        alpha: Scale of what is added, times R.
        dropout: Share of the adapters' input dropped in training.
        targets: Which layers, by the last words of their names, as "attention.qkv" or "down"; None
            means all of them but the heads.

    Returns:
        `model`; nothing of it learns but the adapters.

    Raises:
        ValueError: If there is no such layer, it has an adapter already, or it is tied to an
            embedding, into which an adapter of the head could not be merged.
    """
    if lora_layers(model):
        raise ValueError("The network has adapters already; merge them first")
    chosen = {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear) and _is_chosen(name, targets)
    }
    if not chosen:
        wanted = "" if targets is None else f" called {', '.join(sorted(targets))}"
        raise ValueError(f"The network has no linear layer{wanted} to put an adapter beside")
    tables = {id(one.weight) for one in model.modules() if isinstance(one, nn.Embedding)}
    for name, layer in chosen.items():
        if id(layer.weight) in tables:
            raise ValueError(f"{name} is tied to the embedding and cannot have an adapter")
    model.requires_grad_(False)
    for name, layer in chosen.items():
        model.set_submodule(name, LoRALinear(layer, rank, alpha, dropout))
    return model.train(model.training)


def lora_layers(model: nn.Module) -> dict[str, LoRALinear]:
    """The layers that have adapters, by their names without them."""
    modules = model.named_modules()
    return {name: module for name, module in modules if isinstance(module, LoRALinear)}


def merge_lora(model: nn.Module) -> nn.Module:
    """Add what the adapters learned to the weights, and take the adapters away, in place.

    In float32 the model computes the same up to rounding; bfloat16 weights lose what is too small
    for them.

    Returns:
        `model`, as it was made before `add_lora`; it stays frozen.
    """
    for name, layer in lora_layers(model).items():
        model.set_submodule(name, layer.merged())
    return model


def lora_state_dict(model: nn.Module) -> dict[str, Tensor]:
    """What the adapters learned: `lora_a` and `lora_b` of each layer, by its name."""
    return {name: parameter.detach() for name, parameter in _adapters(model)}


@torch.no_grad()
def load_lora_state_dict(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Take over what adapters of the same layers learned.

    Raises:
        ValueError: If `state` is of other layers or sizes.
    """
    adapters = dict(_adapters(model))
    if adapters.keys() != state.keys():
        odd = sorted(adapters.keys() ^ state.keys())
        raise ValueError(f"The adapters are of other layers: {', '.join(odd[:3])}")
    for name, parameter in adapters.items():
        ours, theirs = tuple(parameter.shape), tuple(state[name].shape)
        if ours != theirs:
            raise ValueError(f"Expected {name} of the shape {ours}, got {theirs}")
    for name, parameter in adapters.items():
        parameter.copy_(state[name])


def count_trainable(model: nn.Module) -> int:
    """How many numbers of a model learn."""
    return sum(one.numel() for one in model.parameters() if one.requires_grad)


def _adapters(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    for name, layer in lora_layers(model).items():
        yield f"{name}.lora_a", layer.lora_a
        yield f"{name}.lora_b", layer.lora_b


def _is_chosen(name: str, targets: Collection[str] | None) -> bool:
    if targets is None:
        return not name.endswith("head")
    return any(name == target or name.endswith(f".{target}") for target in targets)
