"""The two models that come along: small, with a recipe and a card, and able to write."""

import pytest
import torch

from chatapp import paths
from chatapp.library.shelf import find_models
from chatapp.runs.recipe import read_recipe
from chatapp.training.sampling import continue_text
from chatapp.weights.opening import open_model

FOLDER = paths.assets_dir() / "models"
NAMES = {"shakespeare-gpt": "gpt", "shakespeare-lstm": "lstm"}
MOST_BYTES = 8_000_000


@pytest.mark.parametrize(("name", "architecture"), NAMES.items())
def test_a_shipped_model_is_small_has_a_recipe_and_a_card_and_writes(name, architecture):
    folder = FOLDER / name
    assert sum(one.stat().st_size for one in folder.iterdir()) < MOST_BYTES
    recipe, opened = read_recipe(folder / "recipe.toml"), open_model(folder, torch.float32)
    found = getattr(opened.model.config, "cell", opened.architecture)  # of a recurrent network
    assert recipe.model.architecture == found == architecture
    sizes = {name: getattr(opened.model.config, name) for name in recipe.model.sizes}
    assert sizes == recipe.model.sizes
    assert opened.card["name"] == recipe.name
    assert opened.card["license"] == recipe.data.licence == "public domain"
    assert opened.card["seed"] == str(recipe.training.seed)
    model, tokenizer = opened.model.eval(), opened.tokenizer
    ids = tokenizer.encode("ROMEO:\nWhat")
    with torch.inference_mode():
        new = continue_text(model, ids, 60, 256, torch.Generator().manual_seed(1))
    text = tokenizer.decode(new)
    known = {"the", "and", "to", "I", "of", "my", "you", "that", "is", "not", "me", "thou"}
    assert len(known & set(text.split())) >= 3, text


def test_the_shipped_models_are_of_one_size_and_learned_the_same():
    models = [open_model(FOLDER / name, torch.float32).model for name in NAMES]
    n_weights = [sum(one.numel() for one in model.parameters()) for model in models]
    assert max(n_weights) <= 1.03 * min(n_weights)
    gpt, lstm = (read_recipe(FOLDER / name / "recipe.toml") for name in NAMES)
    assert gpt.tokenizer == lstm.tokenizer
    assert gpt.training == lstm.training


def test_the_shipped_models_are_on_the_shelf():
    found = {entry.name: entry for entry in find_models((), ())}
    for name, architecture in (("Shakespeare GPT", "gpt"), ("Shakespeare LSTM", "lstm")):
        entry = found[name]
        assert not entry.error
        assert (entry.source, entry.architecture) == ("shipped", architecture)
        assert entry.license == "public domain"
