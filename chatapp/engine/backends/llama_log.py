"""What llama.cpp says while it works: warnings and errors go to the log, the last are kept.

They are the only place where it tells why a model could not be opened. They never hold text of a
conversation. The log also gets which of its back ends it loaded.
"""

import logging
from collections import deque
from typing import Any

import llama_cpp.llama_cpp as llama

_WARN, _ERROR = 3, 4  # enum ggml_log_level
_LEVELS = {_WARN: logging.WARNING, _ERROR: logging.ERROR}
_LOADED = b"load_backend: loaded"
_KEPT = 20

logger = logging.getLogger(__name__)
_last: deque[str] = deque(maxlen=_KEPT)


def _on_log(level: int, text: bytes | None, _: Any) -> None:
    # Most lines are of lower levels; one that continues another is never of use alone.
    text = text or b""
    if level not in _LEVELS and not text.startswith(_LOADED):
        return
    line = text.decode("utf-8", "replace").strip()
    if level in _LEVELS:
        _last.append(line)
    logger.log(_LEVELS.get(level, logging.INFO), line)


# llama.cpp calls this as long as the process lives: a callback that is collected ends the process.
_callback = llama.llama_log_callback(_on_log)


def install() -> None:
    """Take over what llama.cpp would print."""
    llama.llama_log_set(_callback, None)


def forget() -> None:
    """Begin to collect the errors of one operation."""
    _last.clear()


def last_lines() -> str:
    """Warnings and errors since `forget`, one a line, in lower case to be searched."""
    return "\n".join(_last).lower()
