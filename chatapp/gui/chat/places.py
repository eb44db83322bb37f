"""Where each of many things stands that are one below another. Knows nothing about widgets."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Places:
    """Heights, most of them guesses at first, and the places that come of them.

    What stands below a changed height is counted anew only when it is asked for, so that a change
    near the end costs the same however many there are.
    """

    def __init__(self, top: int) -> None:
        """Begin an empty column whose first thing stands at `top`."""
        self._heights: list[int] = []
        self._tops = [top]  # one more than there are heights: the last is where the column ends
        self._known = 0  # tops up to this one hold

    def __len__(self) -> int:
        return len(self._heights)

    def extend(self, heights: Iterable[int]) -> None:
        """Add things at the end."""
        self._known = min(self._known, len(self._heights))
        self._heights.extend(heights)

    def truncate(self, count: int) -> None:
        """Keep only the first so many."""
        del self._heights[count:]
        del self._tops[count + 1 :]
        self._known = min(self._known, count)

    def height(self, index: int) -> int:
        """How high a thing is."""
        return self._heights[index]

    def set_height(self, index: int, height: int) -> None:
        """Say how high a thing is."""
        if height != self._heights[index]:
            self._heights[index] = height
            self._known = min(self._known, index)

    def top(self, index: int) -> int:
        """Where a thing begins."""
        self._count()
        return self._tops[index]

    @property
    def end(self) -> int:
        """Where the last thing ends."""
        return self.top(len(self._heights))

    def index_at(self, y: int) -> int:
        """The thing that stands at a height; the nearest where none does."""
        self._count()
        return min(max(bisect_right(self._tops, y) - 1, 0), max(len(self._heights) - 1, 0))

    def _count(self) -> None:
        known = self._known
        if known < len(self._heights) or len(self._tops) != len(self._heights) + 1:
            self._tops[known:] = accumulate(self._heights[known:], initial=self._tops[known])
            self._known = len(self._heights)
