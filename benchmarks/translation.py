"""What three networks learn of English to Spanish in 45 minutes on one core each.

Tatoeba, split by English sentence.

CHATAPP_RUNS names a folder where the runs are kept: one that ended is not trained again.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from msgspec import structs

from benchmarks import _learning, harness
from benchmarks.harness import Result
from chatapp import paths
from chatapp.runs.recipe import Architecture, Recipe, read_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.evaluating import evaluate_run
from chatapp.training.process import train

LONG = True
_MINUTES = 45  # of each, so that two can learn side by side
_THREADS = 1
_HELD_OUT = 0.02  # about 2,000 English sentences with all their translations
_RECURRENT = {"n_layer": 2, "n_embd": 256, "hidden_size": 256, "cell": "gru", "dropout": 0.1}
_NETWORKS: dict[str, tuple[Architecture, dict[str, Any]]] = {
    "RNN (GRU)": ("seq2seq", {**_RECURRENT, "has_attention": False}),
    "RNN (GRU) with attention": ("seq2seq", {**_RECURRENT, "has_attention": True}),
    "Transformer": ("transformer", {}),
}


def measure() -> list[Result]:
    """BLEU of what each writes for sentences it never saw, by greedy search."""
    kept = os.environ.get("CHATAPP_RUNS")
    with tempfile.TemporaryDirectory() as place:
        found = {name: _bleu(Path(kept or place) / name, name) for name in _NETWORKS}
    best = max(found, key=lambda name: found[name])
    return [
        harness.limit(
            "translation", f"{name}, {_MINUTES} minutes on one core", bleu, "BLEU",
            reference="WMT14: RNNsearch en-fr 26.8, Transformer en-de 27.3",
            at_least=25.0 if name == best else None,
        )
        for name, bleu in found.items()
    ]  # fmt: skip


def _bleu(path: Path, name: str) -> float:
    folder = RunFolder(path)
    if not path.exists():
        folder = RunFolder.create(path, _recipe(*_NETWORKS[name]))
    if folder.status().state != "done":
        train(folder)
    torch.set_num_threads(_THREADS)
    return evaluate_run(folder).rows[0].figures["bleu"].value


def _recipe(architecture: Architecture, sizes: dict[str, Any]) -> Recipe:
    recipe = read_recipe(paths.assets_dir() / "recipes" / "translation.toml")
    source = Source(
        kind="table", paths=(_learning.data("tatoeba_eng_spa/spa.txt.gz"),),
        columns={"source": 1, "target": 2}, has_header=False,
    )  # fmt: skip
    training = structs.replace(
        recipe.training, max_steps=10**6, max_minutes=_MINUTES, n_threads=_THREADS,
        eval_interval=2_000, n_samples=2,
    )  # fmt: skip
    return structs.replace(
        recipe,
        data=structs.replace(recipe.data, train=source, held_out=_HELD_OUT),
        model=structs.replace(
            recipe.model, architecture=architecture, sizes=sizes or recipe.model.sizes
        ),
        training=training,
    )


if __name__ == "__main__":
    raise SystemExit(harness.main(["translation"]))
