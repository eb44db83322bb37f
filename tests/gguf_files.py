"""Writes small GGUF files for tests: sound ones that llama.cpp really runs, and broken ones."""

import random
import struct
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

F32 = 0
_KINDS = {
    "u8": (0, "<B"),
    "i8": (1, "<b"),
    "u16": (2, "<H"),
    "i16": (3, "<h"),
    "u32": (4, "<I"),
    "i32": (5, "<i"),
    "f32": (6, "<f"),
    "bool": (7, "<?"),
    "str": (8, ""),
    "u64": (10, "<Q"),
    "i64": (11, "<q"),
    "f64": (12, "<d"),
}
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '</s>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


class Typed(NamedTuple):
    """A value with the type it is to be written as, where the usual one is not wanted."""

    kind: str
    value: Any


class TensorData(NamedTuple):
    """A tensor to be written: its shape as ggml has it, row length first."""

    name: str
    shape: tuple[int, ...]
    data: bytes
    kind: int = F32


def write_tiny_gguf(
    path: Path, metadata: Mapping[str, Any] | None = None, **overrides: Any
) -> Path:
    """Write a llama model of about 130 KB with random weights and a vocabulary for any text.

    Args:
        path: Where to write it.
        metadata: Key-values to add or replace; None as a value leaves the key out.
        overrides: Arguments of `tiny_model`.
    """
    values, tensors = tiny_model(**overrides)
    values |= metadata or {}
    path.write_bytes(gguf_bytes({k: v for k, v in values.items() if v is not None}, tensors))
    return path


def write_tiny_parts(path: Path, count: int = 3, **overrides: Any) -> list[Path]:
    """Write the tiny model in `count` parts named after `path`; the first has no tensors."""
    values, tensors = tiny_model(**overrides)
    parts = []
    for number in range(count):
        share = tensors[number - 1 :: count - 1] if number else []
        split = {
            "split.no": Typed("u16", number),
            "split.count": Typed("u16", count),
            "split.tensors.count": Typed("i32", len(tensors)),
        }
        part = path.with_name(f"{path.stem}-{number + 1:05}-of-{count:05}.gguf")
        part.write_bytes(gguf_bytes((values if number == 0 else {}) | split, share))
        parts.append(part)
    return parts


def tiny_model(
    *,
    name: str = "Tiny Test",
    n_layer: int = 2,
    n_embd: int = 32,
    n_head: int = 4,
    n_kv_head: int = 2,
    n_ff: int = 64,
    n_ctx: int = 512,
    seed: int = 0,
    chat_template: str | None = CHAT_TEMPLATE,
) -> tuple[dict[str, Any], list[TensorData]]:
    """Key-values and tensors of a llama model, to be changed and given to `gguf_bytes`."""
    tokens, scores, kinds = _vocabulary()
    values = {
        "general.architecture": "llama",
        "general.name": name,
        "general.license": "apache-2.0",
        "general.file_type": 0,
        "llama.context_length": n_ctx,
        "llama.embedding_length": n_embd,
        "llama.block_count": n_layer,
        "llama.feed_forward_length": n_ff,
        "llama.attention.head_count": n_head,
        "llama.attention.head_count_kv": n_kv_head,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": n_embd // n_head,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": scores,
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.chat_template": chat_template,
    }
    n_kv_embd = n_embd // n_head * n_kv_head
    draw = random.Random(seed)
    tensors = [_random("token_embd.weight", (n_embd, len(tokens)), draw)]
    for layer in range(n_layer):
        shapes = {
            "attn_norm": (n_embd,),
            "attn_q": (n_embd, n_embd),
            "attn_k": (n_embd, n_kv_embd),
            "attn_v": (n_embd, n_kv_embd),
            "attn_output": (n_embd, n_embd),
            "ffn_norm": (n_embd,),
            "ffn_gate": (n_embd, n_ff),
            "ffn_up": (n_embd, n_ff),
            "ffn_down": (n_ff, n_embd),
        }
        tensors += [_random(f"blk.{layer}.{n}.weight", s, draw) for n, s in shapes.items()]
    return values, [*tensors, _random("output_norm.weight", (n_embd,), draw)]


def gguf_bytes(
    metadata: Mapping[str, Any] | Sequence[tuple[str, Any]],
    tensors: Sequence[TensorData] = (),
    *,
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """A whole file; `metadata` as pairs may name a key twice."""
    sizes = [len(tensor.data) for tensor in tensors]
    head = _head(metadata, tensors, sizes, version, alignment)
    return head + b"".join(_padded(tensor.data, alignment) for tensor in tensors)


def write_sparse_gguf(path: Path, n_bytes: int, **overrides: Any) -> Path:
    """Write a model whose embeddings claim about `n_bytes` of the disk and take none of it."""
    values, _ = tiny_model(**overrides)
    n_embd = values["llama.embedding_length"]
    n_rows = n_bytes // 4 // n_embd
    tensor = TensorData("token_embd.weight", (n_embd, n_rows), b"")
    with path.open("wb") as file:
        file.write(_head(values, [tensor], [n_rows * n_embd * 4], 3, 32))
        file.truncate(file.tell() + n_rows * n_embd * 4)
    return path


def _head(
    metadata: Mapping[str, Any] | Sequence[tuple[str, Any]],
    tensors: Sequence[TensorData],
    sizes: Sequence[int],
    version: int,
    alignment: int,
) -> bytes:
    pairs = list(metadata.items()) if isinstance(metadata, Mapping) else list(metadata)
    head = [b"GGUF", struct.pack("<IQQ", version, len(tensors), len(pairs))]
    head += [_string(key) + _value(value) for key, value in pairs]
    offset = 0
    for tensor, size in zip(tensors, sizes, strict=True):
        n = len(tensor.shape)
        head.append(_string(tensor.name) + struct.pack(f"<I{n}Q", n, *tensor.shape))
        head.append(struct.pack("<IQ", tensor.kind, offset))
        offset += -(-size // alignment) * alignment
    return _padded(b"".join(head), alignment)


def _vocabulary() -> tuple[list[str], list[float], list[int]]:
    words = ["▁the", "▁a", "▁sea", "▁is", "▁and", "er", "in", "th", "on", "he", "▁t", "▁s"]
    letters = ["▁", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'"]
    byte_tokens = [f"<0x{value:02X}>" for value in range(256)]
    plain = words + letters
    tokens = ["<unk>", "<s>", "</s>", *byte_tokens, *plain]
    scores = [0.0] * 259 + [-float(rank) for rank in range(len(plain))]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL] + [_BYTE] * 256 + [_NORMAL] * len(plain)
    return tokens, scores, kinds


def _random(name: str, shape: tuple[int, ...], draw: random.Random) -> TensorData:
    n = shape[0] * (shape[1] if len(shape) > 1 else 1)
    if len(shape) == 1:
        return TensorData(name, shape, array("f", [1.0] * n).tobytes())
    return TensorData(name, shape, array("f", [draw.gauss(0, 0.2) for _ in range(n)]).tobytes())


def _value(value: Any) -> bytes:
    if isinstance(value, list):
        kind = _kind(value[0], "i32") if value else "i32"
        items = b"".join(_plain(kind, one) for one in value)
        return struct.pack("<IIQ", 9, _KINDS[kind][0], len(value)) + items
    kind, plain = value if isinstance(value, Typed) else (_kind(value, "u32"), value)
    return struct.pack("<I", _KINDS[kind][0]) + _plain(kind, plain)


def _kind(value: Any, whole_number: str) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return whole_number
    return "f32" if isinstance(value, float) else "str"


def _plain(kind: str, value: Any) -> bytes:
    return _string(value) if kind == "str" else struct.pack(_KINDS[kind][1], value)


def _string(text: str | bytes) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _padded(data: bytes, alignment: int) -> bytes:
    return data + bytes(-len(data) % alignment)
