"""How far two tensors are from each other."""

from torch import Tensor


def difference(a: Tensor, b: Tensor) -> float:
    """The largest difference of two tensors, which must have one shape."""
    assert a.shape == b.shape
    return (a - b).detach().abs().max().item()
