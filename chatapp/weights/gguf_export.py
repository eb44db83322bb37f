"""Writes a model as a GGUF file, which any llama.cpp program runs.

Knows the families that llama.cpp and `gguf_model` share: Llama and GPT-2. The tokenizer is the
matter of `gguf_vocabulary`.

Source: llama-arch.cpp and llama-model.cpp of llama.cpp; convert_hf_to_gguf.py there.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor

from chatapp.errors import ExportError, Sentence, say
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.positions import Rotary
from chatapp.weights import families
from chatapp.weights.gguf_vocabulary import Entry, leaves_out_unknown, vocabulary_values
from chatapp.weights.layout import tensors_of
from chatapp.weights.opened import OpenedModel

# How each type of number is called and what a file of it is called, by number.
_TYPES = {
    torch.float32: (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    torch.float16: (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    torch.bfloat16: (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
}
_ROPE_FACTORS, _POSITIONS = "rope_freqs.weight", "position_embd.weight"
# Keys of a card that GGUF has in another place, and those that are none of a card's business.
_CARD_KEYS = {"license_name": "license.name", "license_link": "license.link"}
_NOT_OF_A_CARD = frozenset({"architecture", "alignment", "quantization_version"})
_YARN = frozenset({"rope_type", "type", "factor", "original_max_position_embeddings"})


def write_gguf(
    path: Path, opened: OpenedModel, dtype: torch.dtype = torch.float32
) -> tuple[Sentence, ...]:
    """Write a model as a GGUF file, in place of what lies at `path`.

    Vectors and the table of positions stay float32, as llama.cpp computes with them.

    Args:
        path: Where; what was there stays until the new file is whole.
        opened: The model, its vocabulary and what came with it.
        dtype: What matrices are written as: torch.float32, torch.float16 or torch.bfloat16.

    Returns:
        What llama.cpp does otherwise than our networks, to be told.

    Raises:
        ExportError: If llama.cpp knows nothing like it, or the file cannot be written. The former
            is found out before anything is written.
    """
    architecture, sizes = _describe(opened)
    values = _values(opened, path, dtype) | {
        f"{architecture}.{key}": value for key, value in sizes.items()
    }
    with (
        replacing(path) as new,
        closing(gguf.GGUFWriter(new, architecture)) as writer,
    ):
        for key, value in values.items():
            _add(writer, key, value)
        for name, tensor in _tensors(opened.model):
            kind = _kind(name, tensor, dtype)
            n_bytes = tensor.numel() * kind.itemsize
            # The name of the type is given, for numpy has none of its own for bfloat16.
            writer.add_tensor_info(
                name, tuple(tensor.shape), np.dtype(np.float32), n_bytes, _TYPES[kind][0]
            )
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name, tensor in _tensors(opened.model):
            writer.write_tensor_data(_numbers(tensor.to(_kind(name, tensor, dtype))))
    if not leaves_out_unknown(opened.tokenizer, values):
        return ()
    return (
        say(
            "llama.cpp leaves out of a text the characters that this vocabulary lacks; here they "
            "are read as one token for all of them."
        ),
    )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file to, which is put into the place of `path` at the end.

    Raises:
        ExportError: If it cannot be written; what was there stays.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            new = Path(folder) / path.name
            yield new
            with new.open("rb+") as file:
                os.fsync(file.fileno())
            new.replace(path)
    except OSError as error:
        # numpy counts what it could not write and does not say why.
        reason = error.strerror or say("the disk is full")
        raise ExportError(
            say("{file} cannot be written: {reason}.", file=str(path), reason=reason)
        ) from error


def _describe(opened: OpenedModel) -> tuple[str, dict[str, Entry]]:
    """What llama.cpp calls the architecture, and its sizes."""
    model = opened.model
    if isinstance(model, GPT):
        return "gpt2", _gpt_values(model.config)
    if isinstance(model, Llama):
        return _llama_architecture(model.config), _llama_values(model.config)
    raise ExportError(
        say(
            "llama.cpp does not know this architecture ({kind}); GPT-2 and Llama can be exported.",
            kind=opened.architecture,
        )
    )


def _values(opened: OpenedModel, path: Path, dtype: torch.dtype) -> dict[str, Entry]:
    """What is said about the model, and its vocabulary."""
    card = {
        f"general.{_CARD_KEYS.get(key, key)}": value
        for key, value in opened.card.items()
        if key not in _NOT_OF_A_CARD
    }
    return {
        **card,
        "general.type": "model",
        "general.name": opened.card.get("name") or path.stem,
        "general.file_type": int(_TYPES[dtype][1]),
        **vocabulary_values(opened.tokenizer, opened.config.n_vocab),
        "tokenizer.chat_template": opened.chat_template,
    }


def _gpt_values(config: GPTConfig) -> dict[str, Entry]:
    if not config.norm_first or config.activation != "gelu_new":
        raise ExportError(
            say(
                "llama.cpp knows GPT-2 only, which normalises before each layer and whose "
                "activation is gelu_new."
            )
        )
    return {
        "vocab_size": config.n_vocab,
        "context_length": config.block_size,
        "embedding_length": config.n_embd,
        "block_count": config.n_layer,
        "feed_forward_length": config.d_ff,
        "attention.head_count": config.n_head,
        "attention.layer_norm_epsilon": config.norm_eps,
    }


def _llama_architecture(config: LlamaConfig) -> str:
    """Qwen2 is a Llama with biases of q, k and v alone; llama.cpp wants all three of it there."""
    is_qwen = config.qkv_bias and not (config.out_bias or config.mlp_bias)
    return "qwen2" if is_qwen else "llama"


def _llama_values(config: LlamaConfig) -> dict[str, Entry]:
    # llama.cpp lets these models see all positions: as many as the window has are the same.
    n_ctx = min(config.block_size, config.sliding_window or config.block_size)
    return {
        "vocab_size": config.n_vocab,
        "context_length": n_ctx,
        "embedding_length": config.n_embd,
        "block_count": config.n_layer,
        "feed_forward_length": config.d_ff,
        "attention.head_count": config.n_head,
        "attention.head_count_kv": config.n_kv_head,
        "attention.key_length": config.head_dim,
        "attention.value_length": config.head_dim,
        "attention.layer_norm_rms_epsilon": config.norm_eps,
        "rope.dimension_count": config.head_dim,
        "rope.freq_base": config.rope_base,
        **_rope_scaling(config),
    }


def _rope_scaling(config: LlamaConfig) -> dict[str, Entry]:
    """The keys of `Rotary`'s scaling; that of Llama 3 is a tensor instead."""
    scaling: Mapping[str, object] = config.rope_scaling or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind in ("default", "llama3"):
        return {}
    if kind == "yarn" and any(scaling[key] is not None for key in scaling.keys() - _YARN):
        raise ExportError(say("llama.cpp does not stretch positions by YaRN as this model does."))
    values: dict[str, Entry] = {
        "rope.scaling.type": str(kind),
        "rope.scaling.factor": float(str(scaling["factor"])),
    }
    if kind == "yarn":
        original = int(str(scaling["original_max_position_embeddings"]))
        values["rope.scaling.original_context_length"] = original
    return values


def _tensors(model: torch.nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The tensors of the file, in the order in which they lie there."""
    if isinstance(model, GPT):
        layout = families.gpt_layout(model.config, families.GPT_GGUF, is_transposed=False)
    else:
        assert isinstance(model, Llama)
        config = model.config
        is_interleaved = _llama_architecture(config) == "llama"
        layout = families.llama_layout(config, families.LLAMA_GGUF, is_interleaved=is_interleaved)
        scaling = config.rope_scaling or {}
        if scaling.get("rope_type", scaling.get("type")) == "llama3":
            plain = Rotary(config.head_dim, config.rope_base)
            yield _ROPE_FACTORS, plain.rates / model.rotary.rates
    yield from tensors_of(model, layout)


def _kind(name: str, tensor: Tensor, dtype: torch.dtype) -> torch.dtype:
    return torch.float32 if tensor.dim() == 1 or name == _POSITIONS else dtype


def _numbers(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    tensor = tensor.cpu().contiguous()
    if tensor.dtype == torch.bfloat16:  # which numpy does not know
        tensor = tensor.view(torch.int16)
    return np.asarray(tensor.numpy())


def _add(writer: gguf.GGUFWriter, key: str, value: Entry) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    else:
        writer.add_array(key, value)
