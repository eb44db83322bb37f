from typing import Any

import pytest
import torch
from torch import nn

from chatapp.nn.bert import Bert, BertConfig, BertForSequenceClassification
from chatapp.nn.classifier import GPTClassifier, LlamaClassifier, RNNClassifier
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.layers import mean_of_tokens
from chatapp.nn.llama import LlamaConfig
from chatapp.nn.rnn import RNNConfig
from tests.nn.comparing import difference

BERT = BertConfig(41, 16, 2, 2, 16)
KINDS: dict[str, Any] = {
    "gpt": lambda: GPTClassifier(GPTConfig(41, 16, 2, 2, 16), 3),
    "llama": lambda: LlamaClassifier(LlamaConfig(41, 16, 2, 4, 2, 16, 24), 3),
    "rnn": lambda: RNNClassifier(RNNConfig(41, 16, 2, 8, 12, cell="gru"), 3),
    "bert": lambda: BertForSequenceClassification(BERT, 3, has_pooler=False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_padding_makes_no_difference_to_the_scores_of_the_labels(kind: str) -> None:
    model: nn.Module = KINDS[kind]().eval()
    ids = torch.randint(41, (2, 9))
    mask = torch.arange(9) < torch.tensor([[9], [4]])
    scores = model(ids, mask=mask)
    assert scores.shape == (2, 3)
    assert difference(scores[1:], model(ids[1:, :4])) <= 1e-6
    other = torch.where(mask, ids, (ids + 1) % 41)
    assert difference(scores, model(other, mask=mask)) <= 1e-6
    assert difference(scores[1:], model(ids[1:])) > 1e-5  # without the mask all of it counts


def test_a_text_is_judged_by_the_mean_of_the_bodys_vectors() -> None:
    model = KINDS["gpt"]().eval()
    whole = GPT(model.config).eval()
    whole.head = nn.Identity()
    whole.load_state_dict(model.body.state_dict())
    ids = torch.randint(41, (2, 5))
    expected = model.head(whole(ids).mean(dim=1))
    assert difference(model(ids), expected) <= 1e-6


def test_a_bert_without_a_pooler_takes_the_mean_too() -> None:
    model = KINDS["bert"]().eval()
    ids, mask = torch.randint(41, (2, 5)), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    encoder = Bert(BERT, has_pooler=False).eval()
    encoder.load_state_dict(model.bert.state_dict())
    x = encoder(ids, mask=mask)
    expected = torch.stack([x[0].mean(dim=0), x[1, :2].mean(dim=0)])
    assert difference(mean_of_tokens(x, mask), expected) <= 1e-6
    assert difference(model(ids, mask=mask), model.head(expected)) <= 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_every_weight_learns(kind: str) -> None:
    model = KINDS[kind]().train()
    model(torch.arange(41)[None, :16]).logsumexp(dim=1).sum().backward()
    idle = [name for name, one in model.named_parameters() if one.grad is None]
    assert idle == []


def test_a_classifier_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="n_label"):
        GPTClassifier(GPTConfig(41, 16, 2, 2, 16), 0)
