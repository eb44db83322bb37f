"""Whether a fact is still known after many other words.

Each text names a fact, goes on about other things for a while, and asks for it at the end.

Source of the task: Hochreiter and Schmidhuber 1997, section 5 (long time lags); Arjovsky et al.
2016, arXiv:1511.06464, section 5.1 (copying memory).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from chatapp.errors import say
from chatapp.nn.gpt import GPT
from chatapp.nn.rnn import RNNLM
from chatapp.runs.plot import Curve, Plot
from chatapp.training.claims.contestants import NAMES, contestant

DISTANCES = (10, 20, 50, 100, 200, 350, 500)
_N_FACT, _N_OTHER = 16, 32  # different facts, and words to go on with
_MARK, _ASK = _N_FACT + _N_OTHER, _N_FACT + _N_OTHER + 1
_N_VOCAB = _N_FACT + _N_OTHER + 2
_BATCH = 32


def recall_by_distance(n_steps: int = 600, n_asked: int = 256) -> Plot:
    """How often each network knows the fact of `n_asked` texts, after `n_steps` updates."""
    curves = []
    for name in NAMES:
        network = contestant(name, _N_VOCAB, DISTANCES[-1] + 3)
        _learn(network, n_steps)
        shares = tuple(_share_right(network, distance, n_asked) for distance in DISTANCES)
        curves.append(Curve(name, tuple(map(float, DISTANCES)), shares))
    return Plot(
        title=say("Whether a fact is still known"),
        x_label=say("distance of the fact (tokens)"),
        y_label=say("share of right answers"),
        curves=tuple(curves),
        note=say(
            "{n_fact} facts, so chance is {chance:.2f}; {n_steps:,} updates of {n} texts with "
            "distances up to {furthest}, networks of two layers with about 100,000 weights each.",
            n_fact=_N_FACT,
            chance=1 / _N_FACT,
            n_steps=n_steps,
            n=_BATCH,
            furthest=DISTANCES[-1],
        ),
    )


def _learn(network: GPT | RNNLM, n_steps: int) -> None:
    generator = torch.Generator().manual_seed(1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for step in range(n_steps):
        # Near facts first: far ones are learned from what near ones taught.
        furthest = DISTANCES[0] + (DISTANCES[-1] - DISTANCES[0]) * min(1.0, 1.5 * step / n_steps)
        distance = int(torch.randint(DISTANCES[0], int(furthest) + 1, (), generator=generator))
        ids, facts = _texts(_BATCH, distance, generator)
        loss = F.cross_entropy(network(ids, last_only=True)[:, 0], facts)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()


@torch.inference_mode()
def _share_right(network: GPT | RNNLM, distance: int, n_asked: int) -> float:
    ids, facts = _texts(n_asked, distance, torch.Generator().manual_seed(2))
    answers = network(ids, last_only=True)[:, 0, :_N_FACT].argmax(-1)
    return float((answers == facts).float().mean())


def _texts(n: int, distance: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Ids [n, distance + 3]: the mark, the fact, other words, the question; and the facts [n]."""
    facts = torch.randint(_N_FACT, (n,), generator=generator)
    others = torch.randint(_N_FACT, _N_FACT + _N_OTHER, (n, distance), generator=generator)
    mark, ask = torch.full((n, 1), _MARK), torch.full((n, 1), _ASK)
    return torch.cat((mark, facts[:, None], others, ask), dim=1), facts
