"""How fast a reply is written, from first delta to last, with all that the program adds.

The reference is a bare loop of `llama_decode` at the same depth of the same context. A reply that
has 100 or 4,000 tokens already is made by giving them as its beginning; that nothing grows with the
tokens a reply has drawn itself is held by the time outside `llama_decode`, measured within one
reply of 4,128 tokens.
"""

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Self

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.paths import engine_environment
from chatapp.protocol import Generate, encode

LONG = False
PAIRS = 9
TOKENS = 128
DEPTHS = {100: 0.96, 4_000: 0.98}  # tokens the reply has already; at least this part of the speed
_OUTSIDE_MS = 0.15
_OUTSIDE_RUNS = 7
_PAINTED = 0.90
_SEEDS = 20


def measure() -> list[Result]:
    """The speed at both depths, the same while the window paints, and the time outside decode."""
    results: list[Result] = []
    with _engine.engine() as client:
        assert client.loaded is not None
        with _engine.Bare(client.loaded) as bare:
            for depth, at_least in DEPTHS.items():
                results.append(_against_bare(client, bare, depth, at_least))
            request, n_tokens = _lasting_request(client, min(DEPTHS))
            results.append(_painted(bare, request, n_tokens))
    return [*results, *_outside()]


def _against_bare(client: EngineClient, bare: _engine.Bare, depth: int, at_least: float) -> Result:
    request, n_tokens = _lasting_request(client, depth)
    bare.read(n_tokens)

    def ours() -> float:
        answer = _engine.timed(client, request.messages, request.params, request.prefill)
        return (TOKENS - 1) / (answer.end_s - answer.first_s)

    pair = harness.alternate(ours, lambda: _bare_speed(bare, n_tokens), PAIRS)
    return harness.compare(
        "decode", f"the client, at reply token {depth:,}", pair, "tokens/s", at_least=at_least
    )


def _bare_speed(bare: _engine.Bare, n_tokens: int) -> float:
    # The first token of a reply belongs to the prompt: its logits are there already.
    return (TOKENS - 1) / bare.decode(TOKENS - 1, n_tokens)


def _lasting_request(client: EngineClient, depth: int) -> tuple[Generate, int]:
    """A request whose reply goes on for all the tokens, and the length of its prompt."""
    messages = (Message(role="user", content="Write a long poem about the sea."),)
    prefill = _engine.prose(depth, seed=depth)
    for seed in range(_SEEDS):
        params = GenerationParams(seed=seed, max_new_tokens=TOKENS)
        reply = _engine.timed(client, messages, params, prefill).reply
        if reply.finish_reason == "length":
            request = Generate(id=new_id(), messages=messages, params=params, prefill=prefill)
            return request, reply.usage.prompt_tokens
    raise RuntimeError("No reply was long enough.")


def _painted(bare: _engine.Bare, request: Generate, n_tokens: int) -> Result:
    with harness.virtual_screen() as screen, _Page(screen, request) as page:
        bare.read(n_tokens)
        pair = harness.alternate(page.speed, lambda: _bare_speed(bare, n_tokens), PAIRS)
    return harness.compare(
        "decode", "the same while the window paints it", pair, "tokens/s", at_least=_PAINTED
    )


class _Page:
    """The Chat page in a process of its own, with an engine of its own."""

    def __init__(self, screen: dict[str, str], request: Generate) -> None:
        script = Path(__file__).with_name("_painted_decode.py")
        command = [sys.executable, str(script), str(_engine.starter_model()), str(_engine.N_CTX)]
        self._process = subprocess.Popen(
            command, env=screen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._ask(encode(request).decode()) != "loaded":
            raise RuntimeError("The page has no model.")
        self.speed()  # reads the prompt

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def speed(self) -> float:
        """Tokens a second of one reply."""
        return (TOKENS - 1) / float(self._ask("again\n"))

    def _ask(self, line: str) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(line)
        stdin.flush()
        return stdout.readline().strip()


def _outside() -> list[Result]:
    """Milliseconds a token that are not spent in `llama_decode`, early and late in one reply."""
    command = [sys.executable, "-m", "benchmarks._outside_decode", str(TOKENS), *map(str, DEPTHS)]
    with _engine.home():
        runs = [
            subprocess.check_output(command, env=engine_environment(), text=True).split()
            for _ in range(_OUTSIDE_RUNS)
        ]
    *outside_ms, drawing_ms = (
        statistics.median(map(float, figures)) for figures in zip(*runs, strict=True)
    )
    return [
        harness.limit(
            "decode",
            f"outside llama_decode, at reply token {depth:,}",
            milliseconds,
            "ms/token",
            reference=f"{drawing_ms:.3g} ms for drawing it alone",
            at_most=_OUTSIDE_MS,
        )
        for depth, milliseconds in zip(DEPTHS, outside_ms, strict=True)
    ]


if __name__ == "__main__":
    raise SystemExit(harness.main(["decode"]))
