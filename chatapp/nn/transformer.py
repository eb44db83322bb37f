"""The Transformer of the paper: an encoder-decoder, normalised after each sum.

B batch, S source, T time (target), C n_embd, H heads, D head size, V n_vocab.

Source: Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762.
"""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from chatapp.nn.attention import MultiHeadAttention, causal_mask, padding_mask
from chatapp.nn.kv_cache import KVCache
from chatapp.nn.layers import FeedForward
from chatapp.nn.positions import sinusoidal_positions
from chatapp.nn.trace import Trace


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of an encoder-decoder Transformer.

    Attributes:
        n_vocab: Tokens known, of both languages together.
        n_layer: Layers of the encoder, and as many of the decoder (paper: N).
        n_head: Heads of each attention (paper: h).
        n_embd: Width (paper: d_model).
        d_ff: Width of the feed-forward network; 0 means 4 * n_embd.
        activation: Of the feed-forward network: relu, gelu or gelu_new.
        norm_eps: Added to the variance.
        dropout: Share dropped in training.

    Raises:
        ValueError: If a size is below 1, the heads do not divide the width, or the width is odd.
    """

    n_vocab: int
    n_layer: int
    n_head: int
    n_embd: int
    d_ff: int = 0
    activation: str = "relu"
    norm_eps: float = 1e-5
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.d_ff == 0:
            object.__setattr__(self, "d_ff", 4 * self.n_embd)
        for name in ("n_vocab", "n_layer", "n_head", "n_embd", "d_ff"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.n_embd % self.n_head:
            raise ValueError(f"{self.n_head} heads do not divide the width {self.n_embd}")
        if self.n_embd % 2:
            raise ValueError(f"Expected an even width for the positions, got {self.n_embd}")


# Published sizes (table 3), with the English-German vocabulary of about 37,000 tokens.
PRESETS = {
    "transformer-base": TransformerConfig(37000, 6, 8, 512),
    "transformer-big": TransformerConfig(37000, 6, 16, 1024, dropout=0.3),
}


class EncoderBlock(nn.Module):
    """One layer of an encoder: x = norm(x + attention(x)), then norm(x + feed_forward(x))."""

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        d_ff: int,
        *,
        activation: str,
        norm_eps: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(n_embd, n_head, dropout=dropout)
        self.norm1 = nn.LayerNorm(n_embd, eps=norm_eps)
        self.feed_forward = FeedForward(n_embd, d_ff, activation=activation, dropout=dropout)
        self.norm2 = nn.LayerNorm(n_embd, eps=norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None, trace: Trace | None) -> Tensor:
        """Return [B, S, C] for [B, S, C]; `mask` hides padding."""
        x = self.norm1(x + self.dropout(self.attention(x, mask=mask, trace=trace)))
        return self.norm2(x + self.feed_forward(x))


class DecoderBlock(nn.Module):
    """One layer of the decoder: over itself, over the memory, feed-forward."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        n_embd, n_head, eps, dropout = config.n_embd, config.n_head, config.norm_eps, config.dropout
        self.attention = MultiHeadAttention(n_embd, n_head, dropout=dropout)
        self.norm1 = nn.LayerNorm(n_embd, eps=eps)
        self.cross_attention = MultiHeadAttention(n_embd, n_head, is_cross=True, dropout=dropout)
        self.norm2 = nn.LayerNorm(n_embd, eps=eps)
        self.feed_forward = FeedForward(
            n_embd, config.d_ff, activation=config.activation, dropout=dropout
        )
        self.norm3 = nn.LayerNorm(n_embd, eps=eps)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | tuple[Tensor, Tensor],
        *,
        mask: Tensor | None,
        memory_mask: Tensor | None,
        is_causal: bool,
        cache: KVCache | None,
        layer: int,
        trace: Trace | None,
    ) -> Tensor:
        """Return [B, T, C] for [B, T, C]; the arguments are those of `MultiHeadAttention`."""
        y = self.attention(x, mask=mask, is_causal=is_causal, cache=cache, layer=layer, trace=trace)
        x = self.norm1(x + self.dropout(y))
        y = self.cross_attention(x, memory=memory, mask=memory_mask, trace=trace)
        x = self.norm2(x + self.dropout(y))
        return self.norm3(x + self.feed_forward(x))


class TransformerState:
    """What the decoder goes on from: a source that was read, and the target so far.

    Attributes:
        memory: For each layer the keys and values of the source, each [B, H, S, D].
        memory_mask: Where the source has tokens, [B, 1, 1, S], None without padding.
        cache: The target so far.
    """

    def __init__(
        self, memory: list[tuple[Tensor, Tensor]], memory_mask: Tensor | None, cache: KVCache
    ) -> None:
        self.memory = memory
        self.memory_mask = memory_mask
        self.cache = cache

    def reorder(self, rows: Tensor) -> None:
        """Let row i go on from row `rows[i]`, which has the same source; `rows` is int64 [B]."""
        self.cache.reorder(rows)


class Transformer(nn.Module):
    """The encoder-decoder. One matrix embeds both languages and gives the scores.

    Names for loading: `token_embedding`, `encoder.N.{attention.{qkv, out}, norm1,
    feed_forward.{up, down}, norm2}`, `decoder.N.{attention.{qkv, out}, norm1,
    cross_attention.{q, kv, out}, norm2, feed_forward.{up, down}, norm3}` and `head`, which is
    `token_embedding`.

    A trace's `attention` and `hidden` hold the encoder's layers, then the decoder's.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.n_vocab, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = nn.ModuleList(
            EncoderBlock(
                config.n_embd,
                config.n_head,
                config.d_ff,
                activation=config.activation,
                norm_eps=config.norm_eps,
                dropout=config.dropout,
            )
            for _ in range(config.n_layer)
        )
        self.decoder = nn.ModuleList(DecoderBlock(config) for _ in range(config.n_layer))
        self.head = nn.Linear(config.n_embd, config.n_vocab, bias=False)
        self.tie_weights()
        self._init_weights()

    def forward(
        self,
        src_ids: Tensor,
        tgt_ids: Tensor,
        src_mask: Tensor | None = None,
        *,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return the scores of the token that follows each position of the target.

        Args:
            src_ids: int64 [B, S].
            tgt_ids: int64 [B, T], beginning with the token that begins every target. Padding behind
                a target's end needs no mask: no position looks at what comes after it.
            src_mask: [B, S], False where the source is padding; None without padding.
            trace: Where attention weights and hidden states go.

        Returns:
            Logits, [B, T, V].

        Raises:
            ValueError: If the shapes do not fit each other.
        """
        memory, memory_mask = self.encode(src_ids, src_mask, trace=trace)
        if tgt_ids.dim() != 2 or tgt_ids.shape[0] != src_ids.shape[0]:
            raise ValueError(
                f"Expected target ids of shape [{src_ids.shape[0]}, T], got {tuple(tgt_ids.shape)}"
            )
        return self._decode(tgt_ids, [memory] * len(self.decoder), memory_mask, trace=trace)

    def encode(
        self, src_ids: Tensor, src_mask: Tensor | None = None, *, trace: Trace | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Return what the encoder makes of the source, [B, S, C], and its mask, [B, 1, 1, S].

        Raises:
            ValueError: If the mask has another shape than the ids.
        """
        if src_ids.dim() != 2:
            raise ValueError(f"Expected source ids of shape [B, S], got {tuple(src_ids.shape)}")
        if src_mask is not None and src_mask.shape != src_ids.shape:
            raise ValueError(
                f"Expected a source mask of shape {tuple(src_ids.shape)}, "
                f"got {tuple(src_mask.shape)}"
            )
        mask = None if src_mask is None else padding_mask(src_mask)
        x = self._embed(src_ids, 0, trace)  # (B, S, C)
        for block in self.encoder:
            x = block(x, mask, trace)
            if trace is not None:
                trace.add_hidden(x)
        return x, mask

    def new_state(
        self,
        src_ids: Tensor,
        src_mask: Tensor | None = None,
        *,
        n_ctx: int,
        n_beam: int = 1,
        trace: Trace | None = None,
    ) -> TransformerState:
        """Read the source once, its keys and values included.

        Args:
            src_ids: int64 [B, S].
            src_mask: [B, S], False where the source is padding.
            n_ctx: Target positions there is room for.
            n_beam: Rows of the state for each source, one after the other.
            trace: Where the encoder's attention weights and hidden states go.

        Raises:
            ValueError: If the mask has another shape than the ids.
        """
        memory, mask = self.encode(src_ids, src_mask, trace=trace)
        layers = []
        for block in self.decoder:
            assert isinstance(block, DecoderBlock)
            k, v = block.cross_attention.keys_values(memory)  # (B, H, S, D)
            layers.append((k.repeat_interleave(n_beam, 0), v.repeat_interleave(n_beam, 0)))
        mask = None if mask is None else mask.repeat_interleave(n_beam, 0)
        config = self.config
        cache = KVCache(
            config.n_layer,
            src_ids.shape[0] * n_beam,
            config.n_head,
            n_ctx,
            config.n_embd // config.n_head,
            dtype=memory.dtype,
            device=memory.device,
        )
        return TransformerState(layers, mask, cache)

    def decode(
        self,
        tgt_ids: Tensor,
        state: TransformerState,
        *,
        last_only: bool = False,
        trace: Trace | None = None,
    ) -> Tensor:
        """Go on with the targets of a state; as `forward`, but for new positions only.

        Args:
            tgt_ids: int64 [B, T], what follows the positions in the state.
            state: Of `new_state`; it is moved on.
            last_only: Whether the last position's scores are enough.
            trace: Where the decoder's attention weights and hidden states go.

        Returns:
            Logits, [B, T, V], or [B, 1, V] with `last_only`.

        Raises:
            ValueError: If the state has no room, or another batch.
        """
        return self._decode(
            tgt_ids,
            state.memory,
            state.memory_mask,
            cache=state.cache,
            last_only=last_only,
            trace=trace,
        )

    def tie_weights(self) -> None:
        """Make the head the token embedding again, as after tensors were assigned."""
        self.head.weight = self.token_embedding.weight

    def _decode(
        self,
        tgt_ids: Tensor,
        memory: list[Tensor] | list[tuple[Tensor, Tensor]],
        memory_mask: Tensor | None,
        *,
        cache: KVCache | None = None,
        last_only: bool = False,
        trace: Trace | None = None,
    ) -> Tensor:
        n_past, n_new = cache.length if cache is not None else 0, tgt_ids.shape[1]
        x = self._embed(tgt_ids, n_past, trace)  # (B, T, C)
        mask = causal_mask(n_new, n_past + n_new, device=x.device) if n_past and n_new > 1 else None
        for layer, block in enumerate(self.decoder):
            x = block(
                x,
                memory[layer],
                mask=mask,
                memory_mask=memory_mask,
                is_causal=n_past == 0,
                cache=cache,
                layer=layer,
                trace=trace,
            )
            if trace is not None:
                trace.add_hidden(x)
        if cache is not None:
            cache.advance(n_new)
        return self.head(x[:, -1:] if last_only else x)  # (B, T, V)

    def _embed(self, ids: Tensor, start: int, trace: Trace | None) -> Tensor:
        """Return embeddings, scaled, plus positions, [B, T, C]."""
        n_embd = self.config.n_embd
        x = self.token_embedding(ids) * math.sqrt(n_embd)
        waves = sinusoidal_positions(ids.shape[1], n_embd, start=start, device=ids.device)
        x = self.dropout(x + waves.to(x.dtype))
        if trace is not None:
            trace.add_hidden(x)
        return x

    def _init_weights(self) -> None:
        """Draw weights: Glorot's, and embeddings that are of size 1 once scaled."""
        for name, parameter in self.named_parameters():
            if parameter is self.token_embedding.weight:
                nn.init.normal_(parameter, std=self.config.n_embd**-0.5)
            elif parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
