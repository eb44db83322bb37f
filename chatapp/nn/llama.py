"""The Llama family: rotary positions, RMSNorm, SwiGLU and grouped-query attention.

The same layers are in Llama 1 to 3, SmolLM2, Mistral (a sliding window) and Qwen2 (biases of q, k
and v).

B batch, T time, C n_embd, V n_vocab.

Sources: Touvron et al. 2023, arXiv:2302.13971 and arXiv:2307.09288; Jiang et al. 2023,
arXiv:2310.06825 (Mistral); Yang et al. 2024, arXiv:2407.10671 (Qwen2); Allal et al. 2025,
arXiv:2502.02737 (SmolLM2).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chatapp.nn.attention import MultiHeadAttention, causal_mask
from chatapp.nn.kv_cache import KVCache
from chatapp.nn.layers import RMSNorm, SwiGLU, chosen_places
from chatapp.nn.positions import Rotary
from chatapp.nn.trace import Trace


@dataclass(frozen=True)
class LlamaConfig:
    """Sizes of a Llama.

    Attributes:
        n_vocab: Tokens known (HF vocab_size).
        block_size: Positions it was trained for (HF max_position_embeddings, GGUF context_length).
        n_layer: Layers (HF num_hidden_layers, GGUF block_count).
        n_head: Heads of queries (HF num_attention_heads).
        n_kv_head: Heads of keys and values (HF num_key_value_heads).
        n_embd: Width (HF hidden_size).
        d_ff: Width of the feed-forward network (HF intermediate_size).
        head_dim: Size of a head; 0 means n_embd / n_head.
        norm_eps: Added to the mean square (HF rms_norm_eps).
        rope_base: Of the rotary positions (HF rope_theta).
        rope_scaling: As `Rotary` takes it.
        sliding_window: Positions seen at most, itself included; None means all.
        qkv_bias: Whether q, k and v have a bias (Qwen2).
        out_bias: Whether the attention's output has one.
        mlp_bias: Whether the feed-forward network's layers have one.
        tie_embeddings: Whether the head is the token embedding.

    Raises:
        ValueError: If a size is below 1, or sizes do not divide each other.
    """

    n_vocab: int
    block_size: int
    n_layer: int
    n_head: int
    n_kv_head: int
    n_embd: int
    d_ff: int
    head_dim: int = 0
    norm_eps: float = 1e-5
    rope_base: float = 10000.0
    rope_scaling: Mapping[str, object] | None = None
    sliding_window: int | None = None
    qkv_bias: bool = False
    out_bias: bool = False
    mlp_bias: bool = False
    tie_embeddings: bool = False

    def __post_init__(self) -> None:
        sizes = ("n_vocab", "block_size", "n_layer", "n_head", "n_kv_head", "n_embd", "d_ff")
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.head_dim == 0:
            if self.n_embd % self.n_head:
                raise ValueError(f"{self.n_head} heads do not divide the width {self.n_embd}")
            object.__setattr__(self, "head_dim", self.n_embd // self.n_head)
        if self.n_head % self.n_kv_head:
            raise ValueError(
                f"{self.n_kv_head} heads of keys do not divide {self.n_head} heads of queries"
            )
        if self.sliding_window is not None and self.sliding_window < 1:
            raise ValueError(f"sliding_window must be at least 1, got {self.sliding_window}")


PRESETS = {
    "smollm2-135m": LlamaConfig(
        49152, 8192, 30, 9, 3, 576, 1536, rope_base=100000.0, tie_embeddings=True
    ),
}


class LlamaBlock(nn.Module):
    """One layer: attention and a gated feed-forward network, each added to what came in."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.norm1 = RMSNorm(config.n_embd, config.norm_eps)
        self.attention = MultiHeadAttention(
            config.n_embd,
            config.n_head,
            n_kv_head=config.n_kv_head,
            head_dim=config.head_dim,
            bias=config.qkv_bias,
            out_bias=config.out_bias,
        )
        self.norm2 = RMSNorm(config.n_embd, config.norm_eps)
        self.feed_forward = SwiGLU(config.n_embd, config.d_ff, bias=config.mlp_bias)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None,
        is_causal: bool,
        rotation: tuple[Tensor, Tensor],
        cache: KVCache | None,
        layer: int,
        trace: Trace | None,
    ) -> Tensor:
        """Return [B, T, C] for [B, T, C]; the arguments are those of `MultiHeadAttention`."""
        x = x + self.attention(
            self.norm1(x),
            mask=mask,
            is_causal=is_causal,
            rotation=rotation,
            cache=cache,
            layer=layer,
            trace=trace,
        )
        return x + self.feed_forward(self.norm2(x))


class Llama(nn.Module):
    """A Llama language model.

    Names for loading: `token_embedding`, `blocks.N.{norm1, attention.{qkv, out}, norm2,
    feed_forward.{gate_up, down}}`, `norm` and `head`.
    """

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.n_vocab, config.n_embd)
        self.rotary = Rotary(config.head_dim, config.rope_base, config.rope_scaling)
        self.blocks = nn.ModuleList(LlamaBlock(config) for _ in range(config.n_layer))
        self.norm = RMSNorm(config.n_embd, config.norm_eps)
        self.head = nn.Linear(config.n_embd, config.n_vocab, bias=False)
        self.tie_weights()
        self._init_weights()

    def forward(
        self,
        ids: Tensor,
        state: KVCache | None = None,
        *,
        last_only: bool = False,
        places: Tensor | None = None,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return the scores of the token that follows each position.

        Args:
            ids: int64 [B, T], what follows the positions that `state` holds.
            state: Of `new_state`; the new positions are written to it.
            last_only: Whether the last position's scores are enough.
            places: bool [B, T], the N positions whose scores are wanted; None means all of them.
            trace: Where attention weights and hidden states go.

        Returns:
            Logits, [B, T, V], [B, 1, V] with `last_only`, or [N, V] with `places`.

        Raises:
            ValueError: If the positions reach beyond the block size or the state's room.
        """
        n_past, n_new = state.length if state is not None else 0, ids.shape[1]
        n_all, window = n_past + n_new, self.config.sliding_window
        if n_all > self.config.block_size:
            raise ValueError(
                f"Cannot attend to {n_all} positions, block size is only {self.config.block_size}"
            )
        x = self.token_embedding(ids)  # (B, T, C)
        if trace is not None:
            trace.add_hidden(x)
        rotation = self.rotary(n_new, n_past, dtype=x.dtype, device=x.device)
        is_windowed = window is not None and n_all > window
        mask = causal_mask(n_new, n_all, window=window, device=x.device) if is_windowed else None
        for layer, block in enumerate(self.blocks):
            x = block(
                x,
                mask=mask,
                is_causal=not is_windowed,
                rotation=rotation,
                cache=state,
                layer=layer,
                trace=trace,
            )
            if trace is not None:
                trace.add_hidden(x)
        if state is not None:
            state.advance(n_new)
        return self.head(self.norm(chosen_places(x, last_only, places)))  # (B, T, V)

    def new_state(self, n_batch: int = 1, n_ctx: int | None = None) -> KVCache:
        """Return an empty cache in the weights' type and place.

        Args:
            n_batch: Rows read side by side.
            n_ctx: Positions there is room for; None means the block size.

        Raises:
            ValueError: If `n_ctx` is beyond the block size.
        """
        config, like = self.config, next(self.parameters())
        n_ctx = config.block_size if n_ctx is None else n_ctx
        if n_ctx > config.block_size:
            raise ValueError(f"Cannot hold {n_ctx} positions, block size is {config.block_size}")
        sizes = (config.n_layer, n_batch, config.n_kv_head, n_ctx, config.head_dim)
        return KVCache(*sizes, dtype=like.dtype, device=like.device)

    def tie_weights(self) -> None:
        """Make the head the token embedding where the config says so, as after an assignment."""
        if self.config.tie_embeddings:
            self.head.weight = self.token_embedding.weight

    @torch.no_grad()
    def _init_weights(self) -> None:
        """Draw weights: normal for matrices and embeddings, zeros for biases."""
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
