"""The ids of a corpus in a file that is mapped into memory instead of being read."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from torch import Tensor

from chatapp.text.tokenizer import Tokenizer


def text_ids(
    tokenizer: Tokenizer, texts: Iterable[str], end_id: int | None = None
) -> Iterator[list[int]]:
    """Ids of texts, a piece at a time; `end_id` comes after each text."""
    raise NotImplementedError


def write_tokens(path: Path, ids: Iterable[Sequence[int]], n_vocab: int) -> int:
    """Write ids one after the other into an .npy file, all or nothing; how many there are."""
    raise NotImplementedError


def open_tokens(path: Path) -> Tensor:
    """The ids of a file, shape (N,), uint16 or uint32; read from the disk only where looked at."""
    raise NotImplementedError
