"""`chatapp train`: train the model of a recipe."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chatapp import edition, paths
from chatapp.commands.terminal import ENGINE_ERROR, complain, dump
from chatapp.errors import ChatAppError, TrainingError, say

if TYPE_CHECKING:
    from chatapp.runs.run_folder import Metric


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
        show = _show_json if options.json else _show
        status = train(folder, _while_read(show), is_divided=options.fsdp)
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
    from chatapp.runs.run_folder import RunFolder, free_name, runs_in

    recipe = read_recipe(Path(options.recipe))
    name = recipe.name or Path(options.recipe).stem
    if not options.resume:
        path = Path(options.folder) if options.folder else free_name(paths.runs_dir(), name)
        return str(RunFolder.create(path, recipe).path)
    if options.folder:
        return str(options.folder)
    for one in runs_in(paths.runs_dir()):
        if one.recipe() == recipe and one.status().state != "done":
            return str(one.path)
    raise TrainingError(say("There is no run of {file} to go on with.", file=options.recipe))


def _while_read(show: "Callable[[Metric, float], None]") -> "Callable[[Metric, float], None]":
    """Show for as long as somebody reads: a run does not end with the pipe it is read from."""

    def show_if_read(metric: "Metric", seconds_left: float) -> None:
        try:
            show(metric, seconds_left)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return show_if_read


def _show(metric: "Metric", seconds_left: float) -> None:
    """One line on the terminal that is written over; one that stays for an evaluation."""
    start = f"\r\033[Kstep {metric.step:,}  "
    if metric.evaluation:
        figures = "  ".join(f"{name} {value:.4g}" for name, value in metric.evaluation.items())
        print(f"{start}held out: {figures}", flush=True)
        return
    print(
        f"{start}loss {metric.loss:.4f}  {metric.tokens_per_second:,.0f} tokens/s  "
        f"{seconds_left / 60:.1f} minutes left",
        end="",
        flush=True,
    )


def _show_json(metric: "Metric", _seconds_left: float) -> None:
    dump(metric)
