"""Opens a model, in whichever of the known forms it lies on the disk, as one of our networks.

Knows nothing about generating or training.
"""

from pathlib import Path

import torch

from chatapp.weights.checkpoint import is_checkpoint, open_checkpoint
from chatapp.weights.gguf_model import open_gguf
from chatapp.weights.hf_model import open_hf_folder
from chatapp.weights.opened import OpenedModel as OpenedModel


def open_model(path: Path, dtype: torch.dtype = torch.float32) -> OpenedModel:
    """Open a GGUF file, a Hugging Face folder or one of our checkpoints.

    Args:
        path: The file or folder.
        dtype: What the weights become: torch.float32 or torch.bfloat16.

    Raises:
        ModelFileError: If it cannot be used; the message names the file and what is wrong in it.
    """
    if not path.is_dir():
        return open_gguf(path, dtype)
    return open_checkpoint(path, dtype) if is_checkpoint(path) else open_hf_folder(path, dtype)
