import pytest
import torch
from torch import Tensor, nn

from chatapp.nn.beam_search import beam_search, greedy_search
from chatapp.nn.recurrent import CELLS
from chatapp.nn.seq2seq import PRESETS, Alignment, Annotations, Seq2Seq, Seq2SeqConfig
from chatapp.nn.trace import Trace
from tests.nn.comparing import difference

N_SRC, N_TGT = 17, 13
every_kind = pytest.mark.parametrize(
    ("cell", "has_attention"), [(cell, looks) for cell in CELLS for looks in (False, True)]
)


def make(cell: str, has_attention: bool, *, n_layer: int = 2) -> Seq2Seq:
    model = Seq2Seq(Seq2SeqConfig(N_SRC, N_TGT, n_layer, 6, 8, cell, has_attention, 5)).eval()
    for weight in model.parameters():  # Large enough that each number matters.
        nn.init.uniform_(weight, -0.8, 0.8)
    return model


def padded_source() -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([7, 3, 1])
    return torch.randint(N_SRC, (3, 7)), torch.arange(7) < lengths[:, None]


def target(n_batch: int, n_token: int) -> Tensor:
    return torch.randint(N_TGT, (n_batch, n_token))


def load_twin(twin: nn.RNNBase, model_layers: list[tuple[str, nn.Module]]) -> None:
    for suffix, layer in model_layers:
        for name, weight in layer.kernel.named_parameters():
            getattr(twin, name.replace("_l0", suffix)).data.copy_(weight)


@pytest.mark.parametrize("cell", CELLS)
def test_without_attention_it_computes_what_torch_computes(cell: str, device: torch.device) -> None:
    model = make(cell, False).to(device)
    src, tgt = torch.randint(N_SRC, (3, 7), device=device), target(3, 5).to(device)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    encoder, decoder = (kind(6, 8, 2, batch_first=True).to(device) for _ in range(2))
    load_twin(encoder, [(f"_l{n}", x) for n, x in enumerate(model.encoder.stack.layers)])
    load_twin(decoder, [(f"_l{n}", x) for n, x in enumerate(model.decoder.layers)])
    _, last = encoder(model.src_embedding(src).flip(1))
    expected = model.head(decoder(model.tgt_embedding(tgt), last)[0])
    assert difference(model(src, tgt), expected) <= 1e-5


@pytest.mark.parametrize("cell", CELLS)
def test_the_two_way_encoder_computes_what_torch_computes(cell: str, device: torch.device) -> None:
    model = make(cell, True, n_layer=1).to(device)
    src, mask = (x.to(device) for x in padded_source())
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    twin = kind(6, 8, batch_first=True, bidirectional=True).to(device)
    load_twin(twin, [("_l0", model.encoder.forward_stack.layers[0])])
    load_twin(twin, [("_l0_reverse", model.encoder.backward_stack.layers[0])])
    packed = nn.utils.rnn.pack_padded_sequence(
        model.src_embedding(src), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
    )
    output, last = twin(packed)
    values, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
    state = model.new_state(src, mask)
    assert state.source is not None
    assert difference(state.source.values, values) <= 1e-5
    back = (last[0] if cell == "lstm" else last)[1:]
    assert difference(state.carried[0], torch.tanh(model.encoder.start(back))) <= 1e-5


def test_the_alignment_is_that_of_the_paper() -> None:
    alignment, s = Alignment(4), torch.randn(2, 4)
    source = Annotations(torch.randn(2, 3, 8), torch.randn(2, 3, 4), None)
    context, weights = alignment(s, source)
    for row in range(2):
        projected = alignment.query.weight @ s[row]
        energies = [alignment.score.weight[0] @ (projected + k).tanh() for k in source.keys[row]]
        expected = torch.stack(energies).softmax(dim=0)
        assert difference(weights[row], expected) <= 1e-6
        assert difference(context[row], expected @ source.values[row]) <= 1e-6


@every_kind
def test_reordered_rows_go_on_from_their_new_beginning(cell: str, has_attention: bool) -> None:
    model, src, tgt = make(cell, has_attention), torch.randint(N_SRC, (1, 5)), target(3, 6)
    rows = torch.tensor([2, 0, 2])
    state = model.new_state(src, n_beam=3)
    model.decode(tgt[:, :4], state)
    state.reorder(rows)
    after = model.decode(tgt[:, 4:], state)
    joined = torch.cat((tgt[rows, :4], tgt[:, 4:]), dim=1)
    assert difference(after, model(src.expand(3, -1), joined)[:, 4:]) <= 1e-5


def test_the_last_layer_asks_what_to_look_at() -> None:
    model, asked = make("gru", True), []
    model.decoder.alignment.register_forward_pre_hook(lambda _, x: asked.append(x[0]))
    state = model.new_state(torch.randint(N_SRC, (2, 4)))
    start, trace = state.carried[0], Trace()
    model.decode(target(2, 2), state, trace=trace)
    assert torch.equal(asked[0], start[-1])
    assert torch.equal(asked[1], trace.hidden[-1][:, 0])


def test_below_the_scores_is_the_larger_of_each_pair() -> None:
    model, seen = make("gru", True), []
    model.decoder.maxout.register_forward_hook(lambda _, x, y: seen.append(y))
    model.head.register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    model(torch.randint(N_SRC, (2, 4)), target(2, 3))
    pairs, below = seen
    assert pairs.shape == (2, 3, 10)
    assert torch.equal(below, torch.maximum(pairs[..., ::2], pairs[..., 1::2]))


@every_kind
def test_cached_steps_give_what_the_whole_forward_gives(
    cell: str, has_attention: bool, device: torch.device
) -> None:
    model = make(cell, has_attention).to(device)
    src, mask, tgt = (x.to(device) for x in (*padded_source(), target(3, 8)))
    full = model(src, tgt, mask)
    state = model.new_state(src, mask)
    steps = [model.decode(piece, state) for piece in tgt.split([3, 1, 1, 3], dim=1)]
    assert difference(torch.cat(steps, dim=1), full) <= 1e-5
    last = model.decode(tgt, model.new_state(src, mask), last_only=True)
    assert difference(last, full[:, -1:]) <= 1e-5


@every_kind
@pytest.mark.parametrize("is_traced", [False, True], ids=["fused", "written out"])
def test_padding_makes_no_difference(cell: str, has_attention: bool, is_traced: bool) -> None:
    model, (src, mask), tgt = make(cell, has_attention), padded_source(), target(3, 5)
    other = torch.where(mask, src, (src + 1) % N_SRC)
    for given in (src, other):
        made = model(given, tgt, mask.long(), trace=Trace() if is_traced else None)
        for row, length in enumerate((7, 3, 1)):
            alone = model(src[row : row + 1, :length], tgt[row : row + 1])
            assert difference(made[row : row + 1], alone) <= 1e-5


@every_kind
def test_a_later_target_token_moves_nothing_before_it(cell: str, has_attention: bool) -> None:
    model, src, tgt = make(cell, has_attention), torch.randint(N_SRC, (2, 4)), target(2, 8)
    changed = tgt.clone()
    changed[:, 5] = (changed[:, 5] + 1) % N_TGT
    before, after = model(src, tgt), model(src, changed)
    assert difference(before[:, :5], after[:, :5]) <= 1e-6
    assert difference(before[:, 5:], after[:, 5:]) > 1e-3


@every_kind
def test_a_trace_holds_every_layer_and_changes_nothing(cell: str, has_attention: bool) -> None:
    model, (src, mask), tgt, trace = (
        make(cell, has_attention),
        padded_source(),
        target(3, 5),
        Trace(),
    )
    assert difference(model(src, tgt, mask, trace=trace), model(src, tgt, mask)) <= 1e-5
    n_encoder = 4 if has_attention else 2
    shapes = [(3, 7, 6)] + [(3, 7, 8)] * n_encoder + [(3, 5, 6)] + [(3, 5, 8)] * 2
    assert [tuple(x.shape) for x in trace.hidden] == shapes
    n_tokens = [7] * n_encoder + [5] * 2
    for gates, n_token in zip(trace.gates, n_tokens, strict=True):
        assert bool(gates) == (cell != "rnn")
        assert all(gate.shape == (3, n_token, 8) for gate in gates.values())
    assert not trace.attention
    assert len(trace.cross_attention) == has_attention
    for weights in trace.cross_attention:
        assert weights.shape == (3, 1, 5, 7)
        assert difference(weights.sum(dim=-1), torch.ones(3, 1, 5)) <= 1e-5
        assert not weights[1, :, :, 3:].any()


@every_kind
def test_one_beam_is_greedy_search_and_sources_do_not_mix(cell: str, has_attention: bool) -> None:
    model, (src, mask) = make(cell, has_attention), padded_source()
    ends = {"bos_id": 0, "eos_id": 1, "max_new_tokens": 9}
    greedy = greedy_search(model, src, mask, **ends)
    assert [best.ids for best in beam_search(model, src, mask, n_beam=1, **ends)] == greedy
    together = beam_search(model, src, mask, n_beam=3, **ends)
    for row, length in enumerate((7, 3, 1)):
        (alone,) = beam_search(model, src[row : row + 1, :length], n_beam=3, **ends)
        assert together[row].ids == alone.ids
        assert together[row].score == pytest.approx(alone.score, abs=1e-4)


def test_the_published_lstm_has_its_published_size() -> None:
    with torch.device("meta"):
        model = Seq2Seq(PRESETS["lstm-encdec"])
    n_parameter = sum(p.numel() for p in model.parameters())
    recurrent = [p.numel() for name, p in model.named_parameters() if ".kernel.weight" in name]
    assert abs(n_parameter - 384e6) < 0.5e6  # "384M parameters of which 64M are pure recurrent"
    assert sum(recurrent) == 64_000_000


def test_the_published_rnnsearch_has_the_sizes_of_its_appendix() -> None:
    with torch.device("meta"):
        model = Seq2Seq(PRESETS["rnnsearch"])
    sizes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    assert sizes["src_embedding.weight"] == (30_000, 620)
    assert sizes["encoder.backward_stack.layers.0.kernel.weight_hh_l0"] == (3000, 1000)
    assert sizes["encoder.key.weight"] == (1000, 2000)
    assert sizes["decoder.stack.layers.0.kernel.weight_ih_l0"] == (3000, 2620)
    assert sizes["decoder.maxout.weight"] == (1000, 3620)
    assert sizes["head.weight"] == (30_000, 500)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((9, 0, 1, 4, 4), "n_tgt_vocab must be at least 1, got 0"),
        ((9, 9, 1, 4, 4, "mgu"), "Expected one of rnn, lstm, gru, got 'mgu'"),
        ((9, 9, 1, 4, 4, "gru", True, -2), "n_maxout must be at least 1, got -2"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Seq2SeqConfig(*sizes)


def test_shapes_that_do_not_fit_are_named() -> None:
    model, (src, mask), tgt = make("gru", True), padded_source(), target(3, 5)
    with pytest.raises(ValueError, match=r"source ids of shape \[B, S\], .* got \(7,\)"):
        model(src[0], tgt)
    with pytest.raises(ValueError, match=r"source mask of shape \(3, 7\), got \(3, 6\)"):
        model(src, tgt, mask[:, :6])
    with pytest.raises(ValueError, match="have their padding last"):
        model(src, tgt, mask.flip(1))
    with pytest.raises(ValueError, match=r"target ids of shape \[3, T\], .* got \(2, 5\)"):
        model(src, tgt[:2], mask)


def test_with_attention_it_learns_to_turn_a_text_about() -> None:
    model = Seq2Seq(Seq2SeqConfig(12, 12, 1, 16, 32, "gru", True))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    src = torch.randint(2, 12, (16, 5))
    tgt = torch.cat((torch.zeros(16, 1, dtype=torch.int64), src.flip(1)), dim=1)
    for _ in range(100):
        logits = model(src, tgt[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    missing = [name for name, weight in model.named_parameters() if weight.grad is None]
    assert missing == []
