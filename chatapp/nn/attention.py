"""Scaled dot-product attention, written out and fused, and attention with many heads.

B batch, T time (queries), S source (keys), C n_embd, H heads of queries, G heads of keys and
values, D head size. A mask is a bool tensor that broadcasts to [B, H, T, S]; True means that the
query may look at the key. Queries are the last T of the S positions: with a cache, the new ones.

Sources: Vaswani et al. 2017, arXiv:1706.03762, section 3.2; Ainslie et al. 2023, arXiv:2305.13245
(grouped query).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.nn.kv_cache import KVCache
from chatapp.nn.positions import rotate
from chatapp.nn.trace import Trace

_BLOCK = 128  # queries that attend at once where a causal mask hides keys
# Of all heads together: a step attends to more without the fused kernel; measured.
_MANY_KEYS = 4_000


def causal_mask(
    n_query: int,
    n_key: int,
    *,
    window: int | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """Return the mask [T, S] by which a position sees itself and what came before.

    Args:
        n_query: T, the last T of the S positions.
        n_key: S.
        window: Positions seen at most, itself included; None means all of them (Mistral: Jiang et
            al. 2023, arXiv:2310.06825, section 2).
        device: Where the mask is made.

    Raises:
        ValueError: If there are fewer keys than queries, or the window is empty.
    """
    if n_key < n_query:
        raise ValueError(f"Expected at least as many keys as queries, got {n_key} and {n_query}")
    if window is not None and window < 1:
        raise ValueError(f"Expected a window of at least 1, got {window}")
    mask = torch.ones(n_query, n_key, dtype=torch.bool, device=device).tril(n_key - n_query)
    return mask if window is None else mask.triu(n_key - n_query - window + 1)


def padding_mask(is_token: Tensor) -> Tensor:
    """Return the mask [B, 1, 1, S] that hides padding.

    Args:
        is_token: [B, S], zero or False where there is padding.

    Raises:
        ValueError: If `is_token` has another number of dimensions.
    """
    if is_token.dim() != 2:
        raise ValueError(f"Expected the shape [B, S], got {tuple(is_token.shape)}")
    return is_token.bool()[:, None, None, :]


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    dropout_p: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Attend, written out: softmax(q k^T / sqrt(D)) v.

    Args:
        q: Queries, [B, H, T, D].
        k: Keys, [B, G, S, D]; each head of keys serves H / G heads of queries.
        v: Values, [B, G, S, D].
        mask: Who may look where; a query that may look nowhere gets zeros.
        is_causal: Whether `causal_mask` holds too.
        dropout_p: Share of the weights dropped.

    Returns:
        The attended values, [B, H, T, D], and the weights before dropout, [B, H, T, S].

    Raises:
        ValueError: If the shapes do not fit each other.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.
    """
    _check_shapes(q, k, v)
    mask = _with_causal(q, k, mask, is_causal)
    n_batch, n_head, n_query, head_dim = q.shape
    n_kv_head, n_key = k.shape[1], k.shape[2]
    # The queries that share a head of keys are laid one under the other: no key is copied.
    q = q.reshape(n_batch, n_kv_head, -1, head_dim)  # (B, G, H/G*T, D)
    scores = (q @ k.transpose(-2, -1)) / math.sqrt(head_dim)  # (B, G, H/G*T, S)
    scores = scores.view(n_batch, n_head, n_query, n_key)  # (B, H, T, S)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    dropped = F.dropout(weights, dropout_p) if dropout_p else weights
    out = dropped.view(n_batch, n_kv_head, -1, n_key) @ v  # (B, G, H/G*T, D)
    return out.view(n_batch, n_head, n_query, head_dim), weights


def attend_fused(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    dropout_p: float = 0.0,
) -> Tensor:
    """Attend as `attend` does, fused and without the weights; returns [B, H, T, D].

    Raises:
        ValueError: If the shapes do not fit each other.

    Source: Dao et al. 2022, arXiv:2205.14135 (the kernel).
    """
    _check_shapes(q, k, v)
    n_query = q.shape[2]
    if is_causal and mask is None and n_query > _BLOCK and q.is_cpu:
        # The kernel for CPUs also computes most of what a causal mask hides; few queries at a
        # time are given no more keys than they may look at.
        n_past = k.shape[2] - n_query
        blocks = [(start, min(start + _BLOCK, n_query)) for start in range(0, n_query, _BLOCK)]
        parts = [
            attend_fused(
                q[:, :, start:end],
                k[:, :, : n_past + end],
                v[:, :, : n_past + end],
                is_causal=True,
                dropout_p=dropout_p,
            )
            for start, end in blocks
        ]
        return torch.cat(parts, dim=2)
    if is_causal and (mask is not None or n_query != k.shape[2]):
        mask, is_causal = _with_causal(q, k, mask, is_causal), False
    is_grouped = q.shape[1] != k.shape[1]
    if n_query == 1 and (mask is None or mask.dim() == 2):
        # One query a head: those that share keys pass as several queries of one head, and the
        # keys are read once. On a CPU this is several times as fast as enable_gqa.
        folded = q.reshape(q.shape[0], k.shape[1], -1, q.shape[3])  # (B, G, H/G, D)
        return F.scaled_dot_product_attention(folded, k, v, mask, dropout_p).reshape(q.shape)
    return F.scaled_dot_product_attention(
        q, k, v, mask, dropout_p, is_causal, enable_gqa=is_grouped
    )


def attend_step(q: Tensor, k: Tensor, v: Tensor, n_key: int) -> Tensor:
    """Attend from one position to the first `n_key` of many, by two plain products.

    The fused kernel is made for as many queries as keys. In bfloat16 on a CPU, keys times queries
    in this order take half of its time with three heads of keys, a third with twelve.

    Args:
        q: Queries, [B, H, 1, D].
        k: Keys, [B, G, S, D]; finite where they do not count.
        v: Values, [B, G, S, D]; as the keys.
        n_key: How many keys count.

    Returns:
        The attended values, [B, H, 1, D].
    """
    folded = q.reshape(q.shape[0], k.shape[1], -1, q.shape[3])  # (B, G, H/G, D)
    scores = k @ (folded / math.sqrt(q.shape[3])).transpose(2, 3)  # (B, G, S, H/G)
    scores = scores.transpose(2, 3).contiguous()  # (B, G, H/G, S)
    scores.narrow(3, n_key, k.shape[2] - n_key).fill_(-math.inf)
    return (scores.softmax(-1) @ v).reshape(q.shape)


class MultiHeadAttention(nn.Module):
    """Attention with many heads, over itself or over another sequence.

    Names for loading: self-attention has `qkv` (rows: queries, then keys, then values, each head by
    head) and `out`; cross attention has `q`, `kv` (keys, then values) and `out`. Each is an
    nn.Linear.

    Args:
        n_embd: C, width of what comes in and goes out.
        n_head: H.
        n_kv_head: G, heads of keys and values; None means as many as `n_head`.
        head_dim: D; None means n_embd / n_head.
        bias: Whether q, k and v have a bias.
        out_bias: Whether the output has one; None means as `bias`.
        is_cross: Whether keys and values come from `memory`.
        dropout: Share of the weights dropped in training.

    Raises:
        ValueError: If heads do not divide the width, or heads of keys do not divide the heads.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; Ainslie et al. 2023,
    arXiv:2305.13245.
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        *,
        n_kv_head: int | None = None,
        head_dim: int | None = None,
        bias: bool = True,
        out_bias: bool | None = None,
        is_cross: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        n_kv_head = n_head if n_kv_head is None else n_kv_head
        if head_dim is None and n_embd % n_head:
            raise ValueError(f"{n_head} heads do not divide the width {n_embd}")
        if n_head % n_kv_head:
            raise ValueError(f"{n_kv_head} heads of keys do not divide {n_head} heads of queries")
        self.n_head = n_head
        self.n_kv_head = n_kv_head
        self.head_dim = n_embd // n_head if head_dim is None else head_dim
        self.is_cross = is_cross
        self.dropout = dropout
        q_size, kv_size = n_head * self.head_dim, 2 * n_kv_head * self.head_dim
        if is_cross:
            self.q = nn.Linear(n_embd, q_size, bias=bias)
            self.kv = nn.Linear(n_embd, kv_size, bias=bias)
        else:
            self.qkv = nn.Linear(n_embd, q_size + kv_size, bias=bias)
        self.out = nn.Linear(q_size, n_embd, bias=bias if out_bias is None else out_bias)

    def forward(
        self,
        x: Tensor,
        *,
        memory: Tensor | tuple[Tensor, Tensor] | None = None,
        mask: Tensor | None = None,
        is_causal: bool = False,
        rotation: tuple[Tensor, Tensor] | None = None,
        cache: KVCache | None = None,
        layer: int = 0,
        trace: Trace | None = None,
    ) -> Tensor:
        """Attend from each position of x.

        Args:
            x: [B, T, C].
            memory: Cross attention only: [B, S, C], or what `keys_values` made of it.
            mask: Who may look where.
            is_causal: Whether `causal_mask` holds too.
            rotation: Cosines and sines of `Rotary` for the positions of x.
            cache: Where earlier keys and values are, and the new ones go.
            layer: Which layer of the cache.
            trace: Where the weights go.

        Returns:
            [B, T, C].

        Raises:
            ValueError: If the cache is full, or `memory` is missing or not wanted.
        """
        if self.is_cross != (memory is not None):
            raise ValueError("Expected memory" if self.is_cross else "Expected no memory")
        if memory is not None:
            q = self._heads(self.q(x))  # (B, H, T, D)
            k, v = self.keys_values(memory) if isinstance(memory, Tensor) else memory
        else:
            q, k, v = self._project(x, rotation)
            if cache is not None:
                k, v = cache.extend(layer, k, v)
        dropout_p = self.dropout if self.training else 0.0
        if trace is not None and trace.wants_attention:
            y, weights = attend(q, k, v, mask, is_causal=is_causal, dropout_p=dropout_p)
            trace.add_attention(weights, is_cross=self.is_cross)
        elif cache is not None and mask is None and is_long_step(q, k):
            y = attend_step(q, *cache.padded(layer, k.shape[2]), k.shape[2])
        else:
            y = attend_fused(q, k, v, mask, is_causal=is_causal, dropout_p=dropout_p)
        if y.shape[2] > 1:
            y = y.transpose(1, 2)  # (B, T, H, D)
        return self.out(y.reshape(*x.shape[:2], -1))  # (B, T, H*D) -> (B, T, C)

    def keys_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values [B, G, S, D] of a memory [B, S, C], for use at each step."""
        k, v = self._heads(self.kv(memory)).chunk(2, dim=1)
        return k, v

    def _project(
        self, x: Tensor, rotation: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return q [B, H, T, D], k and v [B, G, T, D], queries and keys rotated together."""
        n_head, n_kv_head = self.n_head, self.n_kv_head
        heads = self._heads(self.qkv(x))  # (B, H+2G, T, D)
        qk, v = torch.split_with_sizes(heads, (n_head + n_kv_head, n_kv_head), 1)
        if rotation is not None:
            qk = rotate(qk, rotation)
        q, k = torch.split_with_sizes(qk, (n_head, n_kv_head), 1)
        return q, k, v

    def _heads(self, x: Tensor) -> Tensor:
        """Return [B, heads, T, D] for [B, T, heads*D]."""
        n_batch, n_time, _ = x.shape
        if n_time == 1:  # Steps are many and small: they are spared the transposition.
            return x.view(n_batch, -1, 1, self.head_dim)
        return x.view(n_batch, n_time, -1, self.head_dim).transpose(1, 2)


def is_long_step(q: Tensor, k: Tensor) -> bool:
    """Whether `attend_step` is the faster way from queries [B, H, T, D] to keys [B, G, S, D]."""
    is_long = q.shape[2] == 1 and k.shape[1] * k.shape[2] >= _MANY_KEYS
    return is_long and q.is_cpu and q.dtype == torch.bfloat16


def _check_shapes(q: Tensor, k: Tensor, v: Tensor) -> None:
    fits = (
        q.dim() == k.dim() == v.dim() == 4
        and q.shape[0] == k.shape[0]
        and q.shape[1] % k.shape[1] == 0
        and q.shape[3] == k.shape[3]
        and k.shape[:3] == v.shape[:3]
    )
    if not fits:
        raise ValueError(
            "Expected q [B, H, T, D], k and v [B, G, S, D] with G a divisor of H, "
            f"got {tuple(q.shape)}, {tuple(k.shape)} and {tuple(v.shape)}"
        )


def _with_causal(q: Tensor, k: Tensor, mask: Tensor | None, is_causal: bool) -> Tensor | None:
    """Return the mask that holds in all."""
    if not is_causal or (q.shape[2] == 1 and k.shape[2] >= 1):
        return mask
    causal = causal_mask(q.shape[2], k.shape[2], device=q.device)
    return causal if mask is None else mask & causal
