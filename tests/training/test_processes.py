"""Training in processes of its own: killed, found again, and several of them on one model."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from msgspec import structs
from safetensors import SafetensorError, safe_open

from chatapp.__main__ import main
from chatapp.commands import runs as runs_command
from chatapp.errors import TrainingError
from chatapp.runs.recipe import Data, Model, Recipe, Training, Vocabulary, write_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training import checkpoints, jobs, workers
from chatapp.training.process import train
from chatapp.weights import checkpoint
from chatapp.weights.opening import open_model

OPTIONS = Training(
    max_steps=120, batch_size=8, learning_rate=3e-3, warmup_steps=5, eval_interval=40,
    precision="f32", n_threads=1, checkpoint_minutes=0.002,
)  # fmt: skip
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def recipe(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("the quick brown fox jumps over the lazy dog. " * 60, "utf-8")
    return Recipe(
        data=Data(train=Source(kind="text", paths=(str(file),))),
        tokenizer=Vocabulary(kind="characters"),
        model=Model(
            sizes={"block_size": 16, "n_layer": 2, "n_head": 2, "n_embd": 32, "dropout": 0.1}
        ),
        training=OPTIONS,
    )


def environment(home):
    return os.environ | {
        "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "CHATAPP_HOME": str(home),
    }  # fmt: skip


def start(folder, home):
    return subprocess.Popen(
        [sys.executable, "-m", "chatapp.engine", "train", str(folder.path)],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_step(folder, process, step):
    while process.poll() is None:
        steps = [one.step for one in folder.metrics()]
        if steps and steps[-1] >= step:
            return
        time.sleep(0.01)


def weights(folder):
    model = open_model(folder.result, torch.float32).model
    return torch.cat([one.flatten() for one in model.parameters()])


def test_a_run_that_was_killed_again_and_again_ends_with_the_same_weights(tmp_path, home, recipe):
    whole = RunFolder.create(tmp_path / "whole", recipe)
    train(whole)

    folder = RunFolder.create(tmp_path / "killed", recipe)
    for step in (10, 50, 90):
        process = start(folder, home)
        wait_for_step(folder, process, step)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert folder.status().state == "paused"
        assert folder.last.exists()
    assert train(folder).state == "done"
    assert torch.equal(weights(folder), weights(whole))
    ours, theirs = (
        [(m.step, m.evaluation) for m in f.metrics() if m.evaluation] for f in (folder, whole)
    )
    assert ours == theirs
    steps = [one.step for one in folder.metrics() if one.loss is not None]
    assert steps == sorted(set(steps))


def test_a_run_in_another_process_is_not_begun_twice(tmp_path, home, recipe):
    endless = structs.replace(recipe, training=structs.replace(OPTIONS, max_steps=10**6))
    folder = RunFolder.create(tmp_path / "run", endless)
    process = start(folder, home)
    wait_for_step(folder, process, 10)
    assert folder.status().state == "running"
    with pytest.raises(TrainingError, match="being trained already"):
        train(folder)
    folder.ask("stop")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert folder.status().state == "stopped"
    assert open_model(folder.result, torch.float32).architecture == "gpt"


def test_a_job_that_fails_says_so_in_json(tmp_path, home, recipe):
    (tmp_path / "text.txt").write_bytes(b"\x00\x01\x02" * 100)
    folder = RunFolder.create(tmp_path / "run", recipe)
    process = start(folder, home)
    answer, _ = process.communicate(timeout=60)
    assert process.returncode == jobs.FAILED
    assert "text.txt" in str(json.loads(answer)["facts"])
    assert folder.status().state == "failed"
    assert "text.txt" in str(folder.status().message)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_run_goes_on_when_nobody_reads_any_more_how_far_it_is(tmp_path, home, recipe, more):
    write_recipe(tmp_path / "recipe.toml", recipe)
    folder = RunFolder(tmp_path / "run")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "chatapp", "train", str(tmp_path / "recipe.toml"),
            "--folder", str(folder.path), *more,
        ],
        env=environment(home), stdout=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert folder.status().state == "done"


def torchrun(n_processes, recipe_file, folder, home, *more):
    return subprocess.Popen(
        [
            sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={n_processes}",
            "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0",
            "-m", "chatapp", "train", str(recipe_file), "--folder", str(folder), *more,
        ],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def without_chance(recipe, **options):
    """Dropout draws other units in each process."""
    return structs.replace(
        recipe,
        model=Model(sizes=recipe.model.sizes | {"dropout": 0.0}),
        training=structs.replace(OPTIONS, **{"max_steps": 50, "learning_rate": 1e-3} | options),
    )


def run_two(recipe, tmp_path, folder, home, *more):
    write_recipe(tmp_path / "recipe.toml", recipe)
    process = torchrun(2, tmp_path / "recipe.toml", folder.path, home, *more)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    assert output.count(b"Done after") == 1
    return folder


@pytest.mark.parametrize("more", [(), ("--fsdp",)], ids=["whole", "divided"])
def test_two_processes_reach_the_weights_of_one(tmp_path, home, recipe, more):
    recipe = without_chance(recipe, micro_batch=2)
    sparing = without_chance(recipe, micro_batch=2, gradient_checkpointing=True)
    two = run_two(sparing, tmp_path, RunFolder(tmp_path / "two"), home, *more)
    one = RunFolder.create(tmp_path / "one", recipe)
    train(one)
    assert (weights(two) - weights(one)).abs().max() <= 1e-5
    ours, theirs = ([m.evaluation["loss"] for m in f.metrics() if m.evaluation] for f in (two, one))
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_a_divided_run_goes_on_in_one_process_and_the_other_way_round(tmp_path, home, recipe):
    recipe = without_chance(recipe, schedule="constant", learning_rate=3e-4, eval_interval=10)
    one = RunFolder.create(tmp_path / "one", recipe)
    train(one)

    def until(step):
        training = structs.replace(recipe.training, max_steps=step)
        return structs.replace(recipe, training=training)

    folder = run_two(until(20), tmp_path, RunFolder(tmp_path / "run"), home, "--fsdp")
    write_recipe(folder.path / "config.toml", until(30))
    assert train(folder).step == 30
    write_recipe(folder.path / "config.toml", recipe)
    run_two(recipe, tmp_path, folder, home, "--fsdp", "--resume")
    assert (weights(folder) - weights(one)).abs().max() <= 1e-5
    assert [one.step for one in folder.metrics() if one.evaluation] == [0, 10, 20, 30, 40, 50]


def test_one_process_alone_has_nobody_to_divide_a_model_with(tmp_path, home, recipe, capsys):
    write_recipe(tmp_path / "recipe.toml", recipe)
    folder = tmp_path / "run"
    assert main(["train", str(tmp_path / "recipe.toml"), "--folder", str(folder), "--fsdp"]) == 4
    assert "start them with torchrun" in capsys.readouterr().err
    assert not folder.exists()


def test_a_batch_that_cannot_be_divided_is_refused(tmp_path, home, recipe, monkeypatch):
    monkeypatch.setattr(workers, "n_workers", lambda: 3)
    monkeypatch.setattr(workers, "first_before_others", nullcontext)
    folder = RunFolder.create(tmp_path / "run", recipe)
    with pytest.raises(TrainingError, match="batches of 8 examples among 3 processes"):
        train(folder, is_divided=True)
    assert folder.status().state == "failed"


def test_a_batch_with_fewer_examples_than_processes_is_refused(tmp_path, home, recipe, monkeypatch):
    monkeypatch.setattr(workers, "n_workers", lambda: 9)
    monkeypatch.setattr(workers, "first_before_others", nullcontext)
    with pytest.raises(TrainingError, match="8 examples are too small for 9 processes"):
        train(RunFolder.create(tmp_path / "run", recipe))


@pytest.mark.parametrize(
    ("module", "error"),
    [(checkpoints, OSError(28, "No space left on device")), (checkpoint, SafetensorError("full"))],
    ids=["checkpoint", "model"],
)
def test_a_full_disk_pauses_a_run_and_says_so(tmp_path, home, recipe, monkeypatch, module, error):
    def full(*_):
        raise error

    monkeypatch.setattr(module, "save_file", full)
    few = structs.replace(recipe, training=structs.replace(OPTIONS, max_steps=5))
    folder = RunFolder.create(tmp_path / "run", few)
    with pytest.raises(TrainingError, match="Make room"):
        train(folder)
    status = folder.status()
    assert (status.state, status.pid) == ("paused", os.getpid())
    assert str(error.args[-1]) in str(status.message)
    monkeypatch.undo()
    assert train(folder).state == "done"
    assert folder.status().message is None


def test_a_run_goes_on_with_another_rate_but_with_no_other_model(tmp_path, home, recipe, capsys):
    few = structs.replace(OPTIONS, max_steps=5)
    write_recipe(tmp_path / "recipe.toml", structs.replace(recipe, training=few))
    folder = RunFolder.create(home / "data" / "runs" / "fox", structs.replace(recipe, training=few))
    folder.ask("pause")
    (home / "data" / "runs" / "broken").mkdir()
    (home / "data" / "runs" / "broken" / "config.toml").write_text("[", "utf-8")
    more = structs.replace(few, max_steps=8, learning_rate=1e-4)
    write_recipe(tmp_path / "recipe.toml", structs.replace(recipe, training=more))
    assert main(["train", str(tmp_path / "recipe.toml"), "--resume"]) == 0
    assert folder.status().step == 8
    assert folder.recipe().training == more
    other = structs.replace(recipe, model=Model(architecture="gru"))
    write_recipe(tmp_path / "recipe.toml", other)
    command = ["train", str(tmp_path / "recipe.toml"), "--resume", "--folder", str(folder.path)]
    assert main(command) == 4
    assert "only [training] may be changed" in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--fsdp",)], ids=["whole", "divided"])
def test_one_of_two_killed_ends_the_other_and_the_run_goes_on(tmp_path, home, recipe, more):
    endless = structs.replace(recipe, training=structs.replace(OPTIONS, max_steps=10**6))
    write_recipe(tmp_path / "recipe.toml", endless)
    folder = RunFolder(tmp_path / "run")
    process = torchrun(2, tmp_path / "recipe.toml", folder.path, home, *more)
    wait_for_step(folder, process, 10)
    os.kill(folder.status().pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode != 0
    with safe_open(folder.last, "pt") as checkpoint:
        step = json.loads(checkpoint.metadata()["progress"])["step"]
    write_recipe(
        folder.path / "config.toml",
        structs.replace(recipe, training=structs.replace(OPTIONS, max_steps=step + 20)),
    )
    assert train(folder).step == step + 20


def test_runs_are_listed(tmp_path, home, recipe, capsys):
    few = structs.replace(recipe, training=structs.replace(OPTIONS, max_steps=5))
    train(RunFolder.create(home / "data" / "runs" / "fox", few))
    options = type("Options", (), {"json": False})()
    assert runs_command.run(options) == 0
    assert "fox" in capsys.readouterr().out.splitlines()[1]
    for command in (["runs", "--json"], ["--json", "runs"]):
        assert main(command) == 0
        assert json.loads(capsys.readouterr().out)[0]["status"]["state"] == "done"
