import io
import json
import sys

import msgspec
import pytest
import torch

from chatapp.__main__ import main
from chatapp.errors import ChatAppError
from chatapp.nn.bert import BertConfig, BertForPretraining
from chatapp.runs.recipe import Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.report import Report
from chatapp.runs.run_folder import BIAS, REPORT, RunFolder
from chatapp.runs.source import Source
from chatapp.training import jobs
from chatapp.training.bias import read_pairs
from chatapp.training.evaluating import evaluate_run, probe_bias
from chatapp.training.process import train
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import save_checkpoint

OPTIONS = Training(
    max_steps=60, batch_size=16, learning_rate=1e-2, warmup_steps=5, eval_interval=30,
    precision="f32",
)  # fmt: skip
ANIMALS, PLANTS = ("cat", "dog", "cow", "hen"), ("oak", "elm", "rose", "fern")


def trained(folder, source, model, objective):
    recipe = Recipe(
        data=Data(train=source, held_out=0.3), tokenizer=Vocabulary(kind="characters"), model=model,
        objective=objective, training=OPTIONS,
    )  # fmt: skip
    run = RunFolder.create(folder, recipe)
    train(run)
    return run


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("writer")
    file = folder / "text.txt"
    file.write_text("".join(f"{one} says {one * 3}. " for one in "abcdefgh") * 60, "utf-8")
    return trained(
        folder / "run",
        Source(kind="text", paths=(str(file),)),
        Model(sizes={"block_size": 24, "n_layer": 1, "n_head": 2, "n_embd": 32}),
        Objective(kind="next_token"),
    )


@pytest.fixture(scope="module")
def sorter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sorter")
    file = folder / "words.tsv"
    rows = [
        f"the {one} is {much} {like}\t{label}"
        for label, words in (("animal", ANIMALS), ("plant", PLANTS))
        for one in words
        for much in ("very", "not", "so", "quite", "rather")
        for like in ("old", "big", "new")
    ]
    file.write_text("\n".join(["text\tlabel", *rows]), "utf-8")
    return trained(
        folder / "run",
        Source(kind="table", paths=(str(file),), columns={"text": "text", "label": "label"}),
        Model(architecture="gru", sizes={"n_layer": 1, "n_embd": 16, "hidden_size": 32}),
        Objective(kind="classification"),
    )


def test_a_language_model_is_measured_beside_n_grams(writer):
    report = evaluate_run(writer)
    assert [row.name for row in report.rows] == ["this model", "5-grams (Kneser-Ney)"]
    ours, grams = (row.figures for row in report.rows)
    assert ours.keys() == grams.keys() >= {"loss", "perplexity", "bits_per_char"}
    best = min(m.evaluation["loss"] for m in writer.metrics() if m.evaluation)
    assert ours["loss"].value == pytest.approx(best, rel=0.02)
    assert ours["loss"].low < ours["loss"].value < ours["loss"].high


def test_a_classifier_is_measured_beside_naive_bayes_and_the_most_frequent_label(sorter):
    report = evaluate_run(sorter)
    names = ["this model", "the most frequent label", "naive Bayes"]
    assert [row.name for row in report.rows] == names
    ours, majority, bayes = (row.figures["accuracy"].value for row in report.rows)
    assert bayes == 1
    assert ours > majority
    assert report.labels == ("animal", "plant")
    assert sum(map(sum, report.confusion)) == report.n


def test_a_report_is_kept_until_the_model_is_another(writer, sorter):
    report = evaluate_run(sorter)
    assert sorter.report(REPORT) == report
    assert 0 <= report.calibration_error < 1
    assert writer.report(BIAS) is None
    train(sorter, goes_on=False)
    assert sorter.report(REPORT) is None
    assert sorter.status().state == "stopped"


def test_the_window_is_told_how_a_model_leans_and_finds_it_in_the_folder(
    writer, monkeypatch, capsysbinary
):
    asked = io.TextIOWrapper(io.BytesIO(msgspec.json.encode(str(writer.path))))
    monkeypatch.setattr(sys, "stdin", asked)
    assert jobs.main(["bias"]) == 0
    report = msgspec.json.decode(capsysbinary.readouterr().out, type=Report)
    assert report == writer.report(BIAS)
    assert len(report.rows) == 5
    assert all(row.figures["spread"].value >= 0 for row in report.rows)
    assert report.n == len(read_pairs())


def test_the_command_line_prints_the_table(writer, capsys):
    assert main(["evaluate", str(writer.path)]) == 0
    head, ours, grams, foot = capsys.readouterr().out.splitlines()
    assert "perplexity" in head
    assert ours.startswith("this model")
    assert grams.startswith("5-grams")
    assert "95 % interval" in foot


def test_a_model_is_probed_for_bias(writer, capsys):
    assert main(["evaluate", str(writer.path), "--bias"]) == 0
    head, *groups, _ = capsys.readouterr().out.splitlines()
    assert "first preferred" in head
    assert {"gender", "age", "religion", "origin", "disability"} == {
        one.split()[0] for one in groups
    }


def test_a_model_is_measured_on_files(writer, tmp_path, capsys):
    file = tmp_path / "other.txt"
    file.write_text("a says aaa. b says bbb. " * 20, "utf-8")
    assert main(["evaluate", str(writer.path), str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["rows"]) == 1
    assert report["rows"][0]["figures"]["loss"]["value"] < 2


def test_a_model_and_examples_that_do_not_fit_are_refused(writer, sorter, capsys):
    words = str(sorter.path.parent / "words.tsv")
    assert main(["evaluate", str(writer.path), words]) != 0
    assert "Choose a classifier" in capsys.readouterr().err


def test_no_examples_and_pairs_for_what_does_not_translate_are_refused(writer, tmp_path, capsys):
    empty, pairs = tmp_path / "empty.csv", tmp_path / "pairs.tsv"
    empty.write_text("text,label\n", "utf-8")
    pairs.write_text("source\ttarget\nGo.\tVe.\n", "utf-8")
    for file, words in ((empty, "nothing"), (pairs, "does not turn one text into another")):
        assert main(["evaluate", str(writer.path), str(file)]) != 0
        assert words in capsys.readouterr().err


def test_a_model_that_fills_gaps_is_probed_one_hidden_token_at_a_time(tmp_path):
    pairs = read_pairs()
    texts = [text for pair in pairs for text in (pair.first, pair.second)]
    tokenizer = learn_tokenizer("wordpiece", texts, 300)
    torch.manual_seed(0)
    network = BertForPretraining(BertConfig(tokenizer.n_vocab, 32, 1, 2, 16)).eval()
    save_checkpoint(tmp_path / "bert", network, tokenizer)
    scored = probe_bias(tmp_path / "bert").pairs
    assert [one.pair for one in scored] == list(pairs)

    def logprob(text):
        first, last, mask = (tokenizer.id_of(one) for one in ("[CLS]", "[SEP]", "[MASK]"))
        whole = [first, *tokenizer.encode(text), last]
        total = 0.0
        for at in range(1, len(whole) - 1):
            ids = torch.tensor([[*whole[:at], mask, *whole[at + 1 :]]])
            total += network(ids)[0][0, at].log_softmax(-1)[whole[at]].item()
        return total

    for one in scored[::40]:
        expected = logprob(one.pair.first) - logprob(one.pair.second)
        assert one.total == pytest.approx(expected, abs=1e-4)


def test_a_run_without_a_model_is_refused(tmp_path, writer):
    run = RunFolder.create(tmp_path / "run", writer.recipe())
    with pytest.raises(ChatAppError):
        evaluate_run(run)
