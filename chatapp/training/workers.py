"""Several processes that train one model, as torchrun starts them; one process knows of no other.

Each takes its share of the rows of every batch, and their gradients are averaged. Each holds all
weights (DDP), or a part of every one that is put together when it is needed (FSDP).

Sources: Li et al. 2020, arXiv:2006.15704 (DDP); Zhao et al. 2023, arXiv:2304.11277 (FSDP).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from chatapp.training.blocks import BLOCKS, blocks_of
from chatapp.training.objectives.base import Batch

if TYPE_CHECKING:
    from torch.distributed.fsdp import FSDPModule

_TIMEOUT = timedelta(seconds=30)  # after which a process that is gone ends the others
_LONG = timedelta(hours=6)  # data is being prepared


def join() -> None:
    """Meet the other processes, if torchrun started some."""
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(device())
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=_TIMEOUT)


@contextmanager
def first_before_others() -> Iterator[None]:
    """Have the first one done with something before the others begin it, and all at the end."""
    if n_workers() == 1:
        yield
        return
    group = dist.new_group(backend="gloo")
    if not is_first():
        dist.monitored_barrier(group, timeout=_LONG)
    yield
    if is_first():
        dist.monitored_barrier(group, timeout=_LONG)
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
    """Have the gradients of a model averaged over all; a divided one does so itself."""
    if n_workers() == 1 or is_divided(model):
        return model
    return DistributedDataParallel(model)


def divide(model: nn.Module) -> None:
    """Give each a part of every weight; gradients and the optimiser's memory are divided with them.

    The weights of a block are put together where it computes and let go of behind it. All the rest
    is put together for the whole of a step: tied weights too, and recurrent layers, which are
    called in parts.

    Args:
        model: With the same weights in every process, on the CPU; it moves to where it computes.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device().type, (n_workers(),))
    for block in blocks_of(model):
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh)


def is_divided(model: nn.Module) -> bool:
    """Whether this one holds only a part of the weights."""
    return bool(_divided_modules(model))


@contextmanager
def put_together(model: nn.Module) -> Iterator[None]:
    """Hold all weights for a while, so that any part of a model can be called, or none."""
    modules = _divided_modules(model)
    for one in modules:
        one.set_reshard_after_forward(False, recurse=False)
        one.unshard()
    yield
    for one in modules:
        one.set_reshard_after_forward(isinstance(one, BLOCKS), recurse=False)
        one.reshard()


def _divided_modules(model: nn.Module) -> "list[FSDPModule]":
    if n_workers() == 1:
        return []
    from torch.distributed.fsdp import FSDPModule

    return [one for one in model.modules() if isinstance(one, FSDPModule)]


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor, of which each may hold a part; all of them must ask."""
    if n_workers() == 1:
        return tensor
    from torch.distributed.tensor import DTensor

    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def own_part(tensor: Tensor, like: Tensor) -> Tensor:
    """What this one holds of a tensor that is divided as `like` is, and where that is."""
    tensor = tensor.to(like.device)
    if n_workers() == 1:
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(like, DTensor):
        return tensor
    return distribute_tensor(tensor, like.device_mesh, like.placements, src_data_rank=None)


def own_rows(batch: Batch) -> Batch:
    """The rows of a batch that this one takes."""
    if n_workers() == 1:
        return batch
    return {name: one[rank() :: n_workers()] for name, one in batch.items()}


@contextmanager
def gradients_shared(model: nn.Module, is_last: bool) -> Iterator[None]:
    """Let the gradients of several parts add up and be averaged once, at the last.

    Those of a divided model are averaged each time, for then each holds its part of them only.
    """
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
