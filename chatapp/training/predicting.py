"""What a trained model says of texts: how likely each label is, and where an answer stands.

N texts, L labels, B texts or windows at a time, T tokens of the longest.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from chatapp.errors import TrainingError, say
from chatapp.nn.bert import BertForQuestionAnswering, BertForSequenceClassification
from chatapp.nn.classifier import CausalClassifier
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.objectives.rows import Rows, alike
from chatapp.training.windows import Windows
from chatapp.weights.opened import OpenedModel

MAX_LENGTH = 512  # tokens of a text that are read, unless fewer or more are asked for
WINDOW = 384  # tokens of a question and of what is read with it of its context
_N_ANSWER = 30  # tokens of an answer at most
_N_ROWS = 32
_PADDING = 0  # hidden by the mask, whatever token it is


class Found(NamedTuple):
    """An answer in a context.

    Attributes:
        text: What it says; "" if there is nothing in the context.
        start: Where it begins, in characters of the context.
        end: Where it ends.
        probability: How likely the model takes it to begin and end there, between 0 and 1.
    """

    text: str
    start: int
    end: int
    probability: float


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


def answers_to(opened: OpenedModel, asked: Sequence[tuple[str, str]]) -> list[Found]:
    """The answer to each question that stands in its context.

    Args:
        opened: A model that answers questions.
        asked: Questions, each with its context.

    Raises:
        TrainingError: If the model answers no questions.
    """
    if not isinstance(opened.model, BertForQuestionAnswering):
        raise TrainingError(
            say("This model finds no answers in texts. Choose one that was taught to.")
        )
    windows = Windows(opened.tokenizer, asked, min(WINDOW, opened.config.block_size))
    return best_answers(opened.model, windows, [context for _, context in asked])


@torch.inference_mode()
def best_answers(network: nn.Module, windows: Windows, contexts: Sequence[str]) -> list[Found]:
    """The likeliest answer in each context, of all its windows.

    A window in which there is no answer puts its probability on its first token, so that those of
    several windows can be compared.

    Args:
        network: A `BertForQuestionAnswering` in evaluation mode.
        windows: Of the questions.
        contexts: Of each question its context.
    """
    device = next(network.parameters()).device
    found = [Found("", 0, 0, 0.0)] * len(contexts)
    for rows in alike(windows.lengths, _N_ROWS):
        batch = {name: one.to(device) for name, one in windows.batch(rows).items()}
        starts, ends = answer_logits(network, batch)  # (B, T) each
        pairs = zip(rows, starts.log_softmax(1).cpu(), ends.log_softmax(1).cpu(), strict=True)
        for row, start, end in pairs:
            owner = windows.owners[row]
            best = _best(start, end, windows.places[row], contexts[owner])
            found[owner] = max(found[owner], best, key=lambda one: one.probability)
    return found


def answer_logits(network: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The scores of each token as the answer's first and as its last, float32 [B, T] each."""
    starts, ends = network(batch["ids"], batch["type_ids"], batch["mask"])
    hidden = ~batch["mask"]
    return starts.float().masked_fill(hidden, -inf), ends.float().masked_fill(hidden, -inf)


def _best(
    starts: Tensor, ends: Tensor, places: Sequence[tuple[int, int] | None], context: str
) -> Found:
    """The likeliest span of one window; `starts` and `ends` are log-probabilities, [T] each."""
    tokens = [number for number, place in enumerate(places) if place is not None]
    if not tokens:
        return Found("", 0, 0, 0.0)
    scores = starts[tokens][:, None] + ends[tokens]  # (first, last)
    is_span = torch.ones_like(scores, dtype=torch.bool).triu().tril(_N_ANSWER - 1)
    score, at = scores.masked_fill(~is_span, -inf).flatten().max(dim=0)
    first, last = divmod(int(at), len(tokens))
    start, end = places[tokens[first]][0], places[tokens[last]][1]  # type: ignore[index]
    said = context[start:end]
    start += len(said) - len(said.lstrip())  # in some vocabularies a word begins with its space
    return Found(said.strip(), start, start + len(said.strip()), score.exp().item())


def text_ids(tokenizer: Tokenizer, text: str, limit: int) -> list[int]:
    """The ids of a text between its marks, at least one; of a long one what fits, and its end mark.

    Args:
        tokenizer: Of the model.
        text: The text.
        limit: Ids at most.
    """
    ids = tokenizer.encode_marked(text).ids or [tokenizer.eos_id or 0]
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]
