"""How fast our trainer learns, beside nanoGPT's own model and loop, on its recipe for a CPU.

NANOGPT names a folder with nanoGPT's model.py, which does not come along.
"""

import os
import subprocess
import sys
from typing import Self

import torch

from benchmarks import harness
from benchmarks.harness import Result

LONG = False
_PAIRS, _STEPS = 9, 30
_TOKENS = 12 * 64


class _Trainer:
    """A process that makes updates when it is asked to; see `_train_step`."""

    def __init__(self, kind: str, argument: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._train_step", kind, argument],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.speed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def speed(self) -> float:
        """Tokens a second."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{_STEPS}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("A trainer has ended.")
        return _TOKENS * _STEPS / float(answer)


def measure() -> list[Result]:
    """Tokens a second in float32, and in bfloat16 where the processor has it."""
    folder = os.environ.get("NANOGPT")
    if not folder:
        raise RuntimeError("Name a folder with nanoGPT's model.py in NANOGPT.")
    targets = {"f32": 1.0}
    if torch.cpu._is_avx512_bf16_supported():
        targets["bf16"] = 1.2
    results = []
    with _Trainer("nanogpt", folder) as theirs:
        for precision, target in targets.items():
            with _Trainer("ours", precision) as ours:
                pair = harness.alternate(ours.speed, theirs.speed, _PAIRS)
            results.append(
                harness.compare(
                    "train_step", f"{precision} against nanoGPT", pair, "tokens/s", at_least=target
                )
            )
    return results


if __name__ == "__main__":
    raise SystemExit(harness.main(["train_step"]))
