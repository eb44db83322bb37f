"""How fast our trainer learns, beside nanoGPT's own model and loop, on its recipe for a CPU.

NANOGPT names a folder with nanoGPT's model.py, which does not come along.
"""

import os
import subprocess
import sys
from typing import Self

import torch

from benchmarks import harness
from benchmarks.harness import Pair, Result

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
    """Tokens a second in float32, and in bfloat16 where the processor has it.

    The trainer tries which of them is faster, so bfloat16 has a target only where it is.
    """
    folder = os.environ.get("NANOGPT")
    if not folder:
        raise RuntimeError("Name a folder with nanoGPT's model.py in NANOGPT.")
    has_bf16 = torch.cpu._is_avx512_bf16_supported()
    pairs = {}
    with _Trainer("nanogpt", folder) as theirs:
        for precision in ("f32", "bf16") if has_bf16 else ("f32",):
            with _Trainer("ours", precision) as ours:
                pairs[precision] = harness.alternate(ours.speed, theirs.speed, _PAIRS)
    results = [_row("f32 against nanoGPT", pairs["f32"], at_least=1.0)]
    if has_bf16:
        helps = pairs["bf16"].ours > pairs["f32"].ours
        claim = "bf16 against nanoGPT" if helps else "bf16 against nanoGPT: no help here, not taken"
        results.append(_row(claim, pairs["bf16"], at_least=1.2 if helps else None))
    return results


def _row(claim: str, pair: Pair, at_least: float | None) -> Result:
    return harness.compare("train_step", claim, pair, "tokens/s", at_least=at_least)


if __name__ == "__main__":
    raise SystemExit(harness.main(["train_step"]))
