"""The kv cache of a llama context: which ids it holds, and states of sequences read before.

One sequence is live. A new prompt keeps what it has in common with it, or with a saved one, and
what follows a gap where old turns were left out; only the rest is evaluated. Knows nothing about
text, sampling or progress.
"""

import ctypes
from typing import Any, NamedTuple

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.saved_states import (
    WORTH_KEEPING,
    Ids,
    SavedStates,
    common_prefix,
)
from chatapp.errors import EngineError, say

_SEQUENCE = 0
_FULL, _ABORTED = 1, 2  # what llama_decode returns for want of room, and when told to stop


class SavedState(NamedTuple):
    """A sequence as it was left: its ids and llama.cpp's copy of their keys and values."""

    ids: Ids
    data: NDArray[np.uint8]

    @property
    def n_bytes(self) -> int:
        """What it takes."""
        return self.data.nbytes


class Reuse(NamedTuple):
    """What a prompt can keep of a sequence: `prefix` ids, then after `gap` others `tail` ids."""

    prefix: int
    gap: int = 0
    tail: int = 0

    @property
    def kept(self) -> int:
        """Ids that need not be evaluated."""
        return self.prefix + self.tail


def find_reuse(known: Ids, wanted: Ids, *, can_shift: bool) -> Reuse:
    """What of `known` serves a prompt of the ids `wanted`.

    A tail counts only if it goes on to the end of one of the two: that is what leaving out whole
    turns looks like, and two prompts that happen to quote the same text do not.
    """
    prefix = common_prefix(known, wanted)
    if not can_shift or prefix in (len(known), len(wanted)):
        return Reuse(prefix)
    rest, follows = known[prefix:], wanted[prefix:]
    for gap in np.flatnonzero(rest == follows[0]).tolist():
        tail = common_prefix(rest[gap:], follows)
        if tail >= WORTH_KEEPING and tail == min(len(rest) - gap, len(follows)):
            return Reuse(prefix, gap, tail)
    return Reuse(prefix)


class KvCache:
    """The live sequence of one context, and the saved ones.

    Args:
        context: The llama_context; it must outlive this object.
        model: Its llama_model.
        state_limit_bytes: What saved states may take; 0 saves none.
    """

    def __init__(self, context: Any, model: Any, state_limit_bytes: int) -> None:
        self._context = context
        self._memory = llama.llama_get_memory(context)
        self._n_swa = llama.llama_model_n_swa(model)
        # A recurrent state cannot forget what was in the middle.
        self._can_shift = llama.llama_memory_can_shift(self._memory) and not (
            llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
        )
        self._is_shifting = False  # llama.cpp moves the keys at the next decode
        self._saved = SavedStates[SavedState](state_limit_bytes)
        self._store = (ctypes.c_int32 * llama.llama_n_ctx(context))()
        self._ids: Ids = np.frombuffer(self._store, np.int32)
        self._n = 0
        self._next = (ctypes.c_int32 * 1)()
        self._batch_of_one = llama.llama_batch_get_one(self._next, 1)

    @property
    def n_ctx(self) -> int:
        """How many ids fit."""
        return len(self._ids)

    @property
    def ids(self) -> Ids:
        """The ids of the live sequence; a view."""
        return self._ids[: self._n]

    @property
    def saved(self) -> SavedStates[SavedState]:
        """The sequences left before."""
        return self._saved

    def reuse(self, wanted: Ids) -> int:
        """Keep what serves a prompt of the ids `wanted` and drop the rest.

        Returns:
            How many of its first ids the cache holds now; the last one is never among them, for
            only an evaluation brings its logits.
        """
        reuse = self._find_reuse(self.ids, wanted)
        found = [(self._find_reuse(state.ids, wanted), state) for state in self._saved.states]
        better, state = max(found, key=lambda pair: pair[0].kept, default=(Reuse(0), None))
        if state is not None and better.kept >= reuse.kept + WORTH_KEEPING:
            reuse = better if self._restore(state, better) else Reuse(0)
        if reuse.gap:
            self._close_gap(reuse.prefix, reuse.gap)
        elif reuse.kept < len(wanted) - 1 and self._n - reuse.kept >= WORTH_KEEPING:
            self._save()
        self._cut(min(reuse.kept, len(wanted) - 1))
        return self._n

    def start_over(self) -> None:
        """Begin an empty sequence; the live one is saved if it is worth it."""
        if self._n >= WORTH_KEEPING:
            self._save()
        self.clear()

    def extend(self, ids: Ids, *, all_logits: bool = False) -> None:
        """Evaluate a piece of at most n_batch ids after those the cache holds.

        Args:
            ids: The piece.
            all_logits: Make the logits after each id ready, not those after the last one alone.

        Raises:
            Cancelled: If the abort callback said stop; the cache holds what it held before.
            EngineError: If llama.cpp cannot evaluate it.
        """
        piece = np.ascontiguousarray(ids, np.int32)
        pointer = piece.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        batch = llama.llama_batch_get_one(pointer, len(ids))
        flags = (ctypes.c_int8 * len(ids))(*[1] * len(ids))  # must outlive the call
        if all_logits:
            batch.logits = flags
        self._check(llama.llama_decode(self._context, batch))
        self._ids[self._n : self._n + len(ids)] = piece
        self._n += len(ids)

    def append(self, id: int) -> None:
        """Evaluate one id; raises as `extend` does."""
        self._next[0] = id
        code = llama.llama_decode(self._context, self._batch_of_one)
        if code:
            self._check(code)
        self._store[self._n] = id
        self._n += 1

    def clear(self) -> None:
        """Forget the live sequence."""
        llama.llama_memory_clear(self._memory, False)
        self._n = 0
        self._is_shifting = False

    def _find_reuse(self, known: Ids, wanted: Ids) -> Reuse:
        return find_reuse(known, wanted, can_shift=self._can_shift)

    def _check(self, code: int) -> None:
        if code == 0:
            self._is_shifting = False
            return
        # A shift that was stopped half-way leaves keys that belong to no position.
        if self._is_shifting:
            self.clear()
        else:
            self._remove_from(self._n)
        if code == _ABORTED:
            raise Cancelled
        if code == _FULL:
            raise EngineError(
                "context_too_long",
                say("The context is full: it has room for {limit:,} tokens.", limit=self.n_ctx),
                needs=self.n_ctx + 1,
                limit=self.n_ctx,
            )
        raise EngineError(
            "internal",
            say(
                "The model could not be evaluated (llama.cpp says {code}). Try again; if it "
                "happens again, load the model again.",
                code=code,
            ),
        )

    def _cut(self, n: int) -> None:
        if n < self._n:
            self._remove_from(n)

    def _remove_from(self, n: int) -> None:
        """Drop all from position `n` on, or everything where the memory cannot be cut there."""
        first = llama.llama_memory_seq_pos_min(self._memory, _SEQUENCE)
        in_window = first <= max(0, n - self._n_swa)
        if n and in_window and llama.llama_memory_seq_rm(self._memory, _SEQUENCE, n, -1):
            self._n = n
        else:
            self.clear()

    def _close_gap(self, start: int, gap: int) -> None:
        """Take `gap` ids out of the middle and move up what follows, keys included."""
        llama.llama_memory_seq_rm(self._memory, _SEQUENCE, start, start + gap)
        llama.llama_memory_seq_add(self._memory, _SEQUENCE, start + gap, -1, -gap)
        self._ids[start : self._n - gap] = self._ids[start + gap : self._n].copy()
        self._n -= gap
        self._is_shifting = True

    def _save(self) -> None:
        n_bytes = llama.llama_state_seq_get_size(self._context, _SEQUENCE)
        # Before the shift the keys are not those that belong to the positions.
        if self._is_shifting or not n_bytes or not self._saved.make_room(self.ids, n_bytes):
            return
        data = np.empty(n_bytes, np.uint8)
        if llama.llama_state_seq_get_data(self._context, _bytes(data), n_bytes, _SEQUENCE):
            self._saved.add(SavedState(self.ids.copy(), data))

    def _restore(self, state: SavedState, reuse: Reuse) -> bool:
        """Put a saved sequence in place of the live one, which is saved in its turn."""
        if reuse.kept + WORTH_KEEPING > len(state.ids):
            self._saved.take(state)
        if self._n >= WORTH_KEEPING:
            self._save()
        self.clear()
        size = state.data.nbytes
        if not llama.llama_state_seq_set_data(self._context, _bytes(state.data), size, _SEQUENCE):
            self.clear()
            return False
        self._n = len(state.ids)
        self._ids[: self._n] = state.ids
        return True


def _bytes(data: NDArray[np.uint8]) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
