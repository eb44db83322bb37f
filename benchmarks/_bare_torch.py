"""The native backend or `transformers`, in a process of its own, for the native benchmarks.

Reads lines "read N" (evaluate N ids after nothing) and "decode N DEPTH" (N ids one by one after
the first DEPTH); answers each with the seconds it took. "native" takes each id as it is given,
`transformers` writes greedily.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks import _transformers
from chatapp.engine.backends.native import NativeBackend, load_native
from chatapp.protocol import Load


def _ids(n: int) -> list[int]:
    # Any ids will do: what is evaluated does not depend on which.
    return [1000 + 7 * i % 30_000 for i in range(n)]


class Native:
    """One model of ours, without template, text or events."""

    def __init__(self, path: str, weights: Any, n_ctx: int, n_threads: int) -> None:
        request = Load(
            id="", path=path, backend="native", weights=weights, n_ctx=n_ctx,
            n_threads=n_threads, n_threads_batch=n_threads,
        )  # fmt: skip
        backend = load_native(request, lambda part: None)
        assert isinstance(backend, NativeBackend)
        self._backend = backend

    def read(self, n: int) -> float:
        """Seconds to read `n` ids from the beginning."""
        self._backend._cache._state.truncate(0)
        start = time.perf_counter()
        self._backend.read(_ids(n), lambda done, total: None)
        return time.perf_counter() - start

    def decode(self, n: int, depth: int) -> float:
        """Seconds to read `n` ids one by one, after `depth` others."""
        self._backend.read(_ids(depth), lambda done, total: None)
        start = time.perf_counter()
        for id in _ids(n):
            self._backend.step(id)
        return time.perf_counter() - start


class Transformers:
    """The same weights under `generate`."""

    def __init__(self, path: str, weights: str, n_ctx: int, n_threads: int) -> None:
        torch.set_num_threads(n_threads)
        dtype = torch.bfloat16 if weights == "bf16" else torch.float32
        self._model = _transformers.load(Path(path), dtype)

    def read(self, n: int) -> float:
        """Seconds to read `n` ids from the beginning."""
        with torch.inference_mode():
            start = time.perf_counter()
            self._model(torch.tensor([_ids(n)]), logits_to_keep=1)
            return time.perf_counter() - start

    def decode(self, n: int, depth: int) -> float:
        """Seconds from the first token of a reply to the `n`-th after it."""
        ids = torch.tensor([_ids(depth)])
        clock = _Clock()
        self._model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, min_new_tokens=n + 1,
            max_new_tokens=n + 1, eos_token_id=2, pad_token_id=2, streamer=clock,
        )  # fmt: skip
        return clock.times[-1] - clock.times[1]  # the first is the prompt's


class _Clock:
    """Takes the place of a streamer, to know when each token came."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, _: Any) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())

    def end(self) -> None:
        """Nothing is left to do."""


def main() -> None:
    """Answer commands until the input ends."""
    kind, path, weights, n_ctx, n_threads = sys.argv[1:]
    make = Native if kind == "native" else Transformers
    peer = make(path, weights, int(n_ctx), int(n_threads))
    commands: dict[str, Callable[..., float]] = {"read": peer.read, "decode": peer.decode}
    for line in sys.stdin:
        name, *arguments = line.split()
        print(commands[name](*map(int, arguments)), flush=True)


if __name__ == "__main__":
    main()
