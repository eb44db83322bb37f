"""A run from its beginning, or its last checkpoint, to the model that comes out.

Everything that goes wrong is written into the run's folder too: whoever looks finds it there.
"""

import logging
from pathlib import Path

import torch
from torch import nn

from chatapp.errors import ChatAppError, Sentence, TrainingError, say
from chatapp.nn.lora import add_lora, load_lora_state_dict, lora_state_dict, merge_lora
from chatapp.runs.run_folder import RunFolder, State, Status
from chatapp.training import workers
from chatapp.training.checkpoints import load_progress
from chatapp.training.objectives.base import Objective
from chatapp.training.preparing import Prepared, prepare
from chatapp.training.trainer import OnMetric, Trainer, ignore
from chatapp.weights.adapter import save_adapter
from chatapp.weights.checkpoint import save_checkpoint
from chatapp.weights.opening import open_model

_log = logging.getLogger(__name__)


def train(
    folder: RunFolder,
    on_metric: OnMetric = ignore,
    *,
    goes_on: bool = True,
    is_divided: bool = False,
) -> Status:
    """Train the run of a folder: begin it, or go on where it was.

    Args:
        folder: With a recipe in it.
        on_metric: Called with each line of figures and the seconds left.
        goes_on: Whether to train; else what was learned until the last checkpoint is kept as the
            model that came out.
        is_divided: Whether each of several processes holds only a part of the weights.

    Returns:
        How it ended: done, stopped or paused.

    Raises:
        ChatAppError: If it cannot begin or go on. The folder's status says so too.
    """
    workers.join()
    if workers.is_first() and folder.status().state in ("preparing", "running"):
        raise TrainingError(say("{path} is being trained already.", path=str(folder.path)))
    try:
        return _train(folder, on_metric, goes_on, is_divided)
    except ChatAppError as error:
        _end(folder, "failed", error.sentence)
        raise
    except OSError as error:
        sentence = say(
            "{file} could not be used: {reason}. The last checkpoint is still there. Make room if "
            "the disk is full, then resume the run.",
            file=error.filename or str(folder.path),
            reason=error.strerror or str(error),
        )
        _end(folder, "paused", sentence)
        raise TrainingError(sentence) from error
    finally:
        workers.leave()


def _train(folder: RunFolder, on_metric: OnMetric, goes_on: bool, is_divided: bool) -> Status:
    recipe = folder.recipe()
    options = recipe.training
    if workers.is_first():
        folder.take_request()  # one of an earlier time
        folder.write_status(Status(state="preparing", max_steps=options.max_steps))
    if options.n_threads:
        torch.set_num_threads(options.n_threads)
    with workers.first_before_others():
        prepared = prepare(recipe, folder)
    network = prepared.network
    _check_shared(prepared.objective, is_divided)
    if is_divided:
        workers.divide(network)
    else:
        network.to(workers.device())
    trainer = Trainer(network, prepared.objective, options, folder, on_metric)
    outcome = trainer.run() if goes_on else trainer.halt()
    if workers.is_first():
        if outcome != "paused":
            if is_divided:
                prepared = _whole(folder)
            else:
                trainer.load_best()
            _save_result(folder, prepared, trainer)
        trainer.say(outcome)
    return folder.status()


def _check_shared(objective: Objective, is_divided: bool) -> None:
    """Each process needs an example; where weights are divided, as many as each of the others.

    For then all must call the network equally often: each waits for the parts of the others.
    """
    n_rows, n_workers = len(objective.batch(0)["ids"]), workers.n_workers()
    if n_rows < n_workers:
        raise TrainingError(
            say(
                "Batches of {n_rows} examples are too small for {n} processes. Choose a larger "
                "batch_size.",
                n_rows=n_rows,
                n=n_workers,
            )
        )
    if is_divided and n_rows % n_workers:
        raise TrainingError(
            say(
                "--fsdp cannot share batches of {n_rows} examples among {n} processes evenly. "
                "Choose another batch_size.",
                n_rows=n_rows,
                n=n_workers,
            )
        )


def _whole(folder: RunFolder) -> Prepared:
    """What was learned in a network that is not divided: a model is saved from one."""
    prepared = prepare(folder.recipe(), folder)
    load_progress(folder.best, prepared.network)
    return prepared


def _save_result(folder: RunFolder, prepared: Prepared, trainer: Trainer) -> None:
    folder.forget_reports()
    network, card = prepared.network.to("cpu").eval(), _card(folder, trainer)
    if folder.recipe().model.adapter:
        save_adapter(folder.adapter, network, card)
        network = _merged(folder, network)
    save_checkpoint(
        folder.result,
        network,
        prepared.tokenizer,
        chat_template=prepared.chat_template,
        card=card,
        labels=prepared.labels,
    )


def _merged(folder: RunFolder, network: nn.Module) -> nn.Module:
    """The model with what was learned added to its weights, of which no bit was rounded off."""
    recipe = folder.recipe()
    if next(network.parameters()).dtype == torch.float32:
        return merge_lora(network)
    learned = {name: one.clone() for name, one in lora_state_dict(network).items()}
    network.to("meta")  # its memory is needed for the weights in float32
    whole = open_model(Path(recipe.model.start), torch.float32).model
    adapter = recipe.model.adapter
    assert adapter is not None
    add_lora(whole, adapter.rank, adapter.alpha)
    load_lora_state_dict(whole, learned)
    return merge_lora(whole)


def _card(folder: RunFolder, trainer: Trainer) -> dict[str, str]:
    """What is said of the model in words: from what it was made, and how good it is."""
    recipe, progress = folder.recipe(), trainer.progress
    return {
        "name": recipe.name or folder.path.name,
        "license": recipe.data.licence or "unknown",
        # Names alone: where they lie on this computer is nobody's business who gets the model.
        "data": ", ".join(Path(path).name for path in recipe.data.train.paths),
        "base_model": Path(recipe.model.start).name,
        "objective": recipe.objective.kind,
        "seed": str(recipe.training.seed),
        "steps": f"{progress.step:,}",
        "minutes": f"{progress.seconds / 60:.1f}",
        "loss": f"{progress.best_loss:.4f}",
    }


def _end(folder: RunFolder, state: State, message: Sentence) -> None:
    if not workers.is_first():
        return
    _log.error("%s", message)
    status = folder.status()
    try:
        folder.write_status(Status(
            state=state, step=status.step, max_steps=status.max_steps,
            seconds=status.seconds, message=message,
        ))  # fmt: skip
    except OSError:
        _log.exception("the status could not be written")
