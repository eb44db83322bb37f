"""Stop strings, matched on text across the boundaries of tokens.

Text that might be the beginning of a stop string waits until the next piece decides. The result
does not depend on how the text was cut into pieces.
"""

from collections.abc import Iterable


class StopStrings:
    """Cuts a stream of text before the stop string that is complete first.

    Of two that are complete at the same character, the longer one is cut off.
    """

    def __init__(self, stop: Iterable[str]) -> None:
        self._stop = tuple(stop)
        self._held = ""
        self._stopped = False

    def add(self, text: str) -> tuple[str, bool]:
        """Take the next piece.

        Returns:
            The text that is certain to belong to the reply, and whether a stop string was met.
        """
        if not self._stop:
            return text, False
        if self._stopped:
            return "", True
        text = self._held + text
        ends = [(at + len(stop), at) for stop in self._stop if (at := text.find(stop)) >= 0]
        if ends:
            self._held, self._stopped = "", True
            return text[: min(ends)[1]], True
        certain = len(text) - max((overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[certain:]
        return text[:certain], False

    def finish(self) -> str:
        """The text still held back at the end of the reply: it was no stop string after all."""
        held, self._held = self._held, ""
        return held


def overlap(text: str, mark: str) -> int:
    """Length of the longest end of `text` that may be the beginning of `mark`, short of all of it.

    Longest first: at the end of "aaa" the mark "aab" has begun with "aa", not with "a".
    """
    longest = min(len(text), len(mark) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(mark[:n])), 0)
