"""What is in files before anything is learned from them, as the window shows it."""

from typing import Literal

from msgspec import Struct

from chatapp.errors import Sentence
from chatapp.runs.source import Role, Source


class Problem(Struct, frozen=True):
    """Something to be put right before training: what, in which file and line; see DataError."""

    what: Sentence
    path: str
    line: int


class Column(Struct, frozen=True):
    """A column of a table: its name, its role, "" for none, and what is in its first rows.

    A part of the examples where there is no table: it has no name then. Long texts are cut.
    """

    name: str
    role: Role | Literal[""]
    values: tuple[str, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """What is in files, or in that part of them which was looked at.

    Attributes:
        source: The files, and what they were taken for.
        is_whole: Whether all was looked at.
        columns: Of the first file if it is a table, also where their roles make no example; else
            the parts of the first examples.
        n_examples: How many there are.
        n_characters: Of all their texts.
        n_duplicates: How many of them stand there before.
        labels: How many different examples each label has, the most frequent first.
        lengths: How many examples have up to so many characters, and over half of that; the
            numbers are powers of 2.
        problems: The first; while there is one, nothing can be learned.
    """

    source: Source
    is_whole: bool
    columns: tuple[Column, ...]
    n_examples: int
    n_characters: int
    n_duplicates: int
    labels: dict[str, int]
    lengths: dict[int, int]
    problems: tuple[Problem, ...]
