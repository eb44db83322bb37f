"""The models on this computer: found, described, and named on a command line.

A file that cannot be used is on the shelf too, with the reason; the search never fails because of
one. Knows nothing about settings or windows.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct

from chatapp import paths
from chatapp.errors import ErrorCode, ModelFileError, Sentence, say
from chatapp.library.fit import Fit, judge, judge_folder, memory_available
from chatapp.library.gguf_header import (
    CompanionFileError,
    GgufHeader,
    read_header,
)
from chatapp.library.gguf_parts import part_of, part_path
from chatapp.library.gguf_reader import GgufError, about_file
from chatapp.library.model_folder import is_model_folder, read_folder

Source = Literal["app", "shipped", "package", "added"]

SUFFIX = ".gguf"
MAX_DEPTH = 8  # of folders inside a folder
MAX_FOLDERS = 5_000
MAX_FILES = 1_000


class ModelEntry(Struct, frozen=True, kw_only=True):
    """One model on the shelf.

    With an `error` it cannot be used, and only path, name, source and size mean anything; the
    error says why and what to do. `fit` is for the memory available when it was looked at.
    """

    path: str
    name: str
    source: Source
    size_bytes: int = 0
    architecture: str = ""
    n_params: int = 0
    quantization: str = ""
    n_ctx_train: int = 0
    license: str = ""
    has_chat_template: bool = False
    is_folder: bool = False  # run by our own networks only
    fit: Fit | None = None
    error: Sentence | None = None
    error_code: ErrorCode | None = None


class _Candidate(NamedTuple):
    path: Path
    source: Source
    is_named: bool = False  # the user pointed at this very file
    error: Sentence | None = None


def find_models(
    extra_paths: Sequence[str],
    hidden: Iterable[str],
    native_weights: Callable[[str], str] = lambda path: "",
) -> tuple[ModelEntry, ...]:
    """Look through the app's models folder, installed packages, and what the user added.

    Args:
        extra_paths: Files and folders the user added.
        hidden: Files the user took off the shelf.
        native_weights: Says what our own networks make of the weights in a path; "" where
            llama.cpp runs them as they are.

    Returns:
        Each file once, by name: models that were taught to chat, then those that go on with a
        text, then what cannot be used.
    """
    available = memory_available()
    seen = {os.path.realpath(path) for path in hidden}
    entries = []
    for candidate in _candidates(extra_paths):
        identity = os.path.realpath(candidate.path)
        if identity in seen:
            continue
        seen.add(identity)
        weights = native_weights(str(candidate.path))
        entry = _entry(candidate, available, weights)
        if entry is not None:
            entries.append(entry)
    return tuple(sorted(entries, key=_order))


def describe(path: str) -> ModelEntry:
    """Describe one file the user pointed at."""
    candidate = _Candidate(Path(os.path.abspath(path)), "added", is_named=True)
    entry = _entry(candidate, memory_available())
    assert entry is not None  # only files nobody pointed at are passed over
    return entry


def resolve_model(name_or_path: str, entries: Sequence[ModelEntry]) -> ModelEntry:
    """The model meant by a path, a name, or a part of a name that no other model has.

    Raises:
        ModelFileError: If there is none, more than one, or it cannot be used.
    """
    is_file = os.path.isfile(name_or_path) or _is_model_name(name_or_path)
    if is_file or _is_model_folder(Path(name_or_path)):
        return _usable(describe(name_or_path))
    wanted = name_or_path.casefold()
    exact = [entry for entry in entries if wanted in _names(entry)]
    matches = exact or [entry for entry in entries if any(wanted in name for name in _names(entry))]
    matches = [entry for entry in matches if not entry.error] or matches
    if len(matches) == 1:
        return _usable(matches[0])
    names = ", ".join(entry.name for entry in matches or entries) or "none"
    if matches:
        raise ModelFileError(
            "file_missing",
            say("“{model}” may mean: {models}. Say more of it.", model=name_or_path, models=names),
        )
    raise ModelFileError(
        "file_missing",
        say(
            "There is no model “{model}”. The models are: {models}.",
            model=name_or_path,
            models=names,
        ),
    )


def _names(entry: ModelEntry) -> tuple[str, str]:
    return entry.name.casefold(), Path(entry.path).name.casefold()


def _usable(entry: ModelEntry) -> ModelEntry:
    if entry.error:
        code = entry.error_code or "not_a_model"
        raise ModelFileError(code, about_file(Path(entry.path), entry.error))
    return entry


def _order(entry: ModelEntry) -> tuple[bool, bool, str, str]:
    talks = entry.has_chat_template
    return bool(entry.error), not talks, entry.name.casefold(), entry.path


def _entry(candidate: _Candidate, available: int, weights: str = "") -> ModelEntry | None:
    """Describe a candidate; None for what only lies beside a model in a folder."""
    if candidate.error:
        return _refused(candidate, "file_missing", candidate.error)
    if candidate.path.is_dir() and _is_model_folder(candidate.path):
        return _folder_entry(candidate, available, weights or "f32")
    if not candidate.is_named and _is_later_part(candidate.path):
        return None
    try:
        header = _header(candidate.path)
    except GgufError as error:
        if isinstance(error, CompanionFileError) and not candidate.is_named:
            return None
        return _refused(candidate, error.code, error.reason)
    return ModelEntry(
        path=str(candidate.path),
        name=header.name,
        source=candidate.source,
        size_bytes=header.size_bytes,
        architecture=header.architecture,
        n_params=header.n_params,
        quantization=header.quantization,
        n_ctx_train=header.n_ctx_train,
        license=header.license,
        has_chat_template=bool(header.chat_template),
        fit=judge(header, available, weights),
    )


def _folder_entry(candidate: _Candidate, available: int, weights: str) -> ModelEntry:
    try:
        found = read_folder(candidate.path)
    except ModelFileError as error:
        return _refused(candidate, error.code, error.sentence)
    except OSError as error:
        reason = say("The folder cannot be opened ({reason}).", reason=str(error.strerror))
        return _refused(candidate, "file_missing", reason)
    return ModelEntry(
        path=str(candidate.path),
        name=found.name,
        source=candidate.source,
        size_bytes=found.size_bytes,
        architecture=found.architecture,
        n_params=found.n_params,
        quantization=found.dtype,
        n_ctx_train=found.n_ctx_train,
        license=found.license,
        has_chat_template=found.has_chat_template,
        is_folder=True,
        fit=judge_folder(found, available, weights),
    )


def _is_model_folder(folder: Path) -> bool:
    try:
        return is_model_folder(folder, os.listdir(folder))
    except OSError:
        return False


def _refused(candidate: _Candidate, code: ErrorCode, reason: Sentence) -> ModelEntry:
    try:
        size = candidate.path.stat().st_size if candidate.path.is_file() else 0
    except (OSError, ValueError):
        size = 0
    return ModelEntry(
        path=str(candidate.path),
        name=candidate.path.name or str(candidate.path),
        source=candidate.source,
        size_bytes=size,
        error=reason,
        error_code=code,
    )


def _is_later_part(path: Path) -> bool:
    part = part_of(path)
    return part is not None and part[0] > 1 and os.path.exists(part_path(path, 1, part[1]))


def _header(path: Path) -> GgufHeader:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return read_header(path)  # which says what is wrong with it
    return _known_header(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=MAX_FILES)
def _known_header(path: Path, size: int, mtime_ns: int) -> GgufHeader:
    """Headers read before; a file that has changed is read again, and an error is never kept."""
    return read_header(path)


def _candidates(extra_paths: Sequence[str]) -> Iterator[_Candidate]:
    with suppress(OSError):  # the history lies beside it and says what is wrong there
        yield from _in_folder(paths.models_dir(), "app")
    with suppress(OSError):  # nobody chose this folder, so nobody misses it
        packages = paths.packages_dir()
        for pattern in (f"*{SUFFIX}", f"*/*{SUFFIX}"):
            yield from (_Candidate(path, "package") for path in packages.glob(pattern))
        for config in paths.shipped_models_dir().glob("*/config.json"):
            yield _Candidate(config.parent, "shipped")
    for path in extra_paths:
        if os.path.isdir(path):
            yield from _in_folder(Path(path), "added")
        else:
            yield _Candidate(Path(path), "added", is_named=True)


def _in_folder(folder: Path, source: Source) -> Iterator[_Candidate]:
    try:
        files, are_all = _search(folder)
    except OSError as error:
        reason = say("The folder cannot be opened ({reason}).", reason=str(error.strerror))
        yield _Candidate(folder, source, error=reason)
        return
    yield from (_Candidate(path, source) for path in files)
    if not are_all:
        reason = say(
            "The folder is too large to search whole; add the folder inside it that you need."
        )
        yield _Candidate(folder, source, error=reason)


def _search(folder: Path) -> tuple[list[Path], bool]:
    """Models in a folder and in the folders inside it, and whether these are all.

    Raises:
        OSError: If the folder itself cannot be opened.
    """
    os.scandir(folder).close()
    files: list[Path] = []
    seen: set[str] = set()
    for here, inside, names in os.walk(folder, followlinks=True):
        if os.path.realpath(here) in seen:  # a link that leads back
            inside.clear()
            continue
        seen.add(os.path.realpath(here))
        files += [Path(here, name) for name in sorted(names) if _is_model_name(name)]
        files += [Path(here, name) for name in inside if _is_empty_model_folder(Path(here, name))]
        files += [Path(here)] if is_model_folder(Path(here), names) else []
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        too_deep = inside and len(Path(here).relative_to(folder).parts) >= MAX_DEPTH
        if too_deep or len(seen) >= MAX_FOLDERS or len(files) > MAX_FILES:
            return files[:MAX_FILES], False
    return files, True


def _is_model_name(name: str) -> bool:
    return name.lower().endswith(SUFFIX)


def _is_empty_model_folder(folder: Path) -> bool:
    try:
        return _is_model_name(folder.name) and not any(map(_is_model_name, os.listdir(folder)))
    except OSError:
        return True
