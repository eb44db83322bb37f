"""llama.cpp as it comes, in a process of its own: the reference of the engine's benchmarks.

Reads lines "read N" (evaluate N ids after nothing, in batches of 512), "piece N DEPTH" (N ids in
one batch after the first DEPTH) and "decode N DEPTH" (N ids one by one after the first DEPTH);
answers each with the seconds it took.
"""

import ctypes
import sys
import time
from collections.abc import Callable

import llama_cpp.llama_cpp as llama

_BATCH = 512


_quiet = llama.llama_log_callback(lambda level, text, data: None)


class BareLlama:
    """One model, one context, and nothing around `llama_decode`."""

    def __init__(self, path: str, n_ctx: int, n_threads: int, flash_attention: int) -> None:
        llama.llama_log_set(_quiet, None)
        llama.llama_backend_init()
        self._model = llama.llama_model_load_from_file(
            path.encode(), llama.llama_model_default_params()
        )
        params = llama.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = n_ctx, _BATCH, _BATCH
        params.n_threads = params.n_threads_batch = n_threads
        params.flash_attn_type = flash_attention
        self._context = llama.llama_init_from_model(self._model, params)
        self._memory = llama.llama_get_memory(self._context)
        # Any ids will do: what is evaluated does not depend on which.
        self._ids = (ctypes.c_int32 * n_ctx)(*(1000 + 7 * i % 30_000 for i in range(n_ctx)))

    def read(self, n: int) -> float:
        """Seconds to evaluate `n` ids from the beginning."""
        llama.llama_memory_clear(self._memory, False)
        start = time.perf_counter()
        for first in range(0, n, _BATCH):
            self._decode(first, min(_BATCH, n - first))
        return time.perf_counter() - start

    def piece(self, n: int, depth: int) -> float:
        """Seconds to evaluate `n` ids in one batch, after `depth` that are there already."""
        llama.llama_memory_seq_rm(self._memory, 0, depth, -1)
        start = time.perf_counter()
        self._decode(depth, n)
        return time.perf_counter() - start

    def decode(self, n: int, depth: int) -> float:
        """Seconds to evaluate `n` ids one by one, after `depth` that `read` left there."""
        llama.llama_memory_seq_rm(self._memory, 0, depth, -1)
        start = time.perf_counter()
        for position in range(depth, depth + n):
            self._decode(position, 1)
        return time.perf_counter() - start

    def _decode(self, first: int, n: int) -> None:
        pointer = ctypes.cast(
            ctypes.byref(self._ids, first * ctypes.sizeof(ctypes.c_int32)),
            ctypes.POINTER(ctypes.c_int32),
        )
        if llama.llama_decode(self._context, llama.llama_batch_get_one(pointer, n)) != 0:
            raise RuntimeError("llama_decode failed")


def main() -> None:
    """Answer commands until the input ends."""
    path, *numbers = sys.argv[1:]
    bare = BareLlama(path, *map(int, numbers))
    commands: dict[str, Callable[..., float]] = {
        "read": bare.read,
        "piece": bare.piece,
        "decode": bare.decode,
    }
    for line in sys.stdin:
        name, *arguments = line.split()
        print(commands[name](*map(int, arguments)), flush=True)


if __name__ == "__main__":
    main()
