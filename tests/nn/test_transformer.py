import pytest
import torch
from torch import Tensor, nn

from chatapp.nn.trace import Trace
from chatapp.nn.transformer import PRESETS, Transformer, TransformerConfig
from tests.nn.comparing import difference

N_VOCAB = 23
CONFIG = TransformerConfig(N_VOCAB, 2, 4, 32, 48, dropout=0.0)


@pytest.fixture
def model() -> Transformer:
    return Transformer(CONFIG).eval()


def random_ids(n_batch: int, n_token: int) -> Tensor:
    return torch.randint(N_VOCAB, (n_batch, n_token))


def padded_source() -> tuple[Tensor, Tensor]:
    return random_ids(3, 9), torch.arange(9) < torch.tensor([[9], [4], [1]])


def twin_of(model: Transformer) -> nn.Transformer:
    """torch's layers with our weights; the paper has no norm behind the last of them."""
    c = model.config
    sizes = {"dim_feedforward": c.d_ff, "dropout": 0.0, "batch_first": True}
    twin = nn.Transformer(
        c.n_embd,
        c.n_head,
        custom_encoder=nn.TransformerEncoder(
            nn.TransformerEncoderLayer(c.n_embd, c.n_head, **sizes),
            c.n_layer,
            enable_nested_tensor=False,
        ),
        custom_decoder=nn.TransformerDecoder(
            nn.TransformerDecoderLayer(c.n_embd, c.n_head, **sizes), c.n_layer
        ),
        batch_first=True,
    ).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:  # Biases and norms that are not what they begin as.
                parameter.normal_(0.5, 0.2)
        for ours, theirs in zip(model.encoder, twin.encoder.layers, strict=True):
            copy_layer(ours, theirs)
        for ours, theirs in zip(model.decoder, twin.decoder.layers, strict=True):
            copy_layer(ours, theirs)
            copy(ours.norm3, theirs.norm3)
            cross = ours.cross_attention
            for name in ("weight", "bias"):
                rows = torch.cat((getattr(cross.q, name), getattr(cross.kv, name)))
                getattr(theirs.multihead_attn, f"in_proj_{name}").copy_(rows)
            copy(cross.out, theirs.multihead_attn.out_proj)
    return twin


def copy(ours: nn.Module, theirs: nn.Module) -> None:
    theirs.load_state_dict(ours.state_dict())


def copy_layer(ours: nn.Module, theirs: nn.Module) -> None:
    theirs.self_attn.in_proj_weight.copy_(ours.attention.qkv.weight)
    theirs.self_attn.in_proj_bias.copy_(ours.attention.qkv.bias)
    copy(ours.attention.out, theirs.self_attn.out_proj)
    copy(ours.feed_forward.up, theirs.linear1)
    copy(ours.feed_forward.down, theirs.linear2)
    copy(ours.norm1, theirs.norm1)
    copy(ours.norm2, theirs.norm2)


def run_twin(
    model: Transformer, twin: nn.Transformer, src: Tensor, tgt: Tensor, mask: Tensor | None
) -> Tensor:
    hides = None if mask is None else ~mask
    out = twin(
        model._embed(src, 0, None),
        model._embed(tgt, 0, None),
        tgt_mask=torch.ones(tgt.shape[1], tgt.shape[1], device=tgt.device).triu(1).bool(),
        src_key_padding_mask=hides,
        memory_key_padding_mask=hides,
    )
    return model.head(out)


@pytest.mark.parametrize("is_traced", [False, True], ids=["fused", "written out"])
def test_it_computes_what_torch_computes(
    model: Transformer, is_traced: bool, device: torch.device
) -> None:
    twin = twin_of(model).to(device)
    model.to(device)
    src, tgt = random_ids(3, 9).to(device), random_ids(3, 7).to(device)
    logits = model(src, tgt, trace=Trace() if is_traced else None)
    assert difference(logits, run_twin(model, twin, src, tgt, None)) <= 1e-5


@pytest.mark.parametrize("is_traced", [False, True], ids=["fused", "written out"])
def test_with_padding_it_computes_what_torch_computes(
    model: Transformer, is_traced: bool, device: torch.device
) -> None:
    twin = twin_of(model).to(device)
    model.to(device)
    src, mask, tgt = (x.to(device) for x in (*padded_source(), random_ids(3, 7)))
    logits = model(src, tgt, mask, trace=Trace() if is_traced else None)
    assert difference(logits, run_twin(model, twin, src, tgt, mask)) <= 1e-5


def test_embeddings_are_scaled_and_placed(model: Transformer) -> None:
    ids = random_ids(1, 3)
    x = model._embed(ids, 0, None) - model.token_embedding(ids) * 32**0.5
    waves = [[torch.tensor(t / 10000 ** (i // 2 * 2 / 32)) for i in range(32)] for t in range(3)]
    expected = [[a.cos() if i % 2 else a.sin() for i, a in enumerate(row)] for row in waves]
    assert difference(x[0], torch.tensor(expected)) <= 1e-5


def test_what_lies_in_the_padding_makes_no_difference(model: Transformer) -> None:
    (src, mask), tgt = padded_source(), random_ids(3, 7)
    other = torch.where(mask, src, random_ids(3, 9))
    assert not torch.equal(src, other)
    assert difference(model(src, tgt, mask), model(other, tgt, mask)) <= 1e-6
    alone = model(src[1:2, :4], tgt[1:2])
    assert difference(model(src, tgt, mask)[1:2], alone) <= 1e-5


@pytest.mark.parametrize("is_padded", [False, True])
def test_cached_steps_give_what_the_whole_forward_gives(
    model: Transformer, is_padded: bool, device: torch.device
) -> None:
    model.to(device)
    src, mask, tgt = (x.to(device) for x in (*padded_source(), random_ids(3, 8)))
    mask = mask if is_padded else None
    full = model(src, tgt, mask)
    state = model.new_state(src, mask, n_ctx=8)
    steps = [model.decode(piece, state) for piece in tgt.split([3, 1, 1, 3], dim=1)]
    assert difference(torch.cat(steps, dim=1), full) <= 1e-5
    state = model.new_state(src, mask, n_ctx=8)
    assert difference(model.decode(tgt, state, last_only=True), full[:, -1:]) <= 1e-5


def test_keys_of_the_source_are_computed_once(
    model: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = model.new_state(random_ids(2, 5), n_ctx=4)

    def refuse(_: Tensor) -> Tensor:
        raise AssertionError("computed again")

    for block in model.decoder:
        monkeypatch.setattr(block.cross_attention.kv, "forward", refuse)
    model.decode(random_ids(2, 1), state)
    with pytest.raises(AssertionError, match="computed again"):
        model(random_ids(2, 5), random_ids(2, 1))


def test_beams_of_a_source_share_what_was_read_of_it(model: Transformer) -> None:
    (src, mask), tgt = padded_source(), random_ids(6, 4)
    state = model.new_state(src, mask, n_ctx=4, n_beam=2)
    full = model(src.repeat_interleave(2, 0), tgt, mask.repeat_interleave(2, 0))
    assert difference(model.decode(tgt, state), full) <= 1e-5


def test_reordered_rows_go_on_from_their_new_beginning(model: Transformer) -> None:
    src, tgt, rows = random_ids(1, 5), random_ids(3, 6), torch.tensor([2, 0, 2])
    state = model.new_state(src, n_ctx=6, n_beam=3)
    model.decode(tgt[:, :4], state)
    state.reorder(rows)
    after = model.decode(tgt[:, 4:], state)
    joined = torch.cat((tgt[rows, :4], tgt[:, 4:]), dim=1)
    assert difference(after, model(src.expand(3, -1), joined)[:, 4:]) <= 1e-5


def test_a_later_target_token_moves_nothing_before_it(model: Transformer) -> None:
    src, tgt = random_ids(2, 5), random_ids(2, 9)
    changed = tgt.clone()
    changed[:, 6] = (changed[:, 6] + 1) % N_VOCAB
    before, after = model(src, tgt), model(src, changed)
    assert difference(before[:, :6], after[:, :6]) <= 1e-6
    assert difference(before[:, 6:], after[:, 6:]) > 1e-3


def test_every_source_token_reaches_every_target_position(model: Transformer) -> None:
    src, tgt = random_ids(1, 5), random_ids(1, 3)
    for position in range(5):
        changed = src.clone()
        changed[:, position] = (changed[:, position] + 1) % N_VOCAB
        moved = (model(src, tgt) - model(changed, tgt)).abs().amax(dim=-1)
        assert (moved > 1e-5).all()


def test_a_trace_holds_every_layer_and_changes_nothing(model: Transformer) -> None:
    (src, mask), tgt, trace = padded_source(), random_ids(3, 7), Trace()
    assert difference(model(src, tgt, mask, trace=trace), model(src, tgt, mask)) <= 1e-5
    assert [tuple(w.shape) for w in trace.attention] == [(3, 4, 9, 9)] * 2 + [(3, 4, 7, 7)] * 2
    assert [tuple(w.shape) for w in trace.cross_attention] == [(3, 4, 7, 9)] * 2
    assert [tuple(x.shape) for x in trace.hidden] == [(3, 9, 32)] * 3 + [(3, 7, 32)] * 3
    for weights in trace.attention + trace.cross_attention:
        assert difference(weights.sum(dim=-1), torch.ones(weights.shape[:-1])) <= 1e-5
    for weights in trace.attention[:2] + trace.cross_attention:
        assert not weights[1, :, :, 4:].any()
    for weights in trace.attention[2:]:
        assert not weights.triu(1).any()


def test_one_matrix_embeds_and_scores(model: Transformer) -> None:
    assert model.head.weight is model.token_embedding.weight
    model.load_state_dict(
        {name: torch.zeros_like(x) for name, x in model.state_dict().items()}, assign=True
    )
    model.tie_weights()
    assert model.head.weight is model.token_embedding.weight


@pytest.mark.parametrize(
    ("name", "published", "exact"),
    [("transformer-base", 65e6, 63_082_496), ("transformer-big", 213e6, 214_245_376)],
)
def test_presets_have_the_published_size(name: str, published: float, exact: int) -> None:
    with torch.device("meta"):
        model = Transformer(PRESETS[name])
    n_parameter = sum(p.numel() for p in model.parameters())
    assert n_parameter == exact
    assert abs(n_parameter - published) / published < 0.03


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 1, 1, 8), "n_vocab must be at least 1, got 0"),
        ((9, 1, 3, 8), "3 heads do not divide the width 8"),
        ((9, 1, 3, 9), "Expected an even width for the positions, got 9"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TransformerConfig(*sizes)


def test_shapes_that_do_not_fit_are_named(model: Transformer) -> None:
    src, tgt = random_ids(2, 5), random_ids(2, 4)
    with pytest.raises(ValueError, match=r"source ids of shape \[B, S\], got \(5,\)"):
        model(src[0], tgt)
    with pytest.raises(ValueError, match=r"source mask of shape \(2, 5\), got \(2, 4\)"):
        model(src, tgt, torch.ones(2, 4))
    with pytest.raises(ValueError, match=r"target ids of shape \[2, T\], got \(3, 4\)"):
        model(src, random_ids(3, 4))
    state = model.new_state(src, n_ctx=3)
    with pytest.raises(ValueError, match="Cannot hold 4 positions, the cache has room for 3"):
        model.decode(tgt, state)
    with pytest.raises(ValueError, match="Expected a batch of 2, got 3"):
        model.decode(random_ids(3, 1), state)


def test_it_learns_to_copy_a_text_backwards() -> None:
    model = Transformer(TransformerConfig(12, 1, 2, 32, dropout=0.0))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    src = torch.randint(2, 12, (16, 5))
    tgt = torch.cat((torch.zeros(16, 1, dtype=torch.int64), src.flip(1)), dim=1)
    for _ in range(100):
        logits = model(src, tgt[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
