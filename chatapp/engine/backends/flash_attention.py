"""Whether flash attention makes this model faster on this machine: measured once, remembered.

Which is faster at one token depends on the processor and the shape of the heads. The probe fills
two small contexts with 2,000 copies of one token's keys and values, which costs no reading, and
times a few tokens in each, in turns. Flash attention needs less memory, so it is left out only if
it clearly loses every round, which even on a busy machine does not happen by chance. The probe
knows llama.cpp's format of a saved sequence; when that has changed, or anything else fails,
llama.cpp's own default holds.

Source: state_write of llama-kv-cache.cpp.
"""

import ctypes
import json
import logging
import os
import struct
import time
from pathlib import Path
from typing import Any, Self

import llama_cpp.llama_cpp as llama
import numpy as np

DEPTH = 2_000
AUTO, OFF, ON = -1, 0, 1  # enum llama_flash_attn_type
_ROUNDS = 6
_MIN_ROUNDS = 4
_TOKENS = 2  # in each context, a round
_CLEAR = 1.05  # how much longer the loser of a round takes at least
_BUDGET_S = 0.4
_SPARE = _ROUNDS * _TOKENS + 2  # tokens that are evaluated beside those that fill a context
_MAX_LAYERS = 1_000

logger = logging.getLogger(__name__)


def choose(model: Any, params: Any, key: str, file: Path) -> int:
    """The `flash_attn_type` for contexts of `model`: off or on, or -1 for llama.cpp's default.

    Args:
        model: The llama_model.
        params: The llama_context_params it will run with.
        key: Names all that the answer depends on.
        file: Where the answers are kept.
    """
    known = _read(file)
    if key not in known:
        # Written first: should the probe end the process, the next start does without it.
        _write(file, known | {key: AUTO})
        known[key] = _probe(model, params)
        _write(file, known)
    return known[key]


def deepen(state: bytes, depth: int) -> bytes:
    """Repeat a saved sequence of one token `depth` times, at the positions 0 to `depth` - 1.

    Raises:
        ValueError: If `state` is not of the known format.
    """
    reader = _Reader(state)
    parts = [reader.take(8)]  # a magic number and the sequence
    while not reader.is_at_end:
        parts += _deepen_cache(reader, depth)
    return b"".join(parts)


def _deepen_cache(reader: "_Reader", depth: int) -> list[bytes]:
    n_stream, n_cells, _, n_sequences, sequence = reader.unpack("IIiIi")
    is_transposed, n_layer = reader.unpack("II")
    if (n_stream, n_cells, n_sequences) != (1, 1, 1) or n_layer > _MAX_LAYERS or is_transposed > 1:
        raise ValueError("not a sequence of one token")
    cells = np.empty((depth, 3), np.int32)  # position, number of sequences, sequence
    cells[:, 0] = np.arange(depth)
    cells[:, 1:] = 1, sequence
    parts = [
        struct.pack("=II", 1, depth),
        cells.tobytes(),
        struct.pack("=II", is_transposed, n_layer),
    ]
    for _ in range(n_layer):
        parts += _deepen_rows(reader, depth)
    for _ in range(n_layer):
        parts += _deepen_columns(reader, depth) if is_transposed else _deepen_rows(reader, depth)
    return parts


def _deepen_rows(reader: "_Reader", depth: int) -> tuple[bytes, bytes]:
    type_, n_bytes = reader.unpack("iQ")
    return struct.pack("=iQ", type_, n_bytes), reader.take(n_bytes) * depth


def _deepen_columns(reader: "_Reader", depth: int) -> tuple[bytes, bytes]:
    type_, n_bytes, n_values = reader.unpack("iII")
    values = np.frombuffer(reader.take(n_bytes * n_values), np.uint8).reshape(n_values, n_bytes)
    return struct.pack("=iII", type_, n_bytes, n_values), values.repeat(depth, axis=0).tobytes()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._data)

    def take(self, n_bytes: int) -> bytes:
        if n_bytes > len(self._data) - self._at:
            raise ValueError("it ends too early")
        self._at += n_bytes
        return self._data[self._at - n_bytes : self._at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        layout = "=" + layout
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _probe(model: Any, params: Any) -> int:
    depth = min(DEPTH, params.n_ctx - _SPARE)
    try:
        with _Context(model, params, OFF) as off, _Context(model, params, ON) as on:
            off.fill(depth)
            on.fill(depth)
            wins = _wins(off, on)
    except (RuntimeError, ValueError) as error:
        logger.warning("Flash attention could not be measured: %s", error)
        return AUTO
    return ON if wins else OFF


class _Context:
    """A small context, and a batch of one token whose memory lives as long."""

    def __init__(self, model: Any, params: Any, kind: int) -> None:
        small = type(params).from_buffer_copy(params)
        small.n_ctx = min(DEPTH + _SPARE, params.n_ctx)
        small.flash_attn_type = kind
        self._handle = llama.llama_init_from_model(model, small)
        if not self._handle:
            raise RuntimeError("no context")
        self._id = (ctypes.c_int32 * 1)(0)
        self._batch = llama.llama_batch_get_one(self._id, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        llama.llama_free(self._handle)

    def fill(self, depth: int) -> None:
        """Put `depth` tokens into it without reading them."""
        self.step()
        size = llama.llama_state_seq_get_size(self._handle, 0)
        one = (ctypes.c_uint8 * size)()
        llama.llama_state_seq_get_data(self._handle, one, size, 0)
        state = deepen(bytes(one), depth)
        data = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not llama.llama_state_seq_set_data(self._handle, data, len(state), 0):
            raise RuntimeError("the state was refused")
        self.step()  # the first one pays for the memory it touches

    def step(self) -> float:
        """Evaluate one token; returns the seconds it took."""
        start = time.perf_counter()
        if llama.llama_decode(self._handle, self._batch) != 0:
            raise RuntimeError("a token could not be evaluated")
        return time.perf_counter() - start


def _wins(off: _Context, on: _Context) -> bool:
    """Whether flash attention is about as fast in any round: other programs only slow one down."""
    start = time.perf_counter()
    for number in range(_ROUNDS):
        if number >= _MIN_ROUNDS and time.perf_counter() - start > _BUDGET_S:
            break
        steps = [(off.step(), on.step()) for _ in range(_TOKENS)]
        off_s, on_s = map(min, zip(*steps, strict=True))
        logger.info("A token: %.2f ms, with flash attention %.2f ms", off_s * 1e3, on_s * 1e3)
        if on_s <= off_s * _CLEAR:
            return True
    return False


def _read(file: Path) -> dict[str, int]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    kinds = (AUTO, OFF, ON)
    return {key: kind for key, kind in known.items() if type(kind) is int and kind in kinds}


def _write(file: Path, known: dict[str, int]) -> None:
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(known, indent=1), encoding="utf-8")
        os.replace(temporary, file)
    except OSError as error:
        logger.warning("The choice of flash attention cannot be kept: %s", error.strerror)
