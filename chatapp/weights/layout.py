"""Which tensors of a file make which parameter of a network, and how they are put into it.

Knows nothing about file formats or architectures. Every shape is compared before anything is
allocated, so a file can ask for no more memory than its own tensors fill.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from chatapp.errors import ModelFileError, Sentence, say
from chatapp.text.json_file import about, damaged

Shape = tuple[int, ...]
Config = TypeVar("Config")
Network = TypeVar("Network", bound=nn.Module)


class TensorFile(Protocol):
    """The tensors of one model, in whatever files they lie.

    Attributes:
        path: What is named when something is wrong with the model as a whole.
    """

    path: Path

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """Of every tensor, by its name, rows first as in torch."""
        ...

    def path_of(self, name: str) -> Path:
        """The file in which a tensor lies."""
        ...

    def read_into(self, name: str, out: Tensor) -> None:
        """Write a tensor into `out`, which has its shape, in the type of `out`.

        Raises:
            ModelFileError: If it is packed in a way that cannot be read.
        """
        ...


class Piece(NamedTuple):
    """One tensor of a file, and what is done to make a parameter of it, if anything.

    Attributes:
        name: In the file.
        shape: In the file.
        change: Makes the parameter of the tensor.
        restore: Makes the tensor of the parameter, for a form that is written too.
    """

    name: str
    shape: Shape
    change: Callable[[Tensor], Tensor] | None = None
    restore: Callable[[Tensor], Tensor] | None = None


Layout = Mapping[str, tuple[Piece, ...]]  # parameter: its pieces, one below the other


def same_names(network: nn.Module) -> Layout:
    """The layout of files that use the network's own names."""
    return {
        name: (Piece(name, tuple(parameter.shape)),)
        for name, parameter in network.named_parameters()
    }


def build(
    path: Path, make_config: Callable[[], Config], make_network: Callable[[Config], Network]
) -> Network:
    """Make a network without weights.

    Args:
        path: The file that gives the sizes.
        make_config: Reads them; what is wrong with one is a ValueError or ModelFileError.
        make_network: Makes the network of these sizes.

    Raises:
        ModelFileError: If no network can have these sizes.
    """
    try:
        config = make_config()
        with torch.device("meta"), _NothingDrawn():
            return make_network(config).eval()
    except (ValueError, OverflowError) as error:
        raise damaged(
            path, say("its sizes make no network ({reason})", reason=str(error))
        ) from error


def fill(
    network: nn.Module,
    layout: Layout,
    file: TensorFile,
    dtype: torch.dtype,
    is_spare: Callable[[str], bool] = lambda _name: False,
) -> None:
    """Give every parameter of a network without weights its own from a file.

    Args:
        network: As `build` makes it; tied parameters are tied again by its `tie_weights`.
        layout: Where each parameter comes from.
        file: The tensors.
        dtype: What the parameters become.
        is_spare: Whether a tensor of this name may lie in the file unused.

    Raises:
        ModelFileError: If a tensor is missing, left over, or of another shape.
    """
    parameters = dict(network.named_parameters())
    pieces = [piece for name in parameters for piece in layout[name]]
    _check(pieces, file, is_spare)
    for name, parameter in parameters.items():
        filled = torch.empty(parameter.shape, dtype=dtype)
        rows = torch.split(filled, [_rows(piece) for piece in layout[name]])
        for piece, out in zip(layout[name], rows, strict=True):
            _read(piece, file, out)
        module, _, attribute = name.rpartition(".")
        setattr(network.get_submodule(module), attribute, nn.Parameter(filled))
    tie_weights: Callable[[], None] | None = getattr(network, "tie_weights", None)
    if tie_weights is not None:
        tie_weights()


def tensors_of(network: nn.Module, layout: Layout) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a file, each with its name, out of a network's parameters.

    Args:
        network: With weights; what is tied is given once.
        layout: As `fill` takes it; each piece that is changed can be restored.
    """
    for name, parameter in network.named_parameters():
        rows = torch.split(parameter.detach(), [_rows(piece) for piece in layout[name]])
        for piece, part in zip(layout[name], rows, strict=True):
            yield piece.name, part if piece.restore is None else piece.restore(part)


class _NothingDrawn(TorchFunctionMode):
    """Leaves out the drawing of first weights, which on the meta device imports for over a second.

    Source: the torch.overrides documentation.
    """

    _DRAWING = frozenset({"normal_", "uniform_", "trunc_normal_", "kaiming_uniform_"})

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call what was called, or give its tensor back as it is."""
        named = dict(kwargs or {})
        if getattr(func, "__name__", "") in self._DRAWING:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


def _check(pieces: list[Piece], file: TensorFile, is_spare: Callable[[str], bool]) -> None:
    for piece in pieces:
        shape = file.shapes.get(piece.name)
        if shape is None:
            raise damaged(
                file.path,
                say(
                    "its tensor {tensor} of shape {shape} is missing",
                    tensor=shown(piece.name),
                    shape=_shape(piece.shape),
                ),
            )
        if shape != piece.shape:
            raise damaged(
                file.path_of(piece.name),
                say(
                    "its tensor {tensor} has the shape {shape} and should have {expected}",
                    tensor=shown(piece.name),
                    shape=_shape(shape),
                    expected=_shape(piece.shape),
                ),
            )
    wanted = {piece.name for piece in pieces}
    for name, shape in file.shapes.items():
        if name not in wanted and not is_spare(name):
            raise damaged(
                file.path_of(name),
                say(
                    "its tensor {tensor} of shape {shape} belongs to no part of the model",
                    tensor=shown(name),
                    shape=_shape(shape),
                ),
            )


def _read(piece: Piece, file: TensorFile, out: Tensor) -> None:
    if piece.change is None:
        file.read_into(piece.name, out)
        return
    whole = torch.empty(piece.shape)
    file.read_into(piece.name, whole)
    out.copy_(piece.change(whole))


def _rows(piece: Piece) -> int:
    """How many rows of the parameter the piece makes."""
    if piece.change is None:
        return piece.shape[0]
    return piece.change(torch.empty(piece.shape, device="meta")).shape[0]


def _shape(shape: Shape) -> str:
    return " x ".join(f"{length:,}" for length in shape) or "1"


def shown(name: str) -> str:
    """A name out of a file, fit to be shown."""
    return "".join(one if one.isprintable() else "?" for one in name[:64])


def unsupported(path: Path, reason: Sentence) -> ModelFileError:
    """The error for a sound file that the networks here cannot run."""
    return about("unsupported_architecture", path, reason)
