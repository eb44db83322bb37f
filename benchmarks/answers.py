"""How well an encoder that learned from 1,700 questions answers those of XQuAD in English."""

import gzip
import tempfile
from pathlib import Path

import msgspec

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp.runs.source import Source

LONG = True
_TRAIN = ("squad_val1000", "nq_openbook_short")


def measure() -> list[Result]:
    """F1 and exact match; questions on a context of XQuAD are dropped from what is learned."""
    test = Source(kind="squad", paths=(_learning.data("qa_xquad/xquad.en.json.gz"),))
    with tempfile.TemporaryDirectory() as folder:
        figures = _learning.learn(_learning.recipe("answers", _train(Path(folder)), test))
    return [
        harness.limit(
            "answers", "MiniLM that learned from SQuAD and NQ rows",
            100 * figures["f1"], "F1",
            reference="87,600 SQuAD questions: BERT multilingual 83.5, large 87.9", at_least=45.0,
        )
    ]  # fmt: skip


def _train(folder: Path) -> Source:
    """Questions without the places of their answers, which these files only guess."""
    path = folder / "train.jsonl"
    with path.open("wb") as file:
        for name in _TRAIN:
            packed = Path(_learning.data(f"qa_squad_nq_small/{name}.jsonl.gz")).read_bytes()
            for line in gzip.decompress(packed).splitlines():
                row = msgspec.json.decode(line)
                texts = [one["text"] for one in row["answers"]]
                row = {"context": row["context"], "question": row["question"], "answers": texts}
                file.write(msgspec.json.encode(row) + b"\n")
    return Source(kind="table", paths=(str(path),))


if __name__ == "__main__":
    raise SystemExit(harness.main(["answers"]))
