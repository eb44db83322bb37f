"""Answers, in the forms that files have them, and where they stand in their context."""

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
    bytes. Without a place it is the first.
    """
    if not question.strip():
        return say("There is no question.")
    if not answers:
        return say("The question “{question}” has no answer.", question=question)
    starts = [_start(context, answer) for answer in answers]
    for answer, start in zip(answers, starts, strict=True):
        if start < 0:
            return say(
                "The answer “{answer}” is not in its context, word for word.", answer=answer.text
            )
    return Question(context, question, tuple(one.text for one in answers), tuple(starts))


def _start(context: str, answer: Answer) -> int:
    text, said = answer.text, answer.answer_start
    if not text.strip():
        return -1
    if said < 0:
        return context.find(text)
    before, after = context.rfind(text, 0, said + len(text)), context.find(text, said)
    if before < 0 or after < 0:
        return max(before, after)
    return before if said - before < after - said else after
