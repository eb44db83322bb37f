import pytest
import torch
from torch import Tensor, nn

from chatapp.nn.recurrent import CELLS, RecurrentStack
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.nn.trace import Trace
from tests.nn.causal_models import check_nothing_before_moves, check_steps_equal_the_whole
from tests.nn.comparing import difference

TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
GATES = {
    "rnn": set(),
    "lstm": {"input", "forget", "candidate", "output", "cell"},
    "gru": {"reset", "update", "candidate"},
}
every_cell = pytest.mark.parametrize("cell", CELLS)


def stack_and_twin(cell: str, *, n_layer: int = 3) -> tuple[RecurrentStack, nn.RNNBase]:
    """Our layers, and torch's with the same weights."""
    stack = RecurrentStack(cell, 5, 8, n_layer)
    twin = TORCH[cell](5, 8, n_layer, batch_first=True)
    for n, layer in enumerate(stack.layers):
        for name, weight in layer.kernel.named_parameters():
            getattr(twin, name.replace("_l0", f"_l{n}")).data.copy_(weight)
    return stack, twin


def random_start(stack: RecurrentStack, n_batch: int) -> tuple[Tensor, ...]:
    return tuple(torch.randn_like(part) for part in stack.first(n_batch))


def run_twin(twin: nn.RNNBase, x: Tensor, carried: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    output, last = twin(x, carried if len(carried) > 1 else carried[0])
    return (output, *(last if isinstance(last, tuple) else (last,)))


@every_cell
@pytest.mark.parametrize("trace", [None, Trace()], ids=["fused", "written out"])
def test_layers_compute_what_torch_computes(
    cell: str, trace: Trace | None, device: torch.device
) -> None:
    stack, twin = stack_and_twin(cell)
    stack.to(device)
    twin.to(device)
    x, carried = torch.randn(4, 11, 5, device=device), random_start(stack, 4)
    output, last = stack(x, carried, None, trace)
    for ours, theirs in zip((output, *last), run_twin(twin, x, carried), strict=True):
        assert difference(ours, theirs) <= 1e-5


@every_cell
def test_gradients_are_the_same_written_out_and_fused(cell: str) -> None:
    stack, _ = stack_and_twin(cell)
    x, carried = torch.randn(2, 6, 5), random_start(stack, 2)
    gradients = []
    for trace in (None, Trace()):
        output, last = stack(x, carried, None, trace)
        loss = output.square().sum() + sum(part.sum() for part in last)
        gradients.append(torch.autograd.grad(loss, list(stack.parameters())))
    for fused, written in zip(*gradients, strict=True):
        assert difference(fused, written) <= 1e-4


@every_cell
@pytest.mark.parametrize("trace", [None, Trace()], ids=["fused", "written out"])
def test_a_row_that_has_ended_leaves_what_its_last_position_left(
    cell: str, trace: Trace | None, device: torch.device
) -> None:
    stack = stack_and_twin(cell)[0].to(device)
    x, carried = torch.randn(3, 7, 5, device=device), random_start(stack, 3)
    lengths = torch.tensor([4, 7, 1], device=device)
    output, last = stack(x, carried, lengths, trace)
    for row, length in enumerate(lengths.tolist()):
        start = tuple(part[:, row : row + 1] for part in carried)
        alone, alone_last = stack(x[row : row + 1, :length], start)
        assert difference(output[row, :length], alone[0]) <= 1e-5
        assert not output[row, length:].any()
        for ours, theirs in zip(last, alone_last, strict=True):
            assert difference(ours[:, row], theirs[:, 0]) <= 1e-5


@every_cell
def test_a_step_is_one_position(cell: str) -> None:
    stack, _ = stack_and_twin(cell)
    x, carried = torch.randn(2, 5), random_start(stack, 2)
    trace = Trace()
    _, expected = stack(x[:, None], carried, None, trace)
    after, gates = stack.step(x, carried)
    for ours, theirs in zip(after, expected, strict=True):
        assert difference(ours, theirs) <= 1e-6
    for layer, traced in zip(gates, trace.gates, strict=True):
        assert layer.keys() == traced.keys() == GATES[cell]
        assert all(torch.equal(layer[name], traced[name][:, 0]) for name in layer)


def test_the_lstm_begins_with_an_open_forget_gate() -> None:
    forget = []
    for _ in range(20):
        stack, trace = RecurrentStack("lstm", 5, 8, 1), Trace()
        stack(torch.zeros(1, 1, 5), stack.first(1), None, trace)
        forget.append(trace.gates[0]["forget"].mean())
    assert torch.stack(forget).mean() > 0.7


def tiny(cell: str, **sizes: object) -> RNNLM:
    return RNNLM(RNNConfig(19, 16, 2, 6, 8, cell, **sizes)).eval()


@every_cell
def test_reading_in_pieces_gives_what_reading_at_once_gives(
    cell: str, device: torch.device
) -> None:
    ids = torch.randint(19, (2, 12), device=device)
    check_steps_equal_the_whole(tiny(cell).to(device), ids, [5, 1, 1, 5])


@every_cell
def test_a_later_token_moves_nothing_before_it(cell: str) -> None:
    check_nothing_before_moves(tiny(cell), torch.randint(19, (2, 12)), 7)


@every_cell
def test_a_trace_holds_every_layer_and_changes_nothing(cell: str) -> None:
    model, ids, trace = tiny(cell), torch.randint(19, (3, 5)), Trace()
    traced = model(ids, trace=trace)
    assert difference(traced, model(ids)) <= 1e-5
    assert [tuple(x.shape) for x in trace.hidden] == [(3, 5, 6), (3, 5, 8), (3, 5, 8)]
    assert len(trace.gates) == 2
    for gates in trace.gates:
        assert gates.keys() == GATES[cell]
        assert all(gate.shape == (3, 5, 8) for gate in gates.values())
    assert not trace.attention
    assert not any(x.requires_grad for x in trace.hidden)


def test_traced_gates_obey_the_equations_of_the_lstm() -> None:
    model, trace = tiny("lstm"), Trace()
    model(torch.randint(19, (1, 6)), trace=trace)
    for gates, h in zip(trace.gates, trace.hidden[1:], strict=True):
        before = torch.cat((torch.zeros(1, 1, 8), gates["cell"][:, :-1]), dim=1)
        cell = gates["forget"] * before + gates["input"] * gates["candidate"]
        assert difference(gates["cell"], cell) <= 1e-6
        assert difference(h, gates["output"] * cell.tanh()) <= 1e-6


@every_cell
def test_a_state_goes_back_to_the_beginning_only(cell: str) -> None:
    model, ids = tiny(cell), torch.randint(19, (1, 6))
    state = model.new_state(1)
    first = model(ids, state)
    state.truncate(6)
    with pytest.raises(ValueError, match=r"Cannot keep 3 positions of 6: .* to the beginning only"):
        state.truncate(3)
    state.truncate(0)
    assert state.length == 0
    assert torch.equal(model(ids, state), first)


@every_cell
def test_a_copy_of_a_state_is_read_on_from(cell: str) -> None:
    model, ids = tiny(cell), torch.randint(19, (1, 9))
    state = model.new_state(1)
    model(ids[:, :6], state)
    copy = state.copy(6)
    expected = model(ids[:, 6:], state)
    other = model.new_state(1)
    other.restore(copy)
    assert other.length == 6
    assert torch.equal(model(ids[:, 6:], other), expected)
    assert copy.length == 6
    assert copy.n_bytes == (2 if cell == "lstm" else 1) * 2 * 8 * 4
    with pytest.raises(ValueError, match="Cannot keep 2 positions of 9"):
        state.copy(2)


def test_a_state_of_another_size_is_refused() -> None:
    model = tiny("gru")
    with pytest.raises(ValueError, match=r"state of \[\(2, 3, 8\)\] into one of \[\(2, 1, 8\)\]"):
        model.new_state(1).restore(model.new_state(3))
    with pytest.raises(ValueError, match="Expected a batch of 3, got 2"):
        model(torch.zeros(2, 1, dtype=torch.int64), model.new_state(3))
    with pytest.raises(ValueError, match=r"T at least 1, got \(2, 0\)"):
        model(torch.zeros(2, 0, dtype=torch.int64))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 4, 1, 6, 8), "n_vocab must be at least 1, got 0"),
        ((9, 4, 1, 6, -8), "hidden_size must be at least 1, got -8"),
        ((9, 4, 1, 6, 8, "mgu"), "Expected one of rnn, lstm, gru, got 'mgu'"),
        ((9, 4, 1, 6, 8, "gru", True), "Cannot tie embeddings of width 6 to layers of 8"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RNNConfig(*sizes)


@every_cell
def test_a_tied_model_learns_a_text_by_heart(cell: str) -> None:
    model = RNNLM(RNNConfig(7, 16, 1, 32, 32, cell, tie_embeddings=True))
    assert model.head.weight is model.token_embedding.weight
    ids = torch.tensor([[1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 2, 2, 3]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(120):
        loss = nn.functional.cross_entropy(model(ids[:, :-1])[0], ids[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_training_piece_by_piece_sends_no_gradient_to_an_earlier_piece() -> None:
    model, ids = tiny("lstm"), torch.randint(19, (1, 8))
    state = model.new_state(1)
    model(ids[:, :4], state)
    assert not any(part.requires_grad for part in state.carried)
    model(ids[:, 4:], state).sum().backward()


@every_cell
def test_it_runs_in_bf16(cell: str) -> None:
    model, ids = tiny(cell), torch.randint(19, (1, 8))
    expected = model(ids)
    model.to(torch.bfloat16)
    with torch.inference_mode():
        state = model.new_state(1)
        pieces = [model(ids[:, :5], state), model(ids[:, 5:6], state), model(ids[:, 6:], state)]
    assert difference(torch.cat(pieces, dim=1).float(), expected) < 0.02
