"""How many cores and threads of the processor this process may use."""

import os

import psutil


def physical_cores() -> int:
    """Cores that this process may use, two threads of one core counted once."""
    physical: int = psutil.cpu_count(logical=False) or 1
    return min(physical, usable_threads())


def usable_threads() -> int:
    """Threads of the processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
