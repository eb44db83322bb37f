"""Opens a GGUF file as one of our networks, in place of llama.cpp.

Knows the keys of the families that share the layers of Llama and GPT-2.

Source: llama-arch.cpp and llama-model.cpp of llama.cpp; convert_hf_to_gguf.py there, which lays
the rotated pairs of Llama's q and k side by side and leaves those of Qwen2 apart.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from chatapp.errors import say
from chatapp.library.gguf_header import GgufHeader, read_parts
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.positions import Rotary
from chatapp.text.tokenizer_gguf import ARRAYS, read_gguf_tokenizer
from chatapp.weights import families
from chatapp.weights.gguf_file import GgufTensors
from chatapp.weights.layout import build, fill, unsupported
from chatapp.weights.opened import OpenedModel, check_vocabulary
from chatapp.weights.values import Values

_ROPE_FACTORS = "rope_freqs.weight"


def open_gguf(path: Path, dtype: torch.dtype) -> OpenedModel:
    """Open a GGUF file, or the first of its parts.

    Args:
        path: The file.
        dtype: What the weights become.

    Raises:
        ModelFileError: If it cannot be used; the message names the file and what is wrong in it.
    """
    header, parts = read_parts(path, ARRAYS)
    values = parts[0].values
    tensors = GgufTensors(parts)
    tokenizer = read_gguf_tokenizer(path.name, values)
    own = f"{header.architecture}."
    sizes = Values(
        path, {key.removeprefix(own): one for key, one in values.items() if key.startswith(own)}
    )
    network: GPT | Llama
    if header.architecture == "gpt2":
        network = build(path, lambda: _gpt_config(header, sizes, tensors), GPT)
        layout = families.gpt_layout(network.config, families.GPT_GGUF, is_transposed=False)
    elif header.architecture in ("llama", "qwen2"):
        network = build(path, lambda: _llama_config(header, sizes, tensors), Llama)
        layout = families.llama_layout(
            network.config, families.LLAMA_GGUF, is_interleaved=header.architecture == "llama"
        )
    else:
        raise _unsupported(header, "general.architecture", header.architecture)
    check_vocabulary(path, tokenizer, network.config.n_vocab)
    spare = {_ROPE_FACTORS} | ({"output.weight"} if network.config.tie_embeddings else set())
    fill(network, layout, tensors, dtype, spare.__contains__)
    return OpenedModel(
        network,
        network.config,
        tokenizer,
        header.chat_template,
        _card(values),
        header.architecture,
    )


def _gpt_config(header: GgufHeader, sizes: Values, tensors: GgufTensors) -> GPTConfig:
    return GPTConfig(
        n_vocab=header.n_vocab,
        block_size=header.n_ctx_train,
        n_layer=header.n_layer,
        n_head=_same_in_all_layers(header, header.n_head),
        n_embd=header.n_embd,
        d_ff=sizes.size("feed_forward_length"),
        norm_eps=sizes.number("attention.layer_norm_epsilon"),
        tie_embeddings="output.weight" not in tensors.shapes,
    )


def _llama_config(header: GgufHeader, sizes: Values, tensors: GgufTensors) -> LlamaConfig:
    head_dim, base = header.key_length, sizes.number("rope.freq_base", 10000.0)
    if header.value_length != head_dim:
        raise _unsupported(header, "value_length", header.value_length)
    if sizes.size("rope.dimension_count", head_dim) != head_dim:
        raise _unsupported(header, "rope.dimension_count", sizes.size("rope.dimension_count"))
    if sizes.has("expert_count") and sizes.number("expert_count", 1.0):
        raise _unsupported(header, "expert_count", sizes.size("expert_count"))
    return LlamaConfig(
        n_vocab=header.n_vocab,
        block_size=header.n_ctx_train,
        n_layer=header.n_layer,
        n_head=_same_in_all_layers(header, header.n_head),
        n_kv_head=_same_in_all_layers(header, header.n_kv_head),
        n_embd=header.n_embd,
        d_ff=sizes.size("feed_forward_length"),
        head_dim=head_dim,
        norm_eps=sizes.number("attention.layer_norm_rms_epsilon"),
        rope_base=base,
        rope_scaling=_rope_scaling(header, sizes, tensors, base),
        qkv_bias="blk.0.attn_q.bias" in tensors.shapes,
        out_bias="blk.0.attn_output.bias" in tensors.shapes,
        mlp_bias="blk.0.ffn_down.bias" in tensors.shapes,
        tie_embeddings="output.weight" not in tensors.shapes,
    )


def _rope_scaling(
    header: GgufHeader, sizes: Values, tensors: GgufTensors, base: float
) -> Mapping[str, Any] | None:
    """What `Rotary` takes, out of the keys or, for Llama 3, of the tensor that llama.cpp uses."""
    if _ROPE_FACTORS in tensors.shapes:
        return _llama3_scaling(header, tensors, base)
    kind = sizes.text("rope.scaling.type", "none")
    if kind == "none":
        return None
    scaling: dict[str, Any] = {"rope_type": kind, "factor": sizes.number("rope.scaling.factor")}
    if kind == "yarn":
        original = sizes.size("rope.scaling.original_context_length")
        scaling["original_max_position_embeddings"] = original
    return scaling


def _llama3_scaling(
    header: GgufHeader, tensors: GgufTensors, base: float
) -> Mapping[str, Any] | None:
    """The numbers from which the tensor of factors was made; a file has only what they made."""
    shape = (header.key_length // 2,)
    if tensors.shapes[_ROPE_FACTORS] != shape:
        raise _unsupported(header, _ROPE_FACTORS, tensors.shapes[_ROPE_FACTORS][0])
    factors = torch.empty(shape)
    tensors.read_into(_ROPE_FACTORS, factors)
    rates = Rotary(header.key_length, base).rates
    scaling = {
        "rope_type": "llama3",
        "factor": float(factors.max()),
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    if torch.allclose(factors, torch.ones(shape)):
        return None
    if not torch.allclose(
        Rotary(header.key_length, base, scaling).rates, rates / factors, rtol=1e-3, atol=0
    ):
        raise _unsupported(header, _ROPE_FACTORS, float(factors.max()))
    return scaling


def _same_in_all_layers(header: GgufHeader, counts: Sequence[int]) -> int:
    if len(set(counts)) != 1:
        raise _unsupported(header, "attention.head_count", max(counts))
    return counts[0]


def _unsupported(header: GgufHeader, key: str, value: str | float) -> Exception:
    return unsupported(
        header.path,
        say(
            "The native engine does not know {key} = {value}; llama.cpp may.", key=key, value=value
        ),
    )


def _card(values: Mapping[str, Any]) -> dict[str, str]:
    start = "general."
    return {
        key.removeprefix(start): value
        for key, value in values.items()
        if key.startswith(start) and isinstance(value, str)
    }
