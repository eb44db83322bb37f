import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from chatapp.chat import Message
from chatapp.errors import DataError
from chatapp.runs.source import Kind, Source
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.training.data.examples import Chat, Labelled, Pair, Question, Text
from chatapp.training.data.reading import read_examples, scan
from chatapp.transfer.training import TrainingOptions, to_training_line

COLUMNS = {"label": 1, "text": 2}


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(kind: Kind, *paths: Path, **more: Any) -> list[Any]:
    return list(read_examples(Source(kind=kind, paths=tuple(map(str, paths)), **more)))


def refused(kind: Kind, *paths: Path, **more: Any) -> DataError:
    with pytest.raises(DataError) as error:
        read(kind, *paths, **more)
    return error.value


def test_a_file_is_a_document_whatever_its_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", "\ufeffone\r\ntwo\rthree\n")
    assert read("text", path) == [Text("one\ntwo\nthree\n")]


def test_a_folder_is_its_documents_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    written(tmp_path / "inner" / "c.TXT", "third")
    written(tmp_path / "b.md", "second")
    written(tmp_path / "a.txt.gz", gzip.compress(b"first"))
    written(tmp_path / "picture.png", b"\x89PNG\0")
    assert read("text", tmp_path) == [Text("first"), Text("second"), Text("third")]


def test_columns_are_found_by_name_and_by_number(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "id\tclass\tsms\n1\tham\tHello\n\n2\tspam\tWin\n")
    expected = [Labelled("Hello", "ham"), Labelled("Win", "spam")]
    assert read("table", path, columns={"text": "sms", "label": "class"}) == expected
    assert read("table", path, columns={"text": 3, "label": 2}) == expected


def test_without_a_mapping_columns_are_called_as_their_roles(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "n,target,source\n1,Hola,Hello\n")
    assert read("table", path) == [Pair("Hello", "Hola")]


def test_a_first_row_that_names_nothing_is_an_example(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "ham\tHello\n")
    assert read("table", path, columns=COLUMNS, has_header=False) == [Labelled("Hello", "ham")]


def test_quotes_in_tsv_are_of_the_text_unless_the_whole_cell_is_quoted(tmp_path: Path) -> None:
    rows = 'x\t"so" he said\nx\t"open\nx\t"""Hi"", he said"\nx\t"plain"\n'
    found = read("table", written(tmp_path / "a.tsv", rows), columns=COLUMNS, has_header=False)
    assert [one.text for one in found] == ['"so" he said', '"open', '"Hi", he said', "plain"]


def test_csv_has_cells_of_several_lines_and_semicolons_where_the_comma_is_in_numbers(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "a.csv", 'label;text\r\nx;"one;\r\n""two"""\r\ny;1,5\r\n')
    assert read("table", path) == [Labelled('one;\n"two"', "x"), Labelled("1,5", "y")]


def test_labels_of_json_may_be_numbers_and_truths(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": 0}, {"text": "b", "label": False}, {"text": "c", "label": "x"}]
    path = written(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert [one.label for one in read("table", path)] == ["0", "false", "x"]


def test_a_prompt_and_its_response_are_a_conversation(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"prompt": "Why?", "response": "So."}')
    asked, said = Message(role="user", content="Why?"), Message(role="assistant", content="So.")
    assert read("table", path) == [Chat((asked, said))]


def test_two_files_are_parallel_line_by_line(tmp_path: Path) -> None:
    english = written(tmp_path / "a.en", "One \n\nTwo\n")
    spanish = written(tmp_path / "a.es", "Uno\r\n\r\nDos")
    assert read("parallel", english, spanish) == [Pair("One", "Uno"), Pair("Two", "Dos")]


@pytest.mark.parametrize(
    "answers",
    [
        "Rome",
        ["Rome"],
        [{"text": "Rome", "answer_start": 8}],
        {"text": ["Rome"], "answer_start": [8]},
    ],
)
def test_answers_come_in_the_forms_that_are_in_use(tmp_path: Path, answers: object) -> None:
    row = {"context": "Paris, Rome.", "question": "Which?", "answers": answers}
    found = read("table", written(tmp_path / "a.jsonl", json.dumps(row)))
    assert found == [Question("Paris, Rome.", "Which?", ("Rome",), (7,))]


@pytest.mark.parametrize(
    ("context", "answer", "starts"),
    [
        ("A hat that is a hat.", "hat", (2, 16)),
        ("Three hats, that is all.", "hat", (6,)),
        ("東京は日本の首都です。", "日本", (3,)),
    ],
)
def test_an_answer_without_a_place_is_right_wherever_it_stands_as_a_word(
    tmp_path: Path, context: str, answer: str, starts: tuple[int, ...]
) -> None:
    row = {"context": context, "question": "What?", "answers": answer}
    (found,) = read("table", written(tmp_path / "a.jsonl", json.dumps(row)))
    assert found == Question(context, "What?", (answer,) * len(starts), starts)


def squad(*questions: dict[str, Any], context: str = "Rome, Paris, Rome.") -> str:
    paragraphs = [{"context": context, "qas": list(questions)}]
    return json.dumps(
        {"version": "1.1", "data": [{"title": "T", "paragraphs": paragraphs}]}, indent=1
    )


def test_the_place_of_an_answer_is_the_nearest_to_where_it_is_said_to_be(tmp_path: Path) -> None:
    asked = [
        {"id": str(said), "question": "Q?", "answers": [{"text": "Rome", "answer_start": said}]}
        for said in (0, 3, 9, 13, 40)
    ]
    path = written(tmp_path / "a.json.gz", gzip.compress(squad(*asked).encode()))
    assert [one.starts for one in read("squad", path)] == [(0,), (0,), (13,), (13,), (13,)]


def test_what_the_window_exports_is_read(tmp_path: Path) -> None:
    common: dict[str, Any] = {"conversation_id": "c", "status": "complete", "created_at": ""}
    asked = StoredMessage(id="1", parent_id=None, role="user", content="Why?", **common)
    said = StoredMessage(id="2", parent_id="1", role="assistant", content="So.", **common)
    stored = StoredConversation(
        id="c",
        title="",
        system_prompt="Be brief.",
        params=None,
        model_path="",
        leaf_id="2",
        messages=(asked, said),
    )
    line = to_training_line(stored, TrainingOptions())
    (chat,) = read("chats", written(tmp_path / "a.jsonl", line + b"\n"))
    turns = [(message.role, message.content) for message in chat.messages]
    assert turns == [("system", "Be brief."), ("user", "Why?"), ("assistant", "So.")]


def test_a_file_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "ham\tone\nham\ttwo\nbroken\n")
    source = Source(kind="table", paths=(str(path),), columns=COLUMNS, has_header=False)
    examples = read_examples(source)
    assert [next(examples), next(examples)] == [Labelled("one", "ham"), Labelled("two", "ham")]
    with pytest.raises(DataError):
        next(examples)


def test_what_makes_no_sense_is_an_error_in_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "ham\tone\nbroken\n\tno label\nham\ttwo\n")
    items = list(scan(Source(kind="table", paths=(str(path),), columns=COLUMNS, has_header=False)))
    assert [one.line if isinstance(one, DataError) else one.text for one in items] == [
        "one",
        2,
        3,
        "two",
    ]


TABLES = {
    "a.tsv": [
        ("label\ttext\nx\tone\ny\n", 3, "number of columns is 1, in the first line 2"),
        ("label\ttext\nx\tone\ny\ta\tb\n", 3, "number of columns is 3"),
        ("label\ttext\n \tone\n", 2, "no label in the column label"),
        ("label\ttext\nx\t \n", 2, "no text in the column text"),
        ("label\tlabel\nx\ty\n", 1, "Two columns have the name “label”"),
        ("class\tbody\nx\ty\n", 0, "Say which of its columns (class, body) are text"),
    ],
    "a.csv": [
        ('label,text\nx,one\ny,"two\nthree\n', 3, "no CSV"),
        ('label,text\nx,"one\ntwo"\ny\n', 4, "number of columns is 1"),
    ],
    "a.jsonl": [
        ('{"text": "a", "label": "x"}\n{"text": \n', 2, "no JSON"),
        ('{"text": "a", "label": "x"}\n["a"]\n', 2, 'an object like {"text": "…"}'),
        ('{"text": "a", "label": "x"}\n{"text": "b"}\n', 2, "no label in the column label"),
        ('{"text": 7, "label": "x"}\n', 1, "no text in the column text"),
        ('{"text": ' + "[" * 100_000 + "\n", 1, "no JSON"),
        ('{"text": "\\ud83d"}\n', 1, "no JSON"),
    ],
}


@pytest.mark.parametrize(
    ("name", "content", "line", "what"),
    [(name, *case) for name, cases in TABLES.items() for case in cases],
)
def test_a_row_that_is_no_example_is_named(
    tmp_path: Path, name: str, content: str, line: int, what: str
) -> None:
    path = written(tmp_path / name, content)
    error = refused("table", path)
    assert (error.path, error.line) == (str(path), line)
    assert str(error).startswith(f"{name}, line {line}: " if line else f"{name}: ")
    assert what in str(error)


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tsv", "a\tb\n1\t2\n")
    for column in ("c", 3, 0):
        error = refused("table", path, columns={"text": column})
        assert str(error) == f"a.tsv: There is no column {column}; there are: a, b."


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"", 0, "The file is empty."),
        (b" \n\n", 0, "The file is empty."),
        ("one\nca\u00f1a\n".encode("latin-1"), 2, "byte 0xF1 at place 3 is no UTF-8"),
        ("one\ntwo\n".encode("utf-16"), 1, "UTF-16"),
        (b"one\ntwo\0\xff\n", 2, "no text but some program's own file"),
        (b"\x7fELF\x01\x02\xff\xfe", 1, "no text but some program's own file"),
        (gzip.compress(b"one\ntwo" * 500)[:40], 0, "The packed file is damaged"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "table"])
def test_what_is_no_text_is_named(
    tmp_path: Path, kind: Kind, content: bytes, line: int, what: str
) -> None:
    error = refused(
        kind, written(tmp_path / "a.tsv", content), columns={"text": 1}, has_header=False
    )
    assert error.line == line
    assert what in str(error)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "There is no such file" in str(refused("text", tmp_path / "none.txt"))
    assert "no .txt or .md file" in str(refused("text", tmp_path))
    assert "This is no file" in str(refused("table", tmp_path))
    os.mkfifo(tmp_path / "pipe")
    assert "This is no file" in str(refused("text", tmp_path / "pipe"))
    assert "No file to learn from is named" in str(refused("text"))


def test_parallel_files_that_part_are_named(tmp_path: Path) -> None:
    english = written(tmp_path / "a.en", "One\nTwo\nThree\n")
    error = refused("parallel", english, written(tmp_path / "a.es", "Uno\nDos\n"))
    assert str(error) == "a.en, line 3: From here on the other file has no lines."
    error = refused("parallel", english, written(tmp_path / "a.es", "Uno\n\nTres\n"))
    assert str(error) == "a.es, line 2: This line is empty; in the other file it is not."
    assert "two files; named are: 1" in str(refused("parallel", english))


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"answers": [{"text": "Madrid", "answer_start": 0}]}, "“Madrid” is not in its context"),
        ({"answers": [{"text": "", "answer_start": 0}]}, "“” is not in its context"),
        ({"answers": []}, "“Which?” has no answer"),
    ],
)
def test_a_question_of_squad_without_its_answer_is_named(
    tmp_path: Path, asked: dict[str, Any], what: str
) -> None:
    good = {"id": "q1", "question": "Which?", "answers": [{"text": "Rome", "answer_start": 0}]}
    content = squad(good, {"id": "q2", "question": "Which?", **asked})
    error = refused("squad", written(tmp_path / "a.json", content))
    assert content.splitlines()[error.line - 1].strip() == '"id": "q2",'
    assert what in str(error)


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("", 0, "The file is empty"),
        ('{"data":\n [}', 2, "no JSON"),
        ('{"data": []}', 0, "no questions"),
        ('{"data": [{"paragraphs": 3}]}', 0, "not written as SQuAD 1.1"),
        (b'{"data":\n [{"title": "\xff"}]}', 2, "0xFF at place 14 is no UTF-8"),
        ('{"data": ' + "[" * 100_000, 0, "no"),
    ],
)
def test_what_is_no_squad_is_named(
    tmp_path: Path, content: str | bytes, line: int, what: str
) -> None:
    error = refused("squad", written(tmp_path / "a.json", content))
    assert error.line == line
    assert what in str(error)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"messages": [{"role": "robot", "content": "a"}]}', "It should be {"),
        ('{"turns": []}', "It should be {"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "no reply of the assistant"),
        ('{"messages": []}', "no reply of the assistant"),
    ],
)
def test_a_line_that_is_no_chat_is_named(tmp_path: Path, content: str, what: str) -> None:
    good = '{"messages": [{"role": "assistant", "content": "Hello"}]}'
    error = refused("chats", written(tmp_path / "a.jsonl", f"{good}\n\n{content}\n"))
    assert error.line == 3
    assert what in str(error)
