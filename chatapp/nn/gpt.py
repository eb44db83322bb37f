"""The GPT family: decoder-only transformers with learned positions.

GPT-1 normalises after each sum, GPT-2 and GPT-3 before each layer and once at the end. GPT-3
alternates dense layers with locally banded sparse ones (Child et al. 2019, arXiv:1904.10509); here
all its layers are dense.

B batch, T time, C n_embd, V n_vocab.

Sources: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training"; Radford
et al. 2019, "Language Models are Unsupervised Multitask Learners"; Brown et al. 2020,
arXiv:2005.14165.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chatapp.nn.attention import MultiHeadAttention, causal_mask
from chatapp.nn.kv_cache import KVCache
from chatapp.nn.layers import FeedForward, chosen_places
from chatapp.nn.positions import LearnedPositions
from chatapp.nn.trace import Trace


@dataclass(frozen=True)
class GPTConfig:
    """Sizes of a GPT.

    Attributes:
        n_vocab: Tokens known (HF vocab_size).
        block_size: Positions it was built for (HF n_positions, GGUF context_length).
        n_layer: Layers.
        n_head: Heads of each.
        n_embd: Width.
        d_ff: Width of the feed-forward network (HF n_inner); 0 means 4 * n_embd.
        activation: Of the feed-forward network: gelu, gelu_new or relu.
        norm_first: Whether layers are normalised before (GPT-2, GPT-3) or after them (GPT-1).
        norm_eps: Added to the variance (HF layer_norm_epsilon).
        tie_embeddings: Whether the head is the token embedding.
        dropout: Share dropped in training.

    Raises:
        ValueError: If a size is below 1, or the heads do not divide the width.
    """

    n_vocab: int
    block_size: int
    n_layer: int
    n_head: int
    n_embd: int
    d_ff: int = 0
    activation: str = "gelu_new"
    norm_first: bool = True
    norm_eps: float = 1e-5
    tie_embeddings: bool = True
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.d_ff == 0:
            object.__setattr__(self, "d_ff", 4 * self.n_embd)
        for name in ("n_vocab", "block_size", "n_layer", "n_head", "n_embd", "d_ff"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.n_embd % self.n_head:
            raise ValueError(f"{self.n_head} heads do not divide the width {self.n_embd}")


# Published sizes; OpenAI calls GPT-2's 117M, 345M, 762M and 1542M.
PRESETS = {
    "gpt1": GPTConfig(40478, 512, 12, 12, 768, norm_first=False, dropout=0.1),
    "gpt2": GPTConfig(50257, 1024, 12, 12, 768),
    "gpt2-medium": GPTConfig(50257, 1024, 24, 16, 1024),
    "gpt2-large": GPTConfig(50257, 1024, 36, 20, 1280),
    "gpt2-xl": GPTConfig(50257, 1024, 48, 25, 1600),
    "gpt3": GPTConfig(50257, 2048, 96, 96, 12288),
}


class GPTBlock(nn.Module):
    """One layer: attention and a feed-forward network, each added to what came in."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.norm_first = config.norm_first
        self.norm1 = nn.LayerNorm(config.n_embd, eps=config.norm_eps)
        self.attention = MultiHeadAttention(config.n_embd, config.n_head, dropout=config.dropout)
        self.norm2 = nn.LayerNorm(config.n_embd, eps=config.norm_eps)
        self.feed_forward = FeedForward(
            config.n_embd, config.d_ff, activation=config.activation, dropout=config.dropout
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None,
        is_causal: bool,
        cache: KVCache | None,
        layer: int,
        trace: Trace | None,
    ) -> Tensor:
        """Return [B, T, C] for [B, T, C]; the arguments are those of `MultiHeadAttention`."""
        y = self.norm1(x) if self.norm_first else x
        y = self.attention(y, mask=mask, is_causal=is_causal, cache=cache, layer=layer, trace=trace)
        x = x + self.dropout(y)
        if self.norm_first:
            return x + self.feed_forward(self.norm2(x))
        x = self.norm1(x)
        return self.norm2(x + self.feed_forward(x))


class GPT(nn.Module):
    """A GPT language model.

    Names for loading: `token_embedding`, `position_embedding`, `blocks.N.{norm1, attention.{qkv,
    out}, norm2, feed_forward.{up, down}}`, `norm` (with norm_first only) and `head`.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.n_vocab, config.n_embd)
        self.position_embedding = LearnedPositions(config.block_size, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(GPTBlock(config) for _ in range(config.n_layer))
        self.norm = (
            nn.LayerNorm(config.n_embd, eps=config.norm_eps) if config.norm_first else nn.Identity()
        )
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
        x = self.token_embedding(ids) + self.position_embedding(n_new, n_past)  # (B, T, C)
        x = self.dropout(x)
        if trace is not None:
            trace.add_hidden(x)
        is_causal = n_past == 0
        mask = causal_mask(n_new, n_past + n_new, device=x.device) if n_past and n_new > 1 else None
        for layer, block in enumerate(self.blocks):
            x = block(x, mask=mask, is_causal=is_causal, cache=state, layer=layer, trace=trace)
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
        head_dim = config.n_embd // config.n_head
        sizes = (config.n_layer, n_batch, config.n_head, n_ctx, head_dim)
        return KVCache(*sizes, dtype=like.dtype, device=like.device)

    def tie_weights(self) -> None:
        """Make the head the token embedding where the config says so, as after an assignment."""
        if self.config.tie_embeddings:
            self.head.weight = self.token_embedding.weight

    @torch.no_grad()
    def _init_weights(self) -> None:
        """Draw weights as GPT-2 does: normal, and smaller where a layer adds to the sum."""
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                adds = name.endswith(("attention.out.weight", "feed_forward.down.weight"))
                std = 0.02 / math.sqrt(2 * self.config.n_layer) if adds else 0.02
                nn.init.normal_(parameter, std=std)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
