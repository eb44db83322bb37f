"""Runs as training leaves them on the disk, and the Lab to look at them."""

import math
import os
import time
from pathlib import Path

import msgspec
import psutil
from msgspec import structs
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program
from chatapp.gui.lab.lab_page import LabPage
from chatapp.runs.recipe import Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.run_folder import METRICS, STATUS, Metric, RunFolder, Sample, Status
from chatapp.runs.source import Source

PATIENCE_MS = 30_000
RECIPE = Recipe(
    name="Write like Shakespeare",
    data=Data(
        train=Source(kind="text", paths=("/home/anna/texts/shakespeare.txt",)),
        licence="public domain",
    ),
    tokenizer=Vocabulary(kind="characters"),
    model=Model(sizes={"block_size": 64, "n_layer": 4, "n_head": 4, "n_embd": 128}),
    training=Training(max_steps=2_000),
)
SORTING = structs.replace(
    RECIPE,
    name="Spam or not",
    data=Data(train=Source(kind="table", paths=("/home/anna/texts/sms.tsv",))),
    objective=Objective(kind="classification"),
)


def write_run(
    name: str, status: Status, recipe: Recipe = RECIPE, *, has_result: bool = False
) -> RunFolder:
    """A run as far as its status says, in the folder where runs lie."""
    folder = RunFolder.create(paths.runs_dir() / name, recipe)
    write_status(folder, status)
    metrics = (metric for step in range(0, status.step + 1, 10) for metric in at_step(step))
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in metrics)
    (folder.path / METRICS).write_bytes(lines)
    for step in range(0, status.step + 1, 250):
        folder.add_sample(Sample(step=step, prompt="KING:\nWhat", text=written(step)))
    if has_result:
        folder.result.mkdir()
        (folder.result / "config.json").write_text("{}")
    return folder


def write_status(folder: RunFolder, status: Status) -> None:
    """As a process that is no more has written it; one with its own pid is left as it is."""
    pid = status.pid or (0 if status.state in ("preparing", "running") else 999_999_999)
    late = structs.replace(status, pid=pid, pid_time=status.pid_time or 1.0)
    (folder.path / STATUS).write_bytes(msgspec.json.encode(late))


def at_step(step: int) -> list[Metric]:
    """What is measured at a step: the loss falls, with noise."""
    noise = 0.05 * math.sin(step * 12.9898)
    loss = 1.3 + 2.9 * math.exp(-step / 300)
    metrics = []
    if step:
        metrics.append(
            Metric(
                step=step,
                seconds=step / 25,
                loss=loss + noise,
                learning_rate=1e-3 * min(1, step / 100) * (1.02 - step / 2_000),
                grad_norm=0.4 + 1.5 * math.exp(-step / 200) + noise,
                tokens_per_second=31_400 + 9_000 * noise,
            )
        )
    if step % 250 == 0:
        held_out = loss + 0.08
        figures = {
            "loss": held_out,
            "perplexity": math.exp(held_out),
            "bits_per_character": held_out / math.log(2),
        }
        metrics.append(Metric(step=step, seconds=step / 25, evaluation=figures))
    return metrics


def written(step: int) -> str:
    """What the model wrote after so many steps."""
    if step < 500:
        return "hou ther an lithe sor me nd to winge"
    return (
        f" say you, lords, the night is come,\nAnd with it {step} drums upon the hill?\n\n"
        "QUEEN:\nMy liege, the people wait without the gate."
    )


def working(step: int = 1_240) -> Status:
    """Of a run that a process is at work on: this one here."""
    me = psutil.Process(os.getpid())
    return Status(
        state="running",
        step=step,
        max_steps=2_000,
        seconds=step / 25,
        seconds_left=26,
        pid=me.pid,
        pid_time=me.create_time(),
    )


def done() -> Status:
    """Of a run that went to its end."""
    return Status(state="done", step=2_000, max_steps=2_000, seconds=81)


def open_lab(program: Program, qtbot: QtBot) -> LabPage:
    """Go to the Lab, and wait until the disk was looked at."""
    program.window.show_lab()
    (page,) = program.window.findChildren(LabPage)
    qtbot.waitUntil(lambda: page.watcher.has_looked, timeout=PATIENCE_MS)
    return page


def age(folder: RunFolder, seconds: float) -> None:
    """Make a run older."""
    then = time.time() - seconds
    os.utime(Path(folder.path) / "config.toml", (then, then))
