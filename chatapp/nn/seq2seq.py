"""Recurrent encoder-decoders, without attention and with it.

Without attention the encoder reads the source backwards and the decoder begins with what it has
left. With attention the encoder reads both ways and the decoder looks at all of it before each
token.

B batch, S source, T time (target), E n_embd, D hidden_size, L layers, V n_tgt_vocab.

Sources: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks",
arXiv:1409.3215; Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
Translate", arXiv:1409.0473.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from chatapp.nn.recurrent import Carried, RecurrentStack, check_cell, stack_gates
from chatapp.nn.trace import Trace


@dataclass(frozen=True)
class Seq2SeqConfig:
    """Sizes of a recurrent encoder-decoder.

    Attributes:
        n_src_vocab: Tokens of the source language.
        n_tgt_vocab: Tokens of the target language.
        n_layer: Layers of the encoder, in each direction, and of the decoder.
        n_embd: Width of the token embeddings.
        hidden_size: Width of each layer.
        cell: rnn, lstm or gru.
        has_attention: Whether the decoder looks back at the source (Bahdanau et al. 2015).
        n_maxout: With attention, width of the layer below the scores (paper: l); 0 means half of
            `hidden_size`.
        dropout: Share dropped in training.

    Raises:
        ValueError: If a size is below 1, or the cell is unknown.
    """

    n_src_vocab: int
    n_tgt_vocab: int
    n_layer: int
    n_embd: int
    hidden_size: int
    cell: str = "lstm"
    has_attention: bool = False
    n_maxout: int = 0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.n_maxout == 0:
            object.__setattr__(self, "n_maxout", max(1, self.hidden_size // 2))
        names = ("n_src_vocab", "n_tgt_vocab", "n_layer", "n_embd", "hidden_size", "n_maxout")
        for name in names:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        check_cell(self.cell)


# Published sizes: Sutskever et al. 2014, section 3.4; Bahdanau et al. 2015, appendix A.
PRESETS = {
    "lstm-encdec": Seq2SeqConfig(160_000, 80_000, 4, 1000, 1000),
    "rnnsearch": Seq2SeqConfig(30_000, 30_000, 1, 620, 1000, "gru", True, 500),
}


class Annotations(NamedTuple):
    """What the decoder looks at.

    Attributes:
        values: The encoder's output, both ways side by side, [B, S, 2D] (paper: h).
        keys: What the alignment compares of them, [B, S, D] (paper: U h), computed once.
        mask: Where the source has tokens, [B, S]; None without padding.
    """

    values: Tensor
    keys: Tensor
    mask: Tensor | None

    def repeat(self, n_beam: int) -> "Annotations":
        """Return each row `n_beam` times, one after the other."""
        mask = None if self.mask is None else self.mask.repeat_interleave(n_beam, 0)
        return Annotations(
            self.values.repeat_interleave(n_beam, 0), self.keys.repeat_interleave(n_beam, 0), mask
        )


class Seq2SeqState:
    """What the decoder goes on from: a source that was read, and the target so far.

    Attributes:
        carried: h, and for the LSTM also c, of the decoder, each [L, B, D].
        source: What attention looks at; None without attention.
    """

    def __init__(self, carried: Carried, source: Annotations | None) -> None:
        self.carried = carried
        self.source = source

    def reorder(self, rows: Tensor) -> None:
        """Let row i go on from row `rows[i]`, which has the same source; `rows` is int64 [B]."""
        self.carried = tuple(part.index_select(1, rows) for part in self.carried)


class BackwardEncoder(nn.Module):
    """Reads the source from its end, so that its first words are the freshest.

    Source: Sutskever et al. 2014, section 3.3.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.stack = _stack(config, config.n_embd)

    def forward(
        self, x: Tensor, mask: Tensor | None, lengths: Tensor | None, trace: Trace | None
    ) -> tuple[Carried, None]:
        """Return what the decoder begins with, for embeddings [B, S, E]."""
        carried = self.stack.first(x.shape[0])
        return self.stack(_backwards(x, lengths), carried, lengths, trace)[1], None


class TwoWayEncoder(nn.Module):
    """Reads the source from both ends.

    Source: Bahdanau et al. 2015, section 3.2 and appendix A.2.1.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.forward_stack = _stack(config, config.n_embd)
        self.backward_stack = _stack(config, config.n_embd)
        self.start = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(2 * config.hidden_size, config.hidden_size)

    def forward(
        self, x: Tensor, mask: Tensor | None, lengths: Tensor | None, trace: Trace | None
    ) -> tuple[Carried, Annotations]:
        """Return what the decoder begins with and what it looks at, for embeddings [B, S, E]."""
        carried = self.forward_stack.first(x.shape[0])
        ahead, _ = self.forward_stack(x, carried, lengths, trace)  # (B, S, D)
        back, last = self.backward_stack(_backwards(x, lengths), carried, lengths, trace)
        values = torch.cat((ahead, _backwards(back, lengths)), dim=-1)  # (B, S, 2D)
        start = torch.tanh(self.start(last[0]))  # (L, B, D)
        first = (start, *(torch.zeros_like(start) for _ in last[1:]))
        return first, Annotations(values, self.key(values), mask)


class Alignment(nn.Module):
    """Additive attention: e_j = v tanh(W s + U h_j), and the mean of h weighted by softmax(e).

    Source: Bahdanau et al. 2015, section 3.1 and appendix A.1.2.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden_size, hidden_size, bias=False)
        self.score = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, s: Tensor, source: Annotations) -> tuple[Tensor, Tensor]:
        """Return the context [B, 2D] and the weights [B, S] for the decoder's state s [B, D]."""
        energies = torch.tanh(self.query(s)[:, None] + source.keys)  # (B, S, D)
        scores = self.score(energies)[..., 0]  # (B, S)
        if source.mask is not None:
            scores = scores.masked_fill(~source.mask, -torch.inf)
        weights = scores.softmax(dim=-1)
        return (weights[:, None] @ source.values)[:, 0], weights


class AttentionDecoder(nn.Module):
    """Looks at the source before each token, with the state that the token before has left.

    Source: Bahdanau et al. 2015, appendix A.2.2, with this step's state below the scores as in its
    equation 4.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        n_embd, hidden_size = config.n_embd, config.hidden_size
        self.alignment = Alignment(hidden_size)
        self.stack = _stack(config, n_embd + 2 * hidden_size)
        self.maxout = nn.Linear(n_embd + 3 * hidden_size, 2 * config.n_maxout)

    def forward(
        self, y: Tensor, carried: Carried, source: Annotations, trace: Trace | None
    ) -> tuple[Tensor, Carried]:
        """Read embeddings y [B, T, E] on; return what is below the scores, and what is carried."""
        inputs, hidden, weights, gates = [], [], [], []
        for y_t in y.unbind(dim=1):
            context, weights_t = self.alignment(carried[0][-1], source)
            inputs.append(torch.cat((y_t, context), dim=-1))  # (B, E+2D)
            carried, gates_t = self.stack.step(inputs[-1], carried)
            hidden.append(carried[0])
            weights.append(weights_t)
            gates.append(gates_t)
        h = torch.stack(hidden, dim=2)  # (L, B, T, D)
        if trace is not None:
            trace.add_attention(torch.stack(weights, dim=1)[:, None], is_cross=True)  # (B, 1, T, S)
            for layer, layer_gates in enumerate(zip(*gates, strict=True)):
                trace.add_gates(stack_gates(list(layer_gates)))
                trace.add_hidden(h[layer])
        pairs = self.maxout(torch.cat((h[-1], torch.stack(inputs, dim=1)), dim=-1))
        return pairs.unflatten(-1, (-1, 2)).amax(dim=-1), carried  # (B, T, n_maxout)


class Seq2Seq(nn.Module):
    """A recurrent encoder-decoder.

    Names for loading: `src_embedding`, `tgt_embedding`, `head`; without attention `encoder.stack`
    and `decoder` (see `RecurrentStack`); with it `encoder.{forward_stack, backward_stack, start,
    key}` and `decoder.{alignment.{query, score}, stack, maxout}`.

    A trace's `hidden` and `gates` hold the encoder's layers, those that read backwards in the
    order they read, then the decoder's. `cross_attention` has one head.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.config = config
        self.src_embedding = nn.Embedding(config.n_src_vocab, config.n_embd)
        self.tgt_embedding = nn.Embedding(config.n_tgt_vocab, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder: BackwardEncoder | TwoWayEncoder
        self.decoder: RecurrentStack | AttentionDecoder
        if config.has_attention:
            self.encoder, self.decoder = TwoWayEncoder(config), AttentionDecoder(config)
            n_below = config.n_maxout
        else:
            self.encoder, self.decoder = BackwardEncoder(config), _stack(config, config.n_embd)
            n_below = config.hidden_size
        self.head = nn.Linear(n_below, config.n_tgt_vocab, bias=False)
        for layer in (self.src_embedding, self.tgt_embedding, self.head):
            nn.init.uniform_(layer.weight, -0.08, 0.08)

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
            tgt_ids: int64 [B, T], beginning with the token that begins every target.
            src_mask: [B, S], False where the source is padding, which comes last; None without
                padding.
            trace: Where attention weights, hidden states and gates go.

        Returns:
            Logits, [B, T, V].

        Raises:
            ValueError: If the shapes do not fit each other, or tokens follow padding.
        """
        return self.decode(tgt_ids, self.new_state(src_ids, src_mask, trace=trace), trace=trace)

    def new_state(
        self,
        src_ids: Tensor,
        src_mask: Tensor | None = None,
        *,
        n_ctx: int | None = None,
        n_beam: int = 1,
        trace: Trace | None = None,
    ) -> Seq2SeqState:
        """Read the source once.

        Args:
            src_ids: int64 [B, S].
            src_mask: [B, S], False where the source is padding, which comes last.
            n_ctx: Makes no difference: the state has room for any number of target positions.
            n_beam: Rows of the state for each source, one after the other.
            trace: Where the encoder's hidden states and gates go.

        Raises:
            ValueError: If the mask has another shape than the ids, or tokens follow padding.
        """
        src_mask = None if src_mask is None else src_mask.bool()
        lengths = _lengths(src_ids, src_mask)
        x = self.src_embedding(src_ids)  # (B, S, E)
        if trace is not None:
            trace.add_hidden(x)
        carried, source = self.encoder(self.dropout(x), src_mask, lengths, trace)
        if n_beam > 1:
            carried = tuple(part.repeat_interleave(n_beam, 1) for part in carried)
            source = None if source is None else source.repeat(n_beam)
        return Seq2SeqState(carried, source)

    def decode(
        self,
        tgt_ids: Tensor,
        state: Seq2SeqState,
        *,
        last_only: bool = False,
        trace: Trace | None = None,
    ) -> Tensor:
        """Go on with the targets of a state; as `forward`, but for new positions only.

        Args:
            tgt_ids: int64 [B, T], what follows the positions in the state.
            state: Of `new_state`; it is moved on.
            last_only: Whether the last position's scores are enough.
            trace: Where the decoder's attention weights, hidden states and gates go.

        Returns:
            Logits, [B, T, V], or [B, 1, V] with `last_only`.

        Raises:
            ValueError: If the ids have another shape, or another batch than the state.
        """
        n_batch = state.carried[0].shape[1]
        if tgt_ids.dim() != 2 or tgt_ids.shape[0] != n_batch or tgt_ids.shape[1] == 0:
            raise ValueError(
                f"Expected target ids of shape [{n_batch}, T], T at least 1, "
                f"got {tuple(tgt_ids.shape)}"
            )
        y = self.tgt_embedding(tgt_ids)  # (B, T, E)
        if trace is not None:
            trace.add_hidden(y)
        y = self.dropout(y)
        if state.source is None:
            x, state.carried = self.decoder(y, state.carried, trace=trace)  # (B, T, D)
        else:
            x, state.carried = self.decoder(y, state.carried, state.source, trace)
        return self.head(self.dropout(x[:, -1:] if last_only else x))  # (B, T, V)


def _stack(config: Seq2SeqConfig, input_size: int) -> RecurrentStack:
    return RecurrentStack(
        config.cell, input_size, config.hidden_size, config.n_layer, config.dropout
    )


def _lengths(src_ids: Tensor, src_mask: Tensor | None) -> Tensor | None:
    """Return how many tokens each source has, [B]; None if nothing is padding."""
    if src_ids.dim() != 2 or src_ids.shape[1] == 0:
        raise ValueError(
            f"Expected source ids of shape [B, S], S at least 1, got {tuple(src_ids.shape)}"
        )
    if src_mask is None:
        return None
    if src_mask.shape != src_ids.shape:
        raise ValueError(
            f"Expected a source mask of shape {tuple(src_ids.shape)}, got {tuple(src_mask.shape)}"
        )
    if not src_mask[:, 0].all() or (src_mask[:, 1:] & ~src_mask[:, :-1]).any():
        raise ValueError("Expected sources that begin with a token and have their padding last")
    return src_mask.sum(dim=1)


def _backwards(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Turn each row of x [B, S, ...] about, its padding left in place."""
    if lengths is None:
        return x.flip(1)
    places = torch.arange(x.shape[1], device=x.device)
    mirrored = lengths[:, None] - 1 - places  # (B, S)
    at = torch.where(mirrored >= 0, mirrored, places)
    return x.gather(1, at[..., None].expand_as(x))
