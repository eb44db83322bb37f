import pytest
import torch
from torch import Tensor, nn

from chatapp.nn import attention
from chatapp.nn.attention import (
    MultiHeadAttention,
    attend,
    attend_fused,
    attend_step,
    causal_mask,
    padding_mask,
)
from chatapp.nn.kv_cache import KVCache
from chatapp.nn.positions import Rotary
from chatapp.nn.trace import Trace


def _heads(n_head: int, n_time: int, *, device: torch.device | None = None) -> Tensor:
    return torch.randn(2, n_head, n_time, 8, device=device)


def test_causal_mask_lets_the_last_queries_see_what_came_before() -> None:
    expected = [[True, True, True, False], [True, True, True, True]]
    assert causal_mask(2, 4).tolist() == expected


def test_causal_mask_with_a_window_forgets_the_oldest() -> None:
    expected = [[False, True, True, False], [False, False, True, True]]
    assert causal_mask(2, 4, window=2).tolist() == expected


@pytest.mark.parametrize(("n_query", "n_key", "window"), [(3, 2, None), (2, 2, 0)])
def test_causal_mask_refuses_what_makes_no_sense(
    n_query: int, n_key: int, window: int | None
) -> None:
    with pytest.raises(ValueError, match=r"Expected"):
        causal_mask(n_query, n_key, window=window)


def test_padding_mask_hides_padding_from_every_query() -> None:
    mask = padding_mask(torch.tensor([[1, 1, 0]]))
    _, weights = attend(_heads(2, 3)[:1], _heads(2, 3)[:1], _heads(2, 3)[:1], mask)
    assert not weights[..., 2].any()
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, 2, 3))


def test_padding_mask_refuses_another_shape() -> None:
    with pytest.raises(ValueError, match=r"Expected the shape \[B, S\]"):
        padding_mask(torch.ones(3))


@pytest.mark.parametrize("n_kv_head", [4, 2, 1])
@pytest.mark.parametrize(("n_query", "n_key"), [(5, 5), (1, 9), (3, 9)])
@pytest.mark.parametrize("is_causal", [True, False])
def test_fused_attention_equals_the_written_out_one(
    n_kv_head: int, n_query: int, n_key: int, is_causal: bool, device: torch.device
) -> None:
    q = _heads(4, n_query, device=device)
    k, v = _heads(n_kv_head, n_key, device=device), _heads(n_kv_head, n_key, device=device)
    out, weights = attend(q, k, v, is_causal=is_causal)
    fused = attend_fused(q, k, v, is_causal=is_causal)
    assert (out - fused).abs().max() <= 1e-5
    assert weights.shape == (2, 4, n_query, n_key)
    assert (weights.sum(-1) - 1).abs().max() <= 1e-5


@pytest.mark.parametrize("n_query", [1, 4])
def test_a_mask_and_causality_hold_together(n_query: int) -> None:
    q, k, v = _heads(4, n_query), _heads(2, 4), _heads(2, 4)
    mask = padding_mask(torch.tensor([[0, 1, 1, 1], [1, 1, 1, 1]]))
    out, weights = attend(q, k, v, mask, is_causal=True)
    assert not weights[0, :, :, 0].any()
    assert not weights.masked_select(~causal_mask(n_query, 4)).any()
    torch.testing.assert_close(attend_fused(q, k, v, mask, is_causal=True), out)


@pytest.mark.parametrize("n_query", [1, 2])
def test_a_query_that_may_look_nowhere_gets_zeros(n_query: int) -> None:
    q = _heads(2, n_query).requires_grad_()
    k, v = _heads(2, 3), _heads(2, 3)
    mask = torch.zeros(n_query, 3, dtype=torch.bool)
    out, weights = attend(q, k, v, mask)
    assert not out.any()
    assert not weights.any()
    assert not attend_fused(q, k, v, mask).any()
    out.sum().backward()
    assert q.grad is not None
    assert not q.grad.isnan().any()


def test_dropout_drops_but_the_weights_are_told_whole() -> None:
    q, k, v = _heads(2, 4), _heads(2, 4), _heads(2, 4)
    out, weights = attend(q, k, v, dropout_p=0.5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 4))
    assert not torch.allclose(out, weights @ v)


@pytest.mark.parametrize(
    ("q", "k", "v"),
    [((1, 4, 2, 8), (1, 3, 2, 8), (1, 3, 2, 8)), ((1, 2, 2, 8), (1, 2, 2, 4), (1, 2, 2, 4))],
)
def test_shapes_that_do_not_fit_are_told(q: tuple[int], k: tuple[int], v: tuple[int]) -> None:
    for function in (attend, attend_fused):
        with pytest.raises(ValueError, match=r"Expected q \[B, H, T, D\].*got \(1, "):
            function(torch.ones(q), torch.ones(k), torch.ones(v))


@pytest.mark.parametrize("is_causal", [True, False])
def test_self_attention_equals_that_of_torch(is_causal: bool, device: torch.device) -> None:
    theirs = nn.MultiheadAttention(32, 4, batch_first=True, device=device)
    ours = MultiHeadAttention(32, 4).to(device)
    nn.init.normal_(theirs.in_proj_bias)
    nn.init.normal_(theirs.out_proj.bias)
    ours.load_state_dict(
        {
            "qkv.weight": theirs.in_proj_weight,
            "qkv.bias": theirs.in_proj_bias,
            "out.weight": theirs.out_proj.weight,
            "out.bias": theirs.out_proj.bias,
        }
    )
    x, trace = torch.randn(2, 6, 32, device=device), Trace()
    hidden = ~causal_mask(6, 6, device=device) if is_causal else None
    expected, weights = theirs(x, x, x, attn_mask=hidden, average_attn_weights=False)
    assert (ours(x, is_causal=is_causal) - expected).abs().max() <= 1e-5
    assert (ours(x, is_causal=is_causal, trace=trace) - expected).abs().max() <= 1e-5
    assert (trace.attention[0] - weights).abs().max() <= 1e-5


def test_cross_attention_equals_that_of_torch(device: torch.device) -> None:
    theirs = nn.MultiheadAttention(32, 4, batch_first=True, device=device)
    ours = MultiHeadAttention(32, 4, is_cross=True).to(device)
    q_weight, kv_weight = theirs.in_proj_weight.split([32, 64])
    q_bias, kv_bias = theirs.in_proj_bias.split([32, 64])
    ours.load_state_dict(
        {
            "q.weight": q_weight,
            "q.bias": q_bias,
            "kv.weight": kv_weight,
            "kv.bias": kv_bias,
            "out.weight": theirs.out_proj.weight,
            "out.bias": theirs.out_proj.bias,
        }
    )
    x, memory = torch.randn(2, 3, 32, device=device), torch.randn(2, 5, 32, device=device)
    is_token = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], device=device)
    expected, _ = theirs(x, memory, memory, key_padding_mask=is_token == 0)
    mask, trace = padding_mask(is_token), Trace()
    assert (ours(x, memory=memory, mask=mask) - expected).abs().max() <= 1e-5
    kept = ours.keys_values(memory)
    assert (ours(x, memory=kept, mask=mask, trace=trace) - expected).abs().max() <= 1e-5
    assert [tuple(weights.shape) for weights in trace.cross_attention] == [(2, 4, 3, 5)]
    assert trace.attention == []


def test_grouped_queries_equal_many_heads_whose_keys_are_repeated() -> None:
    grouped = MultiHeadAttention(32, 4, n_kv_head=2)
    whole = MultiHeadAttention(32, 4)
    whole.out.load_state_dict(grouped.out.state_dict())
    for name in ("weight", "bias"):
        q, k, v = getattr(grouped.qkv, name).detach().split([32, 16, 16])
        repeated = (x.unflatten(0, (2, 8)).repeat_interleave(2, 0).flatten(0, 1) for x in (k, v))
        getattr(whole.qkv, name).data = torch.cat([q, *repeated])
    x = torch.randn(2, 5, 32)
    torch.testing.assert_close(grouped(x, is_causal=True), whole(x, is_causal=True))


@pytest.mark.parametrize("n_kv_head", [4, 2])
@pytest.mark.parametrize("chunks", [[6], [1] * 6, [3, 1, 2]])
def test_attention_in_pieces_equals_attention_at_once(chunks: list[int], n_kv_head: int) -> None:
    attention = MultiHeadAttention(32, 4, n_kv_head=n_kv_head)
    x, rotary = torch.randn(2, 6, 32), Rotary(8)
    like = {"dtype": x.dtype, "device": x.device}
    expected = attention(x, is_causal=True, rotation=rotary(6, 0, **like))
    cache, pieces = KVCache(1, 2, n_kv_head, 8, 8), []
    for piece in x.split(chunks, 1):
        rotation = rotary(piece.shape[1], cache.length, **like)
        pieces.append(attention(piece, is_causal=True, rotation=rotation, cache=cache))
        cache.advance(piece.shape[1])
    torch.testing.assert_close(torch.cat(pieces, 1), expected)


def test_heads_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="5 heads do not divide the width 32"):
        MultiHeadAttention(32, 5)
    with pytest.raises(ValueError, match="3 heads of keys do not divide 4 heads"):
        MultiHeadAttention(32, 4, n_kv_head=3)


def test_memory_is_wanted_by_cross_attention_only() -> None:
    x = torch.randn(1, 2, 32)
    with pytest.raises(ValueError, match="Expected memory"):
        MultiHeadAttention(32, 4, is_cross=True)(x)
    with pytest.raises(ValueError, match="Expected no memory"):
        MultiHeadAttention(32, 4)(x, memory=x)


@pytest.mark.parametrize("n_past", [0, 70])
def test_many_causal_queries_attend_alike_fused_and_written_out(n_past: int) -> None:
    q, k, v = torch.randn(1, 4, 300, 8), *torch.randn(2, 1, 2, 300 + n_past, 8)
    expected, _ = attend(q, k, v, is_causal=True)
    torch.testing.assert_close(attend_fused(q, k, v, is_causal=True), expected)


@pytest.mark.parametrize("n_kv_head", [2, 6])
def test_a_step_by_two_products_equals_the_written_out_attention(n_kv_head: int) -> None:
    q = torch.randn(2, 6, 1, 16)
    k, v = torch.randn(2, n_kv_head, 128, 16), torch.randn(2, n_kv_head, 128, 16)
    expected, _ = attend(q, k[:, :, :100], v[:, :, :100])
    torch.testing.assert_close(attend_step(q, k, v, 100), expected)


def test_a_long_step_looks_at_nothing_behind_what_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = MultiHeadAttention(32, 4, n_kv_head=2).to(torch.bfloat16).requires_grad_(False)
    x = torch.randn(1, 70, 32).bfloat16()

    def steps() -> Tensor:
        cache = KVCache(1, 1, 2, 100, 8, dtype=torch.bfloat16)
        cache.keys.fill_(torch.nan)  # as memory that was never written may be
        cache.values.fill_(torch.nan)
        outs = []
        for position in x.split(1, dim=1):
            outs.append(layer(position, is_causal=True, cache=cache))
            cache.advance(1)
        return torch.cat(outs, 1)

    fused = steps()
    monkeypatch.setattr(attention, "_MANY_KEYS", 1)
    torch.testing.assert_close(steps(), fused, atol=2e-2, rtol=2e-2)
