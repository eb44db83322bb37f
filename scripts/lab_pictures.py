"""The states of the Lab for the pictures: runs are written to the disk, and a small one is trained.

What they learn from is made up here.
"""

import math
import os
import random
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QScrollArea, QTableWidget, QWidget

from chatapp import paths
from chatapp.errors import say
from chatapp.gui.lab.lab_page import LabPage
from chatapp.gui.lab.new_run_cards import RecipeButton
from chatapp.runs.recipe import Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.run_folder import CONFIG, STATUS, Metric, RunFolder, Sample, Status
from chatapp.runs.source import Source

if TYPE_CHECKING:
    from screenshots import Stage

DAY = 86_400
N_STEPS = 2_000
WRITING = Recipe(
    name="Write like Shakespeare",
    data=Data(train=Source(kind="text", paths=("shakespeare.txt",)), licence="public domain"),
    tokenizer=Vocabulary(kind="characters"),
    model=Model(sizes={"block_size": 64, "n_layer": 4, "n_head": 4, "n_embd": 128}),
    training=Training(max_steps=N_STEPS),
)
SAMPLES = (  # after every 250 steps
    "\no ,tehs aoin  lrhe t\nsdoeur,h a  yem nit",
    " the lor as the sall my the\nAnd wit hat the seare,",
    " shall the stand me to the king,\nAnd so the word of my heart.",
    " is the night, my lord? The bell\nHath told the hour and all the house is still.",
    " say you, lords? The night is come,\nAnd with it drums upon the hill.\n\nQUEEN:\n"
    "My liege, the people wait without the gate.",
)
WORDS = {
    "cooking": ("the oven", "fresh basil", "a pinch of salt", "the soup", "warm bread"),
    "science": ("the telescope", "a new comet", "the experiment", "the microscope", "the theory"),
    "sports": ("the striker", "the final", "her record", "the coach", "extra time"),
    "travel": ("the harbour", "a night train", "the old town", "the island", "the ferry"),
}
SENTENCES = (
    "everyone talked about {} for an hour",
    "{} was better than we had hoped",
    "they waited for {} until the evening",
    "nobody expected much of {} this year",
    "we will never forget {}",
)
VAGUE = ("that", "all of it", "the whole thing", "what came next", "the best part")
TYPED = "We took a night train and saw the harbour at dawn."


def empty(stage: "Stage") -> None:
    """Nothing was taught yet."""
    _lab(stage)


def recipes(stage: "Stage") -> None:
    """What can be taught."""
    _write_past()
    _press(_lab(stage), "New run")


def new_run(stage: "Stage") -> None:
    """A recipe with its data, and what it takes."""
    _write_past()
    lab = _lab(stage)
    _press(lab, "New run")
    cards = lab.findChildren(RecipeButton)
    next(one for one in cards if one.accessibleName() == "Sort by topic").click()
    lab.new_run.data.take([str(_write_texts())])
    start = lab.findChild(QPushButton, "startRun")
    assert start is not None
    stage.wait_for(start.isEnabled)


def estimate(stage: "Stage") -> None:
    """How a new run learns, and what it takes."""
    new_run(stage)
    lab = _lab(stage)
    _scroll(lab.new_run, lab.height())


def learning(stage: "Stage") -> None:
    """A run at work: in the name of this process, which is alive."""
    _write_past()
    step = 1_240
    status = Status(
        state="running", step=step, max_steps=N_STEPS, seconds=step / 25, seconds_left=30
    )
    _write_run("learning", status).write_status(status)
    _lab(stage)
    stage.settle()


def failed(stage: "Stage") -> None:
    """A run that cannot go on as it is, and has a checkpoint."""
    _write_past()
    message = say(
        "The loss is no number any more at step {step:,}. The last checkpoint is from before. Try "
        "a lower learning rate, more warm-up steps, or a tighter limit on the gradient "
        "(grad_clip).",
        step=760,
    )
    status = Status(state="failed", step=760, max_steps=N_STEPS, seconds=31, message=message)
    _write_run("failed", status).last.touch()
    _lab(stage)
    stage.settle()


def result(stage: "Stage") -> None:
    """A run that is done, and how good its model is."""
    lab = _taught(stage)
    _press(lab, "Evaluate")
    tables = lab.run_page.findChildren(QTableWidget)
    stage.wait_for(lambda: any(one.isVisible() for one in tables))
    stage.settle()
    card = lab.run_page.findChild(QWidget, "runEvaluation")
    assert card is not None
    _scroll(lab.run_page, card.y() - 24)


def try_it(stage: "Stage") -> None:
    """A text that the model has sorted."""
    lab = _taught(stage)
    stage.wait_for(lambda: lab.findChild(QPlainTextEdit, "tryItText") is not None)
    text, bars = lab.findChild(QPlainTextEdit, "tryItText"), lab.findChild(QWidget, "tryItLabels")
    assert text is not None
    assert bars is not None
    text.setPlainText(TYPED)
    stage.wait_for(lambda: "travel" in bars.accessibleName())


def claims(stage: "Stage") -> None:
    """What textbooks say, to choose from."""
    _write_past()
    _press(_lab(stage), "What textbooks say")


def claim(stage: "Stage") -> None:
    """One of them, measured."""
    claims(stage)
    lab = stage.program.window.findChild(LabPage)
    assert lab is not None
    cards = lab.claims.findChildren(RecipeButton)
    next(one for one in cards if one.accessibleName().startswith("What is far behind")).click()
    _press(lab, "Measure")
    stage.wait_for(lambda: lab.claims.findChild(QWidget, "claimPlot") is not None)
    stage.settle()


def _lab(stage: "Stage") -> LabPage:
    stage.program.window.show_lab()
    lab = stage.program.window.findChild(LabPage)
    assert lab is not None
    stage.wait_for(lambda: lab.watcher.has_looked)
    stage.settle()
    return lab


def _scroll(page: QWidget, to: int) -> None:
    area = page.findChild(QScrollArea)
    assert area is not None
    area.verticalScrollBar().setValue(to)


def _press(lab: LabPage, text: str) -> None:
    buttons = lab.findChildren(QPushButton)
    next(one for one in buttons if one.text() == text and one.isVisible()).click()


def _taught(stage: "Stage") -> LabPage:
    """The Lab with a run that sorts texts, which is trained here."""
    _write_past()
    texts = Source(
        kind="table", paths=(str(_write_texts()),), columns={"text": "text", "label": "topic"}
    )
    recipe = Recipe(
        name="Sort by topic",
        data=Data(train=texts, licence="CC0", held_out=0.2),
        tokenizer=Vocabulary(kind="wordpiece", n_vocab=400),
        model=Model(architecture="lstm", sizes={"n_layer": 1, "n_embd": 32, "hidden_size": 32}),
        objective=Objective(kind="classification"),
        training=Training(
            max_steps=400,
            batch_size=16,
            learning_rate=5e-3,
            eval_interval=50,
            warmup_steps=20,
            precision="f32",
        ),
    )
    folder = RunFolder.create(paths.runs_dir() / "topics", recipe)
    subprocess.run([*paths.engine_command(), "train", str(folder.path)], check=True)
    return _lab(stage)


def _write_texts() -> Path:
    """A table of made-up texts, whose topic is what they begin with, as far as that says one."""
    chance = random.Random(7)
    others = (*VAGUE, *(one for words in WORDS.values() for one in words))
    rows = []
    for _ in range(1_200):
        topic, words = chance.choice(list(WORDS.items()))
        first, second = chance.sample(SENTENCES, 2)
        first = first.format(chance.choice(words if chance.random() < 0.95 else VAGUE))
        second = second.format(chance.choice(others))
        rows.append(f"{first.capitalize()}, and {second}.\t{topic}")
    file = paths.data_dir() / "texts.tsv"
    file.write_text("\n".join(["text\ttopic", *rows]), "utf-8")
    return file


def _write_past() -> None:
    """Runs of earlier days."""
    done = Status(state="done", step=N_STEPS, max_steps=N_STEPS, seconds=81)
    paused = Status(state="paused", step=900, max_steps=N_STEPS, seconds=36)
    for name, status, days_ago in (
        ("The same with an LSTM", paused, 1),
        ("Write like Shakespeare", done, 3),
    ):
        folder = _write_run(name, status, name)
        then = time.time() - days_ago * DAY
        os.utime(folder.path / CONFIG, (then, then))


def _write_run(folder_name: str, status: Status, name: str = WRITING.name) -> RunFolder:
    """A run as far as its status says, in the name of a process that is no more."""
    recipe = msgspec.structs.replace(WRITING, name=name)
    folder = RunFolder.create(paths.runs_dir() / folder_name, recipe)
    late = msgspec.structs.replace(status, pid=999_999_999, pid_time=1.0)
    (folder.path / STATUS).write_bytes(msgspec.json.encode(late))
    chance = random.Random(7)
    for step in range(0, status.step + 1, 10):
        loss = 1.45 + 2.75 * math.exp(-step / 280)
        if step:
            folder.add_metric(
                Metric(
                    step=step,
                    seconds=step / 25,
                    loss=loss + chance.gauss(0, 0.05),
                    learning_rate=1e-3 * min(1, step / 100) * (1.02 - step / N_STEPS),
                    grad_norm=0.4 + 1.5 * math.exp(-step / 200) + chance.gauss(0, 0.05),
                    tokens_per_second=31_400 + chance.gauss(0, 400),
                )
            )
        if step % 250 == 0:
            held_out = loss + 0.08
            figures = {"loss": held_out, "perplexity": math.exp(held_out)}
            folder.add_metric(Metric(step=step, seconds=step / 25, evaluation=figures))
            text = SAMPLES[min(step // 250, len(SAMPLES) - 1)]
            folder.add_sample(Sample(step=step, prompt="KING:\nWhat", text=text))
    return folder
