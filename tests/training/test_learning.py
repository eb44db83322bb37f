"""Every objective learns what can be learned of a small task, from files to the model saved."""

import json
import random

import pytest
import torch
from msgspec import structs

from chatapp.chat import Message
from chatapp.errors import DataError, TrainingError
from chatapp.runs.recipe import (
    Adapter,
    Data,
    Model,
    Objective,
    Recipe,
    Training,
    Vocabulary,
    read_recipe,
    write_recipe,
)
from chatapp.runs.run_folder import RunFolder, runs_in
from chatapp.runs.source import Source
from chatapp.runs.trial import Ask
from chatapp.text.chat_template import ChatTemplate
from chatapp.training.preparing import prepare
from chatapp.training.process import train
from chatapp.training.trying import answer
from chatapp.weights.opening import open_model

LETTERS = "abcdefgh"
OPTIONS = Training(
    max_steps=300, batch_size=32, learning_rate=3e-3, warmup_steps=20, eval_interval=150,
    precision="f32", weight_decay=0.0,
)  # fmt: skip


def run(tmp_path, data, model, objective, options=OPTIONS, tokenizer=None):
    recipe = Recipe(
        name="small", data=Data(train=data, licence="CC0-1.0"), model=model,
        tokenizer=tokenizer or Vocabulary(kind="characters"),
        objective=objective, training=options,
    )  # fmt: skip
    folder = RunFolder.create(tmp_path / "run", recipe)
    assert train(folder).state == "done"
    return folder


def last(folder):
    return [one.evaluation for one in folder.metrics() if one.evaluation][-1]


def a_text(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("".join(f"{one} says {one * 3}. " for one in LETTERS) * 40, "utf-8")
    return Source(kind="text", paths=(str(file),))


@pytest.mark.parametrize("architecture", ["gpt", "llama", "rnn", "lstm", "gru"])
def test_a_language_model_learns_which_character_comes_next(tmp_path, architecture):
    sizes = (
        {"n_layer": 1, "n_embd": 32, "hidden_size": 32}
        if architecture in ("rnn", "lstm", "gru")
        else {"n_layer": 1, "n_head": 2, "n_embd": 32}
    )
    if architecture == "llama":
        sizes |= {"n_kv_head": 2, "d_ff": 64}
    folder = run(
        tmp_path,
        a_text(tmp_path),
        Model(architecture=architecture, sizes={**sizes, "block_size": 24}),
        Objective(kind="next_token"),
        structs.replace(OPTIONS, learning_rate=1e-2),
    )
    # What is said is certain but for the first characters of a piece.
    assert last(folder)["loss"] < 0.5
    assert last(folder)["bits_per_character"] == pytest.approx(
        last(folder)["loss"] * 1.4427, rel=0.02
    )
    opened = open_model(folder.result, torch.float32)
    assert opened.card["license"] == "CC0-1.0"
    assert opened.card["seed"] == "1337"
    assert opened.tokenizer.decode(opened.tokenizer.encode("a says aaa.")) == "a says aaa."


@pytest.mark.parametrize(("architecture", "steps"), [("transformer", 300), ("seq2seq", 500)])
def test_an_encoder_and_decoder_learn_to_write_capitals(tmp_path, architecture, steps):
    draw = random.Random(0)
    words = {"".join(draw.choices(LETTERS, k=draw.randint(2, 5))) for _ in range(600)}
    file = tmp_path / "pairs.tsv"
    rows = [f"{word}\t{word.upper()}" for word in sorted(words)]
    file.write_text("\n".join(["small\tcapital", *rows]), "utf-8")
    sizes = (
        {"n_layer": 1, "n_head": 2, "n_embd": 32, "dropout": 0.0}
        if architecture == "transformer"
        else {"n_layer": 1, "n_embd": 32, "hidden_size": 32}
    )
    folder = run(
        tmp_path,
        Source(kind="table", paths=(str(file),), columns={"source": "small", "target": "capital"}),
        Model(architecture=architecture, sizes=sizes),
        Objective(kind="sequence_to_sequence"),
        structs.replace(OPTIONS, max_steps=steps, learning_rate=5e-3),
    )
    assert last(folder)["loss"] < 0.3
    assert last(folder)["chrf"] > 80
    sample = folder.samples()[-1]
    assert sample.text == sample.prompt.upper()
    tried = answer(open_model(folder.result, torch.float32), Ask(text="abc"))
    assert tried.text == "ABC"
    assert tried.target_tokens == ("A", "B", "C")
    assert len(tried.source_tokens) == 4
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for row in tried.alignment)


@pytest.mark.parametrize("mask", ["static", "dynamic"])
def test_a_bert_learns_what_is_hidden(tmp_path, mask):
    folder_of_texts = tmp_path / "texts"
    folder_of_texts.mkdir()
    draw = random.Random(0)
    for number in range(30):
        lines = (f"{one} {one} {one} {one} {one} {one}" for one in draw.choices(LETTERS, k=20))
        (folder_of_texts / f"{number}.txt").write_text("\n".join(lines), "utf-8")
    folder = run(
        tmp_path,
        Source(kind="text", paths=(str(folder_of_texts),)),
        Model(
            architecture="bert",
            sizes={"block_size": 32, "n_layer": 1, "n_head": 2, "n_embd": 32, "dropout": 0.0},
        ),
        Objective(kind="masked_lm", mask=mask, max_length=16),
        structs.replace(OPTIONS, learning_rate=5e-3),
        Vocabulary(kind="wordpiece", n_vocab=40),
    )
    assert last(folder)["accuracy"] > 0.8
    assert ("next_loss" in last(folder)) == (mask == "static")
    assert open_model(folder.result, torch.float32).architecture == "bert_pretraining"
    prepared = prepare(folder.recipe(), folder)
    network, objective = prepared.network.eval(), prepared.objective
    batch = objective.batch(0)
    whole = objective.loss(network, batch)
    parts = [
        objective.loss(network, {name: one[some] for name, one in batch.items()})
        for some in (slice(0, 3), slice(3, None))
    ]
    assert sum(part.total.item() for part in parts) == pytest.approx(whole.total.item(), rel=1e-5)
    whole.total.backward()
    assert all(one.grad is not None for one in network.parameters() if one.requires_grad)


def test_a_language_model_learns_to_reply(tmp_path):
    file = tmp_path / "chats.jsonl"
    chats = [
        [
            {"role": "user", "content": f"{word} {one}"},
            {"role": "assistant", "content": f"no {word}"},
            {"role": "user", "content": "bye"},
            {"role": "assistant", "content": "bye bye"},
        ]
        for word in ("hi", "yes", "day")
        for one in LETTERS
    ]
    file.write_text("\n".join(json.dumps({"messages": chat}) for chat in chats), "utf-8")
    folder = run(
        tmp_path,
        Source(kind="chats", paths=(str(file),)),
        Model(sizes={"block_size": 96, "n_layer": 2, "n_head": 2, "n_embd": 32}),
        Objective(kind="chat"),
        structs.replace(OPTIONS, batch_size=8, max_steps=200, learning_rate=5e-3),
    )
    assert last(folder)["loss"] < 0.2
    assert folder.samples()[-1].text == f"no {folder.samples()[-1].prompt[:-2]}"
    # It is chatted with in the form that it learned from: the model had none before.
    learned = ChatTemplate(open_model(folder.result, torch.float32).chat_template)
    assert learned.render([Message(role="user", content="hi")]) == "User:\nhi\n\nAssistant:\n"


def test_an_adapter_learns_beside_a_model_that_stays(tmp_path, trained_gpt):
    file = tmp_path / "shouts.txt"
    file.write_text("".join(f"{one} says {one.upper() * 3}. " for one in "abcABC") * 50, "utf-8")
    folder = run(
        tmp_path,
        Source(kind="text", paths=(str(file),)),
        Model(start=str(trained_gpt), adapter=Adapter(rank=4, alpha=8)),
        Objective(kind="next_token"),
        structs.replace(OPTIONS, max_steps=100, learning_rate=1e-2),
    )
    first, *_, final = [one.evaluation["loss"] for one in folder.metrics() if one.evaluation]
    assert final < 0.8 * first
    before, after = open_model(trained_gpt, torch.float32), open_model(folder.result, torch.float32)
    assert after.model.state_dict().keys() == before.model.state_dict().keys()
    changed = [
        name
        for name, one in after.model.state_dict().items()
        if not torch.equal(one, before.model.state_dict()[name])
    ]
    assert changed
    assert not any("norm" in name or "embedding" in name for name in changed)
    assert (folder.adapter / "adapter.safetensors").stat().st_size < 60_000
    assert folder.last.stat().st_size < 250_000


@pytest.fixture
def trained_gpt(tmp_path):
    (tmp_path / "before").mkdir()
    folder = run(
        tmp_path / "before",
        a_text(tmp_path / "before"),
        Model(sizes={"block_size": 24, "n_layer": 1, "n_head": 2, "n_embd": 32}),
        Objective(kind="next_token"),
        structs.replace(OPTIONS, max_steps=50, eval_interval=50),
    )
    return folder.result


def test_a_run_is_found_again_with_all_that_it_is_made_of(tmp_path):
    folder = run(
        tmp_path,
        a_text(tmp_path),
        Model(sizes={"block_size": 8, "n_layer": 1, "n_head": 1, "n_embd": 8}),
        Objective(),
        structs.replace(OPTIONS, max_steps=4, eval_interval=2),
    )
    assert [one.path for one in runs_in(tmp_path)] == [folder.path]
    recipe = folder.recipe()
    write_recipe(tmp_path / "again.toml", recipe)
    assert read_recipe(tmp_path / "again.toml") == recipe
    status = folder.status()
    assert (status.state, status.step, status.max_steps) == ("done", 4, 4)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[data", "no recipe"),
        ("[training]\nmax_steps = 5", "data"),
        ("[data.train]\nkind = 'text'\npaths = []\n[training]\nmax_step = 5", "max_step"),
        ("[data.train]\nkind = 'text'\npaths = []\n[training]\nbatch_size = 0", "batch_size"),
        ("[data.train]\nkind = 'poems'\npaths = []", "poems"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused_with_the_key(tmp_path, text, complaint):
    file = tmp_path / "recipe.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(TrainingError, match=complaint) as caught:
        read_recipe(file)
    assert "recipe.toml" in str(caught.value)


def test_sizes_that_no_network_has_are_refused(tmp_path):
    with pytest.raises(TrainingError, match="n_heads is no size of gpt"):
        run(tmp_path, a_text(tmp_path), Model(sizes={"n_heads": 2}), Objective())
    status = RunFolder(tmp_path / "run").status()
    assert status.state == "failed"
    assert "n_heads" in str(status.message)


def test_data_that_is_not_what_the_objective_learns_from_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="pairs of source and target"):
        run(tmp_path, a_text(tmp_path), Model(), Objective(kind="sequence_to_sequence"))


def test_data_that_is_not_there_is_refused(tmp_path):
    source = Source(kind="text", paths=(str(tmp_path / "nothing.txt"),))
    with pytest.raises(DataError, match=r"nothing\.txt"):
        run(tmp_path, source, Model(), Objective())
