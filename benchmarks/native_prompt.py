"""How fast the native engine reads a prompt in bfloat16, beside llama.cpp on the same file."""

from benchmarks import harness
from benchmarks._native import Peer
from benchmarks.harness import Result

LONG = False
PAIRS = 5
LENGTHS = (512, 2_048)
_AT_LEAST = 2.2


def measure() -> list[Result]:
    """Tokens a second at both lengths."""
    with Peer("native", "bf16") as ours, Peer("llama") as llama:
        return [_against(ours, llama, n) for n in LENGTHS]


def _against(ours: Peer, llama: Peer, n: int) -> Result:
    ours.read(n)  # the first one pays for the memory it touches
    llama.read(n)
    pair = harness.alternate(lambda: n / ours.read(n), lambda: n / llama.read(n), PAIRS)
    claim = f"bf16 against llama.cpp, a prompt of {n:,} tokens"
    return harness.compare("native_prompt", claim, pair, "tokens/s", at_least=_AT_LEAST)


if __name__ == "__main__":
    raise SystemExit(harness.main(["native_prompt"]))
