"""The network of a recipe: of the sizes it gives, with weights drawn by its seed."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import msgspec
import torch
from torch import nn

from chatapp.errors import TrainingError, say
from chatapp.nn import bert, gpt, llama, rnn, seq2seq, transformer
from chatapp.runs.recipe import Architecture, Model


class _Kind(NamedTuple):
    network: Any
    config: Any
    sizes: Mapping[str, Any]  # small enough to learn something on a laptop in minutes


_RECURRENT = {"block_size": 128, "n_layer": 2, "n_embd": 256, "hidden_size": 256}
_KINDS: Mapping[Architecture, _Kind] = {
    "gpt": _Kind(
        gpt.GPT, gpt.GPTConfig, {"block_size": 128, "n_layer": 4, "n_head": 4, "n_embd": 128}
    ),
    "llama": _Kind(
        llama.Llama,
        llama.LlamaConfig,
        {"block_size": 128, "n_layer": 4, "n_head": 4, "n_kv_head": 4, "n_embd": 128, "d_ff": 384},
    ),
    "rnn": _Kind(rnn.RNNLM, rnn.RNNConfig, {**_RECURRENT, "cell": "rnn"}),
    "lstm": _Kind(rnn.RNNLM, rnn.RNNConfig, {**_RECURRENT, "cell": "lstm"}),
    "gru": _Kind(rnn.RNNLM, rnn.RNNConfig, {**_RECURRENT, "cell": "gru"}),
    "transformer": _Kind(
        transformer.Transformer,
        transformer.TransformerConfig,
        {"n_layer": 3, "n_head": 4, "n_embd": 256, "dropout": 0.1},
    ),
    "seq2seq": _Kind(
        seq2seq.Seq2Seq,
        seq2seq.Seq2SeqConfig,
        {"n_layer": 1, "n_embd": 256, "hidden_size": 256, "cell": "gru", "has_attention": True},
    ),
    "bert": _Kind(
        bert.Bert, bert.BertConfig, {"block_size": 128, "n_layer": 4, "n_head": 4, "n_embd": 128}
    ),
}


def config_of(model: Model, n_vocab: int) -> Any:
    """The configuration of a new network.

    Raises:
        TrainingError: If a size is unknown, or makes no sense.
    """
    kind = _KINDS[model.architecture]
    names = {one.name for one in fields(kind.config)}
    unknown = sorted(set(model.sizes) - names)
    if unknown:
        raise TrainingError(
            say(
                "[model] sizes: {name} is no size of {architecture}. It has {known}.",
                name=unknown[0],
                architecture=model.architecture,
                known=", ".join(sorted(names)),
            )
        )
    vocabularies = {name: n_vocab for name in names if name.endswith("_vocab")}
    try:
        return msgspec.convert(vocabularies | dict(kind.sizes) | model.sizes, kind.config)
    except (msgspec.ValidationError, ValueError) as error:
        raise TrainingError(
            say("[model] sizes: this makes no sense: {reason}.", reason=str(error))
        ) from None


def body_of(network: nn.Module) -> nn.Module:
    """What of a network reads the text, without the heads on it; a language model as it is."""
    for name in ("bert", "body"):
        part = getattr(network, name, None)
        if isinstance(part, nn.Module):
            return part
    return network


def new_network(model: Model, n_vocab: int, seed: int) -> nn.Module:
    """A network with weights drawn by `seed`; of a BERT the body only.

    Raises:
        TrainingError: If a size is unknown, or makes no sense.
    """
    config = config_of(model, n_vocab)
    torch.manual_seed(seed)
    network: nn.Module = _KINDS[model.architecture].network(config)
    return network
