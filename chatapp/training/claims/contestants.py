"""The networks that are compared: one layer count, about as many numbers each."""

import torch

from chatapp.errors import say
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.rnn import RNNLM, RNNConfig

ATTENTION = str(say("attention"))
NAMES = ("RNN", "LSTM", "GRU", ATTENTION)
_N_LAYER = 2
_N_EMBD = 64
# Widths of two layers with about 100,000 numbers in all, the embeddings left out.
_WIDTHS = {"RNN": 180, "LSTM": 84, "GRU": 100}
_CELLS = {"RNN": "rnn", "LSTM": "lstm", "GRU": "gru"}


def contestant(name: str, n_vocab: int, block_size: int, seed: int = 0) -> GPT | RNNLM:
    """A new network of one of `NAMES`."""
    torch.manual_seed(seed)
    if name == ATTENTION:
        return GPT(GPTConfig(n_vocab, block_size, _N_LAYER, 4, _N_EMBD))
    cell, width = _CELLS[name], _WIDTHS[name]
    return RNNLM(RNNConfig(n_vocab, block_size, _N_LAYER, _N_EMBD, width, cell))
