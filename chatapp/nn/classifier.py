"""Classifiers that read from left to right: a GPT, Llama or recurrent body, and a score a label.

A text is judged by the mean of its tokens' vectors. GPT's paper takes the last token's, which alone
has seen everything; a body that learns from few texts, or begins from nothing, learns faster from
the mean, for every token gets a share of the gradient.

B batch, T time, N labels.

Sources: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section
3.2 (a linear layer on the body's vectors); Reimers and Gurevych 2019, arXiv:1908.10084, section 3
(the mean).
"""

from typing import Any, ClassVar

from torch import Tensor, nn

from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.layers import mean_of_tokens
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.nn.trace import Trace


class CausalClassifier(nn.Module):
    """A language model whose head gives scores of labels instead of tokens.

    Names for loading: those of the language model without its head, after `body.`; and `head`.

    Args:
        config: The sizes of the body.
        n_label: N.

    Raises:
        ValueError: If there is no label.
    """

    body_class: ClassVar[Any]

    def __init__(self, config: Any, n_label: int) -> None:
        super().__init__()
        if n_label < 1:
            raise ValueError(f"n_label must be at least 1, got {n_label}")
        self.config = config
        self.body = self.body_class(config)
        n_embd = self.body.head.in_features
        self.body.head = nn.Identity()
        self.dropout = nn.Dropout(getattr(config, "dropout", 0.0))  # Llamas have none
        self.head = nn.Linear(n_embd, n_label)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(
        self, ids: Tensor, mask: Tensor | None = None, *, trace: Trace | None = None
    ) -> Tensor:
        """Return the scores of the labels, [B, N].

        Args:
            ids: int64 [B, T]; padding stands behind a text, where no token of it looks.
            mask: [B, T], False where there is padding; None without padding.
            trace: Where attention weights, hidden states and gates go.
        """
        x = self.body(ids, trace=trace)  # (B, T, C)
        return self.head(self.dropout(mean_of_tokens(x, mask)))


class GPTClassifier(CausalClassifier):
    """A GPT that classifies; see `CausalClassifier`."""

    body_class = GPT
    config: GPTConfig


class LlamaClassifier(CausalClassifier):
    """A Llama that classifies; see `CausalClassifier`."""

    body_class = Llama
    config: LlamaConfig


class RNNClassifier(CausalClassifier):
    """An RNN, LSTM or GRU that classifies; see `CausalClassifier`."""

    body_class = RNNLM
    config: RNNConfig
