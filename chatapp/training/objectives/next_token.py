"""Learn which token comes next, on pieces of one long text.

The objective of GPT, Llama and the recurrent language models.

B batch, T block_size, V n_vocab.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.nn.gpt import GPT
from chatapp.nn.llama import Llama
from chatapp.nn.rnn import RNNLM
from chatapp.runs.run_folder import Sample
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Example, texts_of
from chatapp.training.data.token_file import open_tokens, text_ids, write_tokens
from chatapp.training.networks import new_network
from chatapp.training.objectives.base import Batch, Loss, step_generator
from chatapp.training.preparing import Material, Prepared
from chatapp.training.sampling import continue_text

_EVAL_TOKENS = 16_384  # evaluated at a time
_MAX_BLOCK = 1_024  # tokens of an example, unless more are asked for
_N_PROMPT, _N_WRITTEN = 16, 200  # tokens of a sample


class NextToken:
    """See `Objective`.

    Args:
        train: The ids of the text to learn from, [N].
        validation: The ids of the text held out, [M].
        n_characters: Characters of the text held out.
        tokenizer: What the ids mean.
        block_size: Tokens of an example.
        batch_size: Examples of an update.
        seed: Which pieces are drawn.

    Raises:
        ValueError: If a text is not longer than an example.
    """

    def __init__(
        self,
        train: Tensor,
        validation: Tensor,
        n_characters: int,
        tokenizer: Tokenizer,
        *,
        block_size: int,
        batch_size: int,
        seed: int,
    ) -> None:
        if min(len(train), len(validation)) <= block_size:
            raise ValueError(f"Expected more than {block_size} tokens on both sides")
        self._train, self._validation = train, validation
        self._n_characters = n_characters
        self._tokenizer = tokenizer
        self._block_size, self._batch_size, self._seed = block_size, batch_size, seed
        self.n_train, self.n_validation = len(train), len(validation)

    def batch(self, step: int) -> Batch:
        """Pieces from anywhere in the text: ids [B, T] and the targets behind each, [B, T]."""
        generator = step_generator(self._seed, step)
        n_places = len(self._train) - self._block_size
        starts = torch.randint(n_places, (self._batch_size, 1), generator=generator)
        piece = self._train[starts + torch.arange(self._block_size + 1)].long()  # (B, T+1)
        return {"ids": piece[:, :-1], "targets": piece[:, 1:]}

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The cross-entropy of every token, in nats."""
        logits = model(batch["ids"])  # (B, T, V)
        targets = batch["targets"].flatten()
        total = F.cross_entropy(logits.flatten(0, 1).float(), targets, reduction="sum")
        return Loss(total, torch.tensor(float(targets.numel()), device=total.device))

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Read the whole text held out in pieces that follow each other.

        Each token but the first is predicted once, from what stands before it in its piece.
        """
        device = next(model.parameters()).device
        total, n_tokens = 0.0, len(self._validation) - 1
        for ids, targets in self._pieces():
            batch = {"ids": ids.to(device), "targets": targets.to(device)}
            total += self.loss(model, batch).total.item()
        return {
            "loss": total / n_tokens,
            "perplexity": math.exp(min(total / n_tokens, 700.0)),
            "bits_per_character": total / math.log(2) / self._n_characters,
        }

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """Go on from the beginning of `n` places in the text held out."""
        n_prompt = min(_N_PROMPT, self._block_size // 2)
        written = []
        for number in range(n):
            start = number * max(1, (len(self._validation) - n_prompt) // n)
            prompt = self._validation[start : start + n_prompt].tolist()
            ids = continue_text(
                model, prompt, _N_WRITTEN, self._block_size, step_generator(self._seed, step)
            )
            written.append(
                Sample(
                    step=step,
                    prompt=self._tokenizer.decode(prompt),
                    text=self._tokenizer.decode(ids),
                )
            )
        return written

    def _pieces(self) -> list[tuple[Tensor, Tensor]]:
        """Cut the text held out into ids and targets, [B, T] each, the last one [1, rest]."""
        text, size = self._validation.long(), self._block_size
        n_whole = (len(text) - 1) // size
        ids = text[: n_whole * size].view(-1, size)
        targets = text[1 : n_whole * size + 1].view(-1, size)
        n_rows = max(1, _EVAL_TOKENS // size)
        pieces = list(zip(torch.split(ids, n_rows), torch.split(targets, n_rows), strict=True))
        if n_whole * size < len(text) - 1:
            rest = text[n_whole * size :]
            pieces.append((rest[None, :-1], rest[None, 1:]))
        return pieces


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe, its tokens in files of the run's folder.

    Raises:
        TrainingError: If there is too little text, or the model predicts no next token.
    """
    recipe, tokenizer, start = material.recipe, material.tokenizer, material.start
    options = recipe.training
    network = start.model if start else new_network(recipe.model, tokenizer.n_vocab, options.seed)
    if not isinstance(network, GPT | Llama | RNNLM):
        raise TrainingError(
            say(
                "This model does not write text word by word. Choose a GPT, Llama, RNN, LSTM "
                "or GRU."
            )
        )
    block_size = min(recipe.objective.max_length or _MAX_BLOCK, network.config.block_size)
    folder = material.folder.path / "data"
    folder.mkdir(exist_ok=True)
    train = _tokens(folder / "train.npy", tokenizer, material.train)
    validation = _tokens(folder / "validation.npy", tokenizer, material.validation)
    least = min(len(train), len(validation))
    if least <= block_size:
        raise TrainingError(
            say(
                "There is too little text: {n:,} tokens on one side, and an example alone has "
                "{size:,}. Add texts, or make block_size smaller.",
                n=least,
                size=block_size,
            )
        )
    objective = NextToken(
        train,
        validation,
        sum(len(text) for example in material.validation for text in texts_of(example)),
        tokenizer,
        block_size=block_size,
        batch_size=options.batch_size,
        seed=options.seed,
    )
    return Prepared(network, objective, tokenizer, start.chat_template if start else "")


def _tokens(path: Path, tokenizer: Tokenizer, examples: Sequence[Example]) -> Tensor:
    if not path.exists():
        texts = (text for example in examples for text in texts_of(example))
        ids = text_ids(tokenizer, texts, tokenizer.eos_id)
        write_tokens(path, ids, tokenizer.n_vocab)
    return open_tokens(path)
