"""`chatapp train`: train the model of a recipe."""

import argparse
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chatapp import edition, paths
from chatapp.commands.progress import progress
from chatapp.commands.terminal import ENGINE_ERROR, complain, dump
from chatapp.errors import ChatAppError, TrainingError, say

if TYPE_CHECKING:
    from chatapp.runs.recipe import Recipe
    from chatapp.runs.run_folder import RunFolder


def run(options: argparse.Namespace) -> int:
    """Train, and say how far it has come; the code to end with.

    Ctrl+C pauses the run: `--resume` goes on where it was.
    """
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    from chatapp.runs.run_folder import RunFolder
    from chatapp.training import workers
    from chatapp.training.process import train

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        workers.join()  # what torchrun started is one run
        if options.fsdp and workers.n_workers() == 1:
            raise TrainingError(
                say("--fsdp divides a model among several processes: start them with torchrun.")
            )
        is_first = workers.is_first()
        path = workers.told(_folder(options) if is_first else None)
        folder = RunFolder(Path(path or ""))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: folder.ask("pause"))
        status = train(folder, progress(options.json), is_divided=options.fsdp)
    except ChatAppError as error:
        complain(str(error))
        return ENGINE_ERROR
    if not is_first:
        return 0
    if options.json:
        dump({"folder": str(folder.path), "status": status})
    else:
        print(f"\n{status.state.capitalize()} after {status.step:,} steps: {folder.path}")
    return 0


def _folder(options: argparse.Namespace) -> str:
    """The folder of the run to begin, or to go on with.

    Raises:
        TrainingError: If it cannot be made, or there is none.
    """
    from chatapp.runs.recipe import read_recipe
    from chatapp.runs.run_folder import RunFolder, free_name

    recipe = read_recipe(Path(options.recipe))
    if options.resume:
        return str(_resumed(options, recipe).path)
    name = recipe.name or Path(options.recipe).stem
    path = Path(options.folder) if options.folder else free_name(paths.runs_dir(), name)
    return str(RunFolder.create(path, recipe).path)


def _resumed(options: argparse.Namespace, recipe: "Recipe") -> "RunFolder":
    """The run that a recipe goes on with; how it learns may have been changed since.

    Raises:
        TrainingError: If there is none.
    """
    from chatapp.runs.run_folder import RunFolder, runs_in

    if options.folder:
        named = RunFolder(Path(options.folder))
        named.change_training(recipe)
        return named
    for run in runs_in(paths.runs_dir()):
        with suppress(TrainingError):  # it was made of another recipe, or was damaged
            if run.status().state != "done":
                run.change_training(recipe)
                return run
    raise TrainingError(say("There is no run of {file} to go on with.", file=options.recipe))
