"""How the command line speaks to the terminal, and the codes that it ends with."""

import re
import sys
from typing import Any, TextIO

USAGE_ERROR, MODEL_ERROR, ENGINE_ERROR, INTERRUPTED = 2, 3, 4, 130

# Written by a model or found in a file, these could command the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def complain(text: str) -> None:
    """Say on stderr, in one line, what is wrong."""
    if sys.stderr is not None:
        print("chatapp:", " ".join(text.split()), file=sys.stderr)


def printable(text: str, stream: TextIO) -> str:
    """What of `text` may be written to `stream`."""
    return _CONTROL.sub("", text) if stream.isatty() else text


def clean(text: str) -> str:
    """Replace what was no UTF-8 on the command line and could not be sent on."""
    return text.encode("utf-8", "replace").decode()


def dump(value: Any) -> None:
    """Print one line of JSON."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
