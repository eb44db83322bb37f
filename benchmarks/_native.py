"""What the native benchmarks share: peers in processes set up as the engine's, on two threads."""

import subprocess
import sys
from typing import Self

from benchmarks import _engine
from chatapp.paths import engine_environment

N_CTX = 8192
N_THREADS = 2


class Peer:
    """A process that evaluates ids when it is asked to; a context manager that ends it.

    Args:
        kind: "native", "transformers" or "llama".
        weights: What the weights become; llama.cpp takes them as they lie in the file.
    """

    def __init__(self, kind: str, weights: str = "") -> None:
        path = str(_engine.starter_model())
        # Flash attention as the program would choose it here is measured by `decode`; 1 is on.
        arguments = {"llama": ["_bare_llama", path, str(N_CTX), str(N_THREADS), "1"]}.get(
            kind, ["_bare_torch", kind, path, weights, str(N_CTX), str(N_THREADS)]
        )
        module, *rest = arguments
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}", *rest],
            env=engine_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def read(self, n: int) -> float:
        """Seconds to evaluate `n` ids."""
        return self._ask(f"read {n}")

    def decode(self, n: int, depth: int) -> float:
        """Seconds to evaluate `n` ids one by one, after `depth` others."""
        return self._ask(f"decode {n} {depth}")

    def _ask(self, command: str) -> float:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(command + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError("A peer has ended.")
        return float(answer)
