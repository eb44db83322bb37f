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

from chatapp import edition
from chatapp.engine import server
from chatapp.engine.backends.base import Backend, Encoder
from chatapp.errors import EngineError
from chatapp.protocol import Load


def main() -> None:
    """Serve the app at the other end of stdin and stdout until it is gone, or do one job."""
    if jobs := sys.argv[1:]:
        from chatapp.training.jobs import main as work

        sys.exit(work(jobs))
    stdout = _private_stdout()
    # Ctrl+C in a terminal reaches every process there; when to stop is for the app to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else an abort starts a debugger when one is installed
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    backends = ("llama", "native") if edition.has_own_networks() else ("llama",)
    server.serve(sys.stdin.buffer, stdout, _load, backends)


def _private_stdout() -> BinaryIO:
    """Take stdout for the protocol alone; what others print to it, C code too, joins the log."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _load(request: Load, on_progress: Callable[[float], None]) -> Backend | Encoder:
    # Each costs time that `ready` must not wait: 0.3 s llama.cpp, 1 s torch.
    if request.backend == "native" or os.path.isdir(request.path):  # llama.cpp opens files alone
        if not edition.has_own_networks():
            raise EngineError("bad_request", edition.how_to_get_own_networks())
        from chatapp.engine.backends.native import load_native

        return load_native(request, on_progress)
    from chatapp.engine.backends.llama import load_llama

    return load_llama(request, on_progress)


if __name__ == "__main__":
    main()
