"""How well networks predict a text that have as many weights and as much time.

Sources: Mikolov et al. 2010, Recurrent neural network based language model; Hochreiter and
Schmidhuber 1997 (LSTM); Cho et al. 2014, arXiv:1406.1078 (GRU); Radford et al. 2018 (GPT). What is
held equal is what Kaplan et al. 2020, arXiv:2001.08361, section 3.2.1, hold equal: the weights.
"""

from pathlib import Path

import torch
from msgspec import structs

from chatapp import paths
from chatapp.errors import say
from chatapp.runs.comparison import Claim, Finding
from chatapp.runs.recipe import Data, Model, Recipe, read_recipe
from chatapp.runs.source import Source
from chatapp.training.claims.side_by_side import (
    Tell,
    effort,
    loss_over_time,
    n_weights,
    names_of,
    source_of,
    table,
    train_recipe,
)
from chatapp.training.data.examples import texts_of
from chatapp.training.estimating import estimate
from chatapp.training.networks import new_network
from chatapp.training.preparing import examples_of
from chatapp.training.vocabulary import learn_tokenizer

_NAMES = ("rnn", "lstm", "gru", "gpt")
_N_EVALUATIONS = 10
_WIDEST = 4_096
_NO_END = 10**9  # steps: the clock says when it ends


def perplexity_by_network(claim: Claim, place: Path, tell: Tell) -> Finding:
    """Train an RNN, an LSTM, a GRU and a GPT on the same text for as many minutes each.

    The learning rate stays as it is after the warm-up: a schedule would have to know beforehand
    how many updates there is time for.

    Args:
        claim: With the texts.
        place: Where the runs are kept.
        tell: Hears which network is learning.

    Raises:
        ChatAppError: If the texts cannot be learned from.
    """
    source = source_of(claim)
    recipes = _recipes(source, claim.minutes)
    runs = {one.name: train_recipe(_timed(one), one.name, place, tell) for one in recipes}
    return Finding(
        claim=claim.name,
        files=names_of(source),
        report=table(runs),
        plots=(loss_over_time(runs),),
        notes=(
            *(effort(name, run) for name, run in runs.items()),
            say(
                "All read the text in characters, the same ones held out; evaluations count as "
                "time. Of each the state is measured whose loss was least."
            ),
        ),
    )


def _recipes(source: Source, minutes: float) -> list[Recipe]:
    """Those that come along, on these texts and with as many weights as the GPT."""
    folder = paths.assets_dir() / "recipes"
    found = []
    for name in _NAMES:
        recipe = read_recipe(folder / f"side_by_side_{name}.toml")
        training = structs.replace(
            recipe.training, max_minutes=minutes, max_steps=_NO_END, schedule="constant"
        )
        data = Data(train=source, held_out=recipe.data.held_out)
        found.append(structs.replace(recipe, data=data, training=training))
    train, _ = examples_of(found[0])
    vocabulary = found[0].tokenizer
    texts = (text for example in train for text in texts_of(example))
    n_vocab = learn_tokenizer(vocabulary.kind, texts, vocabulary.n_vocab).n_vocab
    wanted = _n_weights(found[-1].model, n_vocab)
    return [structs.replace(one, model=_as_large(one.model, n_vocab, wanted)) for one in found]


def _timed(recipe: Recipe) -> Recipe:
    """The recipe with a few evaluations over its time."""
    seconds = 60 * recipe.training.max_minutes
    n_steps = seconds / estimate(recipe).seconds_per_step
    training = structs.replace(
        recipe.training, eval_interval=max(1, round(n_steps / _N_EVALUATIONS))
    )
    return structs.replace(recipe, training=training)


def _as_large(model: Model, n_vocab: int, wanted: int) -> Model:
    """The network as wide as makes its weights the nearest to so many; a GPT as it is."""
    if "hidden_size" not in model.sizes:
        return model
    low, high = 1, _WIDEST
    while low < high:
        width = (low + high) // 2
        if _n_weights(_wide(model, width), n_vocab) < wanted:
            low = width + 1
        else:
            high = width
    candidates = [_wide(model, width) for width in (low - 1, low) if width]
    return min(candidates, key=lambda one: abs(_n_weights(one, n_vocab) - wanted))


def _wide(model: Model, width: int) -> Model:
    return structs.replace(model, sizes={**model.sizes, "hidden_size": width})


def _n_weights(model: Model, n_vocab: int) -> int:
    with torch.device("meta"):  # nothing is drawn
        return n_weights(new_network(model, n_vocab, 0))
