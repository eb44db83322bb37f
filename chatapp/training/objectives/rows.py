"""Sequences of ids, one for each example, kept flat and padded when they are wanted.

N examples, B of them in a batch, T the longest of these.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from chatapp.training.objectives.base import epoch_order

_POOL = 64  # batches; in more of them the lengths of a batch are hardly more alike


class Rows:
    """Sequences of ids.

    Args:
        sequences: The ids of each example.

    Attributes:
        lengths: How many ids each example has.
    """

    def __init__(self, sequences: Iterable[Sequence[int]]) -> None:
        kept = list(sequences)
        self.lengths = [len(one) for one in kept]
        self._flat = torch.tensor(list(chain.from_iterable(kept)), dtype=torch.int32)
        self._ends = [0, *accumulate(self.lengths)]

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, row: int) -> Tensor:
        """The ids of an example, int64 [length]."""
        return self._flat[self._ends[row] : self._ends[row + 1]].long()

    def padded(self, rows: Iterable[int], padding: int) -> Tensor:
        """The ids of some examples, int64 [B, T], filled with `padding` behind their ends."""
        return pad_sequence([self[row] for row in rows], batch_first=True, padding_value=padding)

    def mask(self, rows: Iterable[int]) -> Tensor:
        """Where `padded` has ids of the examples, bool [B, T]."""
        lengths = torch.tensor([self.lengths[row] for row in rows])
        return torch.arange(int(lengths.max())) < lengths[:, None]


def alike(lengths: Sequence[int], n_rows: int) -> list[list[int]]:
    """All examples, at most `n_rows` of about the same length together."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [order[start : start + n_rows] for start in range(0, len(order), n_rows)]


class LengthBatches:
    """Which examples make the batch of a step: alike in length, so that little is padding.

    In every round each example comes once; a few that fill no whole batch are left out, others in
    each round. A batch depends on the seed and the step alone.

    Args:
        lengths: Of each example.
        batch_size: Examples of a batch; all, if there are fewer.
        seed: Of the order.
        pool: Batches whose examples are sorted by length together; 1 leaves the lengths to chance.
    """

    def __init__(
        self, lengths: Sequence[int], batch_size: int, seed: int, pool: int = _POOL
    ) -> None:
        self._lengths, self._seed, self._pool = lengths, seed, pool
        self._batch_size = min(batch_size, len(lengths))
        self._n_batches = len(lengths) // self._batch_size
        self._epoch, self._batches = -1, list[list[int]]()

    def rows(self, step: int) -> list[int]:
        """The examples of a step."""
        epoch, number = divmod(step, self._n_batches)
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._round(epoch)
        return self._batches[number]

    def _round(self, epoch: int) -> list[list[int]]:
        size, pool = self._batch_size, self._pool * self._batch_size
        order = epoch_order(len(self._lengths), self._seed, epoch)[: self._n_batches * size]
        batches = []
        for start in range(0, len(order), pool):
            alike = sorted(order[start : start + pool], key=self._lengths.__getitem__)
            batches += [alike[at : at + size] for at in range(0, len(alike), size)]
        return [batches[at] for at in epoch_order(len(batches), self._seed + 1, epoch)]
