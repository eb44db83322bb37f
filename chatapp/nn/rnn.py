"""A language model on recurrent layers: vanilla RNN, LSTM or GRU.

B batch, T time, E n_embd, D hidden_size, L layers, V n_vocab.

Sources: Mikolov et al. 2010, "Recurrent neural network based language model"; Zaremba et al. 2014,
arXiv:1409.2329.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chatapp.nn.layers import chosen_places
from chatapp.nn.recurrent import Carried, RecurrentStack, check_cell
from chatapp.nn.trace import Trace


class RNNState:
    """What a recurrent network has read, in a few numbers that do not grow.

    It stands for one position only, the last: there is no way back but to the beginning.

    Attributes:
        carried: h, and for the LSTM also c, each [L, B, D].
        length: Positions read.
    """

    def __init__(self, carried: Carried) -> None:
        self.carried = carried
        self.length = 0

    @property
    def n_bytes(self) -> int:
        """Memory taken, in bytes."""
        return sum(part.nbytes for part in self.carried)

    def truncate(self, n: int) -> None:
        """Forget everything after the first `n` positions: nothing or all of them.

        Raises:
            ValueError: If `n` is neither 0 nor `length`.
        """
        if n not in (0, self.length):
            raise ValueError(
                f"Cannot keep {n} positions of {self.length}: a recurrent network can go back "
                "to the beginning only"
            )
        if n == 0:
            self.carried = tuple(torch.zeros_like(part) for part in self.carried)
        self.length = n

    def copy(self, length: int | None = None) -> "RNNState":
        """Return a state of its own that holds the first `length` positions, all by default.

        Raises:
            ValueError: If `length` is neither 0 nor this state's.
        """
        copy = RNNState(self.carried)  # Replaced at each step, never written to.
        copy.length = self.length
        copy.truncate(self.length if length is None else length)
        return copy

    def restore(self, copy: "RNNState") -> None:
        """Hold what `copy` holds, and nothing else.

        Raises:
            ValueError: If the copy is of another model or batch.
        """
        ours = [tuple(part.shape) for part in self.carried]
        theirs = [tuple(part.shape) for part in copy.carried]
        if ours != theirs:
            raise ValueError(f"Cannot restore a state of {theirs} into one of {ours}")
        self.carried = copy.carried
        self.length = copy.length


@dataclass(frozen=True)
class RNNConfig:
    """Sizes of a recurrent language model.

    Attributes:
        n_vocab: Tokens known.
        block_size: Positions it is trained on at a time; it reads on beyond them.
        n_layer: Layers.
        n_embd: Width of the token embedding.
        hidden_size: Width of each layer.
        cell: rnn, lstm or gru.
        tie_embeddings: Whether the head is the token embedding; the two widths must be one then.
        dropout: Share dropped in training.

    Raises:
        ValueError: If a size is below 1, the cell is unknown, or embeddings of another width than
            the layers' are to be tied.
    """

    n_vocab: int
    block_size: int
    n_layer: int
    n_embd: int
    hidden_size: int
    cell: str = "lstm"
    tie_embeddings: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("n_vocab", "block_size", "n_layer", "n_embd", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        check_cell(self.cell)
        if self.tie_embeddings and self.n_embd != self.hidden_size:
            raise ValueError(
                f"Cannot tie embeddings of width {self.n_embd} to layers of {self.hidden_size}"
            )


class RNNLM(nn.Module):
    """A recurrent language model.

    Names for loading: `token_embedding`, `stack.layers.N.kernel` (see `Recurrent`) and `head`.
    """

    def __init__(self, config: RNNConfig) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.n_vocab, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)
        self.stack = RecurrentStack(
            config.cell, config.n_embd, config.hidden_size, config.n_layer, config.dropout
        )
        self.head = nn.Linear(config.hidden_size, config.n_vocab, bias=False)
        self.tie_weights()
        for weight in (self.token_embedding.weight, self.head.weight):
            nn.init.uniform_(weight, -0.1, 0.1)

    def forward(
        self,
        ids: Tensor,
        state: RNNState | None = None,
        *,
        last_only: bool = False,
        places: Tensor | None = None,
        trace: Trace | None = None,
    ) -> Tensor:
        """Return the scores of the token that follows each position.

        Args:
            ids: int64 [B, T], what follows the positions that `state` has read.
            state: Of `new_state`; it is moved on. No gradient flows into it, so that training on
                a long text piece by piece is truncated back-propagation through time.
            last_only: Whether the last position's scores are enough.
            places: bool [B, T], the N positions whose scores are wanted; None means all of them.
            trace: Where hidden states and gates go.

        Returns:
            Logits, [B, T, V], [B, 1, V] with `last_only`, or [N, V] with `places`.

        Raises:
            ValueError: If `ids` has another shape, or another batch than `state`.
        """
        if ids.dim() != 2 or ids.shape[1] == 0:
            raise ValueError(f"Expected ids of shape [B, T], T at least 1, got {tuple(ids.shape)}")
        if state is not None and state.carried[0].shape[1] != ids.shape[0]:
            raise ValueError(f"Expected a batch of {state.carried[0].shape[1]}, got {ids.shape[0]}")
        carried = self.stack.first(ids.shape[0]) if state is None else state.carried
        x = self.token_embedding(ids)  # (B, T, E)
        if trace is not None:
            trace.add_hidden(x)
        x, carried = self.stack(self.dropout(x), carried, None, trace)  # (B, T, D)
        if state is not None:
            state.carried = tuple(part.detach() for part in carried)
            state.length += ids.shape[1]
        return self.head(self.dropout(chosen_places(x, last_only, places)))  # (B, T, V)

    def new_state(self, n_batch: int = 1, n_ctx: int | None = None) -> RNNState:
        """Return the state before the first token.

        Args:
            n_batch: Rows read side by side.
            n_ctx: Makes no difference: the state has room for any number of positions.
        """
        return RNNState(self.stack.first(n_batch))

    def tie_weights(self) -> None:
        """Make the head the token embedding where the config says so, as after an assignment."""
        if self.config.tie_embeddings:
            self.head.weight = self.token_embedding.weight
