"""Learn which label a text has.

The objective of every body that reads: BERT, GPT, Llama, RNN, LSTM and GRU, new or trained before.

B batch, T time, L labels.

Sources: Devlin et al. 2018, arXiv:1810.04805, section 4.1; Radford et al. 2018, section 3.2.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.nn.bert import Bert, BertForSequenceClassification
from chatapp.nn.classifier import CausalClassifier, GPTClassifier, LlamaClassifier, RNNClassifier
from chatapp.nn.gpt import GPT
from chatapp.nn.llama import Llama
from chatapp.nn.rnn import RNNLM
from chatapp.runs.run_folder import Sample
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.examples import Labelled
from chatapp.training.metrics import classification
from chatapp.training.networks import body_of, new_network
from chatapp.training.objectives.base import Batch, Loss
from chatapp.training.objectives.rows import LengthBatches, Rows
from chatapp.training.predicting import MAX_LENGTH, label_logits, text_ids
from chatapp.training.preparing import Material, Prepared

_PADDING = 0  # hidden by the mask
_N_SHOWN = 5  # labels of a sample
_CLASSIFIERS = {GPT: GPTClassifier, Llama: LlamaClassifier, RNNLM: RNNClassifier}

Classifier = BertForSequenceClassification | CausalClassifier


class Classification:
    """See `Objective`.

    Args:
        train: Texts to learn from.
        validation: Texts held out.
        labels: All labels, in the order of the network's outputs.
        tokenizer: Of the texts.
        max_length: Tokens of a text at most; what is longer is cut.
        batch_size: Texts of an update.
        seed: Of their order.
    """

    def __init__(
        self,
        train: Sequence[Labelled],
        validation: Sequence[Labelled],
        labels: tuple[str, ...],
        tokenizer: Tokenizer,
        *,
        max_length: int,
        batch_size: int,
        seed: int,
    ) -> None:
        def rows(examples: Sequence[Labelled]) -> Rows:
            return Rows(text_ids(tokenizer, one.text, max_length) for one in examples)

        def numbers(examples: Sequence[Labelled]) -> Tensor:
            return torch.tensor([labels.index(one.label) for one in examples])

        self._labels, self._validation = labels, validation
        self._train, self._held_out = rows(train), rows(validation)
        self._train_labels, self._held_out_labels = numbers(train), numbers(validation)
        # Some labels go with a length: alike in length, a batch would hold hardly any other.
        self._order = LengthBatches(self._train.lengths, batch_size, seed, pool=1)
        self.n_train, self.n_validation = len(train), len(validation)

    def batch(self, step: int) -> Batch:
        """Texts at random: ids and mask [B, T], labels [B]."""
        rows = self._order.rows(step)
        return {
            "ids": self._train.padded(rows, _PADDING),
            "mask": self._train.mask(rows),
            "labels": self._train_labels[rows],
        }

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """The cross-entropy of the labels, in nats."""
        logits = model(batch["ids"], mask=batch["mask"])  # (B, L)
        total = F.cross_entropy(logits.float(), batch["labels"], reduction="sum")
        return Loss(total, torch.tensor(float(len(logits)), device=total.device))

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Classify all texts held out: loss, accuracy and the mean F1 of the labels."""
        logits = label_logits(model, self._held_out)  # (N, L)
        loss = F.cross_entropy(logits, self._held_out_labels).item()
        actual = [one.label for one in self._validation]
        probs = logits.double().softmax(dim=1).numpy()
        tally = classification.tally(self._labels, actual, probs)
        scores = tally.score(tally.rows.sum(axis=0, keepdims=True))[0].tolist()
        figures = dict(zip(tally.names, scores, strict=True))
        return {"loss": loss, "accuracy": figures["accuracy"], "f1": figures["f1"]}

    def samples(self, model: nn.Module, step: int, n: int) -> list[Sample]:
        """How likely the labels are for the first `n` texts held out, the likeliest first."""
        some = self._validation[:n]
        rows = Rows(self._held_out[row].tolist() for row in range(len(some)))
        probs = label_logits(model, rows).softmax(dim=1)
        return [
            Sample(step=step, prompt=one.text, text=self._shown(row))
            for one, row in zip(some, probs, strict=True)
        ]

    def _shown(self, probs: Tensor) -> str:
        shares, numbers = probs.sort(descending=True)
        pairs = list(zip(numbers.tolist(), shares.tolist(), strict=True))[:_N_SHOWN]
        return ", ".join(f"{self._labels[number]} {share:.1%}" for number, share in pairs)


def prepare(material: Material) -> Prepared:
    """Make the objective of a recipe.

    Raises:
        TrainingError: If the model cannot be made a classifier.
    """
    recipe, options = material.recipe, material.recipe.training
    train = [one for one in material.train if isinstance(one, Labelled)]
    validation = [one for one in material.validation if isinstance(one, Labelled)]
    labels = tuple(sorted({one.label for one in (*train, *validation)}))
    start = material.start
    if start and sorted(start.labels) == list(labels):
        labels = start.labels
    network = _network(material, labels)
    if recipe.model.freeze:
        network.requires_grad_(False).head.requires_grad_(True)
    objective = Classification(
        train,
        validation,
        labels,
        material.tokenizer,
        max_length=min(recipe.objective.max_length or MAX_LENGTH, network.config.block_size),
        batch_size=options.batch_size,
        seed=options.seed,
    )
    return Prepared(network, objective, material.tokenizer, labels=labels)


def _network(material: Material, labels: tuple[str, ...]) -> Classifier:
    """What classifies: a classifier of the same labels as it is, any other body with a new head."""
    start, recipe = material.start, material.recipe
    if start and isinstance(start.model, Classifier) and start.labels == labels:
        return start.model
    seed = recipe.training.seed
    body = (
        body_of(start.model)
        if start
        else new_network(recipe.model, material.tokenizer.n_vocab, seed)
    )
    torch.manual_seed(seed)
    if isinstance(body, Bert):
        # A pooler is trained, if at all, for another task: the mean learns more from few texts.
        body.pooler = None
        encoder = BertForSequenceClassification(body.config, len(labels), has_pooler=False)
        encoder.bert = body
        return encoder
    if type(body) not in _CLASSIFIERS:
        raise TrainingError(
            say(
                "This model cannot learn to put labels on texts. Choose a BERT, GPT, Llama, RNN, "
                "LSTM or GRU."
            )
        )
    body.head = nn.Identity()
    network = _CLASSIFIERS[type(body)](body.config, len(labels))
    network.body = body
    return network
