from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.engine.backends.llama_cache import KvCache, Reuse, SavedState, find_reuse
from chatapp.engine.backends.saved_states import (
    MAX_STATES,
    WORTH_KEEPING,
    Ids,
    SavedStates,
    common_prefix,
)

if TYPE_CHECKING:
    from conftest import BareLlama, Loader

N = WORTH_KEEPING


def ids(*parts: range | list[int]) -> Ids:
    return np.array([id for part in parts for id in part], np.int32)


def ignore(done: int, total: int) -> None:
    pass


def conversation(number: int, n: int = 150) -> list[int]:
    """Ids of a system prompt that all share, then of turns of its own."""
    return [*range(100, 120), *range(1_000 * number, 1_000 * number + n - 20)]


@pytest.mark.parametrize(
    ("a", "b", "length"),
    [
        ([], [], 0),
        ([], [1], 0),
        ([1], [2], 0),
        ([1, 2], [1, 2], 2),
        ([1, 2], [1, 2, 3], 2),
        ([1, 2, 3], [1, 9, 3], 1),
    ],
)
def test_the_common_prefix_ends_where_two_sequences_part(
    a: list[int], b: list[int], length: int
) -> None:
    assert common_prefix(ids(a), ids(b)) == common_prefix(ids(b), ids(a)) == length


def test_turns_left_out_are_a_gap_before_the_rest() -> None:
    known = ids(range(10), range(100, 150), range(200, 300))
    wanted = ids(range(10), range(200, 300), range(400, 420))
    assert find_reuse(known, wanted, can_shift=True) == Reuse(10, 50, 100)
    assert find_reuse(known, wanted, can_shift=False) == Reuse(10)


def test_a_gap_is_found_when_the_turns_around_it_begin_alike() -> None:
    known = ids(range(10), [7, 7], range(100, 150), [7, 7], range(200, 300))
    wanted = ids(range(10), [7, 7], range(200, 300), [5])
    reuse = find_reuse(known, wanted, can_shift=True)
    assert reuse.kept == 112
    assert reuse.gap == 52


def test_a_regenerated_reply_after_a_gap_keeps_all_of_its_prompt() -> None:
    known = ids(range(10), range(100, 150), range(200, 300), range(500, 510))
    wanted = ids(range(10), range(200, 300))
    assert find_reuse(known, wanted, can_shift=True) == Reuse(10, 50, 100)


def test_the_same_quotation_in_two_conversations_is_no_gap() -> None:
    known = ids(range(10), range(100, 150), range(200, 300), range(500, 510))
    wanted = ids(range(10), range(200, 300), range(600, 610))
    assert find_reuse(known, wanted, can_shift=True) == Reuse(10)


def test_a_tail_too_short_to_be_worth_it_is_no_gap() -> None:
    known = ids(range(10), range(100, 150), range(200, 200 + N - 1))
    wanted = ids(range(10), range(200, 200 + N - 1), [5])
    assert find_reuse(known, wanted, can_shift=True) == Reuse(10)


def state(first: int, n_bytes: int) -> SavedState:
    return SavedState(ids(range(first, first + 10)), np.zeros(n_bytes, np.uint8))


def test_saved_states_stay_within_their_limit_and_drop_the_oldest() -> None:
    saved = SavedStates(limit_bytes=100)
    for first in (0, 100, 200):
        assert saved.make_room(ids([first]), 40)
        saved.add(state(first, 40))
    assert saved.n_bytes == 80
    assert [int(one.ids[0]) for one in saved.states] == [100, 200]


def test_a_state_beyond_the_limit_is_refused_and_drops_nothing() -> None:
    saved = SavedStates(limit_bytes=100)
    saved.add(state(0, 60))
    assert not saved.make_room(ids([1]), 101)
    assert saved.n_bytes == 60


def test_a_longer_version_of_a_sequence_replaces_the_shorter_one() -> None:
    saved = SavedStates(limit_bytes=1_000)
    saved.add(state(0, 10))
    saved.add(state(100, 10))
    assert saved.make_room(ids(range(20)), 10)
    assert [int(one.ids[0]) for one in saved.states] == [100]


def test_states_are_limited_in_number_too() -> None:
    saved = SavedStates(limit_bytes=1_000)
    for first in range(0, 20 * MAX_STATES, 20):
        assert saved.make_room(ids([first]), 1)
        saved.add(state(first, 1))
    assert len(saved.states) == MAX_STATES


def test_going_back_to_one_of_the_last_four_conversations_reads_nothing_again(
    backend: LlamaBackend,
) -> None:
    for number in (1, 2, 3, 4):
        backend.read(conversation(number), ignore)
    for number in (1, 2, 3, 4):
        longer = [*conversation(number), 7, 8, 9]
        assert backend.read(longer, ignore) == len(conversation(number))


def test_a_restored_conversation_goes_on_as_if_never_left(
    backend: LlamaBackend, bare: "BareLlama"
) -> None:
    backend.read(conversation(5), ignore)
    backend.read(conversation(6), ignore)
    assert backend.read([*conversation(5), 9], ignore) == len(conversation(5))
    bare.clear()
    bare.logits(conversation(5))
    logits = bare.logits([9])
    best, *others = backend.logprob(0, 3).alternatives
    assert best[0] == int(logits.argmax())
    for one, other in pairwise((best, *others)):
        expected = float(logits[one[0]] - logits[other[0]])
        # Pieces of another length are added up in another order.
        assert one[2] - other[2] == pytest.approx(expected, abs=0.05)


def test_regenerating_saves_no_state_and_reads_one_token(backend: LlamaBackend) -> None:
    prompt = conversation(7)
    backend.read([*prompt, *range(5_000, 5_000 + 2 * N)], ignore)
    before = [len(one.ids) for one in backend._cache.saved.states]
    assert backend.read(prompt, ignore) == len(prompt) - 1
    assert [len(one.ids) for one in backend._cache.saved.states] == before


def test_no_state_is_saved_where_none_may_be(load: "Loader") -> None:
    backend = load(n_ctx=512)
    backend._cache._saved = SavedStates(limit_bytes=1_000)
    backend.read(conversation(1), ignore)
    backend.read(conversation(2), ignore)
    assert backend._cache.saved.n_bytes == 0
    assert backend.read(conversation(1), ignore) == 20


def test_leaving_out_old_turns_moves_up_the_rest_instead_of_reading_it(
    backend: LlamaBackend,
) -> None:
    system, old, kept = list(range(100, 120)), list(range(2_000, 2_200)), list(range(3_000, 3_300))
    backend.read([*system, *old, *kept], ignore)
    assert backend.read([*system, *kept, 7, 8], ignore) == len(system) + len(kept)
    assert backend.read([*system, *kept, 7, 8, 9], ignore) == len(system) + len(kept) + 2


def test_after_a_shift_the_model_still_knows_what_stands_where(
    backend: LlamaBackend, bare: "BareLlama"
) -> None:
    old = backend.tokenize("The weather in May was mild and wet. " * 12, special=False)
    kept = backend.tokenize("one two three four five six seven eight nine ten " * 12, special=False)
    backend.read([*old, *kept], ignore)
    assert backend.read([*kept, kept[0]], ignore) == len(kept)
    bare.clear()
    logits = bare.logits([*kept, kept[0]])
    assert backend.logprob(0, 1).alternatives[0][0] == int(logits.argmax())


def test_a_stop_during_a_shift_forgets_the_sequence_instead_of_spoiling_it(
    backend: LlamaBackend, bare: "BareLlama", monkeypatch: pytest.MonkeyPatch
) -> None:
    old = backend.tokenize("The trains to the coast were late again. " * 12, special=False)
    kept = backend.tokenize("ten nine eight seven six five four three two one " * 12, special=False)
    backend.read([*old, *kept], ignore)
    extend = KvCache.extend

    def extend_and_stop(cache: KvCache, piece: Ids) -> None:
        backend.cancel()  # llama.cpp moves the keys at the beginning of this evaluation
        extend(cache, piece)

    with monkeypatch.context() as patch:
        patch.setattr(KvCache, "extend", extend_and_stop)
        with pytest.raises(Cancelled):
            backend.read([*kept, kept[0]], ignore)
    backend.clear_cancel()
    assert backend.read([*kept, kept[0]], ignore) == 0
    bare.clear()
    logits = bare.logits([*kept, kept[0]])
    assert backend.logprob(0, 1).alternatives[0][0] == int(logits.argmax())
