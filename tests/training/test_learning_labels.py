"""Every body learns to label texts, from files to the classifier saved."""

import math
import random

import pytest
import torch
from msgspec import structs

from chatapp.errors import TrainingError
from chatapp.nn.bert import Bert, BertConfig, BertForPretraining
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.transformer import Transformer, TransformerConfig
from chatapp.runs.recipe import Adapter, Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.predicting import label_probs, labels_of
from chatapp.training.process import train
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

FILLERS = ["the", "film", "was", "seen", "by", "us", "on", "a", "long", "day", "in", "town"]
TELLING = {"good": ["fine", "warm", "funny"], "bad": ["dull", "cold", "flat"], "so-so": ["okay"]}
WORDS = [*FILLERS, *TELLING["good"], *TELLING["bad"], *TELLING["so-so"]]
ENCODER = {"block_size": 24, "n_layer": 1, "n_head": 2, "n_embd": 32, "dropout": 0.0}
RECURRENT = {"block_size": 24, "n_layer": 1, "n_embd": 32, "hidden_size": 32}
SIZES = {
    "bert": ENCODER,
    "gpt": ENCODER,
    "llama": {
        "block_size": 24,
        "n_layer": 1,
        "n_head": 2,
        "n_kv_head": 1,
        "n_embd": 32,
        "d_ff": 64,
    },
    "rnn": RECURRENT,
    "lstm": RECURRENT,
    "gru": RECURRENT,
}
OPTIONS = Training(
    max_steps=150, batch_size=16, learning_rate=5e-3, warmup_steps=10, eval_interval=75,
    precision="f32", n_samples=2,
)  # fmt: skip


@pytest.fixture
def source(tmp_path):
    draw = random.Random(0)
    rows = []
    for number in range(300):
        label = ("good", "bad", "so-so")[number % 3]
        words = draw.choices(FILLERS, k=draw.randint(2, 12))
        words.insert(draw.randint(0, len(words)), draw.choice(TELLING[label]))
        rows.append(f"{label}\t{' '.join(words)}")
    file = tmp_path / "reviews.tsv"
    file.write_text("\n".join(["label\ttext", *rows]), "utf-8")
    return Source(kind="table", paths=(str(file),))


def run(path, source, model, options=OPTIONS):
    recipe = Recipe(
        name="small", data=Data(train=source, held_out=0.2), model=model, training=options,
        tokenizer=Vocabulary(kind="wordpiece", n_vocab=120),
        objective=Objective(kind="classification"),
    )  # fmt: skip
    folder = RunFolder.create(path, recipe)
    assert train(folder).state == "done"
    return folder


def evaluations(folder):
    return [one.evaluation for one in folder.metrics() if one.evaluation]


def save(path, network):
    tokenizer = learn_tokenizer("wordpiece", WORDS, 120)
    save_checkpoint(path, network, tokenizer)
    return str(path), tokenizer.n_vocab


@pytest.mark.parametrize("architecture", SIZES)
def test_a_body_learns_to_label_texts(tmp_path, source, architecture):
    model = Model(architecture=architecture, sizes=SIZES[architecture])
    folder = run(tmp_path / "run", source, model)
    first, *_, last = evaluations(folder)
    assert first["loss"] == pytest.approx(math.log(3), abs=0.2)
    assert last["loss"] < 0.5
    assert last["accuracy"] > 0.9
    assert last["f1"] > 0.9
    opened = open_model(folder.result, torch.float32)
    assert labels_of(opened) == ("bad", "good", "so-so")
    probs = label_probs(opened, ["the day was warm", "it was okay", "a dull town"])
    assert probs.argmax(axis=1).tolist() == [1, 2, 0]
    assert probs.sum(axis=1) == pytest.approx(1.0)
    sample = folder.samples()[-1]
    said = [one.rsplit(" ", 1) for one in sample.text.split(", ")]
    assert {label for label, _ in said} == set(TELLING)
    shares = [float(share.removesuffix("%")) for _, share in said]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.2)


def test_texts_of_any_length_are_labelled_each_in_its_place(tmp_path, source):
    opened = open_model(
        run(tmp_path / "run", source, Model(architecture="gru", sizes=RECURRENT)).result,
        torch.float32,
    )
    texts = ["", "warm " * 200, "dull", "okay okay", "\ud800"]
    together = label_probs(opened, texts)
    for text, row in zip(texts, together, strict=True):
        assert label_probs(opened, [text])[0] == pytest.approx(row, abs=1e-6)
    assert together[1:4].argmax(axis=1).tolist() == [1, 0, 2]
    assert label_probs(opened, []).shape == (0, 3)


def test_of_a_frozen_model_only_the_head_learns(tmp_path, source):
    start, n_vocab = save(tmp_path / "bert", BertForPretraining(BertConfig(200, 24, 1, 2, 32)))
    assert n_vocab <= 200
    folder = run(tmp_path / "run", source, Model(start=start, freeze=True))
    assert evaluations(folder)[-1]["loss"] < evaluations(folder)[0]["loss"] - 0.01
    before = open_model(tmp_path / "bert", torch.float32).model.bert.state_dict()
    network = open_model(folder.result, torch.float32).model
    assert network.bert.pooler is None
    after = network.bert.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in after)


def test_beside_adapters_the_head_learns_too(tmp_path, source):
    start, _ = save(tmp_path / "bert", Bert(BertConfig(200, 24, 1, 2, 32, dropout=0.0)))
    folder = run(tmp_path / "run", source, Model(start=start, adapter=Adapter(rank=8)))
    assert min(one["loss"] for one in evaluations(folder)) < 0.7
    before = open_model(tmp_path / "bert", torch.float32).model
    after = open_model(folder.result, torch.float32).model
    assert torch.equal(after.bert.token_embedding.weight, before.token_embedding.weight)
    up = "blocks.0.feed_forward.up.weight"
    assert not torch.equal(after.bert.get_parameter(up), before.get_parameter(up))


@pytest.mark.parametrize("make", [
    lambda: Bert(BertConfig(200, 24, 1, 2, 32, dropout=0.0), has_pooler=True),
    lambda: GPT(GPTConfig(200, 24, 1, 2, 32)),
])  # fmt: skip
def test_a_trained_body_gets_a_new_head_and_a_classifier_of_these_labels_goes_on(
    tmp_path, source, make
):
    start, _ = save(tmp_path / "start", make())
    folder = run(tmp_path / "run", source, Model(start=start))
    first = evaluations(folder)[-1]
    assert first["loss"] < 0.3
    again = run(
        tmp_path / "again", source, Model(start=str(folder.result)),
        structs.replace(OPTIONS, max_steps=1),
    )  # fmt: skip
    assert evaluations(again)[0]["loss"] == pytest.approx(
        min(one["loss"] for one in evaluations(folder)), abs=1e-6
    )


def test_what_cannot_be_a_classifier_is_refused(tmp_path, source):
    start, _ = save(tmp_path / "start", Transformer(TransformerConfig(200, 1, 2, 16)))
    with pytest.raises(TrainingError, match="cannot learn to put labels"):
        run(tmp_path / "run", source, Model(start=start))
    with pytest.raises(TrainingError, match="Choose a classifier"):
        label_probs(open_model(tmp_path / "start", torch.float32), ["a"])
