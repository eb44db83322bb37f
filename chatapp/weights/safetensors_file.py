"""The tensors of a folder: model.safetensors, or the shards that its index names.

Knows nothing about networks. Never reads pickle. The index is a stranger's: it may name files of
its own folder only.

Source: the format's description in the safetensors repository.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from safetensors import safe_open
from torch import Tensor

from chatapp.errors import say
from chatapp.text.json_file import about, damaged, read_object
from chatapp.text.tokenizer import calling
from chatapp.weights.layout import Shape, shown

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
_MAX_SHARDS = 1000
_MAX_NAME_BYTES = 255  # file systems raise at longer ones
_NUMBERS = frozenset({"F64", "F32", "F16", "BF16"})


class SafetensorsFile:
    """See `TensorFile`; a context manager, open while it is read."""

    def __init__(
        self,
        folder: Path,
        rename: Callable[[str], str] = lambda name: name,
        *,
        whole: str = WHOLE,
    ) -> None:
        """Open the files and compare their heads.

        Args:
            folder: Where they lie.
            rename: From the name in a file to the one it goes by here.
            whole: The one file where there is no index.

        Raises:
            ModelFileError: If one is missing or damaged, or the index names what it must not.
        """
        self.shapes: dict[str, Shape] = {}
        self._files: dict[str, tuple[Path, Any, str]] = {}  # with the name in the file
        self._rename = rename
        self._open = ExitStack()
        index = folder / INDEX
        self.path = index if index.exists() else folder / whole
        with ExitStack() as opened:
            if index.exists():
                self._add_shards(opened, index)
            else:
                self._add(opened, self.path)
            self._open = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._open.close()

    def path_of(self, name: str) -> Path:
        """The file in which a tensor lies."""
        return self._files[name][0]

    def read_into(self, name: str, out: Tensor) -> None:
        """Write a tensor into `out`."""
        path, file, own_name = self._files[name]
        kind = file.get_slice(own_name).get_dtype()
        if kind not in _NUMBERS:
            raise damaged(
                path, say("its tensor {tensor} is packed as {kind}", tensor=shown(name), kind=kind)
            )
        with _reading(path):
            out.copy_(file.get_tensor(own_name))

    def _add_shards(self, opened: ExitStack, index: Path) -> None:
        weight_map = read_object(index).get("weight_map")
        if not isinstance(weight_map, dict) or not weight_map:
            raise damaged(index, say("it names no tensors"))
        names = set()
        for tensor, name in weight_map.items():
            if not isinstance(name, str):
                raise damaged(index, say("it gives no file for {tensor}", tensor=shown(tensor)))
            names.add(name)
        if len(names) > _MAX_SHARDS:
            raise damaged(index, say("it names {n:,} files", n=len(names)))
        for name in sorted(names):
            path = _checked(index, name)
            if not path.is_file():
                raise about(
                    "file_missing",
                    index,
                    say("It names {file}, which is missing.", file=shown(name)),
                )
            self._add(opened, path)
        for tensor, name in weight_map.items():
            held = self._files.get(self._rename(tensor))
            if held is None or held[0].name != name:
                raise damaged(
                    index,
                    say("{file} lacks the tensor {tensor}", file=shown(name), tensor=shown(tensor)),
                )

    def _add(self, opened: ExitStack, path: Path) -> None:
        if not path.is_file():
            raise about(
                "file_missing",
                path,
                say("The file is not there; it was moved, renamed or deleted."),
            )
        with _reading(path):
            file = opened.enter_context(safe_open(path, framework="pt"))
            for own_name in file.keys():  # noqa: SIM118 - it is no mapping
                name = self._rename(own_name)
                if name in self._files:
                    raise damaged(
                        path, say("its tensor {tensor} is there twice", tensor=shown(name))
                    )
                self._files[name] = path, file, own_name
                self.shapes[name] = tuple(file.get_slice(own_name).get_shape())


def _reading(path: Path) -> AbstractContextManager[None]:
    """For the time in which the library works on `path`."""
    return calling(
        lambda reason: damaged(path, say("it is no safetensors file ({reason})", reason=reason))
    )


def _checked(index: Path, name: str) -> Path:
    """The path of a shard, which must lie where its index lies."""
    folder = index.parent
    homes = [folder.resolve()]
    if folder.parent.name == "snapshots":  # a download's cache: its files are links to blobs
        homes.append((folder.parent.parent / "blobs").resolve())
    is_plain = (
        name.endswith(".safetensors")
        and name.isprintable()
        and not set(name) & set("/\\:")
        and len(name.encode("utf-8", "replace")) <= _MAX_NAME_BYTES
    )
    path = folder / name if is_plain else folder
    if not is_plain or path.resolve().parent not in homes:
        raise damaged(
            index, say("it names {file}, which is no file of its folder", file=shown(name))
        )
    return path
