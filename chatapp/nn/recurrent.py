"""Recurrent cells written out, vanilla, LSTM and GRU, and layers of them.

Without a trace the same weights run through torch's fused kernels.

B batch, T time, I input_size, D hidden_size, L layers.

Sources: Elman 1990, "Finding Structure in Time"; Hochreiter and Schmidhuber 1997, "Long Short-Term
Memory"; Cho et al. 2014, arXiv:1406.1078.
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from chatapp.nn.trace import Trace

# What a layer carries from one position to the next: h, and for the LSTM also c.
# Each is [B, D] for a layer and [L, B, D] for a stack of layers.
Carried = tuple[Tensor, ...]
Gates = dict[str, Tensor]


class Recurrent(nn.Module):
    """One recurrent layer: the equations of a cell, run over time.

    Names for loading: `kernel.{weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0}`, as in the
    torch.nn module of the same name; the rows of the gates are in the order of the equations.

    Attributes:
        kernel_class: The torch.nn module that holds the weights and runs fast.
        n_carried: How many tensors are carried from one position to the next.
    """

    kernel_class: ClassVar[type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]]
    n_carried: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.kernel = self.kernel_class(input_size, hidden_size, batch_first=True)

    def step(self, x: Tensor, carried: Carried) -> tuple[Carried, Gates]:
        """Read one position, written out.

        Args:
            x: [B, I].
            carried: What the position before left, each [B, D].

        Returns:
            What is carried on, h first, and the gates by name, each [B, D].
        """
        raise NotImplementedError

    def forward(
        self,
        x: Tensor,
        carried: Carried,
        lengths: Tensor | None = None,
        trace: Trace | None = None,
    ) -> tuple[Tensor, Carried]:
        """Read T positions.

        Args:
            x: [B, T, I].
            carried: What the position before left, each [B, D].
            lengths: Positions of each row that count, [B]; None means all of them.
            trace: Where the gates go.

        Returns:
            h at each position, [B, T, D], zero where a row has ended; and what each row's last
            position left.
        """
        if trace is None or not trace.wants_gates:
            return self._run_kernel(x, carried, lengths)
        outputs, gates = [], []
        for t in range(x.shape[1]):
            after, gates_t = self.step(x[:, t], carried)
            output = after[0]
            if lengths is not None:
                is_on = (lengths > t)[:, None]  # (B, 1)
                output = output * is_on
                after = tuple(
                    torch.where(is_on, new, old) for new, old in zip(after, carried, strict=True)
                )
            outputs.append(output)
            gates.append(gates_t)
            carried = after
        trace.add_gates(stack_gates(gates))
        return torch.stack(outputs, dim=1), carried

    def _run_kernel(
        self, x: Tensor, carried: Carried, lengths: Tensor | None
    ) -> tuple[Tensor, Carried]:
        first = tuple(part[None] for part in carried)  # (1, B, D)
        hx = first if self.n_carried > 1 else first[0]
        if lengths is None:
            output, last = self.kernel(x, hx)
        else:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            output, last = self.kernel(packed, hx)
            output, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
        return output, tuple(part[0] for part in (last if self.n_carried > 1 else (last,)))

    def _project(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return W_i x + b_i and W_h h + b_h, the rows of all gates together."""
        w_input, w_hidden, b_input, b_hidden = self.kernel.all_weights[0]
        return F.linear(x, w_input, b_input), F.linear(h, w_hidden, b_hidden)


class RNN(Recurrent):
    """The vanilla cell: h' = tanh(W_i x + b_i + W_h h + b_h). It has no gates.

    Source: Elman 1990.
    """

    kernel_class = nn.RNN

    def step(self, x: Tensor, carried: Carried) -> tuple[Carried, Gates]:
        """Read one position; see `Recurrent.step`."""
        from_x, from_h = self._project(x, carried[0])
        return (torch.tanh(from_x + from_h),), {}


class LSTM(Recurrent):
    """A cell whose memory c is written, kept and read through gates.

    input      i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)
    forget     f = sigmoid(W_if x + b_if + W_hf h + b_hf)
    candidate  g = tanh(W_ig x + b_ig + W_hg h + b_hg)
    output     o = sigmoid(W_io x + b_io + W_ho h + b_ho)
    cell       c' = f * c + i * g
               h' = o * tanh(c')

    The forget gate begins open, with a bias of 1.

    Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000, "Learning to Forget" (forget gate);
    Jozefowicz et al. 2015, "An Empirical Exploration of Recurrent Network Architectures" (bias).
    """

    kernel_class = nn.LSTM
    n_carried = 2

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        with torch.no_grad():
            _, _, bias, _ = self.kernel.all_weights[0]
            bias[hidden_size : 2 * hidden_size] += 1.0

    def step(self, x: Tensor, carried: Carried) -> tuple[Carried, Gates]:
        """Read one position; see `Recurrent.step`. The gates include the new memory, `cell`."""
        h, c = carried
        from_x, from_h = self._project(x, h)
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)  # (B, D) each
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        gates = {"input": i, "forget": f, "candidate": g, "output": o, "cell": c}
        return (o * c.tanh(), c), gates


class GRU(Recurrent):
    """A cell that mixes what it carried with a candidate.

    reset      r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
    update     z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
    candidate  n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
               h' = (1 - z) * n + z * h

    The reset gate acts after the product with W_hn, as in torch and cuDNN; in the paper before it.

    Source: Cho et al. 2014, arXiv:1406.1078, section 2.3.
    """

    kernel_class = nn.GRU

    def step(self, x: Tensor, carried: Carried) -> tuple[Carried, Gates]:
        """Read one position; see `Recurrent.step`."""
        (h,) = carried
        from_x, from_h = self._project(x, h)
        x_r, x_z, x_n = from_x.chunk(3, dim=-1)  # (B, D) each
        h_r, h_z, h_n = from_h.chunk(3, dim=-1)  # (B, D) each
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * h_n).tanh()
        return ((1 - z) * n + z * h,), {"reset": r, "update": z, "candidate": n}


CELLS: dict[str, type[Recurrent]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def check_cell(cell: str) -> None:
    """Raise ValueError unless there is a cell of this name."""
    if cell not in CELLS:
        raise ValueError(f"Expected one of {', '.join(CELLS)}, got {cell!r}")


class RecurrentStack(nn.Module):
    """Recurrent layers one above the other, with dropout between them.

    Source: Zaremba et al. 2014, arXiv:1409.2329, section 3.1 (where dropout goes).
    """

    def __init__(
        self, cell: str, input_size: int, hidden_size: int, n_layer: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (n_layer - 1)
        self.layers = nn.ModuleList(CELLS[cell](size, hidden_size) for size in sizes)
        self.dropout = nn.Dropout(dropout)
        self.hidden_size = hidden_size
        self.n_carried = CELLS[cell].n_carried

    def first(self, n_batch: int) -> Carried:
        """Return what the first position finds: zeros, each [L, B, D]."""
        like = next(self.parameters())
        shape = (len(self.layers), n_batch, self.hidden_size)
        return tuple(like.new_zeros(shape) for _ in range(self.n_carried))

    def forward(
        self,
        x: Tensor,
        carried: Carried,
        lengths: Tensor | None = None,
        trace: Trace | None = None,
    ) -> tuple[Tensor, Carried]:
        """Read T positions; as `Recurrent.forward`, but each carried tensor is [L, B, D]."""
        last = []
        for n, layer in enumerate(self.layers):
            x = self.dropout(x) if n else x
            x, after = layer(x, tuple(part[n] for part in carried), lengths, trace)  # (B, T, D)
            last.append(after)
            if trace is not None:
                trace.add_hidden(x)
        return x, _stack_layers(last)

    def step(self, x: Tensor, carried: Carried) -> tuple[Carried, list[Gates]]:
        """Read one position x [B, I]; return what is carried, and each layer's gates."""
        last, gates = [], []
        for n, layer in enumerate(self.layers):
            assert isinstance(layer, Recurrent)
            x = self.dropout(x) if n else x
            after, layer_gates = layer.step(x, tuple(part[n] for part in carried))
            x = after[0]
            last.append(after)
            gates.append(layer_gates)
        return _stack_layers(last), gates


def stack_gates(steps: list[Gates]) -> Gates:
    """Join the gates of T positions, each [B, D], to [B, T, D]."""
    return {name: torch.stack([step[name] for step in steps], dim=1) for name in steps[0]}


def _stack_layers(layers: list[Carried]) -> Carried:
    return tuple(torch.stack(parts) for parts in zip(*layers, strict=True))  # (L, B, D)
