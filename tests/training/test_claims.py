import json
from pathlib import Path

import pytest
import torch
from msgspec import structs
from PySide6.QtGui import QImage

from chatapp.__main__ import main
from chatapp.errors import TrainingError, say
from chatapp.nn.bert import Bert, BertConfig
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.runs.comparison import CLAIMS, Claim, comparisons_in
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
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.claims.contestants import NAMES, contestant
from chatapp.training.claims.gradients import gradient_by_distance
from chatapp.training.claims.measuring import measure
from chatapp.training.claims.recall import DISTANCES, recall_by_distance
from chatapp.training.claims.transfer import fitted
from chatapp.training.preparing import prepare
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

TEXT = "".join(f"{one} says {one * 3}. " for one in "abcdefgh") * 40
TOPICS = {"sea": "waves ships sails salt", "wood": "trees leaves moss owls"}


def test_the_networks_compared_have_about_the_same_size():
    sizes = [
        sum(
            weights.numel()
            for part, weights in contestant(name, 64, 200).named_parameters()
            if "embedding" not in part and not part.startswith("head")
        )
        for name in NAMES
    ]
    assert max(sizes) <= 1.11 * min(sizes)


def test_the_gradient_of_attention_comes_back_from_anywhere_and_an_rnns_does_not():
    curves = {curve.name: curve.y for curve in gradient_by_distance().curves}
    assert curves["attention"][199] > 1e-4
    assert 0 < curves["RNN"][199] < 1e-40 < curves["RNN"][150] < 1e-30
    assert curves["LSTM"][20] > 100 * curves["RNN"][20]
    assert all(curve[0] == pytest.approx(1) for curve in curves.values())


def test_what_was_never_learned_is_known_by_chance_only():
    for curve in recall_by_distance(n_steps=1, n_asked=32).curves:
        assert curve.x == DISTANCES
        assert all(share < 0.4 for share in curve.y)


def test_a_layer_on_vectors_finds_the_classes_whatever_their_scale():
    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(3, (120,), generator=generator)
    vectors = torch.randn(120, 8, generator=generator) + 6 * torch.eye(8)[targets]
    vectors = vectors * torch.logspace(-3, 3, 8) + 50
    found = fitted(vectors, targets, 3)(vectors).argmax(dim=1)
    assert (found == targets).float().mean() > 0.97


@pytest.fixture
def recipes(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT, "utf-8")
    paths = []
    for name, sizes in (
        ("gpt", {"block_size": 24, "n_layer": 1, "n_head": 2, "n_embd": 16}),
        ("gru", {"block_size": 24, "n_layer": 1, "n_embd": 16, "hidden_size": 16}),
    ):
        recipe = Recipe(
            name=name,
            data=Data(train=Source(kind="text", paths=(str(file),))),
            tokenizer=Vocabulary(kind="characters"),
            model=Model(architecture=name, sizes=sizes),
            training=Training(max_steps=10, batch_size=4, eval_interval=5, precision="f32"),
        )
        write_recipe(tmp_path / f"{name}.toml", recipe)
        paths.append(str(tmp_path / f"{name}.toml"))
    return paths


def test_recipes_and_claims_end_in_one_report(tmp_path, recipes, capsys):
    out = tmp_path / "out"
    assert main(["compare", *recipes, "--claims", "gradients", "--out", str(out)]) == 0
    assert str(out / "report.md") in capsys.readouterr().out
    text = (out / "report.md").read_text("utf-8")
    for expected in ("| gpt |", "| gru |", "5-grams", "How much of the gradient", "plot2.png"):
        assert expected in text
    for name in ("plot1.png", "plot2.png"):
        assert not QImage(str(out / name)).isNull()
    ((folder, comparison),) = comparisons_in(tmp_path)
    assert folder == out
    assert [one.claim for one in comparison.findings] == ["gradients", None]


def test_two_recipes_of_one_name_are_two_rows_and_a_script_reads_them(tmp_path, recipes, capsys):
    first = read_recipe(Path(recipes[0]))
    write_recipe(
        Path(recipes[1]), structs.replace(first, model=read_recipe(Path(recipes[1])).model)
    )
    assert main(["compare", *recipes, "--json", "--out", str(tmp_path / "out")]) == 0
    *steps, last = map(json.loads, capsys.readouterr().out.splitlines())
    rows = [row["name"] for row in last["comparison"]["findings"][0]["report"]["rows"]]
    assert rows[:2] == [f"gpt ({file})" for file in recipes]
    assert [one["name"] for one in steps if "name" in one] == rows[:2]
    assert any("tokens_per_second" in one for one in steps)


def test_a_recipe_that_makes_no_sense_is_refused_before_another_is_trained(
    tmp_path, recipes, home, capsys
):
    Path(recipes[1]).write_text("[", "utf-8")
    assert main(["compare", *recipes]) == 4
    assert "gru.toml is no recipe" in capsys.readouterr().err
    assert not list((home / "data" / "runs").iterdir())


def test_the_four_networks_of_a_text_have_as_many_weights_and_as_much_time(tmp_path, capsys):
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    out = tmp_path / "out"
    command = ["compare", "--claims", "perplexity", "--data", str(tmp_path / "text.txt")]
    assert main([*command, "--minutes", "0.02", "--out", str(out)]) == 0
    told = [f"{name} is learning." for name in ("RNN", "LSTM", "GRU", "GPT")]
    assert capsys.readouterr().out.splitlines() == [*told, str(out / "report.md")]
    (finding,) = json.loads((out / "report.json").read_bytes())["findings"]
    names = [row["name"] for row in finding["report"]["rows"]]
    assert names == ["RNN", "LSTM", "GRU", "GPT", "5-grams (Kneser-Ney)"]
    facts = [note["facts"] for note in finding["notes"][:4]]
    sizes = [one["weights"] for one in facts]
    assert max(sizes) <= 1.01 * min(sizes)
    assert all(one["minutes"] >= 0.02 for one in facts)
    for row in finding["report"]["rows"]:
        figure = row["figures"]["perplexity"]
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert len(finding["plots"][0]["curves"]) == 4
    assert not QImage(str(out / "plot1.png")).isNull()
    assert sorted(one.name for one in out.iterdir()) == ["plot1.png", "report.json", "report.md"]


@pytest.fixture
def table(tmp_path):
    rows = ["label\ttext"]
    for number in range(60):
        for label, words in TOPICS.items():
            one, other = (words.split()[(number + at) % 4] for at in (0, 1))
            rows.append(f"{label}\t{one} and {other} number {number}")
    path = tmp_path / "topics.tsv"
    path.write_text("\n".join(rows), "utf-8")
    return path


@pytest.fixture
def encoder(tmp_path):
    tokenizer = learn_tokenizer("wordpiece", [*TOPICS.values(), "and number 0123456789"], 200)
    torch.manual_seed(0)
    network = Bert(BertConfig(tokenizer.n_vocab, 32, 1, 2, 16))
    save_checkpoint(tmp_path / "encoder", network, tokenizer)
    return tmp_path / "encoder"


@pytest.fixture
def decoder(tmp_path):
    tokenizer = learn_tokenizer("wordpiece", [*TOPICS.values(), "and number 0123456789"], 200)
    torch.manual_seed(0)
    save_checkpoint(
        tmp_path / "decoder", GPT(GPTConfig(tokenizer.n_vocab, 32, 1, 2, 16)), tokenizer
    )
    return tmp_path / "decoder"


def transfer(tmp_path, table, *models):
    out = tmp_path / "out"
    command = ["compare", "--claims", "transfer", "--data", str(table), "--minutes", "0.05"]
    return main([*command, *models, "--out", str(out)]), out


def test_transfer_puts_what_was_trained_before_beside_what_begins_from_nothing(
    tmp_path, table, encoder, decoder
):
    code, out = transfer(tmp_path, table, "--encoder", str(encoder), "--decoder", str(decoder))
    assert code == 0
    (finding,) = json.loads((out / "report.json").read_bytes())["findings"]
    assert [row["name"] for row in finding["report"]["rows"]] == [
        "BERT from scratch",
        "BERT trained before, frozen",
        "BERT trained before, fine-tuned",
        "GPT from scratch",
        "GPT trained before, frozen",
        "GPT trained before, fine-tuned",
        "the most frequent label",
        "naive Bayes",
    ]
    accuracy = {row["name"]: row["figures"]["accuracy"] for row in finding["report"]["rows"]}
    assert accuracy["BERT trained before, frozen"]["value"] > 0.9
    assert all(one["low"] <= one["value"] <= one["high"] for one in accuracy.values())
    assert sorted(one.name for one in out.iterdir()) == ["plot1.png", "report.json", "report.md"]


def test_what_is_learning_is_named_by_a_sentence_that_translates(tmp_path, table, encoder):
    columns = {"text": "text", "label": "label"}
    source = Source(kind="table", paths=(str(table),), columns=columns)
    claim = Claim(name="transfer", source=source, minutes=0.01, encoder=str(encoder))
    told = []
    measure(claim, tmp_path / "out", told.append)
    assert {one.text for one in told} == {"{name} is learning."}
    assert [one.facts["name"] for one in told] == [
        say("BERT from scratch"),
        say("BERT trained before, frozen"),
        say("BERT trained before, fine-tuned"),
        say("GPT from scratch"),
    ]


def test_a_large_model_is_tuned_by_an_adapter_and_the_report_says_so(
    tmp_path, table, decoder, monkeypatch
):
    monkeypatch.setattr("chatapp.training.claims.transfer._MOST_WEIGHTS", 1_000)
    code, out = transfer(tmp_path, table, "--decoder", str(decoder))
    assert code == 0
    text = (out / "report.md").read_text("utf-8")
    assert "The trained GPT is decoder, tuned by an adapter beside its weights." in text
    assert "| GPT trained before, fine-tuned |" in text


def test_without_a_model_its_rows_are_left_out_and_the_report_says_so(tmp_path, table, encoder):
    code, out = transfer(tmp_path, table, "--encoder", str(encoder))
    assert code == 0
    text = (out / "report.md").read_text("utf-8")
    assert "No trained GPT was named, so its two rows are left out." in text
    assert "| BERT trained before, frozen |" in text
    assert "| GPT from scratch |" in text
    assert "GPT trained before" not in text


def test_a_model_at_the_wrong_place_is_refused_before_anything_is_trained(
    tmp_path, table, encoder, decoder, capsys
):
    assert transfer(tmp_path, table, "--encoder", str(decoder))[0] == 4
    assert "no encoder like BERT" in capsys.readouterr().err
    assert transfer(tmp_path, table, "--decoder", str(encoder))[0] == 4
    assert "no model like GPT" in capsys.readouterr().err


def test_a_model_too_large_for_memory_is_refused_before_anything_is_trained(
    tmp_path, table, encoder, decoder, monkeypatch, capsys
):
    n_weights = sum(one.numel() for one in open_model(decoder).model.parameters())
    monkeypatch.setattr("chatapp.library.fit.memory_available", lambda: 4 * n_weights - 1)
    code, out = transfer(tmp_path, table, "--decoder", str(decoder))
    assert (code, out.exists()) == (4, False)
    printed = capsys.readouterr()
    assert "decoder needs 0.0 GB of memory" in printed.err
    assert "is learning" not in printed.out
    monkeypatch.setattr("chatapp.library.fit.memory_available", lambda: 4 * n_weights)
    assert transfer(tmp_path, table, "--decoder", str(decoder))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--claims"),
        (["--claims", "perplexity"], "--data"),
        (["--claims", "transfer"], "--data"),
        (["--claims", "gradients", "--data", "a.txt"], "go with the claims"),
        (["--claims", "perplexity", "transfer", "--data", "a"], "one at a time"),
        (["--claims", "perplexity", "--data", "a", "--encoder", "b"], "claim transfer"),
        (["--claims", "perplexity", "--data", "a", "--minutes", "0"], "more than 0"),
        (["--claims", "perplexity", "--data", "a", "--minutes", "nan"], "more than 0"),
        (["--claims", "nonsense"], "invalid choice"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, words, capsys):
    try:
        code = main(["compare", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert words in capsys.readouterr().err


def test_data_of_another_kind_is_refused_in_words(tmp_path, table, capsys):
    text = tmp_path / "text.txt"
    text.write_text(TEXT, "utf-8")
    assert transfer(tmp_path, text)[0] == 4
    assert "texts with labels" in capsys.readouterr().err
    short = tmp_path / "short.txt"
    short.write_text("too little", "utf-8")
    command = ["compare", "--claims", "perplexity", "--out", str(tmp_path / "out"), "--data"]
    assert main([*command, str(short)]) == 4
    assert "too little" in capsys.readouterr().err
    assert main([*command, str(table)]) == 4
    assert "learns from texts" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_every_claim_can_be_named_on_the_command_line(capsys):
    with pytest.raises(SystemExit):
        main(["compare", "--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in CLAIMS)


@pytest.mark.parametrize(
    ("model", "objective", "words"),
    [
        (Model(start="a", freeze=True), "next_token", "no new head"),
        (Model(start="a", freeze=True), "chat", "no new head"),
        (Model(architecture="bert", freeze=True), "classification", "nothing to keep"),
        (Model(start="a", freeze=True, adapter=Adapter()), "answers", "contradict"),
    ],
)
def test_freezing_without_a_meaning_is_refused(tmp_path, model, objective, words):
    source = Source(kind="text", paths=("none.txt",))
    recipe = Recipe(data=Data(train=source), model=model, objective=Objective(kind=objective))
    with pytest.raises(TrainingError, match=words):
        prepare(recipe, RunFolder(tmp_path / "run"))
