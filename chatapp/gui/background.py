"""Work in Python beside the window that lets the window go first."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SHORT_TURN_S = 0.0005


@contextmanager
def short_turns() -> Iterator[None]:
    """Have threads give way to one another often: none waits long for the one that computes."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SHORT_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
