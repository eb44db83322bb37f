"""The recipes that come with the program can be read, and train once data and model are named."""

import json

import pytest
from msgspec import structs

from benchmarks import _learning
from chatapp import paths
from chatapp.nn.bert import Bert, BertConfig
from chatapp.runs.recipe import read_recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.training.process import train
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import save_checkpoint

RECIPES = paths.assets_dir() / "recipes"
ROWS = {
    "classification": [
        {"text": f"{word} number {number}", "label": word}
        for word in ("fish", "bird")
        for number in range(20)
    ],
    "answers": [
        {"context": f"The {word} has {n} legs.", "question": "How many legs?", "answers": f"{n}"}
        for word in ("fish", "bird")
        for n in range(20)
    ],
}


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_recipe_has_a_name_and_keeps_within_its_steps(path):
    recipe = read_recipe(path)
    assert recipe.name
    assert recipe.training.warmup_steps < recipe.training.max_steps
    assert recipe.training.eval_interval <= recipe.training.max_steps


@pytest.mark.parametrize("name", ["spam", "topics", "answers"])
def test_a_recipe_trains_once_data_and_model_are_named(tmp_path, name):
    recipe = read_recipe(RECIPES / f"{name}.toml")
    rows = ROWS[recipe.objective.kind]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    texts = [value for row in rows for value in row.values()]
    save_checkpoint(
        tmp_path / "encoder", Bert(BertConfig(200, 64, 1, 2, 16)),
        learn_tokenizer("wordpiece", texts, 200),
    )  # fmt: skip
    replace = structs.replace
    folder = RunFolder.create(
        tmp_path / "run",
        replace(
            recipe,
            data=replace(recipe.data, train=Source(kind="table", paths=(str(file),))),
            model=replace(recipe.model, start=str(tmp_path / "encoder")),
            training=replace(recipe.training, max_steps=2, precision="f32"),
        ),
    )
    assert train(folder).state == "done"
    assert {one.step for one in folder.samples()} == {0, 2}


def test_a_benchmark_says_which_data_it_lacks(tmp_path, monkeypatch):
    monkeypatch.delenv("CHATAPP_DATA", raising=False)
    with pytest.raises(RuntimeError, match="CHATAPP_DATA"):
        _learning.data("texts.tsv")
    monkeypatch.setenv("CHATAPP_DATA", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"texts\.tsv is missing"):
        _learning.data("texts.tsv")
    (tmp_path / "texts.tsv").touch()
    assert _learning.data("texts.tsv") == str(tmp_path / "texts.tsv")
