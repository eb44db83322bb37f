"""How fast the native engine writes, beside llama.cpp and `transformers` on the same weights."""

from benchmarks import harness
from benchmarks._native import Peer
from benchmarks.harness import Pair, Result

LONG = False
PAIRS = 5
TOKENS = 64
DEPTH = 64
DEEP = 4_000


def measure() -> list[Result]:
    """Tokens a second, and how much more a token costs deep in a conversation."""
    with Peer("native", "int8") as int8, Peer("native", "int4") as int4, Peer("llama") as llama:
        name, best = max(
            (("int8", int8), ("int4", int4)), key=lambda one: _speed(one[1], DEPTH, warm=True)
        )
        results = [
            _compare(f"{name} against llama.cpp on the Q4_1 file", best, llama, 0.8),
            _growth(name, best, llama),
        ]
        with Peer("transformers", "bf16") as theirs:
            results.append(_compare(f"{name} against transformers in bf16", best, theirs, 3.0))
    with Peer("native", "f32") as ours, Peer("transformers", "f32") as theirs:
        results.append(_compare("f32 against transformers in f32", ours, theirs, 1.1))
    return results


def _speed(peer: Peer, depth: int, *, warm: bool = False) -> float:
    if warm:
        peer.read(depth)
        peer.decode(TOKENS, depth)
    return TOKENS / peer.decode(TOKENS, depth)


def _compare(claim: str, ours: Peer, theirs: Peer, at_least: float) -> Result:
    _speed(ours, DEPTH, warm=True)
    _speed(theirs, DEPTH, warm=True)
    pair = harness.alternate(lambda: _speed(ours, DEPTH), lambda: _speed(theirs, DEPTH), PAIRS)
    return harness.compare("native_decode", claim, pair, "tokens/s", at_least=at_least)


def _growth(name: str, ours: Peer, llama: Peer) -> Result:
    def growth(peer: Peer) -> float:
        peer.read(DEEP)
        deep = min(peer.decode(TOKENS, DEEP) for _ in range(2))
        peer.read(DEPTH)
        return (deep - min(peer.decode(TOKENS, DEPTH) for _ in range(2))) / TOKENS * 1e3

    pair: Pair = harness.alternate(lambda: growth(ours), lambda: growth(llama), 3)
    claim = f"{name}: growth of a token's cost from position {DEPTH} to {DEEP:,}"
    return harness.compare("native_decode", claim, pair, "ms", at_most=1.0)


if __name__ == "__main__":
    raise SystemExit(harness.main(["native_decode"]))
