"""How well a fine-tuned encoder sorts sentences by topic: SIB-200, English, 701 to learn from."""

import statistics

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.source import Source

LONG = True
_SEEDS = (1, 2, 3)


def measure() -> list[Result]:
    """Accuracy on the 204 test sentences, the mean of three seeds."""
    figures = [_accuracy(seed) for seed in _SEEDS]
    return [
        harness.limit(
            "topics", f"MiniLM on 701 sentences, mean of {len(_SEEDS)} seeds",
            100 * statistics.mean(figures), "%", reference="naive Bayes 60.3 %", at_least=86.0,
        )
    ]  # fmt: skip


def _accuracy(seed: int) -> float:
    train, test = (_source(part) for part in ("train", "test"))
    return _learning.learn(_learning.recipe("topics", train, test, seed=seed))["accuracy"]


def _source(part: str) -> Source:
    path = _learning.data(f"topics_sib200/eng_{part}.tsv")
    return Source(kind="table", paths=(path,), columns={"text": "text", "label": "category"})


if __name__ == "__main__":
    raise SystemExit(harness.main(["topics"]))
