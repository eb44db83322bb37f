"""Runs that are trained one after the other and put beside each other."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from chatapp.errors import Sentence, TrainingError, say
from chatapp.runs.comparison import Claim
from chatapp.runs.plot import Curve, Plot
from chatapp.runs.recipe import Recipe
from chatapp.runs.report import Report, Row
from chatapp.runs.run_folder import Metric, RunFolder
from chatapp.runs.source import Source
from chatapp.training.evaluating import evaluate_run
from chatapp.training.process import train
from chatapp.training.trainer import OnMetric, ignore
from chatapp.weights.opening import open_model

Tell = Callable[[Sentence], None]  # says what is being done


def source_of(claim: Claim) -> Source:
    """What the networks of a claim learn from.

    Raises:
        TrainingError: If nothing was named.
    """
    if claim.source is None:
        raise TrainingError(say("This is measured on data of yours: name the files."))
    return claim.source


def names_of(source: Source) -> tuple[str, ...]:
    """Its files, without the folders of the computer."""
    return tuple(Path(path).name for path in source.paths)


class Trained(NamedTuple):
    """A run that went to its end.

    Attributes:
        report: How good its model is, and what it is compared with.
        evaluations: What was measured while it learned.
        n_weights: Of its model.
        n_steps: Updates it made.
        minutes: It took.
    """

    report: Report
    evaluations: tuple[Metric, ...]
    n_weights: int
    n_steps: int
    minutes: float


def train_run(folder: RunFolder, on_metric: OnMetric = ignore) -> Trained:
    """Train a run and measure its model; `on_metric` hears how far it has come.

    Raises:
        ChatAppError: If it cannot be trained.
    """
    status = train(folder, on_metric)
    return Trained(
        evaluate_run(folder),
        tuple(one for one in folder.metrics() if one.evaluation),
        n_weights(open_model(folder.result, torch.float32).model),
        status.step,
        status.seconds / 60,
    )


def train_recipe(recipe: Recipe, name: Sentence | str, place: Path, tell: Tell) -> Trained:
    """The same of a recipe, in a folder of its own name; `tell` hears of it by `name`.

    Raises:
        ChatAppError: If it cannot be trained.
    """
    tell(say("{name} is learning.", name=name))
    return train_run(RunFolder.create(place / recipe.name, recipe))


def n_weights(network: nn.Module) -> int:
    """How many numbers a network has learned, or has to learn."""
    return sum(one.numel() for one in network.parameters())


def table(runs: Mapping[str, Trained]) -> Report:
    """A row for each run by its name, then what the last of them is compared with."""
    *_, last = runs.values()
    rows = [Row(name, run.report.rows[0].figures) for name, run in runs.items()]
    others = [row for row in last.report.rows[1:] if row.name not in runs]
    return Report(n=last.report.n, rows=(*rows, *others))


def loss_over_time(runs: Mapping[str, Trained]) -> Plot:
    """How the loss of what is held out fell, minute by minute."""
    return Plot(
        title=say("How the loss of what is held out fell"),
        x_label=say("minutes of training"),
        y_label=say("loss (nats)"),
        curves=tuple(
            Curve(
                name,
                tuple(one.seconds / 60 for one in run.evaluations),
                tuple(one.evaluation["loss"] for one in run.evaluations),
            )
            for name, run in runs.items()
        ),
    )


def effort(name: Sentence | str, run: Trained) -> Sentence:
    """What a run took."""
    return say(
        "{name}: {weights:,} weights, {steps:,} updates in {minutes:.1f} minutes.",
        name=name,
        weights=run.n_weights,
        steps=run.n_steps,
        minutes=run.minutes,
    )
