"""How fast networks train on longer texts: one step after the other, or all at once.

Source: Vaswani et al. 2017, arXiv:1706.03762, table 1 (operations that must follow each other).
"""

import statistics
import time

import torch
import torch.nn.functional as F

from chatapp.errors import say
from chatapp.nn.gpt import GPT
from chatapp.nn.rnn import RNNLM
from chatapp.runs.plot import Curve, Plot
from chatapp.training.claims.contestants import NAMES, contestant

_N_VOCAB, _N_TOKENS = 64, 4_096
_LENGTHS = (16, 32, 64, 128, 256, 512, 1_024)
_REPEATS = 5


def speed_by_length() -> Plot:
    """Tokens a second of an update, with as many tokens in texts of other lengths."""
    networks = {name: contestant(name, _N_VOCAB, _LENGTHS[-1]) for name in NAMES}
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for length in _LENGTHS:
        for network in networks.values():
            _update(network, length)
        # In turns: a machine that is busy for a while is so for all.
        rounds = [
            {name: _update(network, length) for name, network in networks.items()}
            for _ in range(_REPEATS)
        ]
        for name in NAMES:
            times[name].append(statistics.median(one[name] for one in rounds))
    lengths = tuple(map(float, _LENGTHS))
    return Plot(
        title=say("How fast networks train on longer texts"),
        x_label=say("length of a text (tokens)"),
        y_label=say("tokens a second"),
        curves=tuple(
            Curve(name, lengths, tuple(_N_TOKENS / one for one in times[name])) for name in NAMES
        ),
        note=say(
            "Updates of {n_tokens:,} tokens in all, median of {repeats} in turns, on {threads} "
            "threads of the processor; networks of two layers with about 100,000 weights each.",
            n_tokens=_N_TOKENS,
            repeats=_REPEATS,
            threads=torch.get_num_threads(),
        ),
    )


def _update(network: GPT | RNNLM, length: int) -> float:
    """Seconds for a loss and its gradient."""
    ids = torch.randint(_N_VOCAB, (_N_TOKENS // length, length + 1))
    start = time.perf_counter()
    logits = network(ids[:, :-1]).flatten(0, 1)
    F.cross_entropy(logits, ids[:, 1:].flatten()).backward()  # type: ignore[no-untyped-call]
    network.zero_grad()
    return time.perf_counter() - start
