"""How well a fine-tuned encoder tells praise from blame: rt-polarity, a tenth held out."""

import tempfile
from pathlib import Path

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.source import Source
from chatapp.training.data.reading import read_examples
from chatapp.training.data.splitting import split_examples

LONG = True
_STEPS = 1_200  # twice through 9,600 sentences


def measure() -> list[Result]:
    """Accuracy on the sentences held out."""
    source = Source(
        kind="table", paths=(_learning.data("movie_reviews_rt/rt_polarity.tsv.gz"),),
        columns={"text": 2, "label": 1}, has_header=False,
    )  # fmt: skip
    split = split_examples(read_examples(source), validation=0.1)
    with tempfile.TemporaryDirectory() as folder:
        train, test = (
            _learning.labelled(Path(folder) / f"{name}.jsonl", examples)
            for name, examples in (("train", split.train), ("test", split.validation))
        )
        recipe = _learning.recipe("topics", train, test, max_steps=_STEPS, warmup_steps=120)
        accuracy = _learning.learn(recipe)["accuracy"]
    return [
        harness.limit(
            "sentiment", "MiniLM, 10 % held out", 100 * accuracy, "%",
            reference="naive Bayes 78.9 %, CNN 81.5 %", at_least=83.0,
        )
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(harness.main(["sentiment"]))
