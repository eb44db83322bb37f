"""One trainer in a process of its own: ours, or nanoGPT's model and its loop, on random ids.

Reads a number a line, makes as many updates, answers the seconds they took. Arguments: "ours" with
a precision, or "nanogpt" with the folder of its model.py.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from msgspec import structs

from benchmarks.shakespeare import MODEL, TRAINING
from chatapp.runs.recipe import Data, Recipe
from chatapp.runs.run_folder import RunFolder
from chatapp.runs.source import Source
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.networks import new_network
from chatapp.training.objectives.next_token import NextToken
from chatapp.training.trainer import Trainer
from chatapp.training.vocabulary import learn_tokenizer

_N_VOCAB, _N_IDS = 65, 100_000


def _ids() -> torch.Tensor:
    return torch.randint(_N_VOCAB, (_N_IDS,), generator=torch.Generator().manual_seed(0))


def _ours(precision: str) -> Callable[[int], None]:
    options = structs.replace(TRAINING, precision=precision)
    recipe = Recipe(data=Data(train=Source(kind="text", paths=())), model=MODEL, training=options)
    folder = RunFolder.create(Path(tempfile.mkdtemp()) / "run", recipe)
    tokenizer: Tokenizer = learn_tokenizer("characters", ["abc"], _N_VOCAB)
    objective = NextToken(
        _ids(), _ids(), _N_IDS, tokenizer,
        block_size=64, batch_size=options.batch_size, seed=options.seed,
    )  # fmt: skip
    network = new_network(MODEL, _N_VOCAB, options.seed)
    return Trainer(network, objective, options, folder).update_only


def _nanogpt(folder: str) -> Callable[[int], None]:
    """As train.py of nanoGPT does it on a CPU, without its evaluations."""
    sys.path.insert(0, folder)
    from model import GPT, GPTConfig  # type: ignore[import-not-found]

    config = GPTConfig(
        block_size=64, vocab_size=_N_VOCAB, n_layer=4, n_head=4, n_embd=128, dropout=0.0, bias=False
    )
    model: Any = GPT(config)
    optimizer = model.configure_optimizers(0.1, 1e-3, (0.9, 0.99), "cpu")
    ids = _ids()

    def batch() -> tuple[torch.Tensor, torch.Tensor]:
        starts = torch.randint(len(ids) - 64, (12,))
        x = torch.stack([ids[start : start + 64] for start in starts])
        y = torch.stack([ids[start + 1 : start + 65] for start in starts])
        return x, y

    def update(n: int) -> None:
        for _ in range(n):
            x, y = batch()
            _, loss = model(x, y)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            loss.item()  # train.py logs it, with log_interval=1

    return update


def main() -> None:
    """Answer commands until the input ends."""
    kind, argument = sys.argv[1:]
    stdout = sys.stdout
    sys.stdout = sys.stderr  # nanoGPT prints what it makes
    torch.set_num_threads(2)
    update = _ours(argument) if kind == "ours" else _nanogpt(argument)
    for line in sys.stdin:
        start = time.perf_counter()
        update(int(line))
        print(time.perf_counter() - start, file=stdout, flush=True)


if __name__ == "__main__":
    main()
