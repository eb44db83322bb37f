"""The recipes that come along, and how they are filled in."""

from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from chatapp import paths
from chatapp.gui.lab.new_run_recipes import (
    FORMS,
    Card,
    Wishes,
    at_once,
    by_the_clock,
    cards,
    filled_in,
    recipes_of,
    without_words,
)
from chatapp.runs.recipe import read_recipe
from chatapp.runs.source import Source
from chatapp.training.networks import new_network

TEXT = Source(kind="text", paths=("/data/a.txt",))


def card(title: str) -> Card:
    return next(one for one in cards() if one.title == title)


def files() -> list[Path]:
    return sorted((paths.assets_dir() / "recipes").glob("*.toml"))


def test_each_recipe_that_comes_along_belongs_to_a_card() -> None:
    named = {name for one in cards() for name in (*one.files, one.from_nothing) if name}
    assert named == {path.stem for path in files()}


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_each_recipe_can_be_read_and_names_data_its_task_learns_from(path: Path) -> None:
    recipe = read_recipe(path)
    form = FORMS[recipe.objective.kind]
    assert recipe.data.train.kind in form.kinds
    assert set(recipe.data.train.columns) in (set(), set(form.roles))
    assert recipe.data.licence == ""  # which only its user knows


def test_the_four_networks_side_by_side_have_about_as_many_weights() -> None:
    side_by_side = card("RNN, LSTM, GRU and GPT side by side")
    counts = [
        sum(one.numel() for one in new_network(recipe.model, 65, 1).parameters())
        for recipe in recipes_of(side_by_side, "")
    ]
    assert len(counts) == 4
    assert max(counts) < 1.02 * min(counts)


def test_four_at_once_share_the_processor_and_are_called_by_their_network() -> None:
    bases = recipes_of(card("RNN, LSTM, GRU and GPT side by side"), "")
    recipes = filled_in(bases, TEXT, Wishes(name="Race", licence="CC0"))
    names = [one.name for one in recipes]
    assert names == ["GPT · Race", "LSTM · Race", "GRU · Race", "RNN · Race"]
    assert {one.training.n_threads for one in recipes} == {max(1, QThread.idealThreadCount() // 4)}
    assert {one.data.licence for one in recipes} == {"CC0"}
    assert at_once(4) == max(1, 4 / QThread.idealThreadCount())
    assert at_once(1) == 1


def test_wishes_fill_in_a_recipe() -> None:
    (base,) = recipes_of(card("Write like Shakespeare"), "")
    wishes = Wishes(
        name="Mine", size="large", minutes=5, training={"learning_rate": 0.5}, held_out=0.2
    )
    (recipe,) = filled_in([base], TEXT, wishes)
    assert (recipe.name, recipe.data.train, recipe.data.held_out) == ("Mine", TEXT, 0.2)
    assert recipe.model.sizes == {"block_size": 64, "n_layer": 8, "n_head": 8, "n_embd": 256}
    assert (recipe.training.learning_rate, recipe.training.max_minutes) == (0.5, 5)
    assert recipe.training.beta2 == base.training.beta2
    (medium,) = filled_in([base], TEXT, Wishes(size="medium"))
    assert medium.model.sizes == {"block_size": 64, "n_layer": 6, "n_head": 6, "n_embd": 192}


def test_a_model_to_begin_with_keeps_its_size_and_brings_another_recipe() -> None:
    spam = card("Spam or not")
    (base,) = recipes_of(spam, "/models/encoder")
    (recipe,) = filled_in([base], TEXT, Wishes(start="/models/encoder", size="large"))
    assert (recipe.model.start, recipe.model.sizes) == ("/models/encoder", {})
    (new,) = recipes_of(spam, "")
    assert (new.model.start, new.model.architecture) == ("", "lstm")


def test_minutes_give_the_steps_so_that_the_learning_rate_ends_in_time() -> None:
    (base,) = recipes_of(card("Write like Shakespeare"), "")
    timed = by_the_clock(base, 2, 0.5).training
    assert (timed.max_steps, timed.warmup_steps, timed.eval_interval) == (240, 24, 30)
    assert by_the_clock(base, 0, 0.5) == base


def test_name_and_licence_change_nothing_that_is_measured() -> None:
    (base,) = recipes_of(card("Write like Shakespeare"), "")
    (one,) = filled_in([base], TEXT, Wishes(name="a", licence="b"))
    (other,) = filled_in([base], TEXT, Wishes(name="c", licence="d"))
    assert without_words(one) == without_words(other)
