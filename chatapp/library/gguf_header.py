"""What a model file says of itself, checked, before llama.cpp may see it.

Refuses what no model has: counts beyond reason, heads that do not divide.
Whether llama.cpp knows the architecture is not its business; llama.cpp says that by itself.

Source: llama-model.cpp (load_hparams) and llama-model-loader.cpp of llama.cpp.
"""

import math
import re
from collections import Counter
from pathlib import Path
from typing import TypeGuard

from msgspec import Struct

from chatapp.errors import say
from chatapp.library import gguf_types as types
from chatapp.library.gguf_parts import damaged, other_parts, without_part
from chatapp.library.gguf_reader import (
    TOKENS_KEY,
    GgufError,
    GgufFile,
    Tensor,
    Value,
    read_gguf,
)

MAX_LAYERS = 512  # llama.cpp ends its process beyond this and the next
MAX_EXPERTS = 1024
_KNOWN_ROPE_SCALING = frozenset({"none", "linear", "yarn", "longrope"})
_SHOWN_NAME = 100
_QUANTIZATION = re.compile(r"[-._](I?Q\d\w*|TQ\d\w*|B?F16|F32|MXFP4\w*|GGUF)$", re.IGNORECASE)
_NO_WEIGHTS = frozenset({"Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"})  # kernels lack them
_TABLES = ("d2t", "tid2eid")  # the tensors that hold whole numbers
_LIMITS = {  # the largest value of each that a model could have
    "context_length": 2**28,
    "embedding_length": 2**20,
    "block_count": MAX_LAYERS,
    "attention.key_length": 2**16,
    "attention.value_length": 2**16,
    "vocab_size": 2**24,
    "expert_count": MAX_EXPERTS,
}


class CompanionFileError(GgufError):
    """A sound GGUF file that belongs to a model and is none: an image reader, an adapter."""


class GgufHeader(Struct, frozen=True, kw_only=True):
    """A model file, or the first of its parts, as described by its head.

    Lengths of heads are per head; `n_head` and `n_kv_head` have one value a layer, 0 for a layer
    without attention. `weight_bytes` are the tensors of all parts, `size_bytes` their files.
    """

    path: Path
    name: str
    architecture: str
    n_params: int
    quantization: str  # "Q4_K_M", "F16", ...
    size_bytes: int
    weight_bytes: int
    n_ctx_train: int
    n_layer: int
    n_embd: int
    n_head: tuple[int, ...]
    n_kv_head: tuple[int, ...]
    key_length: int
    value_length: int
    n_vocab: int
    license: str  # "" when the file does not say
    chat_template: str  # "" when it has none
    bos_id: int | None
    eos_id: int | None


def read_header(path: Path) -> GgufHeader:
    """Read and check the header of a model file and of all its parts.

    Raises:
        CompanionFileError: If the file belongs to a model and is none.
        GgufError: If it cannot be used; the message names the file, the reason and what to do.
    """
    return read_parts(path)[0]


def read_parts(
    path: Path, keep: frozenset[str] = frozenset()
) -> tuple[GgufHeader, tuple[GgufFile, ...]]:
    """The header of a model file, and the heads of all its parts as they stand in the files.

    Args:
        path: The file, or the first of the parts.
        keep: Keys whose arrays are wanted however long they are.

    Raises:
        CompanionFileError: If the file belongs to a model and is none.
        GgufError: If it cannot be used; the message names the file, the reason and what to do.
    """
    first = read_gguf(path, keep)
    if "general.architecture" not in first.values and "split.no" not in first.values:
        raise GgufError("not_a_model", path, say("Not a model: it does not name an architecture."))
    _refuse_companions(first)
    parts = [first, *other_parts(first)]
    if not any(part.tensors for part in parts):
        raise CompanionFileError(
            "not_a_model",
            path,
            say("Not a chat model: {what}", what=say("it holds a vocabulary and no weights.")),
        )
    return _Description(first).header(parts), tuple(parts)


def _refuse_companions(file: GgufFile) -> None:
    kind = file.values.get("general.type")
    tokenizer = file.values.get("tokenizer.ggml.model")
    if file.values.get("general.architecture") == "clip" or kind == "mmproj":
        reason = say("it reads images for another model and cannot chat by itself.")
    elif kind == "adapter":
        reason = say("it adapts another model and cannot chat by itself.")
    elif kind == "imatrix":
        reason = say("it holds measurements for making another model smaller.")
    elif tokenizer == "bert":
        reason = say("it compares texts and cannot write any.")
    elif tokenizer in ("none", "no_vocab"):
        reason = say("it has no vocabulary, so it cannot write text.")
    else:
        return
    raise CompanionFileError("not_a_model", file.path, say("Not a chat model: {what}", what=reason))


class _Description:
    """Takes the values out of one head by name, each checked."""

    def __init__(self, file: GgufFile) -> None:
        self._file = file
        self._architecture = self._text("general.architecture")
        if not self._architecture:
            raise damaged(file, say("the name of its architecture is empty"))

    def header(self, parts: list[GgufFile]) -> GgufHeader:
        tensors = [tensor for part in parts for tensor in part.tensors]
        n_layer = self._required("block_count")
        n_embd = self._required("embedding_length")
        n_head, n_kv_head = self._heads(n_layer)
        head_length = n_embd // max(n_head) if any(n_head) else 0
        self._check_experts(n_layer)
        self._check_rope()
        self._check_fractions()
        self._check_vocabulary()
        for tensor in tensors:
            self._check_type(tensor)
        return GgufHeader(
            path=self._file.path,
            name=self._name(),
            architecture=_printable(self._architecture),
            n_params=sum(tensor.n_elements for tensor in tensors),
            quantization=self._quantization(parts),
            size_bytes=sum(part.size for part in parts),
            weight_bytes=sum(tensor.n_bytes for tensor in tensors),
            n_ctx_train=self._required("context_length"),
            n_layer=n_layer,
            n_embd=n_embd,
            n_head=n_head,
            n_kv_head=n_kv_head,
            key_length=self._limited("attention.key_length", head_length),
            value_length=self._limited("attention.value_length", head_length),
            n_vocab=self._n_vocab(),
            license=self._license(),
            chat_template=self._text("tokenizer.chat_template"),
            bos_id=self._token_id("bos"),
            eos_id=self._token_id("eos"),
        )

    def _value(self, name: str) -> Value | None:
        return self._file.values.get(f"{self._architecture}.{name}")

    def _text(self, key: str) -> str:
        value = self._file.values.get(key)
        return value if isinstance(value, str) else ""

    def _required(self, name: str) -> int:
        value = self._limited(name, 0)
        if value == 0:
            raise damaged(self._file, say("its {key} is missing or 0", key=name))
        return value

    def _limited(self, name: str, default: int) -> int:
        value = self._value(name)
        if value is None:
            return default
        if not _is_count(value, _LIMITS[name]):
            raise damaged(self._file, say("its {key} makes no sense", key=name))
        return value

    def _per_layer(self, name: str, n_layer: int, limit: int) -> tuple[int, ...] | None:
        value = self._value(name)
        if value is None:
            return None
        values = value if isinstance(value, tuple) else (value,) * n_layer
        counts = tuple(one for one in values if _is_count(one, limit))
        if len(counts) != n_layer or len(values) != n_layer:
            raise damaged(self._file, say("its {key} makes no sense", key=name))
        return counts

    def _heads(self, n_layer: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        heads = self._per_layer("attention.head_count", n_layer, 2**16) or (0,) * n_layer
        kv_heads = self._per_layer("attention.head_count_kv", n_layer, 2**16) or heads
        for head, kv_head in zip(heads, kv_heads, strict=True):
            if head and kv_head and head % kv_head:
                raise damaged(
                    self._file, say("{n:,} heads cannot share {n_kv:,}", n=head, n_kv=kv_head)
                )
        return heads, kv_heads

    def _check_experts(self, n_layer: int) -> None:
        count = self._limited("expert_count", 0)
        used = max(self._per_layer("expert_used_count", n_layer, MAX_EXPERTS) or (0,))
        groups = self._count("expert_group_count")
        groups_used = self._count("expert_group_used_count")
        sound = used <= count and (used > 0) == (count > 0) and groups < max(count, 1)
        if groups > 1:
            sound = sound and count % groups == 0 and 0 < groups_used < groups
        if not sound:
            raise damaged(self._file, say("its numbers of experts make no sense"))
        if self._count("nextn_predict_layers") > n_layer:
            raise damaged(self._file, say("its number of prediction layers makes no sense"))

    def _count(self, name: str) -> int:
        value = self._value(name)
        return value if value is not None and _is_count(value, 2**32) else 0

    def _check_rope(self) -> None:
        scaling = self._value("rope.scaling.type")
        if scaling is not None and scaling not in _KNOWN_ROPE_SCALING:
            raise GgufError(
                "unsupported_architecture",
                self._file.path,
                say(
                    "It stretches its context in a way this program does not know ({kind}); a "
                    "newer version may.",
                    kind=_printable(str(scaling)),
                ),
            )

    def _check_fractions(self) -> None:
        for key, value in self._file.values.items():
            if not isinstance(value, float) or not key.startswith(f"{self._architecture}."):
                continue
            if not math.isfinite(value) or (value < 0 and key.endswith("epsilon")):
                raise damaged(self._file, say("its {key} makes no sense", key=_printable(key)))

    def _check_vocabulary(self) -> None:
        if self._text("tokenizer.ggml.model") == "llama" and not self._file.spells_bytes:
            # llama.cpp ends its process at the first letter that no token spells.
            raise damaged(self._file, say("its vocabulary cannot spell every letter"))

    def _check_type(self, tensor: Tensor) -> None:
        if any(name in tensor.name for name in _TABLES):
            return
        vector = len(tensor.shape) == 1  # computed with as it stands, never unpacked
        if tensor.type_name in _NO_WEIGHTS or (vector and tensor.type_name != "F32"):
            raise damaged(
                self._file,
                say(
                    "its tensor {tensor} is packed as {kind}",
                    tensor=_printable(tensor.name),
                    kind=tensor.type_name,
                ),
            )

    def _n_vocab(self) -> int:
        claimed = self._limited("vocab_size", 0)
        return self._file.lengths.get(TOKENS_KEY, claimed)

    def _token_id(self, name: str) -> int | None:
        value = self._file.values.get(f"tokenizer.ggml.{name}_token_id")
        return value if value is not None and _is_count(value, self._n_vocab() - 1) else None

    def _name(self) -> str:
        given = _printable(self._text("general.name"))[:_SHOWN_NAME].strip()
        from_file = _file_name(self._file.path)
        # Converters lose the spelling of a name; a file that spells the same name out knows better.
        same = given.lower().split()[:1] == from_file.lower().split()[:1]
        return from_file if not given or (same and from_file != from_file.lower()) else given

    def _license(self) -> str:
        name = self._text("general.license.name")
        return _printable(name or self._text("general.license"))[:_SHOWN_NAME]

    def _quantization(self, parts: list[GgufFile]) -> str:
        number = self._file.values.get("general.file_type")
        if isinstance(number, int) and number in types.FILE_TYPES:
            return types.FILE_TYPES[number]
        elements: Counter[str] = Counter()
        for part in parts:
            for tensor in part.tensors:
                elements[tensor.type_name] += tensor.n_elements
        return elements.most_common(1)[0][0]


def _is_count(value: Value, limit: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limit


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text[:1000]).strip()


def _file_name(path: Path) -> str:
    stem = _QUANTIZATION.sub("", without_part(path.name).removesuffix(".gguf"))
    words = _printable(stem.replace("-", " ").replace("_", " "))
    return words[:_SHOWN_NAME].strip() or _printable(path.name) or "?"
