"""Keys and values of what was read, so that a step computes the new positions only.

L layers, B batch, H heads of keys and values, T new positions, S positions in all, D head size.
"""

import torch
from torch import Tensor

_PADDED = 64  # positions


class KVCache:
    """Room for the keys and values of `n_ctx` positions, taken once and written in place.

    A model's forward writes each layer's new positions with `extend` and moves on with `advance`
    after the last layer. The first `length` positions count; what lies behind them is rubbish.

    Raises:
        ValueError: If a size is negative.
    """

    def __init__(
        self,
        n_layer: int,
        n_batch: int,
        n_kv_head: int,
        n_ctx: int,
        head_dim: int,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        shape = (n_layer, n_batch, n_kv_head, n_ctx, head_dim)
        if min(shape) < 0:
            raise ValueError(f"Sizes must not be negative, got {shape}")
        keys = torch.empty(shape, dtype=dtype, device=device)  # (L, B, H, n_ctx, D)
        self._hold(keys, torch.empty_like(keys), length=0)

    def _hold(self, keys: Tensor, values: Tensor, *, length: int) -> None:
        self.keys, self.values, self.length = keys, values, length
        self._n_finite = length  # positions whose memory holds numbers, of now or of before
        # Views that every step needs, made once.
        self._layers = [(keys[layer], values[layer]) for layer in range(keys.shape[0])]

    @property
    def n_batch(self) -> int:
        """Rows that are read side by side."""
        return self.keys.shape[1]

    @property
    def n_ctx(self) -> int:
        """Positions there is room for."""
        return self.keys.shape[3]

    @property
    def n_bytes(self) -> int:
        """Memory taken, in bytes."""
        return self.keys.nbytes + self.values.nbytes

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write a layer's new keys and values behind what is there; `length` stays.

        Args:
            layer: Which layer, from 0.
            k: New keys, [B, H, T, D].
            v: New values, [B, H, T, D].

        Returns:
            Views of all keys and all values, [B, H, S, D] with S = length + T.

        Raises:
            ValueError: If there is no room, or the batch is another.
        """
        n_batch, _, n_new, _ = k.shape
        end = self.length + n_new
        if end > self.n_ctx:
            raise ValueError(f"Cannot hold {end} positions, the cache has room for {self.n_ctx}")
        if n_batch != self.n_batch:
            raise ValueError(f"Expected a batch of {self.n_batch}, got {n_batch}")
        keys, values = self._layers[layer]
        keys.narrow(2, self.length, n_new).copy_(k)
        values.narrow(2, self.length, n_new).copy_(v)
        return keys.narrow(2, 0, end), values.narrow(2, 0, end)  # (B, H, S, D)

    def padded(self, layer: int, n: int) -> tuple[Tensor, Tensor]:
        """Return a layer's keys and values [B, H, S, D] with S the next multiple of `_PADDED`.

        Matrix kernels for CPUs are made anew for every size, which takes longer than some of them
        run. What lies behind the first `n` positions is finite and means nothing.
        """
        end = min(-(-n // _PADDED) * _PADDED, self.n_ctx)
        start = max(n, self._n_finite)
        if end > start:
            self.keys.narrow(3, start, end - start).zero_()
            self.values.narrow(3, start, end - start).zero_()
            self._n_finite = end
        keys, values = self._layers[layer]
        return keys.narrow(2, 0, end), values.narrow(2, 0, end)

    def advance(self, n: int) -> None:
        """Count `n` positions more, once every layer has written them."""
        self.length += n
        self._n_finite = max(self._n_finite, self.length)

    def truncate(self, n: int) -> None:
        """Forget everything after the first `n` positions.

        Raises:
            ValueError: If `n` is negative or more than `length`.
        """
        if not 0 <= n <= self.length:
            raise ValueError(f"Cannot keep {n} positions of {self.length}")
        self.length = n

    def reorder(self, rows: Tensor) -> None:
        """Put row `rows[i]` of the batch in place i, as beam search does; `rows` is int64 [B].

        Raises:
            ValueError: If `rows` has another size than the batch.
        """
        if rows.shape != (self.n_batch,):
            raise ValueError(f"Expected {self.n_batch} rows, got the shape {tuple(rows.shape)}")
        for kept in (self.keys.narrow(3, 0, self.length), self.values.narrow(3, 0, self.length)):
            kept.copy_(kept.index_select(1, rows))

    def copy(self, length: int | None = None) -> "KVCache":
        """Return the first `length` positions (all by default) in a cache of just that room.

        Raises:
            ValueError: If `length` is negative or more than there is.
        """
        length = self.length if length is None else length
        if not 0 <= length <= self.length:
            raise ValueError(f"Cannot copy {length} positions of {self.length}")
        copy = KVCache.__new__(KVCache)
        keys, values = (
            kept.narrow(3, 0, length).clone(memory_format=torch.contiguous_format)
            for kept in (self.keys, self.values)
        )
        copy._hold(keys, values, length=length)
        return copy

    def restore(self, copy: "KVCache") -> None:
        """Hold what `copy` holds, and nothing else.

        Raises:
            ValueError: If there is no room, or the copy is of another model or batch.
        """
        room, held = self.keys.shape, copy.keys.shape
        if copy.length > self.n_ctx or room[:3] + room[4:] != held[:3] + held[4:]:
            raise ValueError(f"Cannot restore a cache of {tuple(held)} into one of {tuple(room)}")
        self.length = copy.length
        self._n_finite = max(self._n_finite, self.length)
        self.keys.narrow(3, 0, self.length).copy_(copy.keys.narrow(3, 0, self.length))
        self.values.narrow(3, 0, self.length).copy_(copy.values.narrow(3, 0, self.length))
