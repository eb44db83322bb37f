"""What opening a model gives, whatever form it lay in on the disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from chatapp.errors import say
from chatapp.text.json_file import damaged
from chatapp.text.tokenizer import Tokenizer


class OpenedModel(NamedTuple):
    """A network with its weights, and all that came with it.

    Attributes:
        model: One of the networks of chatapp.nn, on the CPU, in evaluation mode.
        config: Its configuration, the dataclass of that network.
        tokenizer: Its vocabulary.
        chat_template: Its own template, "" when it has none.
        card: What the files say about it in words: name, license, ...
        architecture: What the files call its family: "gpt2", "llama", "qwen2", "bert", ...
        labels: What the outputs of a classifier are called, () if nobody said.
    """

    model: nn.Module
    config: Any
    tokenizer: Tokenizer
    chat_template: str
    card: Mapping[str, str]
    architecture: str
    labels: tuple[str, ...] = ()


def check_vocabulary(path: Path, tokenizer: Tokenizer, n_vocab: int) -> None:
    """Refuse a vocabulary with ids that the network does not know.

    Raises:
        ModelFileError: If there are such ids.
    """
    if tokenizer.n_vocab > n_vocab:
        raise damaged(
            path,
            say(
                "its vocabulary has {n:,} tokens and its network knows {limit:,}",
                n=tokenizer.n_vocab,
                limit=n_vocab,
            ),
        )
