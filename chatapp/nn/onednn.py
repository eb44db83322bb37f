"""Linear layers in float32 by oneDNN.

torch multiplies matrices of float32 on a CPU by Intel's MKL, which takes half as long again as
oneDNN on a processor of AMD, for a single row up to twice as long. Both come with torch.
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class OneDnnLinear(nn.Linear):
    """A linear layer that oneDNN computes wherever no gradient is wanted."""

    def forward(self, x: Tensor) -> Tensor:
        """Return [..., N] for [..., K]."""
        is_plain = x.is_cpu and x.dtype == self.weight.dtype == torch.float32
        if is_plain and not torch.is_grad_enabled():
            return _linear(x, self.weight, self.bias)
        return F.linear(x, self.weight, self.bias)


def use_onednn(model: nn.Module) -> nn.Module:
    """Have oneDNN compute the linear layers of a model, in place, where torch was built with it.

    Returns:
        `model`; its parameters stay as they are.
    """
    if _is_available():
        for module in model.modules():
            if type(module) is nn.Linear:
                module.__class__ = OneDnnLinear
    return model


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    # The operator that torch.compile puts in the place of F.linear on a CPU.
    y: Tensor = torch.ops.mkldnn._linear_pointwise.default(x, weight, bias, "none", [], "")
    return y


@cache
def _is_available() -> bool:
    try:
        _linear(torch.zeros(1, 2), torch.zeros(3, 2), None)
    except (AttributeError, RuntimeError):
        return False
    return True
