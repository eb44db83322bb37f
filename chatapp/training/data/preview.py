"""Look into files before anything is learned from them: columns, counts, problems."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from chatapp.errors import DataError
from chatapp.runs.preview import Column, Preview, Problem
from chatapp.runs.source import Role, Source
from chatapp.training.data.columns import columns_of
from chatapp.training.data.examples import (
    Chat,
    Example,
    Labelled,
    Pair,
    Question,
    Text,
    texts_of,
)
from chatapp.training.data.reading import scan
from chatapp.training.data.splitting import check_enough, unique
from chatapp.training.data.tables import Row, read_rows

_N_SHOWN = 10
_MOST_PROBLEMS = 100
_LONGEST_SHOWN = 400  # characters of a text
_GLANCE_EXAMPLES = 1_000
_GLANCE_BYTES = 2**20  # of a document, and of all of them


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
        columns = _columns_of_table(source)
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
        source=source,
        is_whole=is_whole,
        columns=columns or _columns_of_examples(examples[:_N_SHOWN]),
        n_examples=len(examples),
        n_characters=sum(len(text) for example in examples for text in texts_of(example)),
        n_duplicates=len(examples) - len(different),
        labels=_labels(different),
        lengths=_lengths(examples),
        problems=tuple(Problem(one.sentence, one.path, one.line) for one in problems),
    )


def _columns_of_table(source: Source) -> tuple[Column, ...]:
    if source.kind != "table" or not source.paths:
        return ()
    path = Path(source.paths[0]).expanduser()
    items = islice(read_rows(path, has_header=source.has_header), _N_SHOWN)
    rows = [item for item in items if isinstance(item, Row)]
    if not rows:
        return ()
    names = list(rows[0].cells)
    try:
        roles = {name: role for role, name in columns_of(path, names, source).items()}
    except DataError:  # which reading the examples says too; the columns are shown all the same
        roles = {}
    return tuple(
        Column(name, roles.get(name, ""), tuple(_cut(str(row.cells.get(name, ""))) for row in rows))
        for name in names
    )


def _columns_of_examples(examples: Sequence[Example]) -> tuple[Column, ...]:
    rows = [_parts(example) for example in examples]
    roles = rows[0] if rows else ()
    return tuple(Column("", role, tuple(_cut(row[role]) for row in rows)) for role in roles)


def _parts(example: Example) -> dict[Role, str]:
    match example:
        case Text(text):
            return {"text": text}
        case Labelled(text, label):
            return {"text": text, "label": label}
        case Pair(source, target):
            return {"source": source, "target": target}
        case Question(context, question, answers):
            right = " · ".join(dict.fromkeys(answers))
            return {"context": context, "question": question, "answers": right}
        case Chat(messages):
            reply = next(at for at, one in enumerate(messages) if one.role == "assistant")
            asked = "\n".join(one.content for one in messages[:reply])
            return {"prompt": asked, "response": messages[reply].content}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _labels(examples: Sequence[Example]) -> dict[str, int]:
    labels = Counter(one.label for one in examples if isinstance(one, Labelled))
    return dict(labels.most_common())


def _lengths(examples: Sequence[Example]) -> dict[int, int]:
    lengths = (sum(map(len, texts_of(example))) for example in examples)
    steps = Counter(1 << max(length - 1, 0).bit_length() for length in lengths)
    return dict(sorted(steps.items()))
