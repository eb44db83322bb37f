"""How well a model predicts text: perplexity, and bits per character and per byte.

Perplexity is a mean over tokens and can be compared only between models with the same tokens; the
bits are means over the text itself and can always be compared. Knows nothing about how a model
computes.

A long text is measured in pieces of some hundred tokens: they are what is resampled, and shorter
ones would be too much alike their neighbours to count as independent (Künsch 1989, The Jackknife
and the Bootstrap for General Stationary Observations, on resampling blocks of a series).

Sources: Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks;
Graves 2013, Generating Sequences With Recurrent Neural Networks, arXiv:1308.0850, section 3 (bits
per character).
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from chatapp.training.metrics.bootstrap import Estimate, Floats, Tally, estimates

_MOST = 700.0  # exp of more is no finite number, and JSON has no infinity


class Piece(Struct, frozen=True):
    """A part of a text, as a model predicted it.

    Attributes:
        logprob: The sum of the natural logarithms of the probabilities of its tokens.
        n_tokens: How many tokens were predicted.
        n_chars: The Unicode characters these tokens stand for.
        n_bytes: The UTF-8 bytes of these characters.
    """

    logprob: float
    n_tokens: int
    n_chars: int
    n_bytes: int


class Prediction(Struct, frozen=True):
    """How well a text was predicted.

    Attributes:
        n_tokens: How many tokens were predicted.
        n_chars: The characters they stand for.
        n_bytes: The bytes of these.
        loss: The mean negative log-probability of a token, in nats.
        perplexity: exp(loss): among how many equally likely tokens the model would hesitate alike.
        bits_per_char: The negative log-probability of a character, in bits.
        bits_per_byte: The same of a byte.
    """

    n_tokens: int
    n_chars: int
    n_bytes: int
    loss: Estimate
    perplexity: Estimate
    bits_per_char: Estimate
    bits_per_byte: Estimate


def measure(pieces: Sequence[Piece]) -> Prediction:
    """All figures of a predicted text.

    Raises:
        ValueError: If there are no pieces, or one has no token, character or byte.
    """
    return Prediction(
        n_tokens=sum(piece.n_tokens for piece in pieces),
        n_chars=sum(piece.n_chars for piece in pieces),
        n_bytes=sum(piece.n_bytes for piece in pieces),
        **estimates(tally(pieces)),
    )


def tally(pieces: Sequence[Piece]) -> Tally:
    """What `measure` counts, to compare two models on the same pieces.

    The figures: loss, perplexity, bits_per_char, bits_per_byte.
    """
    columns = [(-piece.logprob, piece.n_tokens, piece.n_chars, piece.n_bytes) for piece in pieces]
    rows = np.array(columns, np.float64).reshape(-1, 4)
    if (rows[:, 1:] < 1).any():
        raise ValueError("A piece without a token, character or byte cannot be measured.")
    return Tally(("loss", "perplexity", "bits_per_char", "bits_per_byte"), rows, _score)


def _score(sums: Floats) -> Floats:
    loss, per_char, per_byte = (sums[:, :1] / sums[:, 1:]).T
    perplexity = np.exp(np.minimum(loss, _MOST))
    return np.stack([loss, perplexity, per_char / math.log(2), per_byte / math.log(2)], axis=1)
