"""Rows of tables: TSV, CSV and JSONL. Knows nothing about what the columns are for."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chatapp.errors import DataError, say
from chatapp.training.data.text_file import fault, read_lines


class Row(NamedTuple):
    """A row by the names of its columns, and the line it begins at."""

    line: int
    cells: dict[str, Any]


class _Cells(NamedTuple):
    line: int
    values: list[str]


def ending(path: Path) -> str:
    """How the name of a file ends, as ".tsv", whether it is packed or not."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def is_jsonl(path: Path) -> bool:
    """Whether a table has an object of JSON in each line."""
    return ending(path) in (".jsonl", ".ndjson")


def read_rows(path: Path, *, has_header: bool) -> Iterator[Row | DataError]:
    """The rows of a table; in place of one that makes no sense stands the error that says why.

    Blank lines are passed over. Columns without a name are called "1", "2", ...

    Args:
        path: The file; by the end of its name it is JSONL, CSV, or else TSV.
        has_header: Whether the first row of a TSV or CSV file names its columns.

    Raises:
        DataError: If the file cannot be read on.
    """
    if is_jsonl(path):
        return _read_objects(path)
    return _read_cells(path, has_header)


def _read_objects(path: Path) -> Iterator[Row | DataError]:
    for line in read_lines(path):
        if not line.text.strip():
            continue
        try:
            value = msgspec.json.decode(line.text)
        except (msgspec.DecodeError, RecursionError) as error:
            what = say("This is no JSON ({reason}).", reason=str(error))
            yield fault(path, what, line.number)
            continue
        if isinstance(value, dict):
            yield Row(line.number, value)
        else:
            what = say('It should be an object like {{"text": "…"}}.')
            yield fault(path, what, line.number)


def _read_cells(path: Path, has_header: bool) -> Iterator[Row | DataError]:
    names: list[str] = []
    for line, values in _read_csv(path) if ending(path) == ".csv" else _read_tsv(path):
        if not names:
            names = _names(path, values, has_header)
            if has_header:
                continue
        if len(values) == len(names):
            yield Row(line, dict(zip(names, values, strict=True)))
        else:
            what = say(
                "Here the number of columns is {n}, in the first line {first}.",
                n=len(values),
                first=len(names),
            )
            yield fault(path, what, line)


def _names(path: Path, first: list[str], has_header: bool) -> list[str]:
    if not has_header:
        return [str(number) for number in range(1, len(first) + 1)]
    # Programs that number the rows leave the name of that column out.
    names = [name.strip() or str(number) for number, name in enumerate(first, 1)]
    for name in names:
        if names.count(name) > 1:
            raise fault(path, say("Two columns have the name “{name}”.", name=name), 1)
    return names


def _read_tsv(path: Path) -> Iterator[_Cells]:
    for line in read_lines(path):
        if line.text.strip():
            yield _Cells(line.number, [_unquoted(cell) for cell in line.text.split("\t")])


def _unquoted(cell: str) -> str:
    """A TSV file has no quotes of its own, but some programs write them as in CSV."""
    inner = cell[1:-1]
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    if is_quoted and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return cell


def _read_csv(path: Path) -> Iterator[_Cells]:
    lines = (line.text + "\n" for line in read_lines(path))
    first = next(lines, "")
    separator = max(",;", key=first.count)  # where the comma is in numbers, it is the semicolon
    reader = csv.reader(_chained(first, lines), delimiter=separator, strict=True)
    line = 1
    try:
        for values in reader:
            if any(value.strip() for value in values):
                yield _Cells(line, values)
            line = reader.line_num + 1
    except csv.Error as error:
        what = say("From here on this is no CSV ({reason}); is a quote missing?", reason=str(error))
        raise fault(path, what, line) from error


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
