"""Learn where in a text the answer to a question stands.

The question and a window of its context are read together, and two scores a token say where the
answer begins and ends. Of several right answers any will do: what is made likely is that one of
them is given. A window without an answer points to its first token; of those only one a question
is learned from, for a long context has many, and all that they teach is to say nothing.

B windows, T tokens of the longest, A answers of the window with most of them.

Sources: Devlin et al. 2018, arXiv:1810.04805, section 4.2; for several answers Clark and Gardner
2018, arXiv:1710.10723, section 2.2 (summed objective).
"""

from collections.abc import Sequence
from math import inf

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from chatapp.errors import TrainingError, say
from chatapp.nn.bert import Bert, BertForQuestionAnswering
from chatapp.runs.run_folder import Sample
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Question
from chatapp.training.metrics import answers
from chatapp.training.networks import body_of, new_network
from chatapp.training.objectives.base import Batch, Loss
from chatapp.training.objectives.rows import LengthBatches, alike
from chatapp.training.predicting import WINDOW, answer_logits, best_answers
from chatapp.training.preparing import Material, Prepared
from chatapp.training.windows import LEAST_SIZE, NOWHERE, Windows

_N_ROWS = 32  # windows evaluated at a time
_NO_SPAN = -1  # fills the spans of windows with fewer answers than others


class Answers:
    """See `Objective`.

    Args:
        train: Questions to learn from.
        validation: Questions held out.
        tokenizer: Of the texts.
        size: Tokens of a window.
        batch_size: Windows of an update.
        seed: Of their order.
    """

    def __init__(
        self,
        train: Sequence[Question],
        validation: Sequence[Question],
        tokenizer: Tokenizer,
        *,
        size: int,
        batch_size: int,
        seed: int,
    ) -> None:
        def windows(examples: Sequence[Question]) -> Windows:
            return Windows(tokenizer, [(one.question, one.context) for one in examples], size)

        self._validation = validation
        self._train, self._held_out = windows(train), windows(validation)
        self._train_spans = _spans(self._train, train)  # (windows, A, 2)
        self._held_out_spans = _spans(self._held_out, validation)
        self._rows = _to_learn_from(self._train, self._train_spans)
        lengths = [self._train.lengths[row] for row in self._rows]
        self._order = LengthBatches(lengths, batch_size, seed)
        self._tokenizer, self._size = tokenizer, size
        self.n_train, self.n_validation = len(train), len(validation)

    def batch(self, step: int) -> Batch:
        """Windows of about the same length: ids, type_ids and mask [B, T], spans [B, A, 2]."""
        rows = [self._rows[at] for at in self._order.rows(step)]
        return {**self._train.batch(rows), "spans": self._train_spans[rows]}

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """How unlikely each window's answers are together, in nats for each of their two ends."""
        starts, ends = answer_logits(model, batch)  # (B, T) each
        first, last = batch["spans"].unbind(dim=2)  # (B, A) each
        logprobs = starts.log_softmax(1).gather(1, first.clamp(min=0))
        logprobs = logprobs + ends.log_softmax(1).gather(1, last.clamp(min=0))
        total = -logprobs.masked_fill(first == _NO_SPAN, -inf).logsumexp(dim=1).sum() / 2
        return Loss(total, torch.tensor(float(len(first)), device=total.device))

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Answer all questions held out: loss of their windows, exact match and F1."""
        device = next(model.parameters()).device
        total = 0.0
        for rows in alike(self._held_out.lengths, _N_ROWS):
            batch = {**self._held_out.batch(rows), "spans": self._held_out_spans[rows]}
            total += self.loss(model, {k: one.to(device) for k, one in batch.items()}).total.item()
        found = best_answers(model, self._held_out, [one.context for one in self._validation])
        right = [one.answers for one in self._validation]
        tally = answers.tally([one.text for one in found], right)
        scores = tally.score(tally.rows.sum(axis=0, keepdims=True))[0].tolist()
        return {"loss": total / len(self._held_out), **dict(zip(tally.names, scores, strict=True))}

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """Answer the first `n` questions held out."""
        some = self._validation[:n]
        asked = [(one.question, one.context) for one in some]
        windows = Windows(self._tokenizer, asked, self._size)
        found = best_answers(model, windows, [one.context for one in some])
        return [
            Sample(step=step, prompt=one.question, text=answer.text)
            for one, answer in zip(some, found, strict=True)
        ]


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe.

    Raises:
        TrainingError: If the model cannot mark an answer, or reads too little at a time.
    """
    recipe, options = material.recipe, material.recipe.training
    network = _network(material)
    if recipe.model.freeze:
        network.requires_grad_(False).head.requires_grad_(True)
    size = min(recipe.objective.max_length or WINDOW, network.config.block_size)
    if size < LEAST_SIZE:
        raise TrainingError(
            say(
                "A question and a part of its text have no room in {size} tokens. Make block_size "
                "or max_length {least} or more.",
                size=size,
                least=LEAST_SIZE,
            )
        )
    objective = Answers(
        [one for one in material.train if isinstance(one, Question)],
        [one for one in material.validation if isinstance(one, Question)],
        material.tokenizer,
        size=size,
        batch_size=options.batch_size,
        seed=options.seed,
    )
    return Prepared(network, objective, material.tokenizer)


def _network(material: Material) -> BertForQuestionAnswering:
    """What answers: an answerer as it is, any other BERT with a new head."""
    start, recipe = material.start, material.recipe
    if start and isinstance(start.model, BertForQuestionAnswering):
        return start.model
    seed = recipe.training.seed
    body = (
        body_of(start.model)
        if start
        else new_network(recipe.model, material.tokenizer.n_vocab, seed)
    )
    if not isinstance(body, Bert) or body.config.n_type < 2:
        raise TrainingError(
            say(
                "This model cannot mark an answer: it reads one way only, or cannot tell a "
                "question from its text. Choose a BERT."
            )
        )
    torch.manual_seed(seed)
    body.pooler = None
    network = BertForQuestionAnswering(body.config)
    network.bert = body
    return network


def _to_learn_from(windows: Windows, spans: Tensor) -> list[int]:
    """All windows with an answer, and the first of each question that has none."""
    has_answer: list[bool] = (spans[:, 0, 0] > 0).tolist()
    rows, seen = [], set[int]()
    for row, owner in enumerate(windows.owners):
        if has_answer[row] or owner not in seen:
            rows.append(row)
        if not has_answer[row]:
            seen.add(owner)
    return rows


def _spans(windows: Windows, examples: Sequence[Question]) -> Tensor:
    """The first and last token of each answer in each window, int64 [windows, A, 2]."""
    spans = []
    for row, owner in enumerate(windows.owners):
        right = zip(examples[owner].starts, examples[owner].answers, strict=True)
        found = {windows.tokens_of(row, start, start + len(text)) for start, text in right}
        spans.append(torch.tensor(sorted(found - {NOWHERE}) or [NOWHERE]))
    return pad_sequence(spans, batch_first=True, padding_value=_NO_SPAN)
