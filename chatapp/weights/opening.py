"""Opens a model, in whichever of the known forms it lies on the disk, as one of our networks.

Knows nothing about generating or training.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from chatapp.errors import ModelFileError, say
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
    """

    model: nn.Module
    config: Any
    tokenizer: Tokenizer
    chat_template: str
    card: Mapping[str, str]
    architecture: str


def open_model(path: Path, dtype: torch.dtype = torch.float32) -> OpenedModel:
    """Open a GGUF file, a Hugging Face folder or one of our checkpoints.

    Args:
        path: The file or folder.
        dtype: What the weights become: torch.float32 or torch.bfloat16.

    Raises:
        ModelFileError: If it cannot be used; the message names the file and what is wrong in it.
    """
    raise ModelFileError(
        "not_a_model",
        say("{file}: {reason}", file=path.name, reason=say("Not a model: this is a folder.")),
    )
