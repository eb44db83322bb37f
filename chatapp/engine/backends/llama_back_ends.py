"""Loads the part of llama.cpp that computes, where that is a library of its own.

A build for one computer holds it. A build to be carried elsewhere has one such library for each
generation of processors, and for graphics cards, beside the others; llama.cpp picks the best.
"""

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from chatapp.errors import EngineError, say

_CPU = 0  # enum ggml_backend_dev_type of ggml-backend.h
_FOLDER = Path(llama.__file__).parent / "lib"


def load_back_ends(folder: Path = _FOLDER) -> None:
    """Load what fits this computer, unless it is there; must come before any model.

    Args:
        folder: Where the libraries lie.

    Raises:
        EngineError: If none fits. llama.cpp would end the process at the first model.
    """
    registry = ggml("ggml")
    registry.ggml_backend_dev_by_type.restype = ctypes.c_void_p
    if registry.ggml_backend_dev_by_type(_CPU) is None:
        registry.ggml_backend_load_all_from_path(os.fsencode(folder))
    if registry.ggml_backend_dev_by_type(_CPU) is None:
        raise EngineError(
            "internal",
            say(
                "A part of the program is missing: {folder} has no library of llama.cpp that fits "
                "this processor. Install the program again.",
                folder=str(folder),
            ),
        )


def ggml(name: str) -> Any:
    """The functions of llama.cpp's library `name`, ggml or ggml-base, that libllama itself uses.

    It may lie there under several names. Opened by another one it would be a second copy, which
    knows nothing of the first one's back ends; so they are looked up through libllama.
    """
    if sys.platform == "win32":  # has one name only, and looks up nothing in what libllama needs
        return ctypes.CDLL(str(_FOLDER / f"{name}.dll"))
    return llama._lib
