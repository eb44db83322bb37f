"""The starter model in `transformers`, with the weights as our own reader opens them."""

from pathlib import Path
from typing import Any

import torch

from chatapp.nn.llama import Llama
from chatapp.weights.opening import open_model


def load(path: Path, dtype: torch.dtype) -> Any:
    """A LlamaForCausalLM with the weights of the model at `path`."""
    model = open_model(path).model
    assert isinstance(model, Llama)
    return from_ours(model).to(dtype)


def from_ours(model: Llama) -> Any:
    """A LlamaForCausalLM with the weights of `model`, which has no biases and a tied head."""
    import transformers

    config = model.config
    theirs = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.n_vocab,
            hidden_size=config.n_embd,
            intermediate_size=config.d_ff,
            num_hidden_layers=config.n_layer,
            num_attention_heads=config.n_head,
            num_key_value_heads=config.n_kv_head,
            max_position_embeddings=config.block_size,
            rms_norm_eps=config.norm_eps,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_base},
            tie_word_embeddings=True,
        )
    )
    theirs.load_state_dict(_renamed(model.state_dict(), config))
    return theirs.train(False)


def _renamed(ours: dict[str, torch.Tensor], config: Any) -> dict[str, torch.Tensor]:
    embedding = ours["token_embedding.weight"]
    theirs = {
        "model.embed_tokens.weight": embedding,
        "lm_head.weight": embedding,
        "model.norm.weight": ours["norm.weight"],
    }
    rows = [n * config.head_dim for n in (config.n_head, config.n_kv_head, config.n_kv_head)]
    for n in range(config.n_layer):
        block = f"blocks.{n}."
        q, k, v = torch.split(ours[f"{block}attention.qkv.weight"], rows)
        gate, up = ours[f"{block}feed_forward.gate_up.weight"].chunk(2)
        parts = {
            "self_attn.q_proj": q,
            "self_attn.k_proj": k,
            "self_attn.v_proj": v,
            "self_attn.o_proj": ours[f"{block}attention.out.weight"],
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": ours[f"{block}feed_forward.down.weight"],
            "input_layernorm": ours[f"{block}norm1.weight"],
            "post_attention_layernorm": ours[f"{block}norm2.weight"],
        }
        theirs |= {f"model.layers.{n}.{name}.weight": part for name, part in parts.items()}
    return theirs
