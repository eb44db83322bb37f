"""Measure what a run will take: prepare it elsewhere and make a few updates."""

import tempfile
import time
from pathlib import Path

import torch

from chatapp.runs.estimate import Estimate
from chatapp.runs.recipe import Recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.training.memory import most_held
from chatapp.training.preparing import prepare
from chatapp.training.trainer import Trainer
from chatapp.training.workers import device

_WARM, _MEASURED = 2, 4  # updates


def estimate(recipe: Recipe) -> Estimate:
    """Find out how long a recipe takes and how much memory; leaves nothing behind.

    Raises:
        ChatAppError: If the recipe, its data or its model cannot be used.
    """
    options = recipe.training
    if options.n_threads:
        torch.set_num_threads(options.n_threads)
    with tempfile.TemporaryDirectory() as place:
        folder = RunFolder.create(Path(place) / "run", recipe)
        prepared = prepare(recipe, folder)
        network = prepared.network.to(device())
        trainer = Trainer(network, prepared.objective, options, folder)
        trainer.update_only(_WARM)
        start = time.perf_counter()
        trainer.update_only(_MEASURED)
        seconds_per_step = (time.perf_counter() - start) / _MEASURED
    sizes = [(one.numel(), one.requires_grad) for one in network.parameters()]
    seconds = seconds_per_step * options.max_steps
    if options.max_minutes:
        seconds = min(seconds, 60 * options.max_minutes)
    return Estimate(
        n_parameters=sum(size for size, _ in sizes),
        n_learning=sum(size for size, learns in sizes if learns),
        n_train=prepared.objective.n_train,
        n_validation=prepared.objective.n_validation,
        seconds_per_step=seconds_per_step,
        seconds=seconds,
        memory_bytes=most_held(),
    )
