"""AdamW, and how its rate rises and falls.

Sources: Loshchilov and Hutter 2019, arXiv:1711.05101 (AdamW); 2017, arXiv:1608.03983 (cosine);
Vaswani et al. 2017, arXiv:1706.03762, section 5.3 (inverse square root).
"""

import math

import torch
from torch import nn

from chatapp.runs.recipe import Training


def make_optimizer(model: nn.Module, options: Training) -> torch.optim.AdamW:
    """Return AdamW over what of a model learns; only matrices decay, as with GPT-3."""
    learning = [one for one in model.parameters() if one.requires_grad]
    groups = [
        {
            "params": [one for one in learning if one.dim() >= 2],
            "weight_decay": options.weight_decay,
        },
        {"params": [one for one in learning if one.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=options.learning_rate,
        betas=(options.beta1, options.beta2),
        fused=True,
    )


def learning_rate(step: int, options: Training) -> float:
    """The rate of an update, counted from 0."""
    highest, warmup = options.learning_rate, options.warmup_steps
    if step < warmup:
        return highest * (step + 1) / (warmup + 1)
    if options.schedule == "constant":
        return highest
    if options.schedule == "inverse_sqrt":
        return highest * math.sqrt(max(warmup, 1) / (step + 1))
    share = min(1.0, (step - warmup) / max(1, options.max_steps - warmup))
    if options.schedule == "linear":
        return highest * (1 - share)
    lowest = min(options.min_learning_rate, highest)
    return lowest + 0.5 * (1 + math.cos(math.pi * share)) * (highest - lowest)
