"""Kill a training 50 times at random moments, or as often as is asked: `scripts/kills.py 100`."""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from chatapp.errors import ChatAppError
from chatapp.runs.recipe import Data, Model, Recipe, Training, Vocabulary, write_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.text.tokenizer_files import read_folder_tokenizer
from chatapp.training.checkpoints import load_progress
from chatapp.training.networks import new_network
from chatapp.training.optimizer import make_optimizer
from chatapp.weights.opening import open_model

ROOT = Path(__file__).parent.parent
STEPS = 250  # of the run, for each kill
TOLERANCE = 1e-6  # of weights and figures
SEED = 1  # of the moments

# The figures of a step, by name.
Curve = list[tuple[int, dict[str, float]]]


def main(kills: str = "50") -> int:
    """Train once undisturbed and once with so many kills, and compare; 1 if they differ."""
    n_kills = int(kills)
    draw = random.Random(SEED)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        recipe = _recipe(home, n_kills)
        whole, killed = RunFolder(home / "whole"), RunFolder(home / "killed")
        start_s, trained_s = _undisturbed(home, whole)
        print(f"undisturbed: {start_s:.1f} s to begin, {trained_s:.1f} s to train", flush=True)
        n_wrong = 0
        for number in range(1, n_kills + 1):
            # Also while it begins; so early that the run is not over before the last kill.
            seconds = draw.uniform(0.75 * start_s, start_s + trained_s / n_kills)
            said = _killed_after(seconds, home, killed) or _checked(recipe, killed, whole)
            n_wrong += said != "ok"
            print(f"kill {number} after {seconds:.2f} s, {_place(killed)}: {said}", flush=True)
        is_over = _start(home, killed).wait() == 0
        said = _compared(killed, whole) if is_over else "the run did not end well"
        print(f"{n_kills} kills, {n_wrong} went wrong; at the end: {said}")
        return int(n_wrong > 0 or said != "ok")


def _recipe(home: Path, n_kills: int) -> Recipe:
    draw = random.Random(SEED)
    words = ["".join(draw.choices("abcdefghij", k=draw.randint(2, 6))) for _ in range(60)]
    (home / "text.txt").write_text(" ".join(draw.choices(words, k=4_000)), "utf-8")
    recipe = Recipe(
        data=Data(train=Source(kind="text", paths=(str(home / "text.txt"),))),
        tokenizer=Vocabulary(kind="characters"),
        model=Model(
            sizes={"block_size": 16, "n_layer": 2, "n_head": 2, "n_embd": 32, "dropout": 0.1}
        ),
        training=Training(
            max_steps=STEPS * n_kills, batch_size=8, learning_rate=1e-3, eval_interval=STEPS * 2,
            precision="f32", n_threads=1, checkpoint_minutes=0.005,
        ),
    )  # fmt: skip
    write_recipe(home / "recipe.toml", recipe)
    return recipe


def _start(home: Path, folder: RunFolder) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "chatapp", "train", str(home / "recipe.toml")]
    resume = ["--resume"] if folder.path.exists() else []
    return subprocess.Popen(
        [*command, "--folder", str(folder.path), *resume],
        env=os.environ
        | {"CHATAPP_HOME": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )


def _killed_after(seconds: float, home: Path, folder: RunFolder) -> str:
    """Go on with the run and kill it; what went wrong if that could not be done."""
    process = _start(home, folder)
    try:
        return f"it ended before, with code {process.wait(seconds)}"
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return ""


def _undisturbed(home: Path, folder: RunFolder) -> tuple[float, float]:
    """Train to the end; the seconds until the first step, and from then on."""
    began = time.monotonic()
    process = _start(home, folder)
    while process.poll() is None and not folder.metrics():
        time.sleep(0.05)
    first = time.monotonic()
    if process.wait():
        raise SystemExit("the undisturbed run did not end well")
    return first - began, time.monotonic() - first


def _checked(recipe: Recipe, killed: RunFolder, whole: RunFolder) -> str:
    """Whether the last checkpoint loads, and the curve until there is that of the whole run."""
    if not killed.last.exists():
        return "ok"  # it had not begun
    try:
        tokenizer, _ = read_folder_tokenizer(killed.path / "tokenizer")
        network = new_network(recipe.model, tokenizer.n_vocab, recipe.training.seed)
        optimizer = make_optimizer(network, recipe.training)
        step = load_progress(killed.last, network, optimizer).step
    except ChatAppError as error:
        return str(error)
    return _same_curves(killed, whole, step)


def _same_curves(killed: RunFolder, whole: RunFolder, step: int) -> str:
    for ours, theirs in zip(_curves(killed, step), _curves(whole, step), strict=True):
        if [at for at, _ in ours] != [at for at, _ in theirs]:
            return f"the curve until step {step:,} is doubled or has gaps"
        far = max((_distance(a, b) for (_, a), (_, b) in zip(ours, theirs, strict=True)), default=0)
        if far > TOLERANCE:
            return f"the curve until step {step:,} is {far:.1e} away"
    return "ok"


def _curves(folder: RunFolder, step: int) -> tuple[Curve, Curve]:
    """Of training and of evaluation, until a step."""
    metrics = [one for one in folder.metrics() if one.step <= step]
    return (
        [
            (one.step, {"loss": one.loss, "norm": one.grad_norm or 0.0})
            for one in metrics
            if one.loss is not None
        ],
        [(one.step, one.evaluation) for one in metrics if one.evaluation],
    )


def _distance(ours: dict[str, float], theirs: dict[str, float]) -> float:
    return max(abs(value - theirs[name]) for name, value in ours.items())


def _compared(killed: RunFolder, whole: RunFolder) -> str:
    """Whether curves, samples and weights are those of the run that was not killed."""
    said = _same_curves(killed, whole, whole.status().step)
    if said != "ok":
        return said
    if killed.samples() != whole.samples():
        return "the samples are not the same"
    ours, theirs = (
        open_model(one.result, torch.float32).model.state_dict() for one in (killed, whole)
    )
    far = max(float((ours[name] - theirs[name]).abs().max()) for name in theirs)
    n_lines = len(whole.metrics())
    print(f"{n_lines:,} lines of figures and all samples the same, weights {far:.1e} apart")
    return "ok" if far <= TOLERANCE else "the weights are not the same"


def _place(folder: RunFolder) -> str:
    metrics = folder.metrics()
    return f"step {metrics[-1].step:,}" if metrics else "not begun"


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
