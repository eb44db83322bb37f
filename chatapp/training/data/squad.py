"""Questions in the JSON of SQuAD 1.1.

Source: Rajpurkar et al. 2016, arXiv:1606.05250.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from chatapp.errors import DataError, say
from chatapp.training.data.answers import Answer, question_of
from chatapp.training.data.examples import Question
from chatapp.training.data.text_file import fault, read_lines, read_text


class _Asked(Struct):
    question: str
    answers: list[Answer]
    id: str = ""


class _Paragraph(Struct):
    context: str
    qas: list[_Asked]


class _Article(Struct):
    paragraphs: list[_Paragraph]


class _File(Struct):
    data: list[_Article]


def read_squad(path: Path) -> Iterator[Question | DataError]:
    """The questions of a file, and errors in the place of those that make no sense.

    Raises:
        DataError: If the file is no such file.
    """
    text = read_text(path)
    try:
        articles = msgspec.json.decode(text, type=_File).data
    except msgspec.ValidationError as error:
        what = say("It is not written as SQuAD 1.1 is ({reason}).", reason=str(error))
        raise fault(path, what) from error
    except (msgspec.DecodeError, RecursionError) as error:
        what = say("This is no JSON ({reason}).", reason=str(error))
        raise fault(path, what, _broken_line(text)) from error
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    if not any(paragraph.qas for paragraph in paragraphs):
        raise fault(path, say("There are no questions in it, as SQuAD 1.1 has under “data”."))
    for paragraph in paragraphs:
        for asked in paragraph.qas:
            yield _read_one(path, paragraph.context, asked)


def _read_one(path: Path, context: str, asked: _Asked) -> Question | DataError:
    found = question_of(context, asked.question, asked.answers)
    if isinstance(found, Question):
        return found
    return fault(path, found, _line_with(path, asked.id or asked.question))


def _line_with(path: Path, text: str) -> int:
    written = json.dumps(text), json.dumps(text, ensure_ascii=False)
    lines = read_lines(path)
    return next((n for n, line in lines if any(form in line for form in written)), 0)


def _broken_line(text: str) -> int:
    """The line where JSON breaks, or 0; the library that reads it counts bytes."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    except RecursionError:
        pass
    return 0
