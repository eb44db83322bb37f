"""How the parameters of our networks lie in the files of others: GPT, Llama and BERT.

Knows nothing about file formats; a table of names tells them apart.

H heads, D head size, C n_embd.
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from chatapp.nn.bert import BertConfig
from chatapp.nn.gpt import GPTConfig
from chatapp.nn.llama import LlamaConfig
from chatapp.weights.layout import Layout, Piece

Names = Mapping[str, str]  # our part: its name in the file, {} standing for the layer

GPT_HF = {
    "token_embedding": "wte",
    "position_embedding": "wpe",
    "norm": "ln_f",
    "head": "lm_head",
    "norm1": "h.{}.ln_1",
    "attention.qkv": "h.{}.attn.c_attn",
    "attention.out": "h.{}.attn.c_proj",
    "norm2": "h.{}.ln_2",
    "feed_forward.up": "h.{}.mlp.c_fc",
    "feed_forward.down": "h.{}.mlp.c_proj",
}
GPT_GGUF = {
    "token_embedding": "token_embd",
    "position_embedding": "position_embd",
    "norm": "output_norm",
    "head": "output",
    "norm1": "blk.{}.attn_norm",
    "attention.qkv": "blk.{}.attn_qkv",
    "attention.out": "blk.{}.attn_output",
    "norm2": "blk.{}.ffn_norm",
    "feed_forward.up": "blk.{}.ffn_up",
    "feed_forward.down": "blk.{}.ffn_down",
}
LLAMA_HF = {
    "token_embedding": "model.embed_tokens",
    "norm": "model.norm",
    "head": "lm_head",
    "norm1": "model.layers.{}.input_layernorm",
    "q": "model.layers.{}.self_attn.q_proj",
    "k": "model.layers.{}.self_attn.k_proj",
    "v": "model.layers.{}.self_attn.v_proj",
    "attention.out": "model.layers.{}.self_attn.o_proj",
    "norm2": "model.layers.{}.post_attention_layernorm",
    "gate": "model.layers.{}.mlp.gate_proj",
    "up": "model.layers.{}.mlp.up_proj",
    "feed_forward.down": "model.layers.{}.mlp.down_proj",
}
LLAMA_GGUF = {
    "token_embedding": "token_embd",
    "norm": "output_norm",
    "head": "output",
    "norm1": "blk.{}.attn_norm",
    "q": "blk.{}.attn_q",
    "k": "blk.{}.attn_k",
    "v": "blk.{}.attn_v",
    "attention.out": "blk.{}.attn_output",
    "norm2": "blk.{}.ffn_norm",
    "gate": "blk.{}.ffn_gate",
    "up": "blk.{}.ffn_up",
    "feed_forward.down": "blk.{}.ffn_down",
}

# BERT: without the "bert." that some files put before these names.
_BERT = {
    "token_embedding": "embeddings.word_embeddings",
    "position_embedding": "embeddings.position_embeddings",
    "type_embedding": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
    "pooler": "pooler.dense",
}
_BERT_LAYER = {
    "attention.out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "feed_forward.up": "intermediate.dense",
    "feed_forward.down": "output.dense",
    "norm2": "output.LayerNorm",
}
_BERT_HEADS = {
    "token_transform": "cls.predictions.transform.dense",
    "token_norm": "cls.predictions.transform.LayerNorm",
    "next_sentence_head": "cls.seq_relationship",
}


def gpt_layout(config: GPTConfig, names: Names, *, is_transposed: bool) -> Layout:
    """The layout of a GPT.

    Args:
        config: Its sizes.
        names: `GPT_HF` or `GPT_GGUF`.
        is_transposed: Whether matrices lie in the file with inputs as rows, as OpenAI wrote them.
    """
    width, inner = config.n_embd, config.d_ff
    matrices = {
        "attention.qkv": (3 * width, width),
        "attention.out": (width, width),
        "feed_forward.up": (inner, width),
        "feed_forward.down": (width, inner),
    }
    layout = {
        **_weight("token_embedding", names["token_embedding"], config.n_vocab, width),
        **_weight("position_embedding", names["position_embedding"], config.block_size, width),
        **_weight("norm", names["norm"], width),
        **_bias("norm", names["norm"], width),
        **_weight("head", names["head"], config.n_vocab, width),
    }
    for layer in range(config.n_layer):
        for part in ("norm1", "norm2"):
            ours, theirs = f"blocks.{layer}.{part}", names[part].format(layer)
            layout |= _weight(ours, theirs, width) | _bias(ours, theirs, width)
        for part, (n_out, n_in) in matrices.items():
            ours, theirs = f"blocks.{layer}.{part}", names[part].format(layer)
            layout |= _bias(ours, theirs, n_out)
            if is_transposed:
                piece = Piece(f"{theirs}.weight", (n_in, n_out), _transpose)
                layout[f"{ours}.weight"] = (piece,)
            else:
                layout |= _weight(ours, theirs, n_out, n_in)
    return layout


def llama_layout(config: LlamaConfig, names: Names, *, is_interleaved: bool) -> Layout:
    """The layout of a Llama.

    Args:
        config: Its sizes.
        names: `LLAMA_HF` or `LLAMA_GGUF`.
        is_interleaved: Whether the pairs that are rotated lie beside each other in q and k.
    """
    width, inner = config.n_embd, config.d_ff
    q_rows, kv_rows = config.n_head * config.head_dim, config.n_kv_head * config.head_dim
    q_change = _parting(config.n_head) if is_interleaved else ()
    k_change = _parting(config.n_kv_head) if is_interleaved else ()
    layout = {
        **_weight("token_embedding", names["token_embedding"], config.n_vocab, width),
        **_weight("norm", names["norm"], width),
        **_weight("head", names["head"], config.n_vocab, width),
    }
    for layer in range(config.n_layer):
        block = f"blocks.{layer}"
        name = {part: template.format(layer) for part, template in names.items()}
        layout |= _weight(f"{block}.norm1", name["norm1"], width)
        layout |= _weight(f"{block}.norm2", name["norm2"], width)
        layout |= _weight(f"{block}.attention.out", name["attention.out"], width, q_rows)
        layout |= _bias(f"{block}.attention.out", name["attention.out"], width)
        layout |= _weight(f"{block}.feed_forward.down", name["feed_forward.down"], width, inner)
        layout |= _bias(f"{block}.feed_forward.down", name["feed_forward.down"], width)
        for kind, columns in (("weight", (width,)), ("bias", ())):
            layout[f"{block}.attention.qkv.{kind}"] = (
                Piece(f"{name['q']}.{kind}", (q_rows, *columns), *q_change),
                Piece(f"{name['k']}.{kind}", (kv_rows, *columns), *k_change),
                Piece(f"{name['v']}.{kind}", (kv_rows, *columns)),
            )
            layout[f"{block}.feed_forward.gate_up.{kind}"] = (
                Piece(f"{name['gate']}.{kind}", (inner, *columns)),
                Piece(f"{name['up']}.{kind}", (inner, *columns)),
            )
    return layout


def bert_layout(config: BertConfig, *, n_label: int, head: str, has_head: bool) -> Layout:
    """The layout of a BERT in the files of Hugging Face.

    Args:
        config: Its sizes.
        n_label: Rows of the head, where there is one.
        head: What files call the head.
        has_head: Whether the encoder is a part of a network with a head, as `bert`.
    """
    width, inner = config.n_embd, config.d_ff
    start = "bert." if has_head else ""
    embeddings = {
        "token_embedding": config.n_vocab,
        "position_embedding": config.block_size,
        "type_embedding": config.n_type,
    }
    layout: dict[str, tuple[Piece, ...]] = {}
    for part, n_row in embeddings.items():
        layout |= _weight(start + part, _BERT[part], n_row, width)
    layout |= _weight(start + "norm", _BERT["norm"], width)
    layout |= _bias(start + "norm", _BERT["norm"], width)
    layout |= _linear(start + "pooler", _BERT["pooler"], width, width)
    layout |= _linear("head", head, n_label, width)
    layout |= _linear("token_transform", _BERT_HEADS["token_transform"], width, width)
    layout |= _linear("next_sentence_head", _BERT_HEADS["next_sentence_head"], 2, width)
    layout |= _weight("token_norm", _BERT_HEADS["token_norm"], width)
    layout |= _bias("token_norm", _BERT_HEADS["token_norm"], width)
    layout["token_head.bias"] = (Piece("cls.predictions.bias", (config.n_vocab,)),)
    shapes = {
        "attention.out": (width, width),
        "norm1": (width,),
        "feed_forward.up": (inner, width),
        "feed_forward.down": (width, inner),
        "norm2": (width,),
    }
    for layer in range(config.n_layer):
        block, theirs = f"{start}blocks.{layer}", f"encoder.layer.{layer}"
        for part, shape in shapes.items():
            name = f"{theirs}.{_BERT_LAYER[part]}"
            layout |= _weight(f"{block}.{part}", name, *shape)
            layout |= _bias(f"{block}.{part}", name, shape[0])
        for kind, shape in (("weight", (width, width)), ("bias", (width,))):
            layout[f"{block}.attention.qkv.{kind}"] = tuple(
                Piece(f"{theirs}.attention.self.{part}.{kind}", shape)
                for part in ("query", "key", "value")
            )
    return layout


def _linear(ours: str, theirs: str, n_out: int, n_in: int) -> dict[str, tuple[Piece, ...]]:
    return _weight(ours, theirs, n_out, n_in) | _bias(ours, theirs, n_out)


def _weight(ours: str, theirs: str, *shape: int) -> dict[str, tuple[Piece, ...]]:
    return {f"{ours}.weight": (Piece(f"{theirs}.weight", shape),)}


def _bias(ours: str, theirs: str, length: int) -> dict[str, tuple[Piece, ...]]:
    return {f"{ours}.bias": (Piece(f"{theirs}.bias", (length,)),)}


def _transpose(matrix: Tensor) -> Tensor:
    return matrix.T


def _parting(n_head: int) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """From rows (H, D/2, 2) as llama.cpp keeps them to (H, 2, D/2) as the networks rotate; back."""

    def part(rows: Tensor) -> Tensor:
        by_pair = rows.view(n_head, -1, 2, *rows.shape[1:])
        return by_pair.transpose(1, 2).reshape(rows.shape)

    def join(rows: Tensor) -> Tensor:
        by_half = rows.view(n_head, 2, -1, *rows.shape[1:])
        return by_half.transpose(1, 2).reshape(rows.shape)

    return part, join
