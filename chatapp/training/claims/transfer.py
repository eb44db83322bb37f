"""What a model learned before buys where there are few labelled texts, from BERT's side and GPT's.

Each kind learns the same texts three times: from nothing, a small network; trained before and
frozen, only a layer on the mean of its vectors; trained before and learned on.

Sources: Devlin et al. 2018, arXiv:1810.04805, sections 4.1 and 5.3 (fine-tuned and frozen); Radford
et al. 2018, section 5 (what pre-training adds); Hu et al. 2021, arXiv:2106.09685 (adapters).
"""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from msgspec import structs
from torch import Tensor, nn

from chatapp.errors import Sentence, TrainingError, say
from chatapp.library import fit
from chatapp.library.gguf_header import read_header
from chatapp.nn.bert import Bert
from chatapp.runs.comparison import Claim, Finding
from chatapp.runs.plot import Curve, Plot
from chatapp.runs.recipe import Adapter, Data, Model, Objective, Recipe, Training, Vocabulary
from chatapp.runs.report import Report, Row
from chatapp.runs.run_folder import RunFolder
from chatapp.training.claims.side_by_side import (
    Tell,
    Trained,
    effort,
    n_weights,
    names_of,
    source_of,
    table,
    train_recipe,
)
from chatapp.training.data.examples import Labelled
from chatapp.training.estimating import estimate
from chatapp.training.evaluating import label_figures
from chatapp.training.networks import body_of
from chatapp.training.objectives.rows import Rows
from chatapp.training.predicting import label_logits, text_ids
from chatapp.training.preparing import Prepared, examples_of, prepare
from chatapp.weights.opening import open_model
from chatapp.weights.safetensors_file import SafetensorsFile

_HELD_OUT = 0.2
_MAX_LENGTH = 128
_BATCH = 16
_N_EVALUATIONS = 6
# Times through the texts: a network that knows nothing needs more of them.
_PASSES_NEW, _PASSES_TUNED = 15, 5
# Above, an adapter is tuned: all weights with what AdamW keeps of each would be 16 bytes each.
_MOST_WEIGHTS = 50_000_000
_RATE_NEW, _RATE_TUNED, _RATE_ADAPTER = 5e-4, 1e-4, 5e-4
_DECAY = 1e-2  # of the layer on a frozen model
_SCRATCH = {"BERT": say("BERT from scratch"), "GPT": say("GPT from scratch")}
_FROZEN = {"BERT": say("BERT trained before, frozen"), "GPT": say("GPT trained before, frozen")}
_TUNED = {
    "BERT": say("BERT trained before, fine-tuned"),
    "GPT": say("GPT trained before, fine-tuned"),
}
_SIZES = {"block_size": _MAX_LENGTH, "n_layer": 4, "n_head": 4, "n_embd": 128}


def what_transfer_buys(claim: Claim, place: Path, tell: Tell) -> Finding:
    """Put labels on texts with BERT and GPT, from nothing and from models trained before.

    Args:
        claim: With a table of texts and labels, and the models; rows without a model are left out.
        place: Where the runs are kept.
        tell: Hears which network is learning.

    Raises:
        ChatAppError: If the table or a model cannot be used.
    """
    starts = {"BERT": claim.encoder, "GPT": claim.decoder}
    for kind, path in starts.items():
        if path:
            _check_memory(Path(path))
            _check_kind(Path(path), is_encoder=kind == "BERT")
    source = source_of(claim)
    base = Recipe(
        data=Data(train=source, held_out=_HELD_OUT),
        objective=Objective(kind="classification", max_length=_MAX_LENGTH),
        tokenizer=Vocabulary(kind="wordpiece", n_vocab=4_000),
    )
    train, held_out = examples_of(base)
    runs: dict[str, Trained] = {}
    frozen: dict[str, Row] = {}
    notes: list[Sentence] = []
    for kind, path in starts.items():
        name = str(_SCRATCH[kind])
        new = Model(architecture="bert" if kind == "BERT" else "gpt", sizes=_SIZES)
        training = _training(len(train), claim.minutes, _PASSES_NEW, _RATE_NEW)
        recipe = structs.replace(base, name=name, model=new, training=training)
        runs[name] = train_recipe(_in_time(recipe), _SCRATCH[kind], place, tell)
        notes.append(effort(_SCRATCH[kind], runs[name]))
        if not path:
            notes.append(
                say("No trained {kind} was named, so its two rows are left out.", kind=kind)
            )
            continue
        tuned = str(_TUNED[kind])
        tell(say("{name} is learning.", name=_FROZEN[kind]))
        frozen[tuned] = _frozen_row(str(_FROZEN[kind]), base, path, place)
        recipe = _tuned(structs.replace(base, name=tuned), path, len(train), claim.minutes)
        runs[tuned] = train_recipe(_in_time(recipe), _TUNED[kind], place, tell)
        notes.append(effort(_TUNED[kind], runs[tuned]))
        notes.append(_about(kind, Path(path), runs[tuned]))
    return Finding(
        claim=claim.name,
        files=names_of(source),
        report=_with_frozen(table(runs), frozen),
        plots=(_over_passes(runs, len(train)),),
        notes=(
            *notes,
            say(
                "Learned from {n:,} texts, measured on {held_out:,} others. Of a frozen model only "
                "a layer on the mean of its vectors learns.",
                n=len(train),
                held_out=len(held_out),
            ),
        ),
    )


def _check_memory(path: Path) -> None:
    """Refuse a model whose weights do not fit as float32, before any of them is read."""
    if path.is_dir():
        with SafetensorsFile(path) as file:
            n_params = sum(map(prod, file.shapes.values()))
    else:
        n_params = read_header(path).n_params
    needs, has = fit.opening_bytes(n_params, "f32"), fit.memory_available()
    if needs > has:
        raise TrainingError(
            say(
                "{model} needs {needs:.1f} GB of memory to be learned on from, and {has:.1f} GB "
                "are free. Close other programs, or choose a smaller model.",
                model=path.name,
                needs=needs / 1e9,
                has=has / 1e9,
            )
        )


def _check_kind(path: Path, *, is_encoder: bool) -> None:
    """Refuse a model at the wrong place, before anything is trained."""
    model = open_model(path, torch.bfloat16).model
    if isinstance(body_of(model), Bert) == is_encoder:
        return
    if is_encoder:
        raise TrainingError(
            say("{path} is no encoder like BERT, which reads both ways.", path=str(path))
        )
    raise TrainingError(
        say("{path} is no model like GPT, which reads from left to right.", path=str(path))
    )


def _training(n_train: int, minutes: float, n_passes: int, rate: float) -> Training:
    return Training(
        max_steps=max(1, n_passes * n_train // _BATCH),
        max_minutes=minutes,
        batch_size=_BATCH,
        learning_rate=rate,
        schedule="linear",
        weight_decay=0.01,
        beta2=0.999,
        n_samples=0,
    )


def _in_time(recipe: Recipe) -> Recipe:
    """The recipe with no more steps than there is time for, so that its rate ends in time."""
    training = recipe.training
    in_time = int(60 * training.max_minutes / estimate(recipe).seconds_per_step)
    steps = max(1, min(training.max_steps, in_time))
    training = structs.replace(
        training,
        max_steps=steps,
        warmup_steps=steps // 10,
        eval_interval=max(1, steps // _N_EVALUATIONS),
    )
    return structs.replace(recipe, training=training)


def _tuned(base: Recipe, path: str, n_train: int, minutes: float) -> Recipe:
    is_large = n_weights(open_model(Path(path), torch.bfloat16).model) > _MOST_WEIGHTS
    model = Model(start=path, adapter=Adapter() if is_large else None)
    rate = _RATE_ADAPTER if is_large else _RATE_TUNED
    training = _training(n_train, minutes, _PASSES_TUNED, rate)
    return structs.replace(base, model=model, training=training)


def _about(kind: str, path: Path, run: Trained) -> Sentence:
    name = open_model(path, torch.bfloat16).card.get("name") or path.name
    if run.n_weights > _MOST_WEIGHTS:
        return say(
            "The trained {kind} is {name}, tuned by an adapter beside its weights.",
            kind=kind,
            name=name,
        )
    return say("The trained {kind} is {name}.", kind=kind, name=name)


# ---- frozen ----


def _frozen_row(name: str, base: Recipe, path: str, place: Path) -> Row:
    """Learn a layer on the vectors of a model, which are computed once."""
    recipe = structs.replace(base, name=name, model=Model(start=path, freeze=True))
    prepared = prepare(recipe, RunFolder.create(place / name, recipe))
    train, held_out = (_labelled(part) for part in examples_of(recipe))
    given, asked = _vectors(prepared, train), _vectors(prepared, held_out)
    targets = torch.tensor([prepared.labels.index(one.label) for one in train])
    layer = fitted(given, targets, len(prepared.labels))
    with torch.inference_mode():
        probs = layer(asked).double().softmax(dim=1).numpy()
    return Row(name, label_figures(prepared.labels, held_out, probs))


def _labelled(examples: Sequence[object]) -> list[Labelled]:
    return [one for one in examples if isinstance(one, Labelled)]


def _vectors(prepared: Prepared, examples: Sequence[Labelled]) -> Tensor:
    """The mean vectors of texts, float32 [N, C]."""
    network: Any = prepared.network.eval()
    n_embd = network.get_parameter("head.weight").shape[1]
    passing_on = nn.Linear(n_embd, n_embd)  # in place of the head: what it is given comes out
    nn.init.eye_(passing_on.weight)
    nn.init.zeros_(passing_on.bias)
    network.register_module("head", passing_on)
    limit = min(_MAX_LENGTH, network.config.block_size)
    ids = (text_ids(prepared.tokenizer, one.text, limit) for one in examples)
    return label_logits(network, Rows(ids)).clone()


def fitted(vectors: Tensor, targets: Tensor, n_label: int) -> nn.Module:
    """Logistic regression on vectors brought to one scale, at its one minimum.

    Args:
        vectors: float32 [N, C].
        targets: int64 [N].
        n_label: How many labels there are.
    """
    mean, scale = vectors.mean(dim=0), vectors.std(dim=0).clamp(min=1e-6)
    layer = nn.Linear(vectors.shape[1], n_label)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    given = (vectors - mean) / scale
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        total = F.cross_entropy(layer(given), targets) + _DECAY * layer.weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():  # the scale goes into the layer
        layer.weight.div_(scale)
        layer.bias.sub_(layer.weight @ mean)
    return layer


# ---- put together ----


def _with_frozen(report: Report, frozen: Mapping[str, Row]) -> Report:
    """The table with each frozen model above the same one fine-tuned."""
    rows: list[Row] = []
    for row in report.rows:
        rows += [frozen[row.name], row] if row.name in frozen else [row]
    return structs.replace(report, rows=tuple(rows))


def _over_passes(runs: Mapping[str, Trained], n_train: int) -> Plot:
    return Plot(
        title=say("How fast each learns the labels"),
        x_label=say("times through the texts"),
        y_label=say("share of right answers"),
        curves=tuple(
            Curve(
                name,
                tuple(one.step * _BATCH / n_train for one in run.evaluations),
                tuple(one.evaluation["accuracy"] for one in run.evaluations),
            )
            for name, run in runs.items()
        ),
    )
