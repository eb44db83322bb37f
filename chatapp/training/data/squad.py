"""Questions in the JSON of SQuAD 1.1, an article at a time.

Source: Rajpurkar et al. 2016, arXiv:1606.05250.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import ijson
import msgspec
from msgspec import Struct

from chatapp.errors import DataError, say
from chatapp.training.data.answers import Answer, question_of
from chatapp.training.data.examples import Question
from chatapp.training.data.text_file import fault, opened, read_lines


class _Asked(Struct):
    question: str
    answers: list[Answer]
    id: str = ""


class _Paragraph(Struct):
    context: str
    qas: list[_Asked]


class _Article(Struct):
    paragraphs: list[_Paragraph]


def read_squad(path: Path) -> Iterator[Question | DataError]:
    """The questions of a file, and errors in the place of those that make no sense.

    Raises:
        DataError: If the file is no such file.
    """
    is_empty = True
    try:
        with opened(path) as file:
            for article in ijson.items(file, "data.item", use_float=True):
                for paragraph in msgspec.convert(article, _Article).paragraphs:
                    for asked in paragraph.qas:
                        is_empty = False
                        yield _read_one(path, paragraph.context, asked)
    except ijson.JSONError as error:
        raise _no_json(path) from error
    except msgspec.ValidationError as error:
        what = say("It is not written as SQuAD 1.1 is ({reason}).", reason=str(error))
        raise fault(path, what) from error
    if is_empty:
        raise fault(path, say("There are no questions in it, as SQuAD 1.1 has under “data”."))


def _read_one(path: Path, context: str, asked: _Asked) -> Question | DataError:
    found = question_of(context, asked.question, asked.answers)
    if isinstance(found, Question):
        return found
    return fault(path, found, _line_with(path, asked.id or asked.question))


def _line_with(path: Path, text: str) -> int:
    written = json.dumps(text), json.dumps(text, ensure_ascii=False)
    lines = read_lines(path)
    return next((n for n, line in lines if any(form in line for form in written)), 0)


def _no_json(path: Path) -> DataError:
    """Where the JSON breaks; the library that streams it knows no lines."""
    with opened(path) as file:
        try:
            json.load(file)
        except json.JSONDecodeError as error:
            return fault(path, say("This is no JSON ({reason}).", reason=error.msg), error.lineno)
        except UnicodeDecodeError:
            pass
    return fault(path, say("This is no JSON in UTF-8."))
