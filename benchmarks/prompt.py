"""How fast a prompt is read, from the client's request to the first token.

The reference is a bare loop of `llama_decode` over batches of 512 that reads as many tokens. Each
prompt is a new one, so nothing of it is in the kv cache.
"""

from itertools import count

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.chat import GenerationParams, Message
from chatapp.client import EngineClient

LONG = False
PAIRS = {512: 7, 4_000: 3}
_FRAME = 40  # tokens of the template around the text


def measure() -> list[Result]:
    """Tokens a second at both lengths."""
    with _engine.engine() as client:
        assert client.loaded is not None
        with _engine.Bare(client.loaded) as bare:
            return [_compare(client, bare, n, pairs) for n, pairs in PAIRS.items()]


def _compare(client: EngineClient, bare: _engine.Bare, n: int, pairs: int) -> Result:
    seeds = count(n)
    n_tokens = _read(client, n, next(seeds))[0]
    bare.read(n_tokens)

    def ours() -> float:
        n_read, seconds = _read(client, n, next(seeds))
        return n_read / seconds

    def reference() -> float:
        return n_tokens / bare.read(n_tokens)

    pair = harness.alternate(ours, reference, pairs)
    return harness.compare(
        "prompt", f"reading a prompt of {n:,} tokens", pair, "tokens/s", at_least=0.95
    )


def _read(client: EngineClient, n: int, seed: int) -> tuple[int, float]:
    messages = [Message(role="user", content=_engine.prose(n - _FRAME, seed))]
    answer = _engine.timed(client, messages, GenerationParams(max_new_tokens=1))
    usage = answer.reply.usage
    return usage.prompt_tokens - usage.cached_tokens, answer.first_s


if __name__ == "__main__":
    raise SystemExit(harness.main(["prompt"]))
