"""What a trained model says of texts: how likely each label is.

N texts, L labels, B texts at a time, T tokens of the longest.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.nn.bert import BertForSequenceClassification
from chatapp.nn.classifier import CausalClassifier
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.objectives.rows import Rows, alike
from chatapp.weights.opened import OpenedModel

MAX_LENGTH = 512  # tokens of a text that are read, unless fewer or more are asked for
_N_ROWS = 32
_PADDING = 0  # hidden by the mask, whatever token it is


def label_probs(opened: OpenedModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """How likely each of `labels_of` is for each text, shape (N, L).

    Raises:
        TrainingError: If the model is no classifier.
    """
    labels_of(opened)
    limit = min(MAX_LENGTH, opened.config.block_size)
    rows = Rows(text_ids(opened.tokenizer, text, limit) for text in texts)
    probs: NDArray[np.float64] = label_logits(opened.model, rows).double().softmax(dim=1).numpy()
    return probs


def labels_of(opened: OpenedModel) -> tuple[str, ...]:
    """What the outputs of a classifier are called; they are numbered where nobody named them.

    Raises:
        TrainingError: If the model is no classifier.
    """
    if not isinstance(opened.model, BertForSequenceClassification | CausalClassifier):
        raise TrainingError(say("This model puts no labels on texts. Choose a classifier."))
    n_label: int = opened.model.head.out_features
    return opened.labels or tuple(str(number) for number in range(n_label))


@torch.inference_mode()
def label_logits(network: nn.Module, rows: Rows) -> Tensor:
    """The scores of the labels, float32 [N, L], of a classifier in evaluation mode."""
    device = next(network.parameters()).device
    parts, order = [torch.empty(0, network.get_parameter("head.bias").numel())], list[int]()
    for some in alike(rows.lengths, _N_ROWS):
        ids, mask = rows.padded(some, _PADDING).to(device), rows.mask(some).to(device)
        parts.append(network(ids, mask=mask).float().cpu())  # (B, L)
        order += some
    return torch.cat(parts)[torch.tensor(order, dtype=torch.long).argsort()]


def text_ids(tokenizer: Tokenizer, text: str, limit: int) -> list[int]:
    """The ids of a text between its marks, at least one; of a long one what fits, and its end mark.

    Args:
        tokenizer: Of the model.
        text: The text.
        limit: Ids at most.
    """
    ids = tokenizer.encode_marked(text).ids or [tokenizer.eos_id or 0]
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]
