"""What is free of memory is given back: batches of many lengths leave holes in it that add up."""

import ctypes
import sys


def give_back() -> None:
    """Give the system what was freed, where the C library keeps it until it is asked (glibc)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
