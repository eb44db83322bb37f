"""Opens a folder of Hugging Face: config.json, safetensors, and the tokenizer's files.

Knows the families that share the layers of GPT-2, Llama and BERT. Never runs a folder's code.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from chatapp.errors import ModelFileError, say
from chatapp.nn import bert
from chatapp.nn.bert import BertConfig
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.text.json_file import read_object
from chatapp.text.tokenizer_files import read_folder_tokenizer
from chatapp.weights import families
from chatapp.weights.card import read_card
from chatapp.weights.layout import Layout, build, fill, shown, unsupported
from chatapp.weights.opened import OpenedModel, check_vocabulary
from chatapp.weights.safetensors_file import SafetensorsFile
from chatapp.weights.values import MAX_LAYERS, Values

CONFIG = "config.json"
_ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_new": "gelu_new",
    "gelu_pytorch_tanh": "gelu_new",
    "relu": "relu",
}


class _Plan(NamedTuple):
    """A network without weights, and where they are."""

    network: Any
    layout: Layout
    spare: str  # a regular expression for the names of tensors that may be left over


def open_hf_folder(folder: Path, dtype: torch.dtype) -> OpenedModel:
    """Open a folder as Hugging Face lays it out.

    Args:
        folder: The folder.
        dtype: What the weights become.

    Raises:
        ModelFileError: If it cannot be used; the message names the file and what is wrong in it.
    """
    path = folder / CONFIG
    given = read_object(path)
    values = Values(path, given)
    family = values.text("model_type")
    planners: dict[str, Callable[[Path, Values, SafetensorsFile], _Plan]] = {
        "gpt2": _plan_gpt,
        "llama": _plan_llama,
        "mistral": _plan_llama,
        "qwen2": _plan_llama,
        "bert": _plan_bert,
    }
    if family not in planners:
        raise unsupported(
            path, say("Its architecture is unknown here ({kind}).", kind=shown(family))
        )
    if values.has("quantization_config"):
        raise _unsupported(path, "quantization_config", "{...}")
    tokenizer, chat_template = read_folder_tokenizer(folder)
    with SafetensorsFile(folder, _short_name) as file:
        plan = planners[family](path, values, file)
        config = plan.network.config
        check_vocabulary(path, tokenizer, config.n_vocab)
        fill(
            plan.network,
            plan.layout,
            file,
            dtype,
            lambda name: re.fullmatch(plan.spare, name) is not None,
        )
    return OpenedModel(
        *(plan.network, config, tokenizer, chat_template, read_card(folder), family),
        labels=_labels(values, plan.network),
    )


def _labels(values: Values, network: Any) -> tuple[str, ...]:
    """What the outputs of a classifier are called; () where the names are no use."""
    if not isinstance(network, bert.BertForSequenceClassification):
        return ()
    named, n_label = values.mapping("id2label"), network.head.out_features
    labels = tuple(str(named.get(str(number), "")) for number in range(n_label))
    return labels if len(set(labels)) == n_label else ()


def _short_name(name: str) -> str:
    """A tensor's name without what only some files put before it, and as it is written now."""
    name = name.removeprefix("transformer.").removeprefix("bert.")
    return re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", name).replace(
        "LayerNorm.beta", "LayerNorm.bias"
    )


def _plan_gpt(path: Path, values: Values, _file: SafetensorsFile) -> _Plan:
    network = build(path, lambda: _gpt_config(path, values), GPT)
    layout = families.gpt_layout(network.config, families.GPT_HF, is_transposed=True)
    head = "|lm_head.weight" if network.config.tie_embeddings else ""
    return _Plan(network, layout, r"h\.\d+\.attn\.(masked_)?bias" + head)


def _gpt_config(path: Path, values: Values) -> GPTConfig:
    for name, wanted in (
        ("scale_attn_weights", True),
        ("scale_attn_by_inverse_layer_idx", False),
        ("add_cross_attention", False),
    ):
        if values.flag(name, wanted) != wanted:
            raise _unsupported(path, name, not wanted)
    width = values.size("n_embd")
    return GPTConfig(
        n_vocab=values.size("vocab_size"),
        block_size=values.size("n_positions"),
        n_layer=values.size("n_layer", limit=MAX_LAYERS),
        n_head=values.size("n_head"),
        n_embd=width,
        d_ff=values.size("n_inner", 4 * width),
        activation=_activation(path, values, "activation_function", "gelu_new"),
        norm_eps=values.number("layer_norm_epsilon", 1e-5),
        tie_embeddings=values.flag("tie_word_embeddings", True),
    )


def _plan_llama(path: Path, values: Values, _file: SafetensorsFile) -> _Plan:
    network = build(path, lambda: _llama_config(path, values), Llama)
    layout = families.llama_layout(network.config, families.LLAMA_HF, is_interleaved=False)
    head = "|lm_head.weight" if network.config.tie_embeddings else ""
    return _Plan(network, layout, r".*\.rotary_emb\.inv_freq" + head)


def _llama_config(path: Path, values: Values) -> LlamaConfig:
    if values.text("hidden_act", "silu") != "silu":
        raise _unsupported(path, "hidden_act", values.text("hidden_act"))
    rope = {**values.mapping("rope_scaling"), **values.mapping("rope_parameters")}
    base = Values(path, {"rope_theta": rope.pop("rope_theta", None)}).number(
        "rope_theta", values.number("rope_theta", 10000.0)
    )
    n_head = values.size("num_attention_heads")
    bias = values.flag("attention_bias", False)
    return LlamaConfig(
        n_vocab=values.size("vocab_size"),
        block_size=values.size("max_position_embeddings"),
        n_layer=values.size("num_hidden_layers", limit=MAX_LAYERS),
        n_head=n_head,
        n_kv_head=values.size("num_key_value_heads", n_head),
        n_embd=values.size("hidden_size"),
        d_ff=values.size("intermediate_size"),
        head_dim=values.size("head_dim") if values.has("head_dim") else 0,
        norm_eps=values.number("rms_norm_eps", 1e-6),
        rope_base=base,
        rope_scaling=rope or None,
        sliding_window=_sliding_window(path, values),
        qkv_bias=bias or values.text("model_type") == "qwen2",
        out_bias=bias,
        mlp_bias=values.flag("mlp_bias", False),
        tie_embeddings=values.flag("tie_word_embeddings", False),
    )


def _sliding_window(path: Path, values: Values) -> int | None:
    is_qwen = values.text("model_type") == "qwen2"
    if not values.has("sliding_window") or not values.flag("use_sliding_window", not is_qwen):
        return None
    if is_qwen and values.size("max_window_layers", MAX_LAYERS) != 0:
        raise _unsupported(path, "max_window_layers", values.size("max_window_layers", MAX_LAYERS))
    return values.size("sliding_window")


def _plan_bert(path: Path, values: Values, file: SafetensorsFile) -> _Plan:
    """The network for which the file has a head; files often say less than they hold."""
    make, head = _bert_network(file)
    network = build(path, lambda: _bert_config(path, values), make)
    shape = file.shapes.get(f"{head}.weight", (2,))
    layout = families.bert_layout(
        network.config,
        n_label=shape[0] if shape else 1,
        head=head,
        has_head=not isinstance(network, bert.Bert),
    )
    unused = (
        r"cls\.predictions\.decoder\..*"
        if isinstance(network, bert.BertForPretraining)
        else r"cls\..*"
    )
    return _Plan(network, layout, rf"embeddings\.position_ids|{unused}")


def _bert_network(file: SafetensorsFile) -> tuple[Callable[[BertConfig], Any], str]:
    has_pooler = "pooler.dense.weight" in file.shapes
    if "qa_outputs.weight" in file.shapes:
        return bert.BertForQuestionAnswering, "qa_outputs"
    if shape := file.shapes.get("classifier.weight"):
        judge = (
            bert.BertForSequenceClassification if has_pooler else bert.BertForTokenClassification
        )
        return lambda config: judge(config, shape[0]), "classifier"
    if "cls.seq_relationship.weight" in file.shapes and has_pooler:
        return bert.BertForPretraining, ""
    return lambda config: bert.Bert(config, has_pooler=has_pooler), ""


def _bert_config(path: Path, values: Values) -> BertConfig:
    if values.text("position_embedding_type", "absolute") != "absolute":
        raise _unsupported(path, "position_embedding_type", values.text("position_embedding_type"))
    return BertConfig(
        n_vocab=values.size("vocab_size"),
        block_size=values.size("max_position_embeddings"),
        n_layer=values.size("num_hidden_layers", limit=MAX_LAYERS),
        n_head=values.size("num_attention_heads"),
        n_embd=values.size("hidden_size"),
        d_ff=values.size("intermediate_size"),
        n_type=values.size("type_vocab_size", 2),
        activation=_activation(path, values, "hidden_act", "gelu"),
        norm_eps=values.number("layer_norm_eps", 1e-12),
    )


def _activation(path: Path, values: Values, name: str, default: str) -> str:
    given = values.text(name, default)
    if given not in _ACTIVATIONS:
        raise _unsupported(path, name, given)
    return _ACTIVATIONS[given]


def _unsupported(path: Path, key: str, value: str | float) -> ModelFileError:
    return unsupported(
        path, say("The native engine does not know {key} = {value}.", key=key, value=value)
    )
