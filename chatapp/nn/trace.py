"""What happened inside a network, kept on request: the one way to ask, the same for every model."""

from torch import Tensor


class Trace:
    """Collects attention weights, hidden states and gates while a model runs.

    Hand a fresh one to a model's forward as `trace=`; without one the model keeps nothing and takes
    its fast paths. B batch, T time, S source, C width, H heads.

    Attributes:
        attention: Weights of self-attention, one tensor [B, H, T, S] for each layer; rows sum to 1.
        cross_attention: The same over the encoder's output.
        hidden: The embedding [B, T, C], then the state after each layer.
        gates: For each layer of a recurrent network its gates by name, each [B, T, hidden_size].
    """

    def __init__(self, *, attention: bool = True, hidden: bool = True, gates: bool = True) -> None:
        self.wants_attention = attention
        self.wants_hidden = hidden
        self.wants_gates = gates
        self.attention: list[Tensor] = []
        self.cross_attention: list[Tensor] = []
        self.hidden: list[Tensor] = []
        self.gates: list[dict[str, Tensor]] = []

    def add_attention(self, weights: Tensor, *, is_cross: bool = False) -> None:
        """Keep a layer's attention weights [B, H, T, S], if they are wanted."""
        if self.wants_attention:
            (self.cross_attention if is_cross else self.attention).append(weights.detach())

    def add_hidden(self, x: Tensor) -> None:
        """Keep a hidden state [B, T, C], if it is wanted."""
        if self.wants_hidden:
            self.hidden.append(x.detach())

    def add_gates(self, gates: dict[str, Tensor]) -> None:
        """Keep a layer's gates, each [B, T, hidden_size], if they are wanted."""
        if self.wants_gates:
            self.gates.append({name: gate.detach() for name, gate in gates.items()})
