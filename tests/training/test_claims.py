import json

import pytest
from PySide6.QtGui import QImage

from chatapp.__main__ import main
from chatapp.runs.recipe import Data, Model, Recipe, Training, Vocabulary, write_recipe
from chatapp.runs.source import Source
from chatapp.training.claims.contestants import NAMES, contestant, n_inner
from chatapp.training.claims.gradients import gradient_by_distance
from chatapp.training.claims.recall import DISTANCES, recall_by_distance


def test_the_networks_compared_have_about_the_same_size():
    sizes = [n_inner(contestant(name, 64, 200)) for name in NAMES]
    assert max(sizes) <= 1.11 * min(sizes)


def test_the_gradient_of_attention_comes_back_from_anywhere_and_an_rnns_does_not():
    curves = {curve.name: curve.y for curve in gradient_by_distance().curves}
    assert curves["attention"][199] > 1e-4
    assert curves["RNN"][100] < 1e-8
    assert curves["LSTM"][20] > 100 * curves["RNN"][20]
    assert all(curve[0] == pytest.approx(1) for curve in curves.values())


def test_what_was_never_learned_is_known_by_chance_only():
    for curve in recall_by_distance(n_steps=1, n_asked=32).curves:
        assert curve.x == DISTANCES
        assert all(share < 0.4 for share in curve.y)


@pytest.fixture
def recipes(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("".join(f"{one} says {one * 3}. " for one in "abcdefgh") * 40, "utf-8")
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
    assert len(json.loads((out / "report.json").read_bytes())["plots"]) == 2


def test_nothing_to_compare_is_refused(capsys):
    assert main(["compare"]) == 2
    assert "--claims" in capsys.readouterr().err
