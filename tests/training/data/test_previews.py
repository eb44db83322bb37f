import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatapp.errors import DataError
from chatapp.runs.preview import Column
from chatapp.runs.source import Source
from chatapp.training.data.guessing import guess_source
from chatapp.training.data.preview import count, glance


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def spam(n: int) -> str:
    rows = (f"{'spam' if row % 5 == 0 else 'ham'}\tmessage {row}\n" for row in range(n))
    return "Label\tSMS\n" + "".join(rows)


def test_a_table_is_shown_with_its_columns_counts_and_labels(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", spam(100) + "ham\tMessage  1\n")
    source = Source(kind="table", paths=(path,), columns={"text": "SMS", "label": 1})
    found = count(source)
    assert found.columns[0] == Column("Label", "label", ("spam", *["ham"] * 4) * 2)
    assert found.columns[1] == Column("SMS", "text", tuple(f"message {n}" for n in range(10)))
    assert (found.n_examples, found.n_duplicates) == (101, 1)
    assert found.labels == {"ham": 80, "spam": 20}
    assert found.lengths == {16: 101}
    assert found.is_whole
    assert found.problems == ()
    assert glance(source) == found


def test_a_glance_reads_the_beginning_and_counting_all(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", spam(3_000) + "broken\n")
    source = guess_source([path])
    seen, counted = glance(source), count(source)
    assert (seen.n_examples, seen.is_whole, seen.problems) == (1_000, False, ())
    assert (counted.n_examples, counted.is_whole) == (3_000, True)
    (problem,) = counted.problems
    assert (problem.path, problem.line) == (path, 3_002)
    assert str(problem.what) == (
        "a.tsv, line 3,002: Here the number of columns is 1, in the first line 2."
    )


def test_a_glance_at_long_texts_reads_little_of_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt.gz", gzip.compress("año\n".encode() * 1_000_000))
    (tmp_path / "b.txt").mkdir()  # read on, this would be an error
    source = Source(kind="text", paths=(path, str(tmp_path / "b.txt" / "none.txt")))
    seen = glance(source)
    assert (seen.n_examples, seen.is_whole, seen.problems) == (1, False, ())
    assert sum(seen.lengths.values()) == 1
    assert "no such file" in str(count(source).problems[0].what)


def test_lengths_are_counted_by_powers_of_two(tmp_path: Path) -> None:
    rows = "".join(f"{'x' * n}\ty\n" for n in (1, 2, 3, 4, 7, 8))
    path = written(tmp_path / "a.tsv", rows)
    columns: dict[Any, Any] = {"source": 1, "target": 2}
    found = count(Source(kind="table", paths=(path,), columns=columns, has_header=False))
    assert found.lengths == {2: 1, 4: 2, 8: 2, 16: 1}  # of both sides together
    assert found.n_characters == 1 + 2 + 3 + 4 + 7 + 8 + 6


def test_every_problem_is_shown_up_to_a_hundred(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "label\ttext\n" + "x\n" * 50)
    found = count(Source(kind="table", paths=(path,)))
    assert [problem.line for problem in found.problems] == list(range(2, 52))
    path = written(tmp_path / "a.tsv", "label\ttext\nx\ty\n" + "x\n" * 500)
    found = count(Source(kind="table", paths=(path,)))
    assert [problem.line for problem in found.problems] == list(range(3, 103))
    assert not found.is_whole


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "The file is empty."),
        ("label\ttext\nx\ty\n", "too few"),
        (b"label\ttext\nx\t\xe9t\xe9\n", "0xE9 at place 3"),
        ("class\tbody\nx\ty\n", "Say which of its columns (class, body)"),
    ],
)
def test_what_would_stop_the_training_is_a_problem(
    tmp_path: Path, content: str | bytes, what: str
) -> None:
    source = Source(kind="table", paths=(written(tmp_path / "a.tsv", content),))
    for found in (glance(source), count(source)):
        assert [what in str(problem.what) for problem in found.problems] == [True]


def test_columns_whose_roles_are_unknown_are_shown_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "class\tbody\nx\ty\n")
    found = count(Source(kind="table", paths=(path,)))
    assert found.columns == (Column("class", "", ("x",)), Column("body", "", ("y",)))
    assert found.problems


def test_what_is_no_table_is_shown_part_by_part_and_cut(tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "word " * 200}]
    path = written(tmp_path / "a.jsonl", json.dumps({"messages": chat}))
    asked, replied = count(Source(kind="chats", paths=(path,))).columns
    assert asked == Column("", "prompt", ("Hi",))
    assert replied.role == "response"
    assert len(replied.values[0]) == 400
    assert replied.values[0].endswith("word…")


def test_a_preview_can_be_sent(tmp_path: Path) -> None:
    found = glance(guess_source([written(tmp_path / "a.tsv", spam(50))]))
    sent = json.loads(msgspec.json.encode(found))
    assert sent["labels"] == {"ham": 40, "spam": 10}
    assert sent["columns"][1]["values"][0] == "message 0"
    assert sent["source"]["columns"] == {"text": "SMS", "label": "Label"}


def rows_of(**cells: Any) -> str:
    """Sixty rows; "{}" in a text is the number of the row."""
    rows = (
        {name: cell.format(n) if isinstance(cell, str) else cell for name, cell in cells.items()}
        for n in range(60)
    )
    return "\n".join(json.dumps(row | {"turn": n % 3 == 0}) for n, row in enumerate(rows))


def lines_of(line: str) -> str:
    return "".join(line.format(n) for n in range(60))


FLORES = "id,eng,spa\n1,Go,Ve\n2,Run,Corre\n"
TATOEBA = "Go.\tVe.\nRun!\tCorre.\nHi.\tHola.\n"
SQUAD = rows_of(question="Q{}?", answers="c{}", context="c{} d")
BOOLQ = rows_of(question="q{}", passage="is long {}")
DOLLY = rows_of(instruction="Do {}", output="Done {}")
GUESSES: list[tuple[str, str, str, dict[str, Any], bool]] = [
    ("a.tsv", spam(30), "table", {"text": "SMS", "label": "Label"}, True),
    ("a.tsv", lines_of("1\tgood film {}\n"), "table", {"text": "2", "label": "1"}, False),
    ("a.csv", "text,label\ngood,yes\nbad,no\n", "table", {"text": "text", "label": "label"}, True),
    ("a.csv", ",text,label\n0,good,yes\n", "table", {"text": "text", "label": "label"}, True),
    ("a.txt", TATOEBA, "table", {"source": "1", "target": "2"}, False),
    ("a.csv", FLORES, "table", {"source": "eng", "target": "spa"}, True),
    ("a.csv", lines_of("what {} said\n"), "table", {"text": "1"}, False),
    (
        "a.jsonl",
        SQUAD,
        "table",
        {"context": "context", "question": "question", "answers": "answers"},
        True,
    ),
    ("a.jsonl", BOOLQ, "table", {"text": "passage", "label": "turn"}, True),
    ("a.jsonl.gz", DOLLY, "table", {"prompt": "instruction", "response": "output"}, True),
    ("a.jsonl", rows_of(messages=[]), "chats", {}, True),
    ("a.json", "{}", "squad", {}, True),
    ("a.txt", "FAIRY\n  TALES\n\tby night\n", "text", {}, True),
    ("a.md", "a\tb\n", "text", {}, True),
]


@pytest.mark.parametrize(("name", "content", "kind", "columns", "has_header"), GUESSES)
def test_what_files_hold_is_guessed(
    tmp_path: Path, name: str, content: str, kind: str, columns: dict[str, Any], has_header: bool
) -> None:
    packed = gzip.compress(content.encode()) if name.endswith(".gz") else content
    path = written(tmp_path / name, packed)
    source = guess_source([path])
    assert (source.kind, source.paths) == (kind, (path,))
    assert (dict(source.columns), source.has_header) == (columns, has_header)


def test_what_is_guessed_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "Go.\tVe.\nRun!\tCorre.\nHi.\tHola.\n")
    assert glance(guess_source([path])).columns == (
        Column("1", "source", ("Go.", "Run!", "Hi.")),
        Column("2", "target", ("Ve.", "Corre.", "Hola.")),
    )


def test_a_column_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ",text,label\n0,good,yes\n1,bad,no\n")
    assert [column.name for column in glance(guess_source([path])).columns] == [
        "1",
        "text",
        "label",
    ]


def test_two_files_that_differ_in_their_language_are_parallel(tmp_path: Path) -> None:
    english = written(tmp_path / "news.en", "One\nTwo\n")
    spanish = written(tmp_path / "news.es", "Uno\nDos\n")
    source = guess_source([english, spanish])
    assert source.kind == "parallel"
    assert count(source).n_examples == 2


def test_a_folder_is_texts(tmp_path: Path) -> None:
    written(tmp_path / "a.txt", "one")
    source = guess_source([str(tmp_path)])
    assert source.kind == "text"
    assert glance(source).columns == (Column("", "text", ("one",)),)


def test_a_file_that_is_no_text_cannot_be_guessed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no text but some program's own file"):
        guess_source([written(tmp_path / "a.xlsx", b"PK\x03\x04\0\0")])
