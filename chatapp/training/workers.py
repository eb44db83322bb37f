"""Several processes that train one model, as torchrun starts them; one process knows of no other.

Each takes its share of the rows of every batch; their gradients are averaged (DDP), the weights
divided among them where asked for (FSDP). Source: Li et al. 2020, arXiv:2006.15704 (DDP).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from chatapp.training.objectives.base import Batch

_TIMEOUT = timedelta(seconds=30)  # after which a process that is gone ends the others
_LONG = timedelta(hours=6)  # data is being prepared


def join() -> None:
    """Meet the other processes, if torchrun started some."""
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_TIMEOUT)


@contextmanager
def first_before_others() -> Iterator[None]:
    """Have the first one done with something before the others begin it."""
    if n_workers() == 1:
        yield
        return
    group = dist.new_group(backend="gloo")
    if not is_first():
        dist.monitored_barrier(group, timeout=_LONG)
    yield
    if is_first():
        dist.monitored_barrier(group, timeout=_LONG)


def leave() -> None:
    """Part from the others."""
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    """Which of them this one is, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def n_workers() -> int:
    """How many they are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_first() -> bool:
    """Whether this is the one that writes."""
    return rank() == 0


def device() -> torch.device:
    """Where this one computes."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    return torch.device("cpu")


def has_bf16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 as fast as it can."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported())


def wrap(model: nn.Module) -> nn.Module:
    """Have the gradients of a model averaged over all."""
    return DistributedDataParallel(model) if n_workers() > 1 else model


def own_rows(batch: Batch) -> Batch:
    """The rows of a batch that this one takes."""
    if n_workers() == 1:
        return batch
    return {name: one[rank() :: n_workers()] for name, one in batch.items()}


@contextmanager
def gradients_shared(model: nn.Module, is_last: bool) -> Iterator[None]:
    """Let the gradients of several parts add up and be averaged once, at the last."""
    if isinstance(model, DistributedDataParallel) and not is_last:
        with model.no_sync():
            yield
    else:
        yield


def summed(values: Tensor) -> Tensor:
    """The sum over all."""
    if n_workers() > 1:
        values = values.to(device()) if dist.get_backend() == "nccl" else values
        dist.all_reduce(values)
    return values


def told(text: str | None) -> str | None:
    """What the first one says, to all."""
    if n_workers() == 1:
        return text
    box = [text]
    dist.broadcast_object_list(box, device=device())
    return box[0]
