"""Which accelerators llama.cpp can use here, and how many layers of a model they can take.

Knows nothing about models beyond their sizes.
"""

import ctypes
from typing import Any, NamedTuple

import llama_cpp.llama_cpp as llama

from chatapp.engine.backends.llama_back_ends import ggml

_GPU, _INTEGRATED = 1, 2  # enum ggml_backend_dev_type of ggml-backend.h
_LEFT_FREE = 0.1  # of the device's memory: for its driver, the desktop and what others start
_COMPUTE_BYTES = 512 * 2**20  # buffers for intermediate results; seen between 100 and 400 MiB


class Device(NamedTuple):
    """An accelerator and its memory that nobody uses now."""

    name: str
    free_bytes: int


def find_devices() -> list[Device]:
    """The accelerators that this build of llama.cpp uses: integrated ones only if no other."""
    if not llama.llama_supports_gpu_offload():
        return []
    registry, base = ggml("ggml"), ggml("ggml-base")
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    handles = [
        ctypes.c_void_p(registry.ggml_backend_dev_get(ctypes.c_size_t(number)))
        for number in range(registry.ggml_backend_dev_count())
    ]
    kinds = [base.ggml_backend_dev_type(handle) for handle in handles]
    wanted = _GPU if _GPU in kinds else _INTEGRATED
    return [
        _device(base, handle) for handle, kind in zip(handles, kinds, strict=True) if kind == wanted
    ]


def layers_that_fit(free_bytes: int, n_layer: int, weight_bytes: int, cache_bytes: int) -> int:
    """How many layers to put on a device.

    Args:
        free_bytes: Its free memory.
        n_layer: Blocks of the model; one more layer holds the embeddings.
        weight_bytes: All weights.
        cache_bytes: The kv cache for the whole context.

    Returns:
        0 to n_layer + 1; the last one stands for the embeddings, and llama.cpp counts it last.
    """
    usable = free_bytes * (1 - _LEFT_FREE) - _COMPUTE_BYTES
    layer_bytes = (weight_bytes + cache_bytes) / (n_layer + 1)
    if layer_bytes <= 0:
        return 0
    return max(0, min(n_layer + 1, int(usable / layer_bytes)))


def _device(base: Any, handle: ctypes.c_void_p) -> Device:
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    base.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    name = base.ggml_backend_dev_description(handle) or b"GPU"
    return Device(name.decode("utf-8", "replace"), free.value)
