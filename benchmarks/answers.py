"""How well an encoder that learned from 1,700 questions answers those of XQuAD in English."""

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.source import Source

LONG = True
_TRAIN = ("squad_val1000", "nq_openbook_short")


def measure() -> list[Result]:
    """F1 and exact match; questions on a context of XQuAD are dropped from what is learned."""
    train = Source(
        kind="table",
        paths=tuple(_learning.data(f"qa_squad_nq_small/{name}.jsonl.gz") for name in _TRAIN),
        columns={"context": "context", "question": "question", "answers": "answers"},
    )
    test = Source(kind="squad", paths=(_learning.data("qa_xquad/xquad.en.json.gz"),))
    figures = _learning.learn(_learning.recipe("answers", train, test))
    return [
        harness.limit(
            "answers", "MiniLM that learned from SQuAD and NQ rows",
            100 * figures["f1"], "F1",
            reference="87,600 SQuAD questions: BERT multilingual 83.5, large 87.9", at_least=45.0,
        )
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(harness.main(["answers"]))
