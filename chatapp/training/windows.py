"""Questions, each with its context in windows of as many tokens as a model reads at a time.

B windows, T tokens of the longest.
"""

from collections.abc import Sequence

from torch import Tensor

from chatapp.text.tokenizer import Tokenizer
from chatapp.training.objectives.rows import Rows

LEAST_SIZE = 32  # fewer tokens leave no room for a question, a context and what they share
NOWHERE = (0, 0)  # the tokens of an answer that a window has not: its own first one
_PADDING = 0  # hidden by the mask, whatever token it is

Place = tuple[int, int]


class Windows:
    """The windows of questions, one after the other.

    Args:
        tokenizer: Of the model.
        asked: Questions, each with its context.
        size: Tokens of a window at most, at least `LEAST_SIZE`. A quarter of them is in the next
            window too, so that no answer is cut in both.

    Attributes:
        owners: Of which question each window is.
        lengths: Tokens of each window.
        places: For each token of each window its place in the context; None if it is not of it.

    Source: Devlin et al. 2018, arXiv:1810.04805, section 4.2, and its code (doc_stride).
    """

    def __init__(self, tokenizer: Tokenizer, asked: Sequence[tuple[str, str]], size: int) -> None:
        windows = [
            (owner, window)
            for owner, (question, context) in enumerate(asked)
            for window in tokenizer.encode_windows(question, context, size, size // 4)
        ]
        self.owners = [owner for owner, _ in windows]
        self.places: list[list[Place | None]] = [window.places for _, window in windows]
        self._ids = Rows(window.ids for _, window in windows)
        self._type_ids = Rows(window.type_ids for _, window in windows)
        self.lengths = self._ids.lengths

    def __len__(self) -> int:
        return len(self.owners)

    def batch(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """Some windows: ids, type_ids and mask, [B, T] each."""
        return {
            "ids": self._ids.padded(rows, _PADDING),
            "type_ids": self._type_ids.padded(rows, 0),
            "mask": self._ids.mask(rows),
        }

    def tokens_of(self, row: int, start: int, end: int) -> tuple[int, int]:
        """The first and last token, in a window, of a place in the context.

        Returns:
            `NOWHERE`, if the place is not whole in the window.
        """
        tokens = [
            (number, place)
            for number, place in enumerate(self.places[row])
            if place is not None and place[0] < end and start < place[1]
        ]
        if not tokens or tokens[0][1][0] > start or tokens[-1][1][1] < end:
            return NOWHERE
        return tokens[0][0], tokens[-1][0]
