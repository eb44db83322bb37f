"""What a new run can be: the recipes that come along as cards, and one filled in by its user.

No widgets and no files but those of the recipes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import structs
from PySide6.QtCore import QCoreApplication, QThread

from chatapp import paths
from chatapp.runs.recipe import Model, ObjectiveName, Recipe, read_recipe
from chatapp.runs.source import Kind, Role, Source

SIZES = {"small": 1.0, "medium": 1.5, "large": 2.0}  # every layer, head and width so many times

_COUNTS = ("n_layer", "n_head", "n_kv_head", "n_embd", "hidden_size", "d_ff")
_N_EVALUATIONS = 8  # of a run that ends by the clock
_WARMUP_SHARE = 0.1


class Card(NamedTuple):
    """A recipe to choose.

    Attributes:
        title: What it is.
        words: The same in a sentence.
        wants: What data it learns from.
        files: Its recipes in assets/recipes; several are several runs on the same data.
        from_nothing: The recipe to be taken where there is no model to begin with; "": there
            must be one.
        recipe: To be taken in place of those that come along.
    """

    title: str
    words: str
    wants: str
    files: tuple[str, ...]
    from_nothing: str = ""
    recipe: Recipe | None = None


class Wishes(NamedTuple):
    """What the user filled in.

    Attributes:
        name: Of the run.
        licence: Of the data.
        start: The model to begin with; "" for none.
        size: How large a new network is; see SIZES.
        minutes: How long it may take; 0: as long as its steps take.
        training: Values of [training] that are others than the recipe's.
        held_out: Share of the examples that is never learned from.
    """

    name: str = ""
    licence: str = ""
    start: str = ""
    size: str = "small"
    minutes: float = 0.0
    training: Mapping[str, Any] = {}
    held_out: float | None = None


class Form(NamedTuple):
    """The data an objective learns from: the kinds of files, and the roles of columns."""

    kinds: tuple[Kind, ...]
    roles: tuple[Role, ...]


FORMS: Mapping[ObjectiveName, Form] = {
    "next_token": Form(("text", "table"), ("text",)),
    "masked_lm": Form(("text", "table"), ("text",)),
    "sequence_to_sequence": Form(("table", "parallel"), ("source", "target")),
    "classification": Form(("table",), ("text", "label")),
    "answers": Form(("squad", "table"), ("context", "question", "answers")),
    "chat": Form(("chats", "table"), ("prompt", "response")),
}


def cards() -> list[Card]:
    """All that come along."""
    translate = QCoreApplication.translate
    table = translate(
        "lab", "A table (.tsv, .csv, .jsonl) with a column of texts and one of labels"
    )
    texts = translate("lab", "Text files, or a folder of them: a megabyte is plenty")
    return [
        Card(
            translate("lab", "Write like Shakespeare"),
            translate(
                "lab",
                "A small GPT learns a text letter by letter, and goes on with it in its manner.",
            ),
            texts,
            ("shakespeare",),
        ),
        Card(
            translate("lab", "Spam or not"),
            translate(
                "lab", "A model learns from your examples which of two labels a message has."
            ),
            table,
            ("spam",),
            "labels_from_nothing",
        ),
        Card(
            translate("lab", "Sort by topic"),
            translate("lab", "A model learns from your examples what a text is about."),
            table,
            ("topics",),
            "labels_from_nothing",
        ),
        Card(
            translate("lab", "Translate English to Spanish"),
            translate(
                "lab",
                "A Transformer learns from pairs of sentences to turn the first into the second:"
                " any two languages will do.",
            ),
            translate("lab", "A table with a column for each language, or two files, line by line"),
            ("translation",),
        ),
        Card(
            translate("lab", "Answer from a text"),
            translate("lab", "A model learns to mark the words of a text that answer a question."),
            translate(
                "lab", "Questions as in SQuAD (.json), or a table: context, question and answers"
            ),
            ("answers",),
        ),
        Card(
            translate("lab", "Teach the assistant my style"),
            translate(
                "lab",
                "A model you chat with learns from replies you like, beside its weights, which"
                " stay as they are.",
            ),
            translate(
                "lab", "Your conversations, exported as training data, or a table: prompt, response"
            ),
            ("style",),
        ),
        Card(
            translate("lab", "RNN, LSTM, GRU and GPT side by side"),
            translate(
                "lab",
                "Four networks with about as many weights learn the same text at the same time."
                " Watch which is best.",
            ),
            texts,
            ("side_by_side_gpt", "side_by_side_lstm", "side_by_side_gru", "side_by_side_rnn"),
        ),
    ]


def recipes_of(card: Card, start: str) -> list[Recipe]:
    """What a card begins with, its placeholders in it.

    Raises:
        TrainingError: If a recipe of the program is damaged.
    """
    if card.recipe is not None:
        return [card.recipe]
    files = (card.from_nothing,) if card.from_nothing and not start else card.files
    return [read_recipe(paths.assets_dir() / "recipes" / f"{name}.toml") for name in files]


def card_like(recipe: Recipe) -> Card:
    """Begins with all that is in a recipe.

    Raises:
        TrainingError: If a recipe of the program is damaged.
    """
    words = QCoreApplication.translate(
        "lab", "Filled in as that run was. Change what shall be different."
    )
    kind = recipe.objective.kind
    alike = (one for one in cards() if recipes_of(one, "?")[0].objective.kind == kind)
    return Card(recipe.name, words, next((one.wants for one in alike), ""), (), recipe=recipe)


def filled_in(bases: Sequence[Recipe], source: Source, wishes: Wishes) -> list[Recipe]:
    """What is to be trained; several at once share the processor."""
    return [_filled_in(base, source, wishes, len(bases)) for base in bases]


def by_the_clock(recipe: Recipe, minutes: float, seconds_per_step: float) -> Recipe:
    """The recipe with as many steps as there is time for, so that its learning rate ends in time.

    Args:
        recipe: The recipe.
        minutes: How long it may take; 0 leaves it as it is.
        seconds_per_step: What an update takes.
    """
    if not minutes:
        return recipe
    steps = max(1, int(60 * minutes / seconds_per_step))
    training = structs.replace(
        recipe.training,
        max_steps=steps,
        warmup_steps=min(recipe.training.warmup_steps, int(_WARMUP_SHARE * steps)),
        eval_interval=max(1, steps // _N_EVALUATIONS),
    )
    return structs.replace(recipe, training=training)


def at_once(n_runs: int) -> float:
    """How many times longer a step takes when so many runs share the processor."""
    return max(1.0, n_runs * threads_of(n_runs) / QThread.idealThreadCount()) if n_runs > 1 else 1.0


def threads_of(n_runs: int) -> int:
    """Threads for each of several runs; 0 where one has all."""
    return max(1, QThread.idealThreadCount() // n_runs) if n_runs > 1 else 0


def without_words(recipe: Recipe) -> Recipe:
    """The recipe without what changes nothing of how it learns."""
    return structs.replace(recipe, name="", data=structs.replace(recipe.data, licence=""))


def _filled_in(base: Recipe, source: Source, wishes: Wishes, n_runs: int) -> Recipe:
    held_out = base.data.held_out if wishes.held_out is None else wishes.held_out
    training = {
        "n_threads": threads_of(n_runs) or base.training.n_threads,
        **wishes.training,
        "max_minutes": wishes.minutes,
    }
    model = structs.replace(base.model, start=wishes.start)
    return structs.replace(
        base,
        # First what tells them apart: the list cuts long names short.
        name=f"{base.name} · {wishes.name}" if n_runs > 1 else wishes.name,
        data=structs.replace(base.data, train=source, licence=wishes.licence, held_out=held_out),
        model=model if wishes.start else _sized(model, SIZES[wishes.size]),
        training=structs.replace(base.training, **training),
    )


def _sized(model: Model, factor: float) -> Model:
    """A network so many times as wide and as deep; each head stays as wide as it is."""
    sizes = {
        name: round(factor * value) if name in _COUNTS else value
        for name, value in model.sizes.items()
    }
    return structs.replace(model, sizes=sizes)
