"""Memory runs out, and what is free of it is given back: batches of many lengths leave holes."""

import ctypes
import re
import sys
from pathlib import Path

import psutil
import torch


def is_out(error: Exception) -> bool:
    """Whether an error says that memory ran out."""
    is_torch = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return is_torch or "can't allocate memory" in str(error) or "not enough memory" in str(error)


def most_held() -> int:
    """The most memory that this process has held at a time, in bytes.

    Elsewhere than on Linux and Windows, what it holds now.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text()
        if peak := re.search(r"VmHWM:\s*(\d+) kB", status):
            return 1024 * int(peak[1])
    held = psutil.Process().memory_info()
    return int(getattr(held, "peak_wset", held.rss))


def give_back() -> None:
    """Give the system what was freed, where the C library keeps it until it is asked (glibc)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
