"""What the trainer asks of every objective."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from chatapp.runs.run_folder import Sample

# Tensors whose first dimension is the examples, [B, ...].
Batch = Mapping[str, Tensor]


class Loss(NamedTuple):
    """What a batch cost.

    Attributes:
        total: Sum over all that counts, a tensor of one number with a gradient.
        n_counted: How many tokens or examples counted, a tensor of one number.
    """

    total: Tensor
    n_counted: Tensor


class Objective(Protocol):
    """What is learned from which examples, and how well it is known.

    A batch depends on nothing but the seed and the step, so that a run goes on exactly where it
    was, and each of several processes knows which rows are its own.
    """

    n_train: int  # tokens or examples to learn from
    n_validation: int  # tokens or examples held out

    def batch(self, step: int) -> Batch:
        """The examples of an update, [B, ...] each."""
        ...

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """What a batch, or some rows of it, costs."""
        ...

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Figures over all that is held out, by name; "loss" is the one that should fall."""
        ...

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """What the model makes of `n` examples that it never learned from."""
        ...


def step_generator(seed: int, step: int) -> torch.Generator:
    """Random numbers of a step, the same whenever it is made."""
    return torch.Generator().manual_seed(seed * 1_000_003 + step)


def epoch_rows(n: int, batch_size: int, step: int, seed: int) -> Tensor:
    """Which of `n` examples an update takes: every one once before any comes again.

    Args:
        n: How many examples there are.
        batch_size: How many of them an update takes.
        step: The update.
        seed: Of the order, which is another one in each round.

    Returns:
        int64 [batch_size].
    """
    rows: list[Tensor] = []
    first, wanted = step * batch_size, batch_size
    while wanted:
        epoch, start = divmod(first, n)
        part = torch.tensor(epoch_order(n, seed, epoch)[start : start + wanted])
        rows.append(part)
        first, wanted = first + len(part), wanted - len(part)
    return torch.cat(rows)


@lru_cache(maxsize=4)
def epoch_order(n: int, seed: int, epoch: int) -> list[int]:
    """The numbers from 0 to n - 1 in the order of a round; not to be changed."""
    return torch.randperm(n, generator=step_generator(seed, epoch)).tolist()
