"""The sequences a backend left last, and how much of a prompt such a sequence can serve."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

WORTH_KEEPING = 64  # ids; evaluating fewer is as quick as copying a state
MAX_STATES = 8

Ids = NDArray[np.int32]


class Saved(Protocol):
    """A sequence as it was left: its ids, and whatever the backend needs to go on from there."""

    @property
    def ids(self) -> Ids:
        """What was read."""
        ...

    @property
    def n_bytes(self) -> int:
        """What it takes."""
        ...


State = TypeVar("State", bound=Saved)


def common_prefix(a: Ids, b: Ids) -> int:
    """How many ids two sequences have in common at their beginnings."""
    n = min(len(a), len(b))
    different = a[:n] != b[:n]
    first = int(different.argmax()) if n else 0
    return first if n and different[first] else n


class SavedStates(Generic[State]):
    """The sequences left last, the latest at the end, within a limit of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._states: list[State] = []

    @property
    def states(self) -> Sequence[State]:
        """The states, the oldest first."""
        return self._states

    @property
    def n_bytes(self) -> int:
        """What all states take."""
        return sum(state.n_bytes for state in self._states)

    def make_room(self, ids: Ids, n_bytes: int) -> bool:
        """Drop the oldest states, and those that are a part of `ids`, until `n_bytes` fit.

        Returns:
            Whether they fit; if not, nothing was dropped for nothing.
        """
        if n_bytes > self._limit_bytes:
            return False
        self._states = [s for s in self._states if common_prefix(s.ids, ids) < len(s.ids)]
        while self._states and (
            self.n_bytes + n_bytes > self._limit_bytes or len(self._states) >= MAX_STATES
        ):
            del self._states[0]
        return True

    def add(self, state: State) -> None:
        """Keep a state that `make_room` made room for."""
        self._states.append(state)

    def take(self, state: State) -> None:
        """Let go of a state that becomes the live sequence."""
        self._states = [one for one in self._states if one is not state]
