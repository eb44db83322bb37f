"""Examples from the rows of tables, by what their columns hold."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatapp.chat import Message
from chatapp.errors import DataError, Sentence, say
from chatapp.runs.source import Role, Source
from chatapp.training.data.answers import answers_of, question_of
from chatapp.training.data.examples import Chat, Example, Labelled, Pair, Text
from chatapp.training.data.tables import Row, read_rows
from chatapp.training.data.text_file import fault

_Cells = dict[Role, Any]


def read_table(path: Path, source: Source) -> Iterator[Example | DataError]:
    """The examples of a table; in place of one that makes no sense stands the error.

    Raises:
        DataError: If the file cannot be read on, or has not the columns of `source`.
    """
    columns: dict[Role, str] = {}
    for row in read_rows(path, has_header=source.has_header):
        if isinstance(row, DataError):
            yield row
            continue
        columns = columns or columns_of(path, list(row.cells), source)
        yield _example(path, row, columns)


def columns_of(path: Path, names: list[str], source: Source) -> dict[Role, str]:
    """The name of the column for each role.

    Raises:
        DataError: If a column is not there, or the roles make no example.
    """
    columns = {role: _name(path, names, column) for role, column in source.columns.items()}
    if not columns:  # then they are called as the roles are
        fitting = (roles for roles in _MAKERS if roles <= set(names))
        columns = {role: role for role in max(fitting, key=len, default=())}
    if frozenset(columns) not in _MAKERS:
        what = say(
            "Say which of its columns ({names}) are text, or text and label, or source and"
            " target, or context, question and answers, or prompt and response.",
            names=", ".join(names),
        )
        raise fault(path, what)
    return columns


def _name(path: Path, names: list[str], column: str | int) -> str:
    if isinstance(column, int) and 1 <= column <= len(names):
        return names[column - 1]
    if column in names:
        return str(column)
    what = say(
        "There is no column {column}; there are: {names}.",
        column=str(column),
        names=", ".join(names),
    )
    raise fault(path, what)


def _example(path: Path, row: Row, columns: dict[Role, str]) -> Example | DataError:
    cells: _Cells = {}
    for role, name in columns.items():
        value = row.cells.get(name) if role == "answers" else _text(role, row.cells.get(name))
        if not value:
            return fault(path, _MISSING.get(role, _EMPTY).about(name=name), row.line)
        cells[role] = value
    made = _MAKERS[frozenset(columns)](cells)
    return fault(path, made, row.line) if isinstance(made, Sentence) else made


_EMPTY = say("There is no text in the column {name}.")
_MISSING: dict[Role, Sentence] = {
    "label": say("This row has no label in the column {name}."),
    "answers": say("This row has no answer in the column {name}."),
}


def _text(role: Role, value: object) -> str:
    """A cell as text, "" when there is none; JSON has labels that are numbers or truths."""
    if role != "label":
        return value if isinstance(value, str) and value.strip() else ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _question(cells: _Cells) -> Example | Sentence:
    try:
        answers = answers_of(cells["answers"])
    except msgspec.ValidationError as error:
        return say("The answers are no list of texts ({reason}).", reason=str(error))
    return question_of(cells["context"], cells["question"], answers)


def _chat(cells: _Cells) -> Example:
    asked = Message(role="user", content=cells["prompt"])
    return Chat((asked, Message(role="assistant", content=cells["response"])))


_MAKERS: dict[frozenset[Role], Callable[[_Cells], Example | Sentence]] = {
    frozenset({"text"}): lambda cells: Text(cells["text"]),
    frozenset({"text", "label"}): lambda cells: Labelled(cells["text"], cells["label"]),
    frozenset({"source", "target"}): lambda cells: Pair(cells["source"], cells["target"]),
    frozenset({"context", "question", "answers"}): _question,
    frozenset({"prompt", "response"}): _chat,
}
