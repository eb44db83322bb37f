"""Learn to turn one text into another, as translation does.

The source is read with its end; the target is written from its beginning to its end. Label
smoothing and the schedule of the rate are those of the paper.

B batch, S source, T target, V n_vocab.

Source: Vaswani et al. 2017, arXiv:1706.03762, sections 3 and 5; Sutskever et al. 2014,
arXiv:1409.3215.
"""

from collections.abc import Iterable
from typing import TypeVar

import torch.nn.functional as F
from torch import nn

from chatapp.errors import TrainingError, say
from chatapp.nn.beam_search import greedy_search
from chatapp.nn.seq2seq import Seq2Seq
from chatapp.nn.transformer import Transformer
from chatapp.runs.run_folder import Sample
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Pair
from chatapp.training.metrics import translation
from chatapp.training.networks import new_network
from chatapp.training.objectives.base import Batch, Loss
from chatapp.training.objectives.rows import LengthBatches, Rows
from chatapp.training.preparing import Material, Prepared

PADDING = 0  # of every tokenizer that is learned here
_MAX_LENGTH = 128  # tokens of a side, unless more are asked for
_N_LOSS, _N_WRITTEN = 2_000, 200  # pairs held out that are evaluated, and that are translated
_EVAL_BATCH = 64

_One = TypeVar("_One")


class SequenceToSequence:
    """See `Objective`.

    Args:
        train: Pairs to learn from.
        validation: Pairs held out.
        tokenizer: Of both sides, with a first and a last token.
        max_length: Tokens of a side at most; what is longer is cut.
        batch_size: Pairs of an update.
        label_smoothing: Share of the target spread over all tokens.
        seed: Of the order.
    """

    def __init__(
        self,
        train: list[Pair],
        validation: list[Pair],
        tokenizer: Tokenizer,
        *,
        max_length: int,
        batch_size: int,
        label_smoothing: float,
        seed: int,
    ) -> None:
        self._tokenizer, self._max_length = tokenizer, max_length
        self._smoothing = label_smoothing
        # Evenly from all of it: corpora come sorted by length.
        self._references = dict(_spread(list(references_of(validation).items()), _N_WRITTEN))
        self._train = self._rows(train)
        self._held_out = self._rows(_spread(validation, _N_LOSS))
        lengths = [max(pair) for pair in zip(*(one.lengths for one in self._train), strict=True)]
        self._order = LengthBatches(lengths, batch_size, seed)
        self.n_train, self.n_validation = len(train), len(validation)

    def batch(self, step: int) -> Batch:
        """Pairs of about the same length: ids [B, S], targets [B, T] from first to last token."""
        return _padded(self._train, self._order.rows(step))

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The cross-entropy of every token of the targets but the first, in nats."""
        smoothing = self._smoothing if model.training else 0.0
        sources, targets = batch["ids"], batch["targets"]
        logits = model(sources, targets[:, :-1], sources != PADDING)  # (B, T-1, V)
        wanted = targets[:, 1:].flatten()
        total = F.cross_entropy(
            logits.flatten(0, 1), wanted, reduction="sum", ignore_index=PADDING,
            label_smoothing=smoothing,
        )  # fmt: skip
        return Loss(total, (wanted != PADDING).sum().float())

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """The loss of 2,000 pairs held out at most, BLEU and chrF of 200 sources."""
        device = next(model.parameters()).device
        total = n_tokens = 0.0
        for start in range(0, len(self._held_out[0]), _EVAL_BATCH):
            rows = range(start, min(start + _EVAL_BATCH, len(self._held_out[0])))
            batch = _padded(self._held_out, rows)
            loss = self.loss(model, {name: one.to(device) for name, one in batch.items()})
            total += loss.total.item()
            n_tokens += loss.n_counted.item()
        sources, references = list(self._references), list(self._references.values())
        written = translate(model, self._tokenizer, sources, self._max_length)
        figures = translation.measure(written, references)
        return {
            "loss": total / n_tokens,
            "bleu": figures.bleu.value,
            "chrf": figures.chrf.value,
        }

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """Translate `n` sources held out."""
        sources = _spread(list(self._references), n)
        written = translate(model, self._tokenizer, sources, self._max_length)
        return [
            Sample(step=step, prompt=source, text=text)
            for source, text in zip(sources, written, strict=True)
        ]

    def _rows(self, pairs: list[Pair]) -> tuple[Rows, Rows]:
        tokenizer, limit, first = self._tokenizer, self._max_length, self._tokenizer.bos_id
        assert first is not None
        return (
            Rows(source_ids(tokenizer, pair.source, limit) for pair in pairs),
            Rows([first, *source_ids(tokenizer, pair.target, limit)] for pair in pairs),
        )


def references_of(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Each source with all its translations, in the order they come."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        found.setdefault(pair.source, []).append(pair.target)
    return found


def translate(
    model: nn.Module, tokenizer: Tokenizer, sources: list[str], max_length: int = _MAX_LENGTH
) -> list[str]:
    """What a model makes of texts, taking the most likely token each time.

    Args:
        model: A Transformer or Seq2Seq in evaluation mode.
        tokenizer: Of both sides.
        sources: The texts.
        max_length: Tokens of a side at most.
    """
    return [tokenizer.decode(row) for row in translated_ids(model, tokenizer, sources, max_length)]


def source_ids(tokenizer: Tokenizer, text: str, max_length: int = _MAX_LENGTH) -> list[int]:
    """What an encoder reads of a text: its ids, cut where it is too long, and the last token."""
    assert tokenizer.eos_id is not None
    return [*tokenizer.encode(text)[: max_length - 1], tokenizer.eos_id]


def translated_ids(
    model: nn.Module, tokenizer: Tokenizer, sources: list[str], max_length: int = _MAX_LENGTH
) -> list[list[int]]:
    """As `translate`, but ids, without the first and the last token."""
    first, last = tokenizer.bos_id, tokenizer.eos_id
    assert first is not None
    assert last is not None
    device = next(model.parameters()).device
    written: list[list[int]] = []
    for start in range(0, len(sources), _EVAL_BATCH):
        part = sources[start : start + _EVAL_BATCH]
        rows = Rows(source_ids(tokenizer, text, max_length) for text in part)
        ids = rows.padded(range(len(part)), PADDING).to(device)  # (B, S)
        written += greedy_search(
            model,  # type: ignore[arg-type]
            ids, ids != PADDING, bos_id=first, eos_id=last, max_new_tokens=max_length,
        )  # fmt: skip
    return written


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe.

    Raises:
        TrainingError: If the model turns no text into another.
    """
    recipe, tokenizer, start = material.recipe, material.tokenizer, material.start
    options = recipe.training
    network = start.model if start else new_network(recipe.model, tokenizer.n_vocab, options.seed)
    if not isinstance(network, Transformer | Seq2Seq):
        raise TrainingError(
            say("This model does not turn one text into another. Choose a Transformer or seq2seq.")
        )
    objective = SequenceToSequence(
        [one for one in material.train if isinstance(one, Pair)],
        [one for one in material.validation if isinstance(one, Pair)],
        tokenizer,
        max_length=recipe.objective.max_length or _MAX_LENGTH,
        batch_size=options.batch_size,
        label_smoothing=recipe.objective.label_smoothing,
        seed=options.seed,
    )
    return Prepared(network, objective, tokenizer)


def _spread(all_of_them: list[_One], n: int) -> list[_One]:
    """At most `n` of them, evenly from the first to the last."""
    return all_of_them[:: max(1, -(-len(all_of_them) // max(n, 1)))][:n]


def _padded(sides: tuple[Rows, Rows], rows: list[int] | range) -> Batch:
    sources, targets = sides
    return {"ids": sources.padded(rows, PADDING), "targets": targets.padded(rows, PADDING)}
