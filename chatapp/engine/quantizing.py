"""Makes a GGUF file smaller by llama.cpp's own quantiser."""

import os
from pathlib import Path

import llama_cpp.llama_cpp as llama

from chatapp.engine.backends import llama_log
from chatapp.engine.backends.llama_back_ends import load_back_ends
from chatapp.engine.backends.processor import usable_threads
from chatapp.errors import ExportError, say
from chatapp.library.gguf_types import FILE_TYPES


def quantize_file(source: Path, target: Path, kind: str) -> None:
    """Write a GGUF file anew with its matrices packed as `kind`.

    Args:
        source: A file of F32, F16 or BF16 that is known to be sound.
        target: Another path; what is there is lost.
        kind: One of `EXPORT_TYPES`, as "Q4_0". Matrices whose rows it does not divide get the
            nearest kind that does.

    Raises:
        ExportError: If llama.cpp cannot do it.
    """
    llama_log.install()
    load_back_ends()
    llama.llama_backend_init()
    params = llama.llama_model_quantize_default_params()
    params.ftype = next(number for number, name in FILE_TYPES.items() if name == kind)
    params.nthread = usable_threads()
    llama_log.forget()
    if llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), params) != 0:
        raise ExportError(
            say(
                "llama.cpp could not pack the model as {kind}, perhaps for want of room on the "
                "disk: {reason}",
                kind=kind,
                reason=llama_log.last_lines() or "?",
            )
        )
