"""What rounding the weights saves in memory, and what it costs in perplexity.

The text is English that comes with Python: its own topics of help.
"""

import math
from typing import Any

from benchmarks import _engine, harness
from benchmarks.harness import Pair, Result

LONG = False
TOKENS = 4_096
_PIECE = 512


def measure() -> list[Result]:
    """Bytes of int4 against bf16, and perplexity of both integers against f32."""
    n_bytes: dict[str, int] = {}
    perplexities: dict[str, float] = {}
    for weights in ("f32", "bf16", "int8", "int4"):
        n_bytes[weights], perplexities[weights] = _measured(weights)
    ours, reference = n_bytes["int4"] / 2**20, n_bytes["bf16"] / 2**20
    size = Pair(ours, reference, ours / reference)
    return [
        harness.compare(
            "native_memory", "int4 weights against bf16, embedding included", size, "MiB",
            at_most=0.40,
        ),
        *(_perplexity(weights, perplexities) for weights in ("int8", "int4")),
    ]  # fmt: skip


def _perplexity(weights: str, perplexities: dict[str, float]) -> Result:
    ours, reference = perplexities[weights], perplexities["f32"]
    pair = Pair(ours, reference, ours / reference)
    claim = f"{weights} against f32 on {TOKENS:,} tokens of English"
    return harness.compare("native_memory", claim, pair, "perplexity", at_most=1.03)


def _measured(weights: Any) -> tuple[int, float]:
    import torch

    from chatapp.nn.quantized import quantize, weight_bytes
    from chatapp.weights.opening import open_model

    dtype = torch.bfloat16 if weights == "bf16" else torch.float32
    opened = open_model(_engine.starter_model(), dtype)
    model = opened.model
    with torch.inference_mode():
        if weights.startswith("int"):
            model = quantize(model, int(weights[3:]))
        ids = torch.tensor([opened.tokenizer.encode(_english())[: TOKENS + 1]])
        state: Any = model.new_state(1, TOKENS)  # type: ignore[operator]
        total = 0.0
        for start in range(0, TOKENS, _PIECE):
            logits = model(ids[:, start : start + _PIECE], state)[0].float()
            wanted = ids[0, start + 1 : start + 1 + _PIECE]
            total += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
        return weight_bytes(model), math.exp(total / TOKENS)


def _english() -> str:
    from pydoc_data.topics import topics

    return "\n".join(topics[name] for name in sorted(topics))[: TOKENS * 12]


if __name__ == "__main__":
    raise SystemExit(harness.main(["native_memory"]))
