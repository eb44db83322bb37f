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

    A layer is laid out for little more positions than there are, so that they lie in one piece:
    matrix kernels for CPUs would copy all of it at every step otherwise. It is laid out anew, in
    the same memory, when they have become an eighth more, or far fewer.

    Attributes:
        keys: [L, B, H, room, D], where room is what it is laid out for.
        values: As the keys.
        length: How many positions count.

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
        self._shape, self.length = shape, 0
        size = n_batch * n_kv_head * n_ctx * head_dim
        self._keys = torch.empty(n_layer, size, dtype=dtype, device=device)
        self._values = torch.empty_like(self._keys)
        self._lay_out(min(n_ctx, _PADDED))

    def _lay_out(self, room: int) -> None:
        """Lay each layer out for the first `room` positions, in one piece."""
        self._room, self._n_finite = room, self.length  # positions whose memory holds numbers
        n_layer, n_batch, n_kv_head, _, head_dim = self._shape
        shape = (n_layer, n_batch, n_kv_head, room, head_dim)
        size = n_batch * n_kv_head * room * head_dim
        self.keys = self._keys[:, :size].view(shape)  # (L, B, H, room, D)
        self.values = self._values[:, :size].view(shape)
        # Views that every step needs, made once.
        self._layers = [(self.keys[layer], self.values[layer]) for layer in range(n_layer)]

    def reserve(self, n: int) -> None:
        """Lay out for `n` positions at once, as before a text is read piece by piece.

        Raises:
            ValueError: If there is no room.
        """
        if n > self.n_ctx:
            raise ValueError(f"Cannot hold {n} positions, the cache has room for {self.n_ctx}")
        n = max(n, self.length)
        fitting = min(-(-(n + n // 8) // _PADDED) * _PADDED, self.n_ctx)
        if n <= self._room <= fitting + fitting // 8:
            return
        before = self._layers
        self._lay_out(fitting)
        for old, new in zip(before, self._layers, strict=True):
            for part, place in zip(old, new, strict=True):  # which lie in the same memory
                place.narrow(2, 0, self.length).copy_(part.narrow(2, 0, self.length).clone())

    @property
    def n_batch(self) -> int:
        """Rows that are read side by side."""
        return self._shape[1]

    @property
    def n_ctx(self) -> int:
        """Positions there is room for."""
        return self._shape[3]

    @property
    def n_bytes(self) -> int:
        """Memory taken, in bytes."""
        return self._keys.nbytes + self._values.nbytes

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
        if end > self._room:
            self.reserve(end)
        if n_batch != self.n_batch:
            raise ValueError(f"Expected a batch of {self.n_batch}, got {n_batch}")
        keys, values = self._layers[layer]
        keys.narrow(2, self.length, n_new).copy_(k)
        values.narrow(2, self.length, n_new).copy_(v)
        return keys.narrow(2, 0, end), values.narrow(2, 0, end)  # (B, H, S, D)

    def padded(self, layer: int, n: int) -> tuple[Tensor, Tensor]:
        """Return all that a layer is laid out for, [B, H, room, D] each, in one piece.

        What lies behind the first `n` positions is finite and means nothing.
        """
        start = max(n, self._n_finite)
        if self._room > start:
            self.keys.narrow(3, start, self._room - start).zero_()
            self.values.narrow(3, start, self._room - start).zero_()
            self._n_finite = self._room
        return self._layers[layer]

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
        n_layer, n_batch, n_kv_head, _, head_dim = self._shape
        like = self.keys
        copy = KVCache(
            n_layer, n_batch, n_kv_head, length, head_dim, dtype=like.dtype, device=like.device
        )
        copy.restore(self, length)
        return copy

    def restore(self, copy: "KVCache", length: int | None = None) -> None:
        """Hold the first `length` positions (all by default) of `copy`, and nothing else.

        Raises:
            ValueError: If there is no room, or the copy is of another model or batch.
        """
        length = copy.length if length is None else length
        room, held = self._shape, copy._shape
        if length > self.n_ctx or room[:3] + room[4:] != held[:3] + held[4:]:
            raise ValueError(f"Cannot restore a cache of {held} into one of {room}")
        self.truncate(0)
        self.reserve(length)
        self.keys.narrow(3, 0, length).copy_(copy.keys.narrow(3, 0, length))
        self.values.narrow(3, 0, length).copy_(copy.values.narrow(3, 0, length))
        self.advance(length)
