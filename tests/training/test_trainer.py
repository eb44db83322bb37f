import math

import pytest
import torch
from msgspec import structs

from chatapp.errors import TrainingError
from chatapp.runs.recipe import Data, Model, Recipe, Training
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training import checkpoints, workers
from chatapp.training.networks import new_network
from chatapp.training.objectives.base import Loss
from chatapp.training.objectives.next_token import NextToken
from chatapp.training.trainer import Trainer

TEXT = "the quick brown fox jumps over the lazy dog. " * 40
CHARACTERS = sorted(set(TEXT))
IDS = torch.tensor([CHARACTERS.index(one) for one in TEXT], dtype=torch.uint16)
MODEL = Model(sizes={"block_size": 16, "n_layer": 2, "n_head": 2, "n_embd": 32, "dropout": 0.1})
OPTIONS = Training(
    max_steps=60, batch_size=8, learning_rate=3e-3, warmup_steps=5, eval_interval=20,
    precision="f32", n_samples=1,
)  # fmt: skip


class Spelling:
    def decode(self, ids):
        return "".join(CHARACTERS[id] for id in ids)


@pytest.fixture
def folder(tmp_path):
    return run_folder(tmp_path / "run")


def run_folder(path, options=OPTIONS):
    source = Source(kind="text", paths=("fox.txt",))
    return RunFolder.create(path, Recipe(data=Data(train=source), model=MODEL, training=options))


def objective(options=OPTIONS, kind=NextToken):
    return kind(
        IDS[:1500], IDS[1500:], len(IDS) - 1500, Spelling(),
        block_size=16, batch_size=options.batch_size, seed=options.seed,
    )  # fmt: skip


def trainer(folder, options=OPTIONS, kind=NextToken, on_metric=lambda metric, left: None):
    network = new_network(MODEL, len(CHARACTERS), options.seed)
    return Trainer(network, objective(options, kind), options, folder, on_metric), network


def weights(network):
    return torch.cat([one.detach().flatten() for one in network.parameters()])


def test_a_model_learns_a_text_by_heart(folder):
    options = structs.replace(OPTIONS, max_steps=200)
    run, _ = trainer(folder, options)
    assert run.run() == "done"
    first, *_, last = [one for one in folder.metrics() if one.evaluation]
    assert first.step == 0
    assert first.evaluation["loss"] == pytest.approx(math.log(len(CHARACTERS)), abs=0.3)
    assert last.step == 200
    assert last.evaluation["loss"] < 0.6
    assert last.evaluation["perplexity"] == pytest.approx(math.exp(last.evaluation["loss"]))
    assert run.progress.best_loss == min(
        one.evaluation["loss"] for one in folder.metrics() if one.evaluation
    )
    assert {one.step for one in folder.samples()} >= {0, 20, 200}


def test_a_paused_run_goes_on_to_the_very_weights_of_one_that_was_not(tmp_path):
    whole, expected = trainer(run_folder(tmp_path / "whole"))
    whole.run()

    folder = run_folder(tmp_path / "paused")
    run, _ = trainer(
        folder, on_metric=lambda metric, left: metric.step == 30 and folder.ask("pause")
    )
    assert run.run() == "paused"
    assert 30 <= run.progress.step < 60
    again, network = trainer(folder)
    assert again.run() == "done"
    assert torch.equal(weights(network), weights(expected))


def test_what_came_after_the_last_checkpoint_is_measured_once(tmp_path):
    folder = run_folder(tmp_path / "run")
    killed, _ = trainer(folder, on_metric=lambda metric, left: killed_at(metric, 45))
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    again, _ = trainer(folder)
    again.run()
    steps = [one.step for one in folder.metrics() if one.loss is not None]
    assert steps == sorted(set(steps))
    evaluated = [one.step for one in folder.metrics() if one.evaluation]
    assert evaluated == [0, 20, 40, 60]


def test_the_curve_of_a_killed_run_is_that_of_one_that_was_not(tmp_path, monkeypatch):
    monkeypatch.setattr("chatapp.training.trainer._LOG_STEPS", 10)  # a line for every 6 steps
    options = structs.replace(OPTIONS, checkpoint_minutes=0.0)
    whole, cut = run_folder(tmp_path / "whole"), run_folder(tmp_path / "cut")
    trainer(whole, options)[0].run()
    killed, _ = trainer(cut, options, KilledAt45)
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    trainer(cut, options)[0].run()
    curves = [[(m.step, m.loss) for m in f.metrics() if m.loss is not None] for f in (whole, cut)]
    assert curves[0] == curves[1]
    assert len(curves[0]) == 10


class KilledAt45(NextToken):
    def batch(self, step):
        if step == 45:
            raise KeyboardInterrupt
        return super().batch(step)


def killed_at(metric, step):
    if metric.step >= step:
        raise KeyboardInterrupt


class TooMuch(NextToken):
    def loss(self, model, batch):
        if model.training and len(batch["ids"]) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return super().loss(model, batch)


def test_a_batch_too_large_for_memory_is_taken_in_parts_with_the_same_gradient(tmp_path):
    options = Training(
        max_steps=10, batch_size=8, warmup_steps=0, eval_interval=10, precision="f32"
    )
    whole, expected = trainer(run_folder(tmp_path / "whole"), options)
    run, network = trainer(run_folder(tmp_path / "parts"), options, TooMuch)
    whole.run()
    run.run()
    assert run.progress.micro_batch == 2
    # Dropout draws other units for another shape.
    assert (weights(network) - weights(expected)).abs().max() < 0.05


def test_memory_that_runs_out_while_precisions_are_tried_makes_the_parts_smaller(
    folder, monkeypatch
):
    monkeypatch.setattr(workers, "has_bf16", lambda device: True)
    run, _ = trainer(folder, structs.replace(OPTIONS, precision="auto", max_steps=2), TooMuch)
    assert run.run() == "done"
    assert run.progress.micro_batch == 2


class NoNumber(NextToken):
    def loss(self, model, batch):
        loss = super().loss(model, batch)
        if model.training and self.n_steps > 25:
            return Loss(loss.total * math.nan, loss.n_counted)
        return loss

    def batch(self, step):
        self.n_steps = step
        return super().batch(step)


def test_blocks_computed_again_for_the_gradient_learn_the_very_same(tmp_path):
    learned, n_calls = [], []
    for is_again in (False, True):
        options = structs.replace(OPTIONS, gradient_checkpointing=is_again)
        run, network = trainer(run_folder(tmp_path / str(is_again), options), options)
        calls = []
        network.blocks[0].attention.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        run.update_only(5)
        learned.append(weights(network))
        n_calls.append(len(calls))
    assert torch.equal(*learned)
    assert n_calls == [5, 10]


def test_a_recurrent_network_has_no_blocks_to_compute_again(folder):
    options = structs.replace(OPTIONS, gradient_checkpointing=True)
    model = Model(architecture="lstm", sizes={"n_layer": 1, "n_embd": 8, "hidden_size": 8})
    network = new_network(model, len(CHARACTERS), 1)
    with pytest.raises(TrainingError, match="gradient_checkpointing"):
        Trainer(network, objective(options), options, folder)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint(folder):
    run, _ = trainer(folder, kind=NoNumber)
    with pytest.raises(TrainingError, match=r"no number any more at step 26.*lower learning rate"):
        run.run()
    again, network = trainer(folder)
    again.run()
    assert weights(network).isfinite().all()


def test_a_full_disk_keeps_the_checkpoint_before(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    def fill_disk(metric, seconds_left):
        if metric.step == 30:
            monkeypatch.setattr(checkpoints, "save_file", full)

    run, _ = trainer(folder, on_metric=fill_disk)
    with pytest.raises(OSError, match="No space left on device"):
        run.run()
    monkeypatch.undo()
    again, _ = trainer(folder)
    assert again.run() == "done"
    assert {one.name for one in folder.last.parent.iterdir()} == {
        folder.last.name,
        folder.best.name,
    }


def test_a_run_that_gets_no_better_stops(tmp_path):
    options = Training(
        max_steps=500, batch_size=2, learning_rate=1e-12, warmup_steps=0, eval_interval=2,
        patience=3, precision="f32", weight_decay=0.0,
    )  # fmt: skip
    run, _ = trainer(run_folder(tmp_path / "run", options), options)
    assert run.run() == "done"
    assert run.progress.step < 500


def test_a_run_killed_after_it_got_no_better_is_not_trained_on(tmp_path):
    options = structs.replace(
        OPTIONS, max_steps=500, patience=1, eval_interval=5, learning_rate=0.1, warmup_steps=0
    )
    folder = run_folder(tmp_path / "run", options)
    ended, _ = trainer(folder, options)
    ended.run()
    resumed, _ = trainer(folder, options)
    assert resumed.run() == "done"
    assert resumed.progress.step == ended.progress.step


def test_a_run_asked_to_stop_keeps_what_it_learned_last(folder):
    run, network = trainer(
        folder, on_metric=lambda metric, left: metric.step == 12 and folder.ask("stop")
    )
    assert run.run() == "stopped"
    step = run.progress.step
    assert 12 <= step < 20  # before the first evaluation
    learned = weights(network)
    assert [one.step for one in folder.metrics() if one.evaluation] == [0, step]
    run.load_best()
    assert torch.equal(weights(network), learned)


def test_a_killed_run_that_is_halted_is_where_it_was_best_and_trains_no_more(folder):
    killed, _ = trainer(folder, on_metric=lambda metric, left: killed_at(metric, 45))
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    best = min((one.evaluation["loss"], one.step) for one in folder.metrics() if one.evaluation)
    files = {one: one.read_bytes() for one in folder.path.rglob("*") if one.is_file()}
    halted, network = trainer(folder)
    assert halted.halt() == "stopped"
    halted.load_best()
    assert (halted.progress.best_loss, halted.progress.step) == best
    losses = objective().evaluate(network.eval())
    assert losses["loss"] == pytest.approx(best[0], rel=1e-5)
    assert {one: one.read_bytes() for one in folder.path.rglob("*") if one.is_file()} == files


def test_a_killed_run_that_is_halted_keeps_what_came_after_its_last_evaluation(tmp_path):
    options = structs.replace(OPTIONS, checkpoint_minutes=0.0)
    folder = run_folder(tmp_path / "run", options)
    killed, _ = trainer(folder, options, KilledAt45)
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    for _ in range(2):
        halted, _ = trainer(folder, options)
        assert halted.halt() == "stopped"
        assert halted.progress.step > 40
        evaluated = [one.step for one in folder.metrics() if one.evaluation]
        assert evaluated == [0, 20, 40, halted.progress.step]


def test_a_run_without_a_checkpoint_cannot_be_halted(folder):
    run, _ = trainer(folder)
    with pytest.raises(TrainingError, match="cannot be gone on from"):
        run.halt()


def test_a_damaged_checkpoint_is_told_from_a_good_one(folder):
    run, _ = trainer(folder)
    run.run()
    folder.last.write_bytes(folder.last.read_bytes()[:-100])
    again, _ = trainer(folder)
    with pytest.raises(TrainingError, match="cannot be gone on from"):
        again.run()
