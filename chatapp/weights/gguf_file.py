"""The tensors of a GGUF file and its parts, mapped into memory and unpacked as they are read.

Knows nothing about networks. The shelf's reader has checked the head; the `gguf` package knows how
each kind of packing is undone.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import quants
from torch import Tensor

from chatapp.errors import say
from chatapp.library.gguf_reader import GgufFile
from chatapp.library.gguf_reader import Tensor as Entry
from chatapp.weights.layout import Shape, shown, unsupported

_PLAIN: dict[str, type[np.generic]] = {"F32": np.float32, "F16": np.float16, "F64": np.float64}
# Numbers unpacked at a time: they stay in the cache, and torch copies so few without threads.
_AT_ONCE = 2**15 - 1


class GgufTensors:
    """See `TensorFile`."""

    def __init__(self, parts: Sequence[GgufFile]) -> None:
        self.path = parts[0].path
        self._entries = {entry.name: (part, entry) for part in parts for entry in part.tensors}
        # As plain arrays: each slice of a memmap object costs as much as unpacking what it holds.
        self._maps = {part.path: np.asarray(np.memmap(part.path, np.uint8, "r")) for part in parts}
        # A file gives the shortest step first, torch the longest.
        self.shapes: Mapping[str, Shape] = {
            name: entry.shape[::-1] for name, (_, entry) in self._entries.items()
        }

    def path_of(self, name: str) -> Path:
        """The file in which a tensor lies."""
        return self._entries[name][0].path

    def read_into(self, name: str, out: Tensor) -> None:
        """Write a tensor into `out`."""
        part, entry = self._entries[name]
        start = part.data_at + entry.offset
        data = self._maps[part.path][start : start + entry.n_bytes]
        flat = out.view(-1)
        if entry.type_name in _PLAIN:
            flat.copy_(_tensor(data.view(_PLAIN[entry.type_name])))
            return
        codec = self._codec(part, entry)
        blocks = data.reshape(-1, codec.type_size)
        n_blocks = max(1, _AT_ONCE // codec.block_size)
        for at in range(0, len(blocks), n_blocks):
            numbers = codec.dequantize_blocks(blocks[at : at + n_blocks])
            flat[at * codec.block_size :][: numbers.size].copy_(_tensor(numbers.reshape(-1)))

    def _codec(self, part: GgufFile, entry: Entry) -> Any:
        codec = getattr(quants, entry.type_name, None)
        if codec is None:
            raise unsupported(
                part.path,
                say(
                    "Its tensor {tensor} is packed as {kind}, which cannot be unpacked here; get "
                    "another version of the file.",
                    tensor=shown(entry.name),
                    kind=entry.type_name,
                ),
            )
        codec.init_grid()
        return codec


def _tensor(numbers: Any) -> Tensor:
    if not numbers.flags.writeable:  # the file's own pages; torch warns of those
        numbers = numbers.copy()
    return torch.from_numpy(numbers)
