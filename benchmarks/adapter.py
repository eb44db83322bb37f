"""What an adapter beside SmolLM2 learns from 1,000 instructions, in how much memory.

What came out is exported and asked by llama.cpp.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from msgspec import structs

from benchmarks import _engine, _learning, harness
from benchmarks.harness import Result
from chatapp import paths
from chatapp.runs.recipe import Recipe, read_recipe, write_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source

LONG = True
_STEPS = 60


def measure() -> list[Result]:
    """Loss of the replies held out before and after, and the most memory the training held."""
    with tempfile.TemporaryDirectory() as place:
        folder = RunFolder(Path(place) / "run")
        write_recipe(Path(place) / "recipe.toml", _recipe())
        _chatapp("train", str(Path(place) / "recipe.toml"), "--folder", str(folder.path))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
        losses = [one.evaluation["loss"] for one in folder.metrics() if one.evaluation]
        file = Path(place) / "tuned.gguf"
        _chatapp("export", str(folder.result), str(file), "--quantize", "Q8_0")
        answer = json.loads(
            _chatapp("ask", "What is the sea?", "--model", str(file), "--json", "--seed", "1")
        )
    return [
        harness.limit(
            "adapter", f"loss of replies held out after {_STEPS} updates", losses[-1], "nats",
            reference=f"{losses[0]:.4g} nats before", at_most=losses[0],
        ),
        harness.limit("adapter", "the most memory of the training", peak, "GB", at_most=1.5),
        harness.limit(
            "adapter", "tokens of a reply by llama.cpp from the export",
            answer["usage"]["completion_tokens"], "tokens", at_least=1,
        ),
    ]  # fmt: skip


def _recipe() -> Recipe:
    recipe = read_recipe(paths.assets_dir() / "recipes" / "style.toml")
    data = _learning.data("instruct_dolly_small/dolly_hhrlhf_train_small.jsonl.gz")
    columns = {"prompt": "prompt", "response": "response"}
    source = Source(kind="table", paths=(data,), columns=columns)  # type: ignore[arg-type]
    return structs.replace(
        recipe,
        data=structs.replace(recipe.data, train=source),
        model=structs.replace(recipe.model, start=str(_engine.starter_model())),
        training=structs.replace(
            recipe.training, max_steps=_STEPS, micro_batch=1, eval_interval=_STEPS
        ),
    )


def _chatapp(*arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "-m", "chatapp", *arguments],
        env=os.environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return process.stdout


if __name__ == "__main__":
    raise SystemExit(harness.main(["adapter"]))
