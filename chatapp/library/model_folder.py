"""Describes a model that lies as a folder: config.json beside weights in safetensors.

So Hugging Face lays models out, and so do our own checkpoints. Only headers are read.
"""

import json
import re
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from msgspec import Struct

from chatapp.errors import ModelFileError, say

CONFIG = "config.json"
# What our own networks chat with: Hugging Face's names, then those of our checkpoints.
ARCHITECTURES = ("gpt2", "llama", "mistral", "qwen2", "gpt", "rnn")
_WEIGHTS = ".safetensors"
_LENGTH_BYTES = 8  # of a safetensors header, before it
_MAX_BYTES = 2**26  # of config.json, a card, or a header
_LINE = r'^{}: *"?([^"\n]+)"?\s*$'  # of a card


class ModelFolder(Struct, frozen=True, kw_only=True):
    """What a model's folder says of it; 0 and "" where it does not say."""

    name: str
    architecture: str
    n_params: int
    dtype: str
    n_ctx_train: int
    license: str
    has_chat_template: bool
    size_bytes: int
    cache_numbers: int  # that our own networks keep for a token


def is_model_folder(folder: Path, names: list[str]) -> bool:
    """Whether a folder with these files in it is a model."""
    return CONFIG in names and any(name.endswith(_WEIGHTS) for name in names)


def read_folder(folder: Path) -> ModelFolder:
    """Read what describes the model.

    Raises:
        ModelFileError: If it cannot be used; the sentence does not name the folder.
    """
    config = _object(folder / CONFIG)
    is_ours = "chatapp_checkpoint" in config
    inner = config.get("config") if is_ours else config
    if not isinstance(inner, Mapping):
        raise _damaged(CONFIG)
    architecture = str(config.get("architecture") or config.get("model_type") or "")
    if architecture not in ARCHITECTURES:
        raise ModelFileError(
            "unsupported_architecture",
            say("Our own networks do not chat with this architecture ({kind}).", kind=architecture),
        )
    weights = sorted(folder.glob("*" + _WEIGHTS))
    headers = [_weights_header(path) for path in weights]
    tensors = [tensor for header in headers for tensor in header]
    return ModelFolder(
        # Each run of training calls the folder of its model "result"; the card knows better.
        name=(is_ours and _said(folder, "name")) or folder.name,
        # Ours say of a recurrent network which of the three it is.
        architecture=str(inner.get("cell") or architecture),
        n_params=sum(prod(tensor["shape"]) for tensor in tensors),
        dtype=str(tensors[0]["dtype"]) if tensors else "",
        n_ctx_train=_number(inner, "block_size", "max_position_embeddings", "n_positions"),
        license=_said(folder, "license"),
        has_chat_template=_has_chat_template(folder),
        size_bytes=sum(path.stat().st_size for path in weights),
        cache_numbers=_cache_numbers(inner),
    )


def _cache_numbers(config: Mapping[str, Any]) -> int:
    n_layer = _number(config, "n_layer", "num_hidden_layers")
    n_embd = _number(config, "n_embd", "hidden_size")
    n_head = _number(config, "n_head", "num_attention_heads")
    n_kv_head = _number(config, "n_kv_head", "num_key_value_heads") or n_head
    return 2 * n_layer * n_embd * n_kv_head // n_head if n_head else 0


def _number(config: Mapping[str, Any], *names: str) -> int:
    values = (config.get(name) for name in names)
    return next((value for value in values if isinstance(value, int) and value > 0), 0)


def _said(folder: Path, key: str) -> str:
    """What the model's card says of that; "" for nothing."""
    try:
        head = _read(folder / "README.md").decode("utf-8", "replace").split("\n---", 1)[0]
    except (OSError, ModelFileError):  # a model works without a card
        return ""
    found = re.search(_LINE.format(key), head, re.MULTILINE)
    return found[1].strip() if head.startswith("---") and found else ""


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").exists():
        return True
    path = folder / "tokenizer_config.json"
    return path.exists() and bool(_object(path).get("chat_template"))


def _weights_header(path: Path) -> list[dict[str, Any]]:
    """The `dtype` and `shape` of every tensor in a safetensors file."""
    if not path.is_file():  # to open a pipe is to wait for its other end
        raise _damaged(path.name)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if length > _MAX_BYTES:
            raise _damaged(path.name)
        header = _parsed(file.read(length), path.name)
    tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
    if not all(_is_tensor(tensor) for tensor in tensors):
        raise _damaged(path.name)
    return tensors


def _is_tensor(value: Any) -> bool:
    shape = value.get("shape") if isinstance(value, dict) else None
    is_shape = isinstance(shape, list) and all(isinstance(n, int) and n >= 0 for n in shape)
    return is_shape and "dtype" in value


def _object(path: Path) -> dict[str, Any]:
    return _parsed(_read(path), path.name)


def _read(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise _damaged(path.name)
    return path.read_bytes()


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(name) from error
    if not isinstance(value, dict):
        raise _damaged(name)
    return value


def _damaged(name: str) -> ModelFileError:
    return ModelFileError("damaged", say("{file} is damaged. Fetch the model again.", file=name))
