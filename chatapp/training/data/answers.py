"""Answers, in the forms that files have them, and where they stand in their context."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chatapp.errors import Sentence, say
from chatapp.training.data.examples import Question


class Answer(Struct, frozen=True):
    """An answer, and the character of the context where it is said to begin; -1 is not known."""

    text: str
    answer_start: int = -1


class _Lists(Struct):
    """Answers as the `datasets` library writes them."""

    text: list[str]
    answer_start: list[int]


def answers_of(value: object) -> list[Answer]:
    """The answers of a JSON value: a text, texts, or texts with their places.

    Raises:
        ValidationError: If it is something else.
    """
    if isinstance(value, str):
        return [Answer(value)]
    listed = msgspec.convert(value, list[str | Answer] | _Lists)
    if isinstance(listed, _Lists):
        return [Answer(*both) for both in zip(listed.text, listed.answer_start, strict=False)]
    return [Answer(one) if isinstance(one, str) else one for one in listed]


def question_of(context: str, question: str, answers: Sequence[Answer]) -> Question | Sentence:
    """The question with its answers' places, or what is wrong with it.

    Where an answer is not where it is said to be, the nearest place is meant: some files count in
    bytes. Without a place it is right wherever it stands.
    """
    if not question.strip():
        return say("There is no question.")
    if not answers:
        return say("The question “{question}” has no answer.", question=question)
    texts, places = list[str](), list[int]()
    for answer in answers:
        starts = _starts(context, answer)
        if not starts:
            return say(
                "The answer “{answer}” is not in its context, word for word.", answer=answer.text
            )
        texts += [answer.text] * len(starts)
        places += starts
    return Question(context, question, tuple(texts), tuple(places))


def _starts(context: str, answer: Answer) -> list[int]:
    """Where an answer begins: none, if it is not in its context."""
    text, said = answer.text, answer.answer_start
    if not text.strip():
        return []
    if said < 0:
        whole_words = re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", context)
        found = [one.start() for one in whole_words] or [context.find(text)]
    else:
        around = context.rfind(text, 0, said + len(text)), context.find(text, said)
        found = sorted((at for at in around if at >= 0), key=lambda at: abs(at - said))[:1]
    return [at for at in found if at >= 0]
