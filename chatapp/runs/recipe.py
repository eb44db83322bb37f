"""What a run is made of: one TOML file with the data, the tokenizer, the model and how it learns.

A recipe with its defaults filled in is what a run keeps, so that it says all there is to know.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w
from msgspec import Meta, Struct, field

from chatapp.errors import TrainingError, say
from chatapp.runs.source import Source

Architecture = Literal["gpt", "llama", "rnn", "lstm", "gru", "transformer", "seq2seq", "bert"]
ObjectiveName = Literal[
    "next_token", "masked_lm", "sequence_to_sequence", "classification", "answers", "chat"
]
Count = Annotated[int, Meta(ge=1)]
Whole = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, lt=1)]
Positive = Annotated[float, Meta(gt=0)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key it does not know is refused, for it would have no effect."""


class Data(_Part, frozen=True, kw_only=True):
    """Where the examples come from and how many are held out.

    Attributes:
        train: The examples to learn from.
        validation: Examples held out already; without, `held_out` of `train` are.
        held_out: Share of the examples that is never learned from, drawn by hash.
        licence: Under which the data may be used; it is written on the model's card.
    """

    train: Source
    validation: Source | None = None
    held_out: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    licence: str = ""


class Vocabulary(_Part, frozen=True, kw_only=True):
    """How a text is cut into tokens: learned from the data, or a model's.

    Attributes:
        kind: What is learned. A model that is learned on from keeps its own tokenizer.
        n_vocab: Tokens of it at most; characters take as many as the text has.
        model: A model whose tokenizer is taken instead.
    """

    kind: Literal["characters", "bpe", "wordpiece"] = "bpe"
    n_vocab: Count = 8_000
    model: str = ""


class Adapter(_Part, frozen=True, kw_only=True):
    """LoRA: small matrices learned beside the layers, which stay (Hu et al. 2021).

    Attributes:
        rank: Width of the matrices between.
        alpha: What is added counts alpha / rank.
        dropout: Share of their input dropped in training.
    """

    rank: Count = 8
    alpha: Positive = 16.0
    dropout: Share = 0.0


class Model(_Part, frozen=True, kw_only=True):
    """The network: of these sizes, or a model to go on from.

    Attributes:
        architecture: Its kind.
        sizes: Its configuration, the fields of that network's dataclass but for n_vocab.
        start: A checkpoint, Hugging Face folder or GGUF file whose weights it begins with.
        adapter: Small matrices to be learned instead of the weights.
        freeze: Whether of `start` nothing is learned but the new head.
    """

    architecture: Architecture = "gpt"
    sizes: dict[str, Any] = {}
    start: str = ""
    adapter: Adapter | None = None
    freeze: bool = False


class Objective(_Part, frozen=True, kw_only=True):
    """What is learned.

    Attributes:
        kind: The task.
        mask: Masked LM: once for all, as BERT's paper does, with next sentences; or anew each time,
            without (RoBERTa).
        label_smoothing: Sequence to sequence: share of the target spread over all tokens.
        max_length: Tokens of an example at most; what is longer is cut. 0: as many as the model has
            positions.
    """

    kind: ObjectiveName = "next_token"
    mask: Literal["static", "dynamic"] = "dynamic"
    label_smoothing: Share = 0.0
    max_length: Whole = 0


class Training(_Part, frozen=True, kw_only=True):
    """How it is learned.

    Attributes:
        max_steps: Updates of the weights.
        max_minutes: The run ends after as many minutes; 0: no limit.
        batch_size: Examples of one update, over all processes.
        micro_batch: Examples at a time; 0: all, and fewer by half when memory runs out.
        gradient_checkpointing: Whether what the layers compute is computed once more for the
            gradient instead of kept: less memory, a third more time.
        learning_rate: The highest.
        min_learning_rate: What a cosine falls to.
        warmup_steps: Steps over which the rate rises from nothing.
        schedule: cosine; inverse_sqrt, as in Vaswani et al. 2017; linear, to nothing; constant.
        weight_decay: Of matrices; vectors have none.
        beta1: Of AdamW.
        beta2: Of AdamW.
        grad_clip: Longest gradient; 0: no limit.
        precision: What is computed in; auto tries which is faster.
        eval_interval: Steps between evaluations.
        patience: Evaluations without a better loss after which the run stops; 0: never.
        checkpoint_minutes: Between two checkpoints at most.
        n_samples: Texts written at each evaluation.
        seed: Two runs with the same one are the same.
        n_threads: Of the processor; 0: one for each core.
    """

    max_steps: Count = 2_000
    max_minutes: Annotated[float, Meta(ge=0)] = 0.0
    batch_size: Count = 12
    micro_batch: Whole = 0
    gradient_checkpointing: bool = False
    learning_rate: Positive = 1e-3
    min_learning_rate: Annotated[float, Meta(ge=0)] = 0.0
    warmup_steps: Whole = 100
    schedule: Literal["cosine", "inverse_sqrt", "linear", "constant"] = "cosine"
    weight_decay: Annotated[float, Meta(ge=0)] = 0.1
    beta1: Share = 0.9
    beta2: Share = 0.95
    grad_clip: Annotated[float, Meta(ge=0)] = 1.0
    precision: Literal["auto", "f32", "bf16"] = "auto"
    eval_interval: Count = 250
    patience: Whole = 0
    checkpoint_minutes: Positive = 3.0
    n_samples: Whole = 1
    seed: int = 1337
    n_threads: Whole = 0


class Recipe(_Part, frozen=True, kw_only=True):
    """A whole run; see the parts."""

    name: str = ""
    data: Data
    tokenizer: Vocabulary = field(default_factory=Vocabulary)
    model: Model = field(default_factory=Model)
    objective: Objective = field(default_factory=Objective)
    training: Training = field(default_factory=Training)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Relative paths in it are seen from its folder.

    Raises:
        TrainingError: If it cannot be read, or says something that makes no sense; file and key are
            named.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TrainingError(
            say("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or "")
        ) from None
    except ValueError as error:  # no UTF-8 is one too
        raise TrainingError(
            say("{file} is no recipe: {reason}.", file=str(path), reason=str(error))
        ) from None
    return recipe_of(path, values)


def recipe_of(path: Path, values: dict[str, Any]) -> Recipe:
    """Check what a recipe says; `path` is where it was found.

    Raises:
        TrainingError: If something in it makes no sense.
    """
    try:
        recipe = msgspec.convert(values, Recipe)
    except msgspec.ValidationError as error:
        raise TrainingError(
            say("{file}: this makes no sense: {reason}.", file=str(path), reason=str(error))
        ) from None
    return _with_whole_paths(recipe, path.parent.absolute())


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe with all its values.

    Raises:
        OSError: If it cannot be written.
    """
    path.write_bytes(tomli_w.dumps(_without_none(msgspec.to_builtins(recipe))).encode())


def _without_none(value: Any) -> Any:
    # TOML has no null: a key that is not there is one.
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return value


def _with_whole_paths(recipe: Recipe, folder: Path) -> Recipe:
    def whole(name: str) -> str:
        return str(folder / name) if name and (folder / name).exists() else name

    def source(one: Source) -> Source:
        return msgspec.structs.replace(one, paths=tuple(whole(path) for path in one.paths))

    replace = msgspec.structs.replace
    data, validation = recipe.data, recipe.data.validation
    data = replace(data, train=source(data.train), validation=validation and source(validation))
    return replace(
        recipe,
        data=data,
        tokenizer=replace(recipe.tokenizer, model=whole(recipe.tokenizer.model)),
        model=replace(recipe.model, start=whole(recipe.model.start)),
    )
