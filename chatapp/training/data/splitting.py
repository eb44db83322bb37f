"""Duplicates dropped, and what is held out told from what is learned from, the same every time.

Each example has a place between 0 and 1, a hash of what must not stand on both sides: the text
that is labelled, the sentence that is translated, the context of a question, how a conversation
begins. So no context is both learned from and asked about, and more data moves no example.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from chatapp.errors import DataError, say
from chatapp.training.data.examples import Chat, Example, Labelled, Pair, Question, Text

LEAST_CHARACTERS = 1_000
LEAST_EXAMPLES = 10
LEAST_OF_A_LABEL = 5
_FEW_TEXTS = 20  # of so few, drawn whole, one more or less would change what is measured


class Split(NamedTuple):
    """Examples by what they are for, in the order they were read.

    Attributes:
        train: To learn from.
        validation: To be evaluated on, while learning and at the end.
        n_duplicates: How many were dropped.
    """

    train: list[Example]
    validation: list[Example]
    n_duplicates: int


def split_examples(examples: Iterable[Example], *, validation: float, seed: int = 0) -> Split:
    """Drop duplicates and hold out a share of the rest.

    Of a few texts the end of each is held out; of a single one that is nanoGPT's split. Of anything
    else at least one example is in each part that is wanted.

    Args:
        examples: All there are.
        validation: Share for validation, from 0.
        seed: Another one draws others.

    Raises:
        DataError: If there is too little to learn from.
    """
    found = list(examples)
    kept = list(unique(found))
    check_enough(kept)
    texts = [example for example in kept if isinstance(example, Text)]
    if len(texts) == len(kept) < _FEW_TEXTS:
        parts = _split_ends(texts, validation)
    else:
        parts = _split_by_place(kept, validation, seed)
    return Split(*parts, n_duplicates=len(found) - len(kept))


def split_from(examples: Iterable[Example], validation: Iterable[Example]) -> Split:
    """Learn from what has nothing in common with the examples for validation, which all stay.

    Two sets that are told apart already may share texts, as SQuAD and XQuAD do. What is dropped
    for it counts as duplicates.

    Raises:
        DataError: If there is too little to learn from, or nothing to validate on.
    """
    found, held_out = list(examples), list(validation)
    keys = {key_of(example) for example in held_out}
    kept = [example for example in unique(found) if key_of(example) not in keys]
    check_enough(kept)
    if not held_out:
        raise DataError(say("There is nothing to evaluate on in these files."))
    return Split(kept, held_out, n_duplicates=len(found) - len(kept))


def unique(examples: Iterable[Example]) -> Iterator[Example]:
    """The first of those that are the same but for case and white space.

    Of a text with two labels the first counts; a sentence may have several translations.
    """
    seen: set[bytes] = set()
    for example in examples:
        digest = blake2b(_identity(example).encode(), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield example


def folds(
    examples: Iterable[Example], n_fold: int, *, seed: int = 0
) -> Iterator[tuple[list[Example], list[Example]]]:
    """For each of `n_fold` parts: the examples of all others, and those of the part.

    Duplicates are dropped first. The folds have nothing to do with the parts of `split_examples`,
    so what is outside a fold can be split further.

    Raises:
        DataError: If there is too little for so many folds.
    """
    kept = list(unique(examples))
    check_enough(kept)
    folds_of = [int(place * n_fold) for place in _places(kept, seed, b"fold")]
    for fold in range(n_fold):
        outside = [example for example, its in zip(kept, folds_of, strict=True) if its != fold]
        inside = [example for example, its in zip(kept, folds_of, strict=True) if its == fold]
        if not inside or not outside:
            raise DataError(say("There are too few examples for {n} folds.", n=n_fold))
        yield outside, inside


def key_of(example: Example) -> str:
    """What must not stand on both sides of a split, without its case and white space."""
    match example:
        case Text(text) | Labelled(text, _) | Pair(text, _) | Question(text):
            return _plain(text)
        case Chat(messages):
            asked = [message.content for message in messages if message.role == "user"]
            return _plain((asked or [messages[0].content])[0])


def _identity(example: Example) -> str:
    """What two examples have in common if one of them is too many."""
    match example:
        case Text() | Labelled():
            return key_of(example)
        case Pair(source, target):
            return f"{_plain(source)}\n{_plain(target)}"
        case Question(context, question):
            return f"{_plain(context)}\n{_plain(question)}"
        case Chat(messages):
            turns = (f"{message.role}: {_plain(message.content)}" for message in messages)
            return "\n".join(turns)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _places(examples: Sequence[Example], seed: int, purpose: bytes) -> list[float]:
    """Where each example is between 0 and 1; `purpose` gives it another place for another use."""
    salt = seed.to_bytes(16, "little", signed=True)
    digests = (
        blake2b(key_of(example).encode(), digest_size=8, salt=salt, person=purpose).digest()
        for example in examples
    )
    return [int.from_bytes(digest, "big") / 2**64 for digest in digests]


def _split_by_place(
    examples: Sequence[Example], validation: float, seed: int
) -> tuple[list[Example], list[Example]]:
    places = _places(examples, seed, b"split")
    ordered = sorted(set(places))
    # However few there are, one is held out.
    n_validation = max(1, bisect(ordered, validation)) if validation else 0
    held_out = set(ordered[:n_validation])
    train = [one for one, place in zip(examples, places, strict=True) if place not in held_out]
    if not train:
        raise DataError(
            say("There are too few different examples to hold some out; bring more of them.")
        )
    return train, [one for one, place in zip(examples, places, strict=True) if place in held_out]


def _split_ends(texts: Sequence[Text], validation: float) -> tuple[list[Example], list[Example]]:
    train, held_out = list[Example](), list[Example]()
    for example in texts:
        end = int(len(example.text) * (1 - validation))
        for part, piece in ((train, example.text[:end]), (held_out, example.text[end:])):
            if piece:
                part.append(Text(piece))
    return train, held_out


def check_enough(examples: Sequence[Example]) -> None:
    """Refuse what is too little to learn from.

    Raises:
        DataError: If there are too few characters, examples, labels, or examples of a label.
    """
    if not examples:
        raise DataError(say("There is nothing to learn from in these files."))
    n_characters = sum(len(one.text) for one in examples if isinstance(one, Text))
    if n_characters:
        if n_characters < LEAST_CHARACTERS:
            raise DataError(
                say(
                    "Text to learn from: {n:,} characters. That is too little; bring {least:,} or"
                    " more.",
                    n=n_characters,
                    least=LEAST_CHARACTERS,
                )
            )
    elif len(examples) < LEAST_EXAMPLES:
        raise DataError(
            say(
                "Different examples to learn from: {n}. That is too few; bring {least} or more.",
                n=len(examples),
                least=LEAST_EXAMPLES,
            )
        )
    _check_labels(examples)


def _check_labels(examples: Sequence[Example]) -> None:
    labels = Counter(one.label for one in examples if isinstance(one, Labelled))
    if len(labels) == 1:
        raise DataError(
            say(
                "All rows are labelled “{label}”; there is nothing to tell it from.",
                label=next(iter(labels)),
            )
        )
    for label, n in labels.items():
        if n < LEAST_OF_A_LABEL:
            raise DataError(
                say(
                    "Examples labelled “{label}” to learn from: {n}. Bring {least} or more of"
                    " each label.",
                    label=label,
                    n=n,
                    least=LEAST_OF_A_LABEL,
                )
            )
