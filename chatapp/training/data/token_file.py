"""The ids of a corpus in a file that is mapped into memory instead of being read.

Source: the .npy format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor

from chatapp.errors import DataError, say
from chatapp.text.tokenizer import Tokenizer
from chatapp.training.data.text_file import fault

_PIECE = 2**16  # characters cut into tokens at a time; the library needs 100 bytes for each
_WORD_END = re.compile(r"(?<=\w)(?= )")  # no token that is in use reaches over such a place


def text_ids(
    tokenizer: Tokenizer, texts: Iterable[str], end_id: int | None = None
) -> Iterator[list[int]]:
    """Ids of texts, a piece at a time; `end_id` comes after each text.

    Raises:
        EngineError: If the tokenizer fails.
    """
    end = [] if end_id is None else [end_id]
    for text in texts:
        for piece in _pieces(text):
            yield tokenizer.encode(piece)
        if end:
            yield end


def write_tokens(path: Path, ids: Iterable[Sequence[int]], n_vocab: int) -> int:
    """Write ids into an .npy file, one after the other, two bytes each where that is enough.

    The file is there as a whole or not at all.

    Args:
        path: The file, which is replaced.
        ids: Of 0 to n_vocab - 1, a piece at a time.
        n_vocab: How many ids there are.

    Returns:
        How many were written.

    Raises:
        DataError: If there are none, or the file cannot be written.
    """
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            n = _write(file, ids, np.dtype("<u2" if n_vocab <= 2**16 else "<u4"))
            file.flush()
            os.fsync(file.fileno())
        if not n:
            raise DataError(say("There is nothing to learn from in these files."))
        os.replace(new, path)
    except OSError as error:
        reason = say("The file cannot be written ({reason}).", reason=str(error.strerror))
        raise fault(path, reason) from error
    finally:
        new.unlink(missing_ok=True)
    return n


def open_tokens(path: Path) -> Tensor:
    """The ids of a file, shape (N,), uint16 or uint32; read from the disk only where looked at.

    Raises:
        DataError: If there is no such file, or it holds no ids.
    """
    try:
        # "c" keeps what is written to the tensor to this process; "r" torch would warn of.
        ids = npy.open_memmap(path, mode="c")
    except OSError as error:
        reason = say("The file cannot be read ({reason}).", reason=str(error.strerror))
        raise fault(path, reason) from error
    except ValueError as error:
        raise fault(path, say("There are no ids in this file.")) from error
    if ids.dtype not in (np.uint16, np.uint32) or ids.ndim != 1:
        raise fault(path, say("There are no ids in this file."))
    return torch.from_numpy(ids)


def _write(
    file: BinaryIO, ids: Iterable[Sequence[int]], dtype: np.dtype[np.unsignedinteger]
) -> int:
    n = 0
    _write_header(file, dtype, n)
    for piece in ids:
        file.write(np.array(piece, dtype).tobytes())
        n += len(piece)
    file.seek(0)
    _write_header(file, dtype, n)  # as long as the first: the format leaves room for the length
    return n


def _write_header(file: BinaryIO, dtype: np.dtype[np.unsignedinteger], n: int) -> None:
    header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (n,)}
    npy.write_array_header_1_0(file, header)


def _pieces(text: str) -> Iterator[str]:
    begin = 0
    while begin < len(text):
        found = _WORD_END.search(text, begin + _PIECE, begin + 2 * _PIECE)
        end = found.start() if found else begin + 2 * _PIECE
        yield text[begin:end]
        begin = end
