"""Model folders as the `transformers` library writes them: tiny, with random weights."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers

BYTES = [*range(33, 127), *range(161, 173), *range(174, 256)]
LETTERS = [chr(b) for b in BYTES] + [chr(256 + n) for n in range(256 - len(BYTES))]
MERGES = ["t h", "Ġ th", "Ġth e", "i n", "in g", "Ġ a", "e r", "Ġ ð", "1 2"]
N_VOCAB = 320


def write_bpe(folder: Path) -> None:
    """A byte-level vocabulary like GPT-2's in its older files."""
    tokens = [*LETTERS, *(merge.replace(" ", "") for merge in MERGES), "<|endoftext|>"]
    vocab = {token: id for id, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES, ""]))
    config = {"bos_token": "<|endoftext|>", "eos_token": {"content": "<|endoftext|>"}}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def write_word_pieces(folder: Path) -> None:
    """A vocabulary like BERT's."""
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = ["the", "cat", "un", "##aff", "##able", "cafe", "!", "中", "##s", "1", "##2"]
    (folder / "vocab.txt").write_text("\n".join([*marks, *words, ""]))


def write_model(folder: Path, model: Any, **options: Any) -> Any:
    """Save a model of the library with a vocabulary that fits it; gives the model back."""
    folder.mkdir(exist_ok=True)
    model.eval().save_pretrained(folder, **options)
    (write_word_pieces if model.config.model_type == "bert" else write_bpe)(folder)
    return model


def gpt2() -> Any:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=N_VOCAB, n_positions=64, n_embd=32, n_layer=2, n_head=4
    )
    return transformers.GPT2LMHeadModel(config)


def llama(kind: str = "Llama", **options: Any) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{kind}Config")(
        **{
            "vocab_size": N_VOCAB,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 64,
            **options,
        }
    )
    return getattr(transformers, f"{kind}ForCausalLM")(config)


def bert(head: str = "Model", **options: Any) -> Any:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=16,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        **options,
    )
    return getattr(transformers, f"Bert{head}")(config)
