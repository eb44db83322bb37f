"""What a token costs beside `llama_decode`, for `decode`: a process set up as the engine's is.

Writes one reply and prints the milliseconds a token over the first TOKENS tokens from each DEPTH
on, one line a depth, and on the last line those of drawing alone, which is one call into llama.cpp
that every program on it makes. Takes TOKENS and the DEPTHs as its arguments.
"""

import io
import sys
import time
from collections.abc import Sequence
from typing import Any, Self

import llama_cpp.llama_cpp as llama

from benchmarks import _engine
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.engine.backends.base import Backend
from chatapp.engine.backends.llama import load_llama
from chatapp.engine.generation import Generation
from chatapp.protocol import Event, Generate, Load, encode
from chatapp.text.chat_template import ChatTemplate


class Stopwatch:
    """Times what a token costs beside `llama_decode`, in a reply that does not end by itself.

    Only the tokens that are measured are evaluated: the others would take a minute.
    """

    def __init__(self, backend: Any, n_tokens: int, depths: Sequence[int]) -> None:
        self._backend = backend
        self._step = backend.step
        self._n_tokens = n_tokens
        self._depths = frozenset(depths)
        self._n = 0
        self._depth = -n_tokens  # where the stretch that is measured began
        self._started = 0.0
        self._decode_s = 0.0
        self.outside_ms: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._decode = llama.llama_decode
        llama.llama_decode = self._timed_decode
        is_end = self._backend.is_end
        self._backend.is_end = lambda id: is_end(id) and False
        self._backend.step = self._step_if_measured
        return self

    def __exit__(self, *_: object) -> None:
        llama.llama_decode = self._decode

    def _timed_decode(self, context: Any, batch: Any) -> Any:
        start = time.perf_counter()
        code = self._decode(context, batch)
        self._decode_s += time.perf_counter() - start
        return code

    def _step_if_measured(self, id: int) -> None:
        # Little stands here, for it is measured too.
        if self._n in self._depths:
            self._depth = self._n
            self._started, self._decode_s = time.perf_counter(), 0.0
        if self._n < self._depth + self._n_tokens:
            self._step(id)
        self._n += 1
        if self._n == self._depth + self._n_tokens:
            elapsed = time.perf_counter() - self._started
            self.outside_ms[self._depth] = (elapsed - self._decode_s) / self._n_tokens * 1000


def drawing_ms(backend: Backend, ids: Sequence[int], n_tokens: int) -> float:
    """Milliseconds a token for drawing it, in a bare loop after the prompt `ids`."""
    backend.start_sampling(GenerationParams(seed=1), ids)
    backend.read(ids, lambda done, total: None)
    drawing_s = 0.0
    for _ in range(n_tokens):
        start = time.perf_counter()
        id = backend.sample()
        drawing_s += time.perf_counter() - start
        backend.step(id)
    return drawing_s / n_tokens * 1000


def main() -> None:
    """Write the reply and print the figures."""
    n_tokens, *depths = map(int, sys.argv[1:])
    backend = load_llama(Load(id="", path=str(_engine.starter_model())), lambda part: None)
    template = ChatTemplate(backend.chat_template, backend.bos, backend.eos)
    params = GenerationParams(seed=1, max_new_tokens=max(depths) + n_tokens + 1)
    message = Message(role="user", content="Write a long poem about the sea.")
    request = Generate(id=new_id(), messages=(message,), params=params)
    sink = io.BytesIO()

    # First, for the stopwatch keeps the backend from evaluating what it does not measure.
    alone_ms = drawing_ms(backend, backend.tokenize(message.content, special=False), n_tokens)

    def emit(event: Event) -> None:
        sink.write(encode(event))

    with Stopwatch(backend, n_tokens, depths) as stopwatch:
        Generation(backend, template, request, emit, lambda: None).run()
    for depth in depths:
        print(stopwatch.outside_ms[depth])
    print(alone_ms)


if __name__ == "__main__":
    main()
