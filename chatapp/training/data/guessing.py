"""What files hold, guessed from their names and first rows, for a person to correct."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from chatapp.runs.source import Role, Source
from chatapp.training.data.tables import Row, ending, is_jsonl, read_rows

_N_ROWS = 200
_MOST_LABELS = 20  # a column with more different values, or longer ones, is no label
_LONGEST_LABEL = 40  # characters
# What columns are called, by the roles that make an example.
_NAMES: tuple[dict[Role, tuple[str, ...]], ...] = (
    {
        "context": ("context", "passage", "paragraph"),
        "question": ("question", "query"),
        "answers": ("answers", "answer"),
    },
    {
        "prompt": ("prompt", "instruction"),
        "response": ("response", "completion", "output", "reply"),
    },
    {
        "source": ("source", "src", "english", "eng", "en"),
        "target": ("target", "tgt", "translation", "spanish", "spa", "es", "french", "fra", "fr"),
    },
    {
        "text": ("text", "sentence", "sms", "message", "review", "comment"),
        "label": ("label", "category", "class", "sentiment", "topic", "intent"),
    },
)
_Columns = dict[str, list[object]]


def guess_source(paths: Sequence[str]) -> Source:
    """What files are likely to be.

    Raises:
        DataError: If one of them cannot be read.
    """
    files = [Path(path).expanduser() for path in paths]
    if len(files) == 2 and _stem(files[0]) == _stem(files[1]) and ending(files[0]):
        return Source(kind="parallel", paths=tuple(paths))  # news.en and news.es
    if not files or files[0].is_dir() or ending(files[0]) == ".md":
        return Source(kind="text", paths=tuple(paths))
    if ending(files[0]) == ".json":
        return Source(kind="squad", paths=tuple(paths))
    return _guess_rows(files[0], tuple(paths))


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(ending(path))


def _guess_rows(path: Path, paths: tuple[str, ...]) -> Source:
    items = list(islice(read_rows(path, has_header=False), _N_ROWS))
    rows = [item for item in items if isinstance(item, Row)]
    is_prose = not is_jsonl(path) and ending(path) not in (".tsv", ".csv")
    if is_prose and (len(rows) < len(items) or len(rows[0].cells) == 1):
        return Source(kind="text", paths=paths)
    columns = (
        {name: [row.cells.get(name) for row in rows] for name in rows[0].cells} if rows else {}
    )
    if "messages" in columns:
        return Source(kind="chats", paths=paths)
    first = [str(values[0]) for values in columns.values()]
    has_header = is_jsonl(path) or any(map(_is_name, first))
    if has_header and not is_jsonl(path):
        below = (values[1:] for values in columns.values())
        columns = dict(zip(first, below, strict=True))
    return Source(kind="table", paths=paths, columns=_roles(columns), has_header=has_header)


def _is_name(text: str) -> bool:
    return any(_is_called(text, known) for roles in _NAMES for known in roles.values())


def _is_called(text: str, known: Sequence[str]) -> bool:
    return text.strip().lower() in known


def _roles(columns: _Columns) -> dict[Role, str | int]:
    labels = _labels(columns)
    for roles in _NAMES:
        fitting = {role: _first_called(columns, labels, role, roles[role]) for role in roles}
        named: dict[Role, str | int] = {role: name for role, name in fitting.items() if name}
        if len(named) == len(roles):
            return named
    texts = [name for name, values in columns.items() if name not in labels and _length(values)]
    longest = sorted(texts, key=lambda name: -_length(columns[name]))
    if labels and longest:
        return {"text": longest[0], "label": labels[0]}
    if len(longest) > 1:
        first, second = (name for name in texts if name in longest[:2])
        return {"source": first, "target": second}
    return {"text": longest[0]} if longest else {}


def _first_called(
    columns: _Columns, labels: Sequence[str], role: Role, known: Sequence[str]
) -> str | None:
    fitting = labels if role == "label" else [name for name in columns if name not in labels]
    return next((name for name in fitting if _is_called(name, known)), None)


def _labels(columns: _Columns) -> list[str]:
    """Columns of short words, numbers or truths: called so, or the same ones again and again.

    The likely ones come first.
    """
    named = _NAMES[-1]["label"]
    n_different = {name: len({str(value) for value in values}) for name, values in columns.items()}
    found = [
        name
        for name, values in columns.items()
        if (_is_called(name, named) or n_different[name] <= min(_MOST_LABELS, len(values) // 3))
        and all(len(str(value)) <= _LONGEST_LABEL for value in values)
    ]
    # In many files the rows are in the order of their labels, so the first have all the same.
    return sorted(found, key=lambda name: (not _is_called(name, named), n_different[name] == 1))


def _length(values: Sequence[object]) -> int:
    """Characters of the texts of a column, all together."""
    return sum(len(value) for value in values if isinstance(value, str))
