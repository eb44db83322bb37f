"""One token through a Llama with rounded weights, in as few calls as can be.

`Llama.forward` computes the same. With weights of four bits a small model spends a fifth of a step
on calls of modules and on checks that a single token does not need.

C n_embd, D head size, H heads of queries, G heads of keys and values, S positions, V n_vocab.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.nn.attention import attend_step, is_long_step
from chatapp.nn.kv_cache import KVCache
from chatapp.nn.layers import rms_norm_row
from chatapp.nn.llama import Llama
from chatapp.nn.positions import rotate
from chatapp.nn.quantized import RoundedLinear, has_kernel

_Product = Callable[[Tensor], Tensor]


class _Layer(NamedTuple):
    norm1: Tensor
    qkv: _Product
    out: _Product
    norm2: Tensor
    gate_up: _Product
    down: _Product


class LlamaStep:
    """Reads one token at a time.

    Args:
        model: One that `of` takes.
    """

    def __init__(self, model: Llama) -> None:
        self._model = model
        blocks = cast(Iterable[Any], model.blocks)  # whose linear layers are rounded ones
        self._layers = [
            _Layer(
                block.norm1.weight,
                block.attention.qkv.by_kernel,
                block.attention.out.by_kernel,
                block.norm2.weight,
                block.feed_forward.gate_up.by_kernel,
                block.feed_forward.down.by_kernel,
            )
            for block in blocks
        ]

    @classmethod
    def of(cls, model: nn.Module) -> "LlamaStep | None":
        """Return one for a Llama whose linear layers are rounded, with a kernel and no bias."""
        if not isinstance(model, Llama) or model.config.sliding_window is not None:
            return None
        linear = [one for one in model.blocks.modules() if isinstance(one, nn.Linear)]
        rounded = [one for one in model.blocks.modules() if isinstance(one, RoundedLinear)]
        if linear or any(one.bias is not None for one in rounded):
            return None
        kinds: set[Any] = {type(one) for one in rounded}
        return cls(model) if all(has_kernel(kind) for kind in kinds) else None

    def __call__(self, ids: Tensor, state: KVCache) -> Tensor:
        """Return the scores of the token that follows.

        Args:
            ids: int64 [1, 1], what follows the positions that `state` holds.
            state: Of the model's `new_state`; the new position is written to it.

        Returns:
            Logits, [1, 1, V].

        Raises:
            ValueError: If the state has no room.
        """
        model, eps = self._model, self._model.config.norm_eps
        x = model.token_embedding(ids)[0]  # (1, C)
        rotation = model.rotary(1, state.length, dtype=x.dtype, device=x.device)
        for number, layer in enumerate(self._layers):
            qkv = layer.qkv(rms_norm_row(x, layer.norm1, eps))
            y = self._attend(qkv, rotation, state, number)
            x = layer.out(y).add_(x)
            gate, up = layer.gate_up(rms_norm_row(x, layer.norm2, eps)).chunk(2, dim=1)
            x = layer.down(F.silu(gate, inplace=True).mul_(up)).add_(x)
        state.advance(1)
        return model.head(model.norm(x))[None]

    def _attend(
        self, qkv: Tensor, rotation: tuple[Tensor, Tensor], state: KVCache, number: int
    ) -> Tensor:
        """Attend from the new position to all there are; [1, H*D] for [1, (H+2G)*D]."""
        config = self._model.config
        n_head, n_kv_head, head_dim = config.n_head, config.n_kv_head, config.head_dim
        heads = qkv.view(1, n_head + 2 * n_kv_head, 1, head_dim)
        qk = rotate(heads.narrow(1, 0, n_head + n_kv_head), rotation)
        q = qk.narrow(1, 0, n_head)  # (1, H, 1, D)
        v = heads.narrow(1, n_head + n_kv_head, n_kv_head)
        keys, values = state.extend(number, qk.narrow(1, n_head, n_kv_head), v)  # (1, G, S, D)
        if is_long_step(q, keys):
            y = attend_step(q, *state.padded(number, keys.shape[2]), keys.shape[2])
        else:
            folded = q.view(1, n_kv_head, -1, head_dim)  # queries that share a head of keys
            y = F.scaled_dot_product_attention(folded, keys, values)
        return y.view(1, n_head * head_dim)
