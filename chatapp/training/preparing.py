"""From a recipe to what the trainer needs: examples, tokenizer, network and objective.

What a run learned its tokenizer from may be gone when it goes on, so the tokenizer is kept in its
folder; so are the tokens of its texts.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from chatapp.errors import TrainingError, say
from chatapp.nn.lora import add_lora
from chatapp.runs.recipe import ObjectiveName, Recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.text.tokenizer import Tokenizer
from chatapp.text.tokenizer_files import read_folder_tokenizer, save_tokenizer
from chatapp.training import workers
from chatapp.training.data.examples import (
    Chat,
    Example,
    Labelled,
    Pair,
    Question,
    Text,
    texts_of,
)
from chatapp.training.data.reading import read_examples
from chatapp.training.data.splitting import split_examples, split_from
from chatapp.training.objectives.base import Objective
from chatapp.training.vocabulary import learn_tokenizer
from chatapp.weights.checkpoint import placing
from chatapp.weights.opened import OpenedModel
from chatapp.weights.opening import open_model


class Material(NamedTuple):
    """What every objective is made from.

    Attributes:
        recipe: What was asked for.
        folder: Where the run keeps what it makes.
        train: Examples to learn from.
        validation: Examples held out.
        tokenizer: How they are cut into tokens.
        start: The model that is learned on from, if there is one.
    """

    recipe: Recipe
    folder: RunFolder
    train: Sequence[Example]
    validation: Sequence[Example]
    tokenizer: Tokenizer
    start: OpenedModel | None


class Prepared(NamedTuple):
    """What is trained, and what goes with it into the model that comes out.

    Attributes:
        network: On the CPU; what of it learns requires a gradient.
        objective: What it learns.
        tokenizer: Its vocabulary.
        chat_template: How it is chatted with, "" if it has no template.
        labels: What the outputs of a classifier are called.
    """

    network: nn.Module
    objective: Objective
    tokenizer: Tokenizer
    chat_template: str = ""
    labels: tuple[str, ...] = ()


class _Task(NamedTuple):
    module: str  # its `prepare` makes the objective; imported when it is wanted
    example: type[Any]  # what it learns from
    needs: str  # the same, in words


_TASKS: Mapping[ObjectiveName, _Task] = {
    "next_token": _Task("next_token", Text, "texts"),
    "masked_lm": _Task("masked_lm", Text, "texts"),
    "sequence_to_sequence": _Task("sequence_to_sequence", Pair, "pairs of source and target"),
    "classification": _Task("classification", Labelled, "texts with labels"),
    "answers": _Task("answers", Question, "questions with a context and answers"),
    "chat": _Task("chat", Chat, "conversations"),
}


_OWN_HEADS = ("classification", "answers")  # new ones, which learn beside the adapters


def prepare(recipe: Recipe, folder: RunFolder) -> Prepared:
    """Read the data, learn the tokenizer, make the network.

    Raises:
        ChatAppError: If the data, the model or the recipe cannot be used; it says what and where.
    """
    _check_frozen(recipe)
    start = None
    if recipe.model.start:
        start = open_model(Path(recipe.model.start), _start_dtype(recipe))
    task = _TASKS[recipe.objective.kind]
    train, validation = examples_of(recipe)
    wrong = next((one for one in (*train[:1], *validation[:1]) if type(one) is not task.example), 0)
    if wrong:
        raise TrainingError(
            say(
                "{objective} learns from {needs}, and the data holds something else. Name the "
                "columns that hold them in [data.train] columns.",
                objective=recipe.objective.kind,
                needs=task.needs,
            )
        )
    tokenizer = _tokenizer(recipe, folder, start, train)
    material = Material(recipe, folder, train, validation, tokenizer, start)
    module = import_module(f"chatapp.training.objectives.{task.module}")
    prepared: Prepared = module.prepare(material)
    if adapter := recipe.model.adapter:
        torch.manual_seed(recipe.training.seed)
        add_lora(prepared.network, adapter.rank, adapter.alpha, adapter.dropout)
        if recipe.objective.kind in _OWN_HEADS:
            prepared.network.get_submodule("head").requires_grad_(True)
    return prepared


def _check_frozen(recipe: Recipe) -> None:
    """Refuse to freeze where nothing would be left to learn, or nothing was learned before."""
    if not recipe.model.freeze:
        return
    if recipe.objective.kind not in _OWN_HEADS:
        raise TrainingError(
            say(
                "[model] freeze: {objective} puts no new head on the model, so nothing would be "
                "left to learn. Leave it out.",
                objective=recipe.objective.kind,
            )
        )
    if not recipe.model.start:
        raise TrainingError(
            say("[model] freeze: a new network has nothing to keep. Name a model in [model] start.")
        )
    if recipe.model.adapter is not None:
        raise TrainingError(
            say("[model] freeze and adapter contradict each other. Leave one of them out.")
        )


def _start_dtype(recipe: Recipe) -> torch.dtype:
    """Weights that stay as they are may be half as large; those that learn need every bit."""
    stays = recipe.model.adapter is not None and recipe.training.precision != "f32"
    # A new head learns, so it is in float32, and takes what the body gives as it is.
    stays = stays and recipe.objective.kind not in _OWN_HEADS
    return torch.bfloat16 if stays and workers.has_bf16(workers.device()) else torch.float32


def examples_of(recipe: Recipe) -> tuple[Sequence[Example], Sequence[Example]]:
    """What a recipe learns from, and what it holds out: the same every time.

    Raises:
        DataError: If the data cannot be used.
    """
    data, seed = recipe.data, recipe.training.seed
    examples = read_examples(data.train)
    if data.validation is None:
        split = split_examples(examples, validation=data.held_out, seed=seed)
    else:
        split = split_from(examples, read_examples(data.validation))
    return split.train, split.validation


def _tokenizer(
    recipe: Recipe, folder: RunFolder, start: OpenedModel | None, train: Sequence[Example]
) -> Tokenizer:
    if start is not None:
        return start.tokenizer
    if recipe.tokenizer.model:
        return open_model(Path(recipe.tokenizer.model), torch.float32).tokenizer
    kept = folder.path / "tokenizer"
    if kept.is_dir():
        return read_folder_tokenizer(kept)[0]
    texts = (text for example in train for text in texts_of(example))
    tokenizer = learn_tokenizer(recipe.tokenizer.kind, texts, recipe.tokenizer.n_vocab)
    with placing(kept) as new:  # whole or not there, as the run may be killed now
        save_tokenizer(new, tokenizer, "")
    return tokenizer
