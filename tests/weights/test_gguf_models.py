from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from foreign_models import LETTERS, MERGES, N_VOCAB, gpt2, llama
from gguf import quants

from chatapp.errors import ModelFileError
from chatapp.library.gguf_reader import read_gguf
from chatapp.weights.gguf_file import GgufTensors
from chatapp.weights.opening import open_model

IDS = torch.arange(5, 25)[None]
LAYER_NAMES = {
    "model.layers.{}.input_layernorm": "blk.{}.attn_norm",
    "model.layers.{}.self_attn.q_proj": "blk.{}.attn_q",
    "model.layers.{}.self_attn.k_proj": "blk.{}.attn_k",
    "model.layers.{}.self_attn.v_proj": "blk.{}.attn_v",
    "model.layers.{}.self_attn.o_proj": "blk.{}.attn_output",
    "model.layers.{}.post_attention_layernorm": "blk.{}.ffn_norm",
    "model.layers.{}.mlp.gate_proj": "blk.{}.ffn_gate",
    "model.layers.{}.mlp.up_proj": "blk.{}.ffn_up",
    "model.layers.{}.mlp.down_proj": "blk.{}.ffn_down",
    "transformer.h.{}.ln_1": "blk.{}.attn_norm",
    "transformer.h.{}.attn.c_attn": "blk.{}.attn_qkv",
    "transformer.h.{}.attn.c_proj": "blk.{}.attn_output",
    "transformer.h.{}.ln_2": "blk.{}.ffn_norm",
    "transformer.h.{}.mlp.c_fc": "blk.{}.ffn_up",
    "transformer.h.{}.mlp.c_proj": "blk.{}.ffn_down",
}
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "transformer.wte": "token_embd",
    "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm",
    **{
        ours.format(layer): theirs.format(layer)
        for ours, theirs in LAYER_NAMES.items()
        for layer in range(2)
    },
}


def _write_gguf(path: Path, model: Any, architecture: str, **values: Any) -> None:
    """Write a model of `transformers` as llama.cpp's converter does."""
    writer = gguf.GGUFWriter(path, architecture)
    config = model.config
    writer.add_name("Tiny")
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(2)
    writer.add_head_count(4)
    if architecture == "gpt2":
        writer.add_feed_forward_length(128)
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        writer.add_feed_forward_length(48)
        writer.add_head_count_kv(2)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    for key, value in values.items():
        writer.add_float32(key.replace("_at_", "."), value)
    tokens = [*LETTERS, *(merge.replace(" ", "") for merge in MERGES)]
    tokens += [f"<|{n}|>" for n in range(N_VOCAB - len(tokens))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token.startswith("<|") else 1 for token in tokens])
    writer.add_token_merges(MERGES)
    writer.add_eos_token_id(N_VOCAB - 1)
    writer.add_chat_template("{{ messages }}")
    for name, tensor in model.state_dict().items():
        part, _, kind = name.rpartition(".")
        if kind in ("weight", "bias") and (part != "lm_head" or not config.tie_word_embeddings):
            writer.add_tensor(f"{NAMES[part]}.{kind}", _as_converted(architecture, name, tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _as_converted(architecture: str, name: str, tensor: torch.Tensor) -> Any:
    if architecture == "gpt2" and ".c_" in name and name.endswith("weight"):
        tensor = tensor.T
    if architecture == "llama" and (".q_proj" in name or ".k_proj" in name):
        n_head = 4 if "q_proj" in name else 2
        halves = tensor.view(n_head, 2, -1, *tensor.shape[1:])
        tensor = halves.transpose(1, 2).reshape(tensor.shape)
    return np.ascontiguousarray(tensor.float().numpy())


MODELS: dict[str, tuple[str, Any]] = {
    "llama": ("llama", llama),
    "llama, tied, with biases": (
        "llama",
        lambda: llama(tie_word_embeddings=True, attention_bias=True),
    ),
    "qwen2": ("qwen2", lambda: llama("Qwen2")),
    "gpt2": ("gpt2", gpt2),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_gguf_file_gives_the_logits_of_the_model_it_was_made_of(
    tmp_path: Path, name: str
) -> None:
    architecture, make = MODELS[name]
    theirs = make().eval()
    _write_gguf(tmp_path / "m.gguf", theirs, architecture)
    ours = open_model(tmp_path / "m.gguf")
    assert ours.architecture == architecture
    assert ours.chat_template == "{{ messages }}"
    assert ours.card["name"] == "Tiny"
    assert ours.tokenizer.is_end(N_VOCAB - 1)
    assert [ours.tokenizer.piece(id) for id in ours.tokenizer.encode("the")] == [b"th", b"e"]
    with torch.inference_mode():
        assert torch.allclose(ours.model(IDS), theirs(IDS).logits, rtol=0, atol=1e-5)


def test_a_tensor_that_does_not_fit_is_named_with_both_shapes(tmp_path: Path) -> None:
    model = llama()
    model.model.layers[1].mlp.down_proj.weight.data = torch.zeros(32, 40)
    _write_gguf(tmp_path / "m.gguf", model, "llama")
    with pytest.raises(ModelFileError, match=r"m\.gguf.*blk\.1\.ffn_down.* 32 x 40 .* 32 x 48"):
        open_model(tmp_path / "m.gguf")


def test_an_architecture_that_is_not_known_is_refused(tmp_path: Path) -> None:
    _write_gguf(tmp_path / "m.gguf", llama(), "falcon")
    with pytest.raises(ModelFileError, match="falcon") as caught:
        open_model(tmp_path / "m.gguf")
    assert caught.value.code == "unsupported_architecture"


KINDS = sorted(
    kind.name
    for kind in gguf.GGMLQuantizationType
    if hasattr(quants, kind.name) and kind.name != "BF16"
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_packing_is_undone_as_the_codecs_do_it(tmp_path: Path, kind: str) -> None:
    codec, source = getattr(quants, kind), np.random.default_rng(0)
    packed = source.integers(0, 256, (3, 256 * 60 // codec.block_size * codec.type_size), np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_tensor("t", packed, raw_dtype=gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    file = GgufTensors([read_gguf(tmp_path / "m.gguf")])
    out = torch.empty(file.shapes["t"])
    with np.errstate(all="ignore"):
        file.read_into("t", out)
        expected = codec.dequantize(packed)
    assert np.array_equal(out.numpy(), expected, equal_nan=True)


def test_smollm2_writes_a_sensible_answer(starter_model: Path) -> None:
    opened = open_model(starter_model, torch.bfloat16)
    question = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    ids = torch.tensor([opened.tokenizer.encode(question, special=True)])
    state, reply = opened.model.new_state(1, 64), b""
    with torch.inference_mode():
        while not opened.tokenizer.is_end(next_id := int(_step(opened.model, ids, state))):
            reply += opened.tokenizer.piece(next_id)
            ids = torch.tensor([[next_id]])
    assert reply == b"The capital of France is Paris."


def _step(model: Any, ids: torch.Tensor, state: Any) -> torch.Tensor:
    return model(ids, state, last_only=True)[0, -1].argmax()
