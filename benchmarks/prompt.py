"""How fast a prompt is read, from the request to the first token.

The reference is a bare loop of `llama_decode` over batches of 512 that reads as many tokens. Each
prompt is a new one, so nothing of it is in the kv cache. A long prompt takes half a minute, within
which the speed of a shared machine changes more than what is to be seen: there the two take turns
piece by piece, the engine's own code running in this process.
"""

import statistics
import time
from itertools import count
from typing import Any

from benchmarks import _engine, harness
from benchmarks.harness import Pair, Result
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.protocol import Event, Generate, Load, Progress

LONG = True
SHORT, DEEP = 512, 4_000
PAIRS, DEEP_PAIRS = 9, 5
_PIECE = 512
_FRAME = 40  # tokens of the template around the text
_AT_LEAST = 0.95


def measure() -> list[Result]:
    """Tokens a second at both lengths."""
    with _engine.engine() as client:
        assert client.loaded is not None
        with _engine.Bare(client.loaded) as bare:
            return [_through_the_client(client, bare), _in_turns(bare)]


def _through_the_client(client: EngineClient, bare: _engine.Bare) -> Result:
    seeds = count(SHORT)
    n_tokens = _read(client, next(seeds))[0]
    bare.read(n_tokens)

    def ours() -> float:
        n_read, seconds = _read(client, next(seeds))
        return n_read / seconds

    def reference() -> float:
        return n_tokens / bare.read(n_tokens)

    return _result(SHORT, harness.alternate(ours, reference, PAIRS))


def _read(client: EngineClient, seed: int) -> tuple[int, float]:
    answer = _engine.timed(client, [_message(SHORT, seed)], GenerationParams(max_new_tokens=1))
    usage = answer.reply.usage
    return usage.prompt_tokens - usage.cached_tokens, answer.first_s


def _in_turns(bare: _engine.Bare) -> Result:
    from chatapp.engine.backends.llama import load_llama
    from chatapp.text.chat_template import ChatTemplate

    load = Load(id="", path=str(_engine.starter_model()), n_ctx=_engine.N_CTX)
    backend = load_llama(load, lambda part: None)
    template = ChatTemplate(backend.chat_template, backend.bos, backend.eos)
    speeds = [_Turns(bare).speeds(backend, template, seed) for seed in range(DEEP_PAIRS)]
    backend.close()
    return _result(
        DEEP,
        Pair(
            statistics.median(ours for ours, _ in speeds),
            statistics.median(reference for _, reference in speeds),
            statistics.median(ours / reference for ours, reference in speeds),
        ),
    )


class _Turns:
    """One prompt, read by the engine's code and by the bare loop, a piece each in turn."""

    def __init__(self, bare: _engine.Bare) -> None:
        self._bare = bare
        self._bare_s = self._ours_s = 0.0
        self._n_read = 0

    def speeds(self, backend: Any, template: Any, seed: int) -> tuple[float, float]:
        """Tokens a second of both."""
        from chatapp.engine.generation import Generation

        messages = (_message(DEEP, seed),)
        params = GenerationParams(max_new_tokens=1)
        request = Generate(id=new_id(), messages=messages, params=params)
        self._started = time.perf_counter()
        Generation(backend, template, request, self._on_event, lambda: None).run()
        self._ours_s += time.perf_counter() - self._started
        return self._n_read / self._ours_s, self._n_read / self._bare_s

    def _on_event(self, event: Event) -> None:
        self._ours_s += time.perf_counter() - self._started
        if isinstance(event, Progress) and event.done < event.total:
            self._take_turn(int(event.done), int(min(_PIECE, event.total - event.done)))
        self._started = time.perf_counter()

    def _take_turn(self, depth: int, n: int) -> None:
        if not self._n_read:
            self._bare.read(depth)
        self._bare_s += self._bare.piece(n, depth)
        self._n_read += n


def _message(n: int, seed: int) -> Message:
    return Message(role="user", content=_engine.prose(n - _FRAME, seed))


def _result(n: int, pair: Pair) -> Result:
    claim = f"reading a prompt of {n:,} tokens"
    return harness.compare("prompt", claim, pair, "tokens/s", at_least=_AT_LEAST)


if __name__ == "__main__":
    raise SystemExit(harness.main(["prompt"]))
