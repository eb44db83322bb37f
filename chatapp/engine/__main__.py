"""The engine process: `python -m chatapp.engine` (frozen: `chatapp-engine`).

Speaks the protocol over stdin and stdout; stderr is its log. It ends when its input ends.
"""

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from chatapp.engine import server
from chatapp.engine.backends.base import Backend
from chatapp.protocol import Load


def main() -> None:
    """Serve the app at the other end of stdin and stdout until it is gone."""
    stdout = _private_stdout()
    # Ctrl+C in a terminal reaches every process there; when to stop is for the app to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else an abort starts a debugger when one is installed
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server.serve(sys.stdin.buffer, stdout, _load)


def _private_stdout() -> BinaryIO:
    """Take stdout for the protocol alone; what others print to it, C code too, joins the log."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _load(request: Load, on_progress: Callable[[float], None]) -> Backend:
    from chatapp.engine.backends.llama import load_llama  # costs 0.3 s, which `ready` must not wait

    return load_llama(request, on_progress)


if __name__ == "__main__":
    main()
