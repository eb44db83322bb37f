"""The parts of a model that lies in several files: their names, and that they belong together.

Source: llama-model-loader.cpp of llama.cpp.
"""

import re
from pathlib import Path

from chatapp.errors import Sentence, say
from chatapp.library import gguf_types as types
from chatapp.library.gguf_reader import GgufError, GgufFile, damage, read_gguf

MAX_PARTS = 1000
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")


def part_of(path: Path) -> tuple[int, int] | None:
    """Which part of how many a file is by its name, counted from 1; None for a whole one."""
    match = _PART.search(path.name)
    return (int(match[1]), int(match[2])) if match else None


def part_path(path: Path, number: int, count: int) -> Path:
    """Where part `number` of the model lies whose any part is `path`."""
    return path.with_name(_PART.sub(f"-{number:05}-of-{count:05}.gguf", path.name))


def without_part(name: str) -> str:
    """The name of a file, without its end if that says which part it is."""
    return _PART.sub("", name)


def other_parts(first: GgufFile) -> list[GgufFile]:
    """The heads of the parts after the first, checked to be one model; none of a whole file.

    Raises:
        GgufError: If `first` is not the first, or one of the others cannot be used.
    """
    count = first.values.get("split.count", 0)
    if not isinstance(count, int) or not 0 <= count <= MAX_PARTS:
        raise damaged(first, say("the number of its parts makes no sense"))
    if count <= 1:
        return []
    named = part_of(first.path)
    if named is None or named[1] != count:
        raise GgufError(
            "file_missing",
            first.path,
            say(
                "It is one of {n:,} parts of a model and was renamed; its name must end in {end}.",
                n=count,
                end=f"-00001-of-{count:05}.gguf",
            ),
        )
    if named[0] != 1 or _part_number(first) != 0:
        whole = part_path(first.path, 1, count)
        raise GgufError(
            "file_missing",
            first.path,
            say(
                "It is part {number:,} of {n:,} of a model; choose the first, {file}.",
                number=named[0],
                n=count,
                file=whole.name,
            ),
        )
    others = [_read_part(first, number, count) for number in range(2, count + 1)]
    _check_parts(first, others)
    return others


def _read_part(first: GgufFile, number: int, count: int) -> GgufFile:
    path = part_path(first.path, number, count)
    try:
        part = read_gguf(path)
    except GgufError as error:
        if error.code == "file_missing":
            raise GgufError(
                "file_missing",
                first.path,
                say(
                    "Part {number:,} of {n:,} is missing: {file} must lie beside it.",
                    number=number,
                    n=count,
                    file=path.name,
                ),
            ) from error
        reason = say(
            "Part {number:,} of {n:,}: {reason}", number=number, n=count, reason=error.reason
        )
        raise GgufError(error.code, first.path, reason) from error
    if _part_number(part) != number - 1:
        raise damaged(first, say("{file} is not part {n:,} of it", file=path.name, n=number))
    return part


def _part_number(file: GgufFile) -> int:
    number = file.values.get("split.no")
    if not isinstance(number, int) or file.kinds["split.no"] != types.U16:
        raise damaged(file, say("it does not say which part of the model it is"))
    return number


def _check_parts(first: GgufFile, others: list[GgufFile]) -> None:
    names = [tensor.name for part in (first, *others) for tensor in part.tensors]
    if len(set(names)) != len(names):
        raise damaged(first, say("two of its parts hold the same tensor"))
    if first.values.get("split.tensors.count") != len(names):
        raise damaged(
            first, say("its parts hold {n:,} tensors, not as many as they should", n=len(names))
        )


def damaged(file: GgufFile, what: Sentence) -> GgufError:
    """The error that says what is wrong with a file."""
    return GgufError("damaged", file.path, damage(what))
