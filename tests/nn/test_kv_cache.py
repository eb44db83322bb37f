import pytest
import torch

from chatapp.nn.kv_cache import KVCache


def _filled(n_past: int, n_ctx: int = 8) -> KVCache:
    cache = KVCache(2, 2, 3, n_ctx, 4)
    for layer in range(2):
        cache.extend(layer, torch.randn(2, 3, n_past, 4), torch.randn(2, 3, n_past, 4))
    cache.advance(n_past)
    return cache


def test_new_positions_stand_behind_what_is_there() -> None:
    cache = _filled(3)
    before = cache.keys[1, :, :, :3].clone()
    k, v = torch.randn(2, 3, 2, 4), torch.randn(2, 3, 2, 4)
    keys, values = cache.extend(1, k, v)
    assert cache.length == 3
    torch.testing.assert_close(keys, torch.cat([before, k], 2))
    torch.testing.assert_close(values[:, :, 3:], v)
    assert keys.data_ptr() == cache.keys[1].data_ptr()


def test_room_and_batch_are_checked() -> None:
    cache = _filled(6)
    with pytest.raises(ValueError, match="Cannot hold 9 positions, the cache has room for 8"):
        cache.extend(0, torch.ones(2, 3, 3, 4), torch.ones(2, 3, 3, 4))
    with pytest.raises(ValueError, match="Expected a batch of 2, got 1"):
        cache.extend(0, torch.ones(1, 3, 1, 4), torch.ones(1, 3, 1, 4))
    with pytest.raises(ValueError, match="must not be negative"):
        KVCache(1, 1, 1, -1, 4)


def test_truncate_forgets_the_end() -> None:
    cache = _filled(6)
    cache.truncate(4)
    assert cache.length == 4
    for n in (5, -1):
        with pytest.raises(ValueError, match=f"Cannot keep {n} positions of 4"):
            cache.truncate(n)


def test_a_copy_is_compact_and_lives_on() -> None:
    cache = _filled(6)
    kept = cache.keys[:, :, :, :4].clone()
    copy = cache.copy(4)
    assert copy.n_bytes == cache.n_bytes // 2
    assert copy.keys.untyped_storage().nbytes() == copy.keys.nbytes
    cache.keys.zero_()
    cache.restore(copy)
    assert cache.length == 4
    torch.testing.assert_close(cache.keys[:, :, :, :4], kept)
    assert cache.copy().length == 4
    with pytest.raises(ValueError, match="Cannot copy 5 positions of 4"):
        cache.copy(5)


def test_an_empty_copy_empties() -> None:
    cache = _filled(3)
    cache.restore(cache.copy(0))
    assert cache.length == 0


@pytest.mark.parametrize("other", [KVCache(2, 1, 3, 8, 4), KVCache(1, 2, 3, 8, 4), _filled(8)])
def test_a_copy_that_does_not_fit_is_refused(other: KVCache) -> None:
    cache = _filled(3, n_ctx=6)
    with pytest.raises(ValueError, match="Cannot restore a cache"):
        cache.restore(other)
    assert cache.length == 3


def test_reorder_moves_rows() -> None:
    cache = _filled(3)
    row = cache.values[:, 1, :, :3].clone()
    cache.reorder(torch.tensor([1, 1]))
    for place in (0, 1):
        torch.testing.assert_close(cache.values[:, place, :, :3], row)
    with pytest.raises(ValueError, match="Expected 2 rows"):
        cache.reorder(torch.tensor([0]))


def test_what_is_there_stays_while_the_layout_grows_and_shrinks() -> None:
    cache = KVCache(2, 2, 3, 600, 4)
    expected = torch.randn(2, 2, 3, 500, 4)
    for start in range(0, 500, 50):
        for layer in range(2):
            piece = expected[layer, :, :, start : start + 50]
            cache.extend(layer, piece, -piece)
        cache.advance(50)
        end = start + 50
        torch.testing.assert_close(cache.keys[:, :, :, :end], expected[:, :, :, :end])
        torch.testing.assert_close(cache.values[:, :, :, :end], -expected[:, :, :, :end])
    large = cache.keys.shape[3]
    cache.truncate(70)
    cache.reserve(90)
    assert cache.keys.shape[3] < large / 2
    torch.testing.assert_close(cache.keys[:, :, :, :70], expected[:, :, :, :70])
    torch.testing.assert_close(cache.values[:, :, :, :70], -expected[:, :, :, :70])


def test_each_layer_lies_in_one_piece_and_is_finite_behind_its_end() -> None:
    cache = KVCache(2, 1, 3, 600, 4)
    cache.keys.fill_(float("nan"))
    cache.values.fill_(float("nan"))
    for layer in range(2):
        cache.extend(layer, torch.ones(1, 3, 100, 4), torch.ones(1, 3, 100, 4))
    for layer in range(2):
        for part in cache.padded(layer, 100):
            assert part.is_contiguous()
            assert part[:, :, 100:].isfinite().all()
            assert part.shape[2] < 150
