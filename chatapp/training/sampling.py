"""How a network in training goes on with a text."""

from collections.abc import Sequence

import torch
from torch import nn

TEMPERATURE, TOP_K = 0.8, 200  # those of nanoGPT's samples


def continue_text(
    model: nn.Module,
    prompt: Sequence[int],
    n: int,
    block_size: int,
    generator: torch.Generator,
    *,
    end_ids: frozenset[int] = frozenset(),
    temperature: float = TEMPERATURE,
) -> list[int]:
    """Write `n` ids after a prompt, one by one, from the last `block_size` of all.

    Args:
        model: A network that predicts the next token, with `new_state`, in evaluation mode.
        prompt: Ids to begin with, at least one, fewer than the block size.
        n: How many to write.
        block_size: Positions the network knows.
        generator: What draws.
        end_ids: Ids that end the text; they are not returned.
        temperature: 0 always takes the likeliest.

    Returns:
        The ids written, without the prompt.
    """
    ids = list(prompt)
    state, unread = model.new_state(1, block_size), ids  # type: ignore[operator]
    device = next(model.parameters()).device
    for _ in range(n):
        if state.length + len(unread) > block_size:  # read half of it anew: room for the other
            state.truncate(0)
            unread = ids[-(block_size // 2) :]
        logits = model(torch.tensor([unread], device=device), state, last_only=True)
        id = _draw(logits[0, -1].float().cpu(), temperature, generator)
        if id in end_ids:
            break
        ids.append(id)
        unread = [id]
    return ids[len(prompt) :]


def _draw(logits: torch.Tensor, temperature: float, generator: torch.Generator) -> int:
    if temperature == 0:
        return int(logits.argmax())
    best, ids = logits.topk(min(TOP_K, len(logits)))
    chosen = torch.multinomial((best / temperature).softmax(-1), 1, generator=generator)
    return int(ids[chosen])
