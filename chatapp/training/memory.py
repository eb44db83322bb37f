"""Memory runs out, and what is free of it is given back: batches of many lengths leave holes."""

import ctypes
import sys

import torch


def is_out(error: Exception) -> bool:
    """Whether an error says that memory ran out."""
    is_torch = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return is_torch or "can't allocate memory" in str(error) or "not enough memory" in str(error)


def give_back() -> None:
    """Give the system what was freed, where the C library keeps it until it is asked (glibc)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
