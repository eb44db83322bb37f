"""How much of the gradient comes back from far behind.

Sources: Bengio et al. 1994, "Learning long-term dependencies with gradient descent is difficult";
Hochreiter and Schmidhuber 1997 (LSTM); Vaswani et al. 2017, arXiv:1706.03762, table 1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.errors import say
from chatapp.nn.gpt import GPT
from chatapp.nn.rnn import RNNLM
from chatapp.runs.plot import Curve, Plot
from chatapp.training.claims.contestants import NAMES, contestant

_N_VOCAB, _LENGTH, _BATCH = 64, 200, 16


def gradient_by_distance() -> Plot:
    """The gradient of the last token's loss, at the embedding of each token before it.

    Networks as they are drawn, before they learn: what does not come back cannot be learned.
    """
    curves = []
    for name in NAMES:
        # As float32, the smallest of them would be lost.
        norms = _norms(contestant(name, _N_VOCAB, _LENGTH).double())
        distances = tuple(float(one) for one in range(_LENGTH))
        curves.append(Curve(name, distances, tuple(norms.tolist())))
    return Plot(
        title=say("How much of the gradient comes back"),
        x_label=say("distance (tokens)"),
        y_label=say("gradient (of the last token: 1)"),
        curves=tuple(curves),
        is_log=True,
        note=say(
            "Mean over {n} random texts of {length} tokens, untrained networks of two layers with "
            "about 100,000 weights each, computed in float64.",
            n=_BATCH,
            length=_LENGTH,
        ),
    )


def _norms(network: GPT | RNNLM) -> Tensor:
    """Mean length of the gradient at distance 0, 1, ..., relative to that at 0, [LENGTH]."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(_N_VOCAB, (_BATCH, _LENGTH), generator=generator)
    targets = torch.randint(_N_VOCAB, (_BATCH,), generator=generator)
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _args: object, x: Tensor) -> None:
        x.retain_grad()
        kept.append(x)

    with torch.enable_grad():
        hook = network.token_embedding.register_forward_hook(keep)
        F.cross_entropy(network(ids)[:, -1], targets).backward()  # type: ignore[no-untyped-call]
        hook.remove()
    gradient = kept[0].grad
    assert gradient is not None
    norms = gradient.norm(dim=-1).mean(dim=0).flip(0)  # (T)
    relative: Tensor = norms / norms[0]
    return relative
