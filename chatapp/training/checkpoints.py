"""Where a run can go on from: what is learned, the optimiser's memory and the step, in one file.

Replaced as a whole, so that after a crash the old one or the new one is there. Weights that are not
learned are not in it. It is the same file whether one process trained or several.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from msgspec import Struct, structs
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.training import workers

_MODEL, _OPTIMIZER, _PROGRESS = "model.", "optimizer.", "progress"


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run has come.

    Attributes:
        step: Updates made.
        seconds: Time trained.
        best_loss: Of what is held out; infinite before the first evaluation.
        n_worse: Evaluations since then that were not better.
        total: Sum of the losses since the last line of metrics.
        n_counted: How many tokens or examples they are of.
        precision: What the run computes in: f32 or bf16.
        micro_batch: Examples at a time.
    """

    step: int = 0
    seconds: float = 0.0
    best_loss: float = float("inf")
    n_worse: int = 0
    total: float = 0.0
    n_counted: float = 0.0
    precision: str = "f32"
    micro_batch: int = 0


def save_progress(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None, progress: Progress
) -> None:
    """Write a checkpoint in place of the one before. Of several processes all must call it.

    Args:
        path: The file.
        model: What learns.
        optimizer: Its memory is needed to go on, not to use the model.
        progress: How far it has come.

    Raises:
        OSError: If it cannot be written; the one before stays.
    """
    tensors: dict[str, Tensor] = {}
    for name, tensor in _tensors(model, optimizer):
        complete = workers.whole(tensor.detach())
        if workers.is_first():
            tensors[name] = complete.cpu().contiguous()
    if workers.is_first():
        _write(path, tensors, progress)


def _tensors(
    model: nn.Module, optimizer: torch.optim.Optimizer | None
) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in _learning(model).items():
        yield _MODEL + name, parameter
        memory = optimizer.state[parameter] if optimizer is not None else {}
        for key, tensor in memory.items():
            yield f"{_OPTIMIZER}{key}.{name}", tensor


def _write(path: Path, tensors: dict[str, Tensor], progress: Progress) -> None:
    temporary = path.with_name(f"{path.name}.new")
    try:
        save_file(tensors, temporary, {_PROGRESS: json.dumps(structs.asdict(progress))})
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except SafetensorError as error:  # what the library makes of a full disk
        temporary.unlink(missing_ok=True)
        raise OSError(None, str(error), str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_progress(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> Progress:
    """Put a model, and the optimiser if there is one, where they were.

    Raises:
        TrainingError: If the file cannot be read, or is of another model.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        progress = Progress(**json.loads(metadata[_PROGRESS]))
        _restore(tensors, model, optimizer)
    except (OSError, SafetensorError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise TrainingError(
            say("{file} cannot be gone on from: {reason}.", file=str(path), reason=str(error))
        ) from None
    return progress


def _restore(
    tensors: dict[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer | None
) -> None:
    learning = _learning(model)
    with torch.no_grad():
        for name, parameter in learning.items():
            parameter.copy_(workers.own_part(tensors[_MODEL + name], parameter))
    if optimizer is None:
        return
    for name, parameter in learning.items():
        memory = {
            key: tensors[f"{_OPTIMIZER}{key}.{name}"]
            for key in ("step", "exp_avg", "exp_avg_sq")
            if f"{_OPTIMIZER}{key}.{name}" in tensors
        }
        optimizer.state[parameter] = {
            key: workers.own_part(one, parameter) if one.dim() else one.to(parameter.device)
            for key, one in memory.items()
        }


def _learning(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: one for name, one in model.named_parameters() if one.requires_grad}
