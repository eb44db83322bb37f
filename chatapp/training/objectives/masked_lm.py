"""Learn the tokens that are hidden, and whether two texts follow each other: how BERT is made.

Static: as in BERT's paper, with next sentences; what is hidden of an example is the same in every
round. Dynamic: as RoBERTa, anew each time and without next sentences.

B batch, T time, V n_vocab.

Sources: Devlin et al. 2018, arXiv:1810.04805, section 3.1 and appendix A.1; Liu et al. 2019,
arXiv:1907.11692, sections 4.1 and 4.2.
"""

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.nn.bert import Bert, BertForPretraining
from chatapp.runs.run_folder import Sample
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Text
from chatapp.training.networks import config_of
from chatapp.training.objectives.base import Batch, Loss, epoch_rows, step_generator
from chatapp.training.preparing import Material, Prepared

_MAX_LENGTH = 128  # tokens of an example, unless more are asked for
_HIDDEN, _MASKED, _RANDOM = 0.15, 0.8, 0.1  # of all tokens; of those: [MASK], another token
_SHORT = 0.1  # share of examples that are shorter, at random, as they are in use
_IGNORED = -100
_EVAL_BATCH = 32
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


class Marks(NamedTuple):
    """Ids of the tokens with a meaning of their own."""

    padding: int
    first: int
    last: int
    mask: int


class _Example(NamedTuple):
    ids: list[int]
    n_first: int  # ids of the first text, its marks included
    follows: int  # 0 when the second text follows the first, else 1; _IGNORED without a second


class MaskedLM:
    """See `Objective`.

    Args:
        train: Documents to learn from.
        validation: Documents held out.
        tokenizer: With a mask.
        max_length: Tokens of an example.
        batch_size: Examples of an update.
        is_dynamic: As RoBERTa, not as BERT.
        seed: Of all that is drawn.

    Raises:
        TrainingError: If the tokenizer has no mask, or there is too little text.
    """

    def __init__(
        self,
        train: Sequence[str],
        validation: Sequence[str],
        tokenizer: Tokenizer,
        *,
        max_length: int,
        batch_size: int,
        is_dynamic: bool,
        seed: int,
    ) -> None:
        self._tokenizer, self._marks = tokenizer, marks_of(tokenizer)
        self._is_dynamic, self._seed = is_dynamic, seed
        self._batch_size, self._max_length = batch_size, max_length
        self._train = self._examples(train)
        self._held_out = self._examples(validation)
        if not self._train or not self._held_out:
            raise TrainingError(say("There is too little text to learn from. Add some."))
        self.n_train, self.n_validation = len(self._train), len(self._held_out)

    def batch(self, step: int) -> Batch:
        """ids, type_ids and targets [B, T], next and next_weight [B].

        Targets are set where ids are hidden. Of a batch in parts all weigh next sentences the same.
        """
        rows = epoch_rows(len(self._train), self._batch_size, step, self._seed).tolist()
        salt = step + 1 if self._is_dynamic else 0
        batch = self._padded([self._train[row] for row in rows], rows, salt)
        weight = (batch["targets"] != _IGNORED).sum() / len(rows)
        return {**batch, "next_weight": weight.expand(len(rows))}

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The cross-entropy of the hidden tokens, and as much again of next sentences.

        Both are means in BERT; here the second is scaled to the number of hidden tokens.
        """
        token_loss, n_hidden, _, next_loss, n_next = self._losses(model, batch)
        total = token_loss
        if n_next:
            total = total + next_loss * batch["next_weight"][0]
        return Loss(total, torch.tensor(float(max(n_hidden, 1)), device=total.device))

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Loss and accuracy of the hidden tokens held out, and of their next sentences."""
        device = next(model.parameters()).device
        sums = torch.zeros(6)
        for start in range(0, len(self._held_out), _EVAL_BATCH):
            rows = range(start, min(start + _EVAL_BATCH, len(self._held_out)))
            batch = self._padded([self._held_out[row] for row in rows], list(rows), 0)
            on_device = {name: one.to(device) for name, one in batch.items()}
            token_loss, n_hidden, n_right, next_loss, n_next = self._losses(model, on_device)
            sums += torch.tensor([token_loss, n_hidden, n_right, next_loss, n_next, 0.0])
        token_loss, n_hidden, n_right, next_loss, n_next, _ = sums.tolist()
        figures = {"loss": token_loss / n_hidden, "accuracy": n_right / n_hidden}
        if n_next:
            figures["next_loss"] = next_loss / n_next
        return figures

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """Fill the gaps of `n` texts held out."""
        written = []
        device = next(model.parameters()).device
        for row, example in enumerate(self._held_out[:n]):
            batch = self._padded([example], [row], 0)
            logits, _ = model(batch["ids"].to(device), batch["type_ids"].to(device))
            hidden = batch["targets"][0] != _IGNORED
            ids = batch["ids"][0]
            filled = torch.where(hidden, logits[0].argmax(-1).cpu(), ids)
            prompt = " ".join(map(self._tokenizer.text, ids.tolist()))
            text = self._tokenizer.decode(filled.tolist())
            written.append(Sample(step=step, prompt=prompt, text=text))
        return written

    def _losses(
        self, model: nn.Module, batch: Batch
    ) -> tuple[Tensor, float, float, Tensor | float, int]:
        """Sum of the token losses, how many tokens, how many right; the same of next sentences."""
        ids, targets, follows = batch["ids"], batch["targets"], batch["next"]
        logits, scores = model(ids, batch["type_ids"], ids != self._marks.padding)
        hidden = targets != _IGNORED
        wanted = targets[hidden]
        token_loss = F.cross_entropy(logits[hidden], wanted, reduction="sum")
        n_right = (logits[hidden].argmax(-1) == wanted).sum().item()
        n_next = int((follows != _IGNORED).sum())
        next_loss: Tensor | float = 0.0
        if n_next:
            next_loss = F.cross_entropy(scores, follows, reduction="sum", ignore_index=_IGNORED)
        return token_loss, float(len(wanted)), n_right, next_loss, n_next

    def _padded(self, examples: Sequence[_Example], rows: Sequence[int], salt: int) -> Batch:
        size = max(len(one.ids) for one in examples)
        ids = torch.full((len(examples), size), self._marks.padding)
        type_ids, targets = torch.zeros_like(ids), torch.full_like(ids, _IGNORED)
        for at, (row, example) in enumerate(zip(rows, examples, strict=True)):
            length = len(example.ids)
            ids[at, :length] = torch.tensor(example.ids)
            type_ids[at, example.n_first : length] = 1
            generator = step_generator(self._seed + row, salt)
            self._hide(ids[at, :length], targets[at, :length], generator)
        follows = torch.tensor([one.follows for one in examples])
        return {"ids": ids, "type_ids": type_ids, "targets": targets, "next": follows}

    def _hide(self, ids: Tensor, targets: Tensor, generator: torch.Generator) -> None:
        """Hide 15 % of the tokens that are no marks, at least one of them, in place."""
        marks = torch.tensor(self._marks)
        places = (~torch.isin(ids, marks)).nonzero()[:, 0]
        n_hidden = max(1, round(len(places) * _HIDDEN))
        chosen = places[torch.randperm(len(places), generator=generator)[:n_hidden]]
        targets[chosen] = ids[chosen]
        draw = torch.rand(len(chosen), generator=generator)
        others = torch.randint(self._tokenizer.n_vocab, (len(chosen),), generator=generator)
        hidden = torch.where(draw < _MASKED + _RANDOM, others, ids[chosen])
        ids[chosen] = torch.where(draw < _MASKED, self._marks.mask, hidden)

    def _examples(self, documents: Sequence[str]) -> list[_Example]:
        sentences = [list(self._sentences(document)) for document in documents]
        sentences = [one for one in sentences if one]
        if self._is_dynamic:
            return list(self._packed(sentences))
        return list(self._pairs(sentences))

    def _sentences(self, document: str) -> Iterator[list[int]]:
        for sentence in _SENTENCE.split(document):
            if ids := self._tokenizer.encode(sentence):
                yield ids

    def _packed(self, documents: Sequence[list[list[int]]]) -> Iterator[_Example]:
        """Whole sentences, one after the other, as many as fit."""
        room = self._max_length - 2
        for document in documents:
            kept: list[int] = []
            for sentence in document:
                if kept and len(kept) + len(sentence) > room:
                    yield self._single(kept[:room])
                    kept = []
                kept += sentence
            if kept:
                yield self._single(kept[:room])

    def _single(self, ids: list[int]) -> _Example:
        marks = self._marks
        return _Example([marks.first, *ids, marks.last], len(ids) + 2, _IGNORED)

    def _pairs(self, documents: Sequence[list[list[int]]]) -> Iterator[_Example]:
        """Two texts each; half of the second ones are from elsewhere."""
        draw = random.Random(self._seed)
        room = self._max_length - 3
        for number, document in enumerate(documents):
            at = 0
            while at < len(document):
                size = draw.randint(2, room) if draw.random() < _SHORT else room
                segment: list[list[int]] = []
                n_ids = 0
                while at < len(document) and (n_ids < size or not segment):
                    segment.append(document[at])
                    n_ids += len(document[at])
                    at += 1
                cut = draw.randint(1, len(segment) - 1) if len(segment) > 1 else 1
                first = [id for sentence in segment[:cut] for id in sentence]
                is_random = len(segment) == 1 or draw.random() < 0.5
                if is_random:
                    at -= len(segment) - cut  # what was not used comes again
                    second = _elsewhere(documents, number, size - len(first), draw)
                else:
                    second = [id for sentence in segment[cut:] for id in sentence]
                if second:
                    yield self._pair(first, second, room, int(is_random), draw)

    def _pair(
        self, first: list[int], second: list[int], room: int, follows: int, draw: random.Random
    ) -> _Example:
        first, second = list(first), list(second)
        while len(first) + len(second) > room:  # the longer loses, at either end
            longer = first if len(first) > len(second) else second
            longer.pop(0 if draw.random() < 0.5 else -1)
        marks = self._marks
        head = [marks.first, *first, marks.last]
        return _Example([*head, *second, marks.last], len(head), follows)


def marks_of(tokenizer: Tokenizer) -> Marks:
    """The marks of a tokenizer, BERT's or RoBERTa's.

    Raises:
        TrainingError: If one is missing.
    """
    for names in (("[PAD]", "[CLS]", "[SEP]", "[MASK]"), ("<pad>", "<bos>", "<eos>", "<mask>")):
        found = [tokenizer.id_of(name) for name in names]
        ids = [id for id in found if id is not None]
        if len(ids) == len(names):
            return Marks(*ids)
    raise TrainingError(
        say("This tokenizer has no [MASK], so nothing can be hidden. Use a tokenizer as BERT's.")
    )


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe.

    Raises:
        TrainingError: If the model is no BERT, or there is too little text.
    """
    recipe, tokenizer, start = material.recipe, material.tokenizer, material.start
    options = recipe.training
    torch.manual_seed(options.seed)
    if start is None and recipe.model.architecture == "bert":
        network = BertForPretraining(config_of(recipe.model, tokenizer.n_vocab))
    elif start is not None and isinstance(start.model, BertForPretraining):
        network = start.model
    elif start is not None and isinstance(start.model, Bert) and start.model.pooler is not None:
        network = BertForPretraining(start.config)
        network.bert = start.model
        network.tie_weights()
    else:
        raise TrainingError(say("Only a BERT learns the tokens that are hidden. Choose a BERT."))
    is_dynamic = recipe.objective.mask == "dynamic"
    if (
        is_dynamic
    ):  # without next sentences these learn nothing, and processes wait for all that does
        for part in ("bert.pooler", "next_sentence_head"):
            network.get_submodule(part).requires_grad_(False)
    block_size = network.config.block_size
    objective = MaskedLM(
        [one.text for one in material.train if isinstance(one, Text)],
        [one.text for one in material.validation if isinstance(one, Text)],
        tokenizer,
        max_length=min(recipe.objective.max_length or _MAX_LENGTH, block_size),
        batch_size=options.batch_size,
        is_dynamic=is_dynamic,
        seed=options.seed,
    )
    return Prepared(network, objective, tokenizer)


def _elsewhere(
    documents: Sequence[list[list[int]]], number: int, size: int, draw: random.Random
) -> list[int]:
    """Sentences from another document, or another place of the only one."""
    others = [at for at in range(len(documents)) if at != number] or [number]
    document = documents[draw.choice(others)]
    ids: list[int] = []
    for sentence in document[draw.randrange(len(document)) :]:
        ids += sentence
        if len(ids) >= size:
            break
    return ids
