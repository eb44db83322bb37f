"""The blocks a network is a pile of: what is divided among processes, or computed once more."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from chatapp.errors import TrainingError, say
from chatapp.nn.gpt import GPTBlock
from chatapp.nn.llama import LlamaBlock
from chatapp.nn.transformer import DecoderBlock, EncoderBlock

BLOCKS = (GPTBlock, LlamaBlock, EncoderBlock, DecoderBlock)  # each is always called as a whole


def blocks_of(model: nn.Module) -> list[nn.Module]:
    """The blocks of a network; a recurrent one has none."""
    return [one for one in model.modules() if isinstance(one, BLOCKS)]


def checkpoint_gradients(model: nn.Module) -> None:
    """Keep of each block what came in alone, and compute the rest again for the gradient, in place.

    Memory for activations falls to that of one block; a step takes about a third longer.

    Raises:
        TrainingError: If the network has no blocks.

    Source: Chen et al. 2016, arXiv:1604.06174.
    """
    blocks = blocks_of(model)
    if not blocks:
        raise TrainingError(
            say(
                "gradient_checkpointing has no effect on this network: it is not made of blocks. "
                "Leave it out, or choose a GPT, Llama, BERT or Transformer."
            )
        )
    for block in blocks:
        block.forward = partial(_checkpointed, block.forward)


def _checkpointed(forward: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    if not torch.is_grad_enabled():
        return forward(*args, **kwargs)
    result: Tensor = checkpoint(forward, *args, use_reentrant=False, **kwargs)
    return result
