"""How well a fine-tuned encoder and an LSTM from nothing find spam, beside naive Bayes.

SMS Spam Collection, duplicates removed, each message predicted once in five folds.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.source import Source
from chatapp.training.baselines import NaiveBayes
from chatapp.training.data.examples import Example, Labelled
from chatapp.training.data.reading import read_examples
from chatapp.training.data.splitting import folds

LONG = True
_FOLDS = 5
_RECIPES = ("spam", "labels_from_nothing")


class _Errors(NamedTuple):
    """Messages that each got wrong, of `n`."""

    n: int
    encoder: int
    lstm: int
    bayes: int


def measure() -> list[Result]:
    """Accuracy over all folds, and errors against those of naive Bayes."""
    source = Source(
        kind="table", paths=(_learning.data("sms_spam/SMSSpamCollection.tsv"),),
        columns={"text": "SMS", "label": "Label"},
    )  # fmt: skip
    parts = [_errors(*fold) for fold in folds(read_examples(source), _FOLDS)]
    n, encoder, lstm, bayes = (sum(column) for column in zip(*parts, strict=True))
    reference = f"naive Bayes {100 - 100 * bayes / n:.2f} %"
    return [
        harness.limit(
            "spam", f"MiniLM, {_FOLDS} folds", 100 - 100 * encoder / n, "%",
            reference=reference, at_least=99.0,
        ),
        harness.limit(
            "spam", f"MiniLM's {encoder} errors to naive Bayes's {bayes}", encoder / bayes, "x",
            at_most=0.8,
        ),
        harness.limit(
            "spam", f"LSTM from nothing, {_FOLDS} folds", 100 - 100 * lstm / n, "%",
            reference=reference, at_least=98.0,
        ),
    ]  # fmt: skip


def _errors(train: Sequence[Example], test: Sequence[Example]) -> _Errors:
    messages = [one for one in test if isinstance(one, Labelled)]
    bayes = NaiveBayes()
    bayes.fit([one for one in train if isinstance(one, Labelled)])
    best = bayes.predict([one.text for one in messages]).argmax(axis=1).tolist()
    n_wrong = sum(
        bayes.labels[number] != one.label for number, one in zip(best, messages, strict=True)
    )
    with tempfile.TemporaryDirectory() as folder:
        sources = (
            _learning.labelled(Path(folder) / "train.jsonl", train),
            _learning.labelled(Path(folder) / "test.jsonl", test),
        )
        encoder, lstm = (
            round(len(messages) * (1 - _learning.learn(recipe)["accuracy"]))
            for recipe in (_learning.recipe(name, *sources) for name in _RECIPES)
        )
    return _Errors(len(messages), encoder, lstm, n_wrong)


if __name__ == "__main__":
    raise SystemExit(harness.main(["spam"]))
