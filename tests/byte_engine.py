"""The real engine process around a model of bytes: `python tests/byte_engine.py`.

What the model does is in its file's name, so that a test needs no model file. The environment
variable STORY gives it another reply than its own.
"""

import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from chatapp.chat import GenerationParams
from chatapp.engine import __main__ as engine
from chatapp.engine.backends.base import Backend, BackendInfo, Cancelled, pieces
from chatapp.errors import EngineError, ModelFileError, say
from chatapp.protocol import Load, TokenLogprob

STORY = os.environ.get("STORY", "Once upon a time.").encode()
END = 256


def command() -> list[str]:
    """The command that starts this engine."""
    return [sys.executable, __file__]


class ByteBackend:
    """A model whose tokens are bytes and whose every reply is the same.

    Called endless, its replies do not end; called deep, it reads a prompt until it is cancelled;
    called clumsy, it fails at its first token. In a text it expects all tokens alike; called tells
    or begins, it expects the number of tokens it has read. Called begins, it has a BOS.
    """

    chat_template = ""
    eos = ""

    def __init__(self, name: str, n_ctx: int) -> None:
        self._name = name
        self.adds_bos = name == "begins"
        self.bos = "^" if self.adds_bos else ""
        self._stop = threading.Event()
        self._next = 0
        self.info = BackendInfo(
            name=name,
            architecture="bytes",
            backend="bytes",
            build="0",
            device="CPU",
            n_ctx=n_ctx,
            n_ctx_train=n_ctx,
            n_vocab=257,
            n_threads=1,
            n_gpu_layers=0,
            flash_attention=False,
            memory_bytes=1,
        )

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        return list(text.encode())

    def piece(self, id: int) -> bytes:
        return bytes([id]) if id != END else b""

    def is_end(self, id: int) -> bool:
        return id == END

    def read(self, ids: Sequence[int], on_progress: Callable[[int, int], None]) -> int:
        for done in range(len(ids)):
            on_progress(done, len(ids))
        if self._name == "deep":
            self._stop.wait()
        self._check()
        on_progress(len(ids), len(ids))
        return 0

    def start_sampling(self, params: GenerationParams, ids: Sequence[int]) -> int:
        self._next = 0
        return params.seed or 7

    def sample(self) -> int:
        if self._name == "clumsy":
            raise ValueError("Tell me a secret.")
        position, self._next = self._next, self._next + 1
        if position == len(STORY) and self._name != "endless":
            return END
        return STORY[position % len(STORY)]

    def step(self, id: int) -> None:
        self._stop.wait(0.001)
        self._check()

    def logprob(self, id: int, n: int) -> TokenLogprob:
        return TokenLogprob(id=id, text=chr(id), logprob=0.0)

    def logits(self, ids: Sequence[int], first: int) -> Generator[NDArray[np.float32], None, None]:
        for start, end in pieces(len(ids), first, 100, 100):
            self._check()
            rows = np.zeros((end - start if start >= first else 0, 257), np.float32)
            if self._name in ("tells", "begins"):
                rows[range(len(rows)), range(start + 1, start + 1 + len(rows))] = 9.0
            yield rows

    def cancel(self) -> None:
        self._stop.set()

    def clear_cancel(self) -> None:
        self._stop.clear()

    def close(self) -> None:
        print(f"{self._name} closed", file=sys.stderr, flush=True)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled


def load(request: Load, on_progress: Callable[[float], None]) -> Backend:
    """Open the model of that name, or fail in the way it stands for."""
    os.write(1, b"C code prints where it likes\n")
    for percent in range(100):
        on_progress(percent / 100)
    match request.path:
        case "missing":
            raise ModelFileError("file_missing", say("The file missing is not there."))
        case "large":
            raise EngineError("not_enough_memory", say("Needs 8, has 4."), needs=8, limit=4)
        case "huge":
            raise MemoryError
        case "faulty":
            raise ValueError("Tell me a secret.")
    while request.path == "slow":
        on_progress(0.99)
    return ByteBackend(request.path, request.n_ctx or 4096)


if __name__ == "__main__":
    engine._load = load
    engine.main()
