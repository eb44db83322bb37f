"""What the window and a model that is tried say to each other: a line of JSON each.

The process says first what it has: `Ready`. Each `Ask` is answered by one `Answer`, in order.
"""

from typing import Literal

from msgspec import Struct

Kind = Literal["generator", "classifier", "translator", "answers", "other"]


class Ready(Struct, frozen=True, kw_only=True):
    """The model has been opened.

    Attributes:
        kind: What it does with a text.
        labels: Of a classifier, what its outputs are called.
    """

    kind: Kind
    labels: tuple[str, ...] = ()


class Ask(Struct, frozen=True, kw_only=True):
    """What the model is given.

    Attributes:
        text: To be labelled or translated; or the question.
        context: Where the answer stands, for a model that finds answers.
    """

    text: str
    context: str = ""


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model made of it; a `Sentence` in its place, of a failure, is told from it.

    Attributes:
        probs: Of a classifier, of each label.
        text: The translation, or the answer found.
        start: Where the answer begins, in characters of the context.
        end: Where it ends.
        probability: Of the answer.
        source_tokens: Of a translator: what was read.
        target_tokens: What was written.
        alignment: How much each token written looked at each token read; a row sums to 1.
    """

    probs: tuple[float, ...] = ()
    text: str = ""
    start: int = 0
    end: int = 0
    probability: float = 0.0
    source_tokens: tuple[str, ...] = ()
    target_tokens: tuple[str, ...] = ()
    alignment: tuple[tuple[float, ...], ...] = ()
