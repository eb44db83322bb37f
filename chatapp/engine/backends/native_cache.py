"""The state of a native network: which ids it has read, and states of sequences read before.

One sequence is live. A new prompt keeps what it has in common with it, or with a saved one; only
the rest is read. A recurrent network cannot forget a part: it goes on from where a sequence ended,
or begins again. Knows nothing about text, sampling or progress.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from chatapp.engine.backends.saved_states import (
    WORTH_KEEPING,
    Ids,
    SavedStates,
    common_prefix,
)
from chatapp.errors import EngineError, say
from chatapp.nn.llama_step import LlamaStep


class SavedState(NamedTuple):
    """A sequence as it was left: its ids and a compact copy of the network's state."""

    ids: Ids
    state: Any

    @property
    def n_bytes(self) -> int:
        """What it takes."""
        n_bytes: int = self.state.n_bytes
        return n_bytes


class StateCache:
    """The live sequence of one causal language model of chatapp.nn, and the saved ones.

    Args:
        model: The network.
        n_ctx: How many ids it may read.
        state_limit_bytes: What saved states may take; 0 saves none.
        can_truncate: Whether the state can forget its end.
    """

    def __init__(
        self, model: nn.Module, n_ctx: int, state_limit_bytes: int, *, can_truncate: bool
    ) -> None:
        self._model, self._can_truncate = model, can_truncate
        self._device = next(model.parameters()).device
        self._step = LlamaStep.of(model)
        self._state: Any = model.new_state(1, n_ctx)  # type: ignore[operator]
        self._saved = SavedStates[SavedState](state_limit_bytes)
        self._ids = np.empty(n_ctx, np.int32)

    @property
    def ids(self) -> Ids:
        """The ids of the live sequence; a view."""
        return self._ids[: self._state.length]

    @property
    def n_bytes(self) -> int:
        """What the live state takes."""
        n_bytes: int = self._state.n_bytes
        return n_bytes

    def reuse(self, wanted: Ids) -> int:
        """Keep what serves a prompt of the ids `wanted` and drop the rest.

        Returns:
            How many of its first ids have been read now; the last one is never among them, for
            only reading it brings its logits.
        """
        kept = self._usable(self.ids, wanted)
        found = [(self._usable(saved.ids, wanted), saved) for saved in self._saved.states]
        better, saved = max(found, key=lambda pair: pair[0], default=(0, None))
        if saved is not None and better >= kept + WORTH_KEEPING:
            self._restore(saved, better)
            kept = better
        elif kept < len(wanted) - 1 and len(self.ids) - kept >= WORTH_KEEPING:
            self._save()
        self._state.truncate(kept)
        if self._can_truncate:
            self._state.reserve(len(wanted))
        return kept

    def start_over(self) -> None:
        """Begin an empty sequence; the live one is saved if it is worth it."""
        if len(self.ids) >= WORTH_KEEPING:
            self._save()
        self.clear()

    def clear(self) -> None:
        """Forget the live sequence."""
        self._state.truncate(0)

    def extend(self, ids: Ids, *, last_only: bool = True) -> Tensor:
        """Read `ids` after those the state holds; returns the logits after them.

        What a hook of the network raises leaves the state as it was.

        Args:
            ids: What is read.
            last_only: Whether the logits after the last one are wanted, and not those after each.

        Returns:
            [V], or [T, V].

        Raises:
            EngineError: If the context is full.
        """
        n, n_ctx = self._state.length, len(self._ids)
        if n + len(ids) > n_ctx:
            raise EngineError(
                "context_too_long",
                say("The context is full: it has room for {limit:,} tokens.", limit=n_ctx),
                needs=n_ctx + 1,
                limit=n_ctx,
            )
        batch = torch.from_numpy(ids.astype(np.int64))[None].to(self._device)
        logits: Tensor
        if self._step is not None and len(ids) == 1:
            logits = self._step(batch, self._state)
        else:
            logits = self._model(batch, self._state, last_only=last_only)
        self._ids[n : n + len(ids)] = ids
        return logits[0, -1] if last_only else logits[0]

    def _usable(self, known: Ids, wanted: Ids) -> int:
        """How many ids of `known` serve `wanted`."""
        kept = min(common_prefix(known, wanted), len(wanted) - 1)
        return kept if self._can_truncate or kept == len(known) else 0

    def _save(self) -> None:
        # The bytes of a whole cache are not those of a copy: that is as long as what was read.
        copy = SavedState(self.ids.copy(), self._state.copy(self._state.length))
        if self._saved.make_room(copy.ids, copy.n_bytes):
            self._saved.add(copy)

    def _restore(self, saved: SavedState, kept: int) -> None:
        """Put a saved sequence in place of the live one, which is saved in its turn."""
        if kept + WORTH_KEEPING > len(saved.ids):
            self._saved.take(saved)
        if len(self.ids) >= WORTH_KEEPING:
            self._save()
        self._state.restore(saved.state)
        self._ids[: len(saved.ids)] = saved.ids
