"""What is in files before anything is learned from them: columns, examples, counts, problems."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from msgspec import Struct

from chatapp.errors import DataError, Sentence
from chatapp.runs.source import Role, Source
from chatapp.training.data.columns import columns_of
from chatapp.training.data.examples import Example, Labelled, texts_of
from chatapp.training.data.reading import scan
from chatapp.training.data.splitting import check_enough, unique
from chatapp.training.data.tables import Row, read_rows

_N_SHOWN = 10
_MOST_PROBLEMS = 100
_GLANCE_EXAMPLES = 1_000
_GLANCE_BYTES = 2**20  # of a document, and of all of them


class Problem(Struct, frozen=True):
    """Something to be put right before training: what, in which file and line; see DataError."""

    what: Sentence
    path: str
    line: int


class Column(Struct, frozen=True):
    """A column of a table: its name, its role, "" for none, and what is in its first rows."""

    name: str
    role: Role | Literal[""]
    values: tuple[str, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """What is in files, or in that part of them which was looked at.

    Attributes:
        is_whole: Whether all was looked at.
        columns: Of the first file if it is a table.
        examples: The first.
        n_examples: How many there are.
        n_duplicates: How many of them stand there before.
        labels: How many different examples each label has, the most frequent first.
        lengths: How many examples have up to so many characters, and over half of that; the
            numbers are powers of 2.
        problems: The first; while there is one, nothing can be learned.
    """

    is_whole: bool
    columns: tuple[Column, ...]
    examples: tuple[Example, ...]
    n_examples: int
    n_duplicates: int
    labels: dict[str, int]
    lengths: dict[int, int]
    problems: tuple[Problem, ...]


def glance(source: Source) -> Preview:
    """Look at the beginning, at once however large the files are; what is wrong is a problem."""
    return _look(source, _GLANCE_EXAMPLES, _GLANCE_BYTES)


def count(source: Source) -> Preview:
    """Look at all of it; what is wrong is a problem."""
    return _look(source, None, None)


def _look(source: Source, most_examples: int | None, most_bytes: int | None) -> Preview:
    examples: list[Example] = []
    problems: list[DataError] = []
    columns: tuple[Column, ...] = ()
    is_whole = False
    try:
        columns = _columns(source)
        items = scan(source, most_bytes)
        n_bytes = 0
        for item in islice(items, most_examples):
            if isinstance(item, DataError):
                problems.append(item)
            else:
                examples.append(item)
                n_bytes += sum(len(text.encode()) for text in texts_of(item))
            if len(problems) == _MOST_PROBLEMS or (most_bytes and n_bytes >= most_bytes):
                break
        else:
            is_whole = next(items, None) is None
        if is_whole and not problems:
            check_enough(list(unique(examples)))
    except DataError as error:
        problems.append(error)
    different = list(unique(examples))
    return Preview(
        is_whole=is_whole,
        columns=columns,
        examples=tuple(examples[:_N_SHOWN]),
        n_examples=len(examples),
        n_duplicates=len(examples) - len(different),
        labels=_labels(different),
        lengths=_lengths(examples),
        problems=tuple(Problem(one.sentence, one.path, one.line) for one in problems),
    )


def _columns(source: Source) -> tuple[Column, ...]:
    if source.kind != "table" or not source.paths:
        return ()
    path = Path(source.paths[0]).expanduser()
    items = islice(read_rows(path, has_header=source.has_header), _N_SHOWN)
    rows = [item for item in items if isinstance(item, Row)]
    if not rows:
        return ()
    names = list(rows[0].cells)
    roles = {name: role for role, name in columns_of(path, names, source).items()}
    return tuple(
        Column(name, roles.get(name, ""), tuple(str(row.cells.get(name, "")) for row in rows))
        for name in names
    )


def _labels(examples: Sequence[Example]) -> dict[str, int]:
    labels = Counter(one.label for one in examples if isinstance(one, Labelled))
    return dict(labels.most_common())


def _lengths(examples: Sequence[Example]) -> dict[int, int]:
    lengths = (sum(map(len, texts_of(example))) for example in examples)
    steps = Counter(1 << max(length - 1, 0).bit_length() for length in lengths)
    return dict(sorted(steps.items()))
