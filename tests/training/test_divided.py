"""Networks of every kind, each divided among two processes: the same weights, half of them each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs
from safetensors.torch import load_file

from chatapp.runs.recipe import (
    Adapter,
    Data,
    Model,
    Objective,
    Recipe,
    Training,
    Vocabulary,
)
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training import workers
from chatapp.training.preparing import prepare
from chatapp.training.process import train
from chatapp.training.trainer import Trainer

REPOSITORY = Path(__file__).parents[2]
OPTIONS = Training(
    max_steps=6, batch_size=4, learning_rate=1e-3, warmup_steps=2, eval_interval=3,
    precision="f32", n_samples=1,
)  # fmt: skip
SMALL = {"n_layer": 2, "n_head": 2, "n_embd": 32, "dropout": 0.0}
RECURRENT = {"n_layer": 2, "n_embd": 32, "hidden_size": 32}
BLOCK = {"block_size": 16}


def train_both_ways(folder):
    """Train a recipe with the weights divided and with all of them; say what share was held."""
    for is_divided in (True, False):
        run = RunFolder(folder / ("divided" if is_divided else "whole"))
        with workers.first_before_others():
            prepared = prepare(run.recipe(), run)
        network = prepared.network
        n_all = sum(one.numel() for one in network.parameters())
        if is_divided:
            workers.divide(network)
        trainer = Trainer(network, prepared.objective, run.recipe().training, run)
        assert trainer.run() == "done"
        if is_divided:
            n_held = sum(one.to_local().numel() for one in network.parameters())
            (run.path / f"held{workers.rank()}.json").write_text(json.dumps(n_held / n_all))


def sources(folder):
    (folder / "text.txt").write_text("the quick brown fox jumps over the lazy dog. " * 30, "utf-8")
    texts = folder / "texts"
    texts.mkdir()
    for number in range(8):
        lines = [f"fox {number} saw {n} dogs and {n + number} cats" for n in range(20)]
        (texts / f"{number}.txt").write_text("\n".join(lines), "utf-8")
    rows = [f"{word}{n}\t{word.upper()}{n}" for n in range(20) for word in ("fox", "dog", "cat")]
    (folder / "pairs.tsv").write_text("\n".join(["small\tcapital", *rows]), "utf-8")
    return {
        "text": Source(kind="text", paths=(str(folder / "text.txt"),)),
        "texts": Source(kind="text", paths=(str(texts),)),
        "pairs": Source(
            kind="table",
            paths=(str(folder / "pairs.tsv"),),
            columns={"source": "small", "target": "capital"},
        ),
    }


def kinds(start):
    """A network of each way in which weights are shared, called in parts or held still."""
    characters, words = Vocabulary(kind="characters"), Vocabulary(kind="wordpiece", n_vocab=60)
    pairs = Objective(kind="sequence_to_sequence", max_length=12)
    hidden = Objective(kind="masked_lm", mask="static", max_length=16)
    llama = BLOCK | {"n_layer": 2, "n_head": 2, "n_kv_head": 1, "n_embd": 32, "d_ff": 64}
    return {
        "llama": ("text", characters, Objective(), Model(architecture="llama", sizes=llama)),
        "lstm": ("text", characters, Objective(), Model(architecture="lstm", sizes=RECURRENT)),
        "bert": ("texts", words, hidden, Model(architecture="bert", sizes=SMALL | BLOCK)),
        "transformer": ("pairs", characters, pairs, Model(architecture="transformer", sizes=SMALL)),
        "seq2seq": ("pairs", characters, pairs, Model(architecture="seq2seq", sizes=RECURRENT)),
        "adapter": ("text", characters, Objective(), Model(start=start, adapter=Adapter(rank=4))),
    }


NAMES = [*kinds("")]


def recipe(sources, source, tokenizer, objective, model, precision="f32"):
    options = structs.replace(OPTIONS, precision=precision)
    data = Data(train=sources[source])
    return Recipe(
        data=data, tokenizer=tokenizer, objective=objective, model=model, training=options
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """All of them trained in two processes."""
    path = tmp_path_factory.mktemp("divided")
    of = sources(path)
    gpt = Model(sizes=SMALL | BLOCK)
    start = RunFolder.create(
        path / "start", recipe(of, "text", Vocabulary(kind="characters"), Objective(), gpt)
    )
    train(start)
    for name, kind in kinds(str(start.result)).items():
        # Weights that do not learn are held in bfloat16, where the processor computes in it.
        precision = "bf16" if name == "adapter" else "f32"
        for way in ("divided", "whole"):
            RunFolder.create(path / name / way, recipe(of, *kind, precision))
    result = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2",
            "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0", __file__,
            *(str(path / name) for name in NAMES),
        ],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_divided_network_learns_the_weights_of_a_whole_one(runs, name):
    divided, whole = (RunFolder(runs / name / way) for way in ("divided", "whole"))
    ours, theirs = load_file(divided.last), load_file(whole.last)
    assert ours.keys() == theirs.keys()
    for tensor, one in ours.items():
        # The bias of keys changes no score: its gradient is rounding, of which Adam makes steps.
        if not (tensor.startswith("model.") and tensor.endswith(("qkv.bias", "kv.bias"))):
            assert (one - theirs[tensor]).abs().max() <= 1e-5, tensor
    figures = [[m.evaluation for m in f.metrics() if m.evaluation] for f in (divided, whole)]
    assert len(figures[0]) == 3
    for one, other in zip(*figures, strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert divided.samples()


@pytest.mark.parametrize("name", NAMES)
def test_each_process_holds_its_share(runs, name):
    shares = [
        json.loads((runs / name / "divided" / f"held{rank}.json").read_text()) for rank in (0, 1)
    ]
    assert sum(shares) == pytest.approx(1)
    assert max(shares) < 0.55


if __name__ == "__main__":
    workers.join()
    for argument in sys.argv[1:]:
        train_both_ways(Path(argument))
    workers.leave()
