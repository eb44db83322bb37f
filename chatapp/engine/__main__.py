"""The engine process: `python -m chatapp.engine` (frozen: `chatapp-engine`).

Speaks the protocol over stdin and stdout; stderr is its log. It ends when its input ends.
"""

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import BinaryIO

from chatapp.engine import server
from chatapp.engine.backends.base import Backend, Encoder
from chatapp.errors import EngineError, say
from chatapp.protocol import Load

_NATIVE_PACKAGES = ("torch", "tokenizers", "safetensors", "gguf")


def main() -> None:
    """Serve the app at the other end of stdin and stdout until it is gone."""
    stdout = _private_stdout()
    # Ctrl+C in a terminal reaches every process there; when to stop is for the app to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GGML_NO_BACKTRACE"] = "1"  # else an abort starts a debugger when one is installed
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    backends = ("llama",) if _missing_packages() else ("llama", "native")
    server.serve(sys.stdin.buffer, stdout, _load, backends)


def _private_stdout() -> BinaryIO:
    """Take stdout for the protocol alone; what others print to it, C code too, joins the log."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


def _load(request: Load, on_progress: Callable[[float], None]) -> Backend | Encoder:
    # Each costs time that `ready` must not wait: 0.3 s llama.cpp, 1 s torch.
    if request.backend == "native" or os.path.isdir(request.path):  # llama.cpp opens files alone
        if missing := _missing_packages():
            raise EngineError(
                "bad_request",
                say(
                    "The native engine needs packages that are not installed: {names}. Install "
                    "them with: pip install {names}",
                    names=" ".join(missing),
                ),
            )
        from chatapp.engine.backends.native import load_native

        return load_native(request, on_progress)
    from chatapp.engine.backends.llama import load_llama

    return load_llama(request, on_progress)


def _missing_packages() -> list[str]:
    """What the native backend needs and is not installed; nothing is imported for that."""
    return [name for name in _NATIVE_PACKAGES if find_spec(name) is None]


if __name__ == "__main__":
    main()
