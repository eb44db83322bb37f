"""An adapter on the disk: adapter.json, adapter.safetensors and a card, and no weights beside them.

As a checkpoint it is whole or not there.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from chatapp.errors import ModelFileError, Sentence, say
from chatapp.nn.lora import add_lora, load_lora_state_dict, lora_layers, lora_state_dict
from chatapp.text.json_file import damaged, read_object
from chatapp.weights.card import write_card
from chatapp.weights.checkpoint import placing
from chatapp.weights.layout import Shape, shown, unsupported
from chatapp.weights.safetensors_file import SafetensorsFile
from chatapp.weights.values import Values

DESCRIPTION, TENSORS = "adapter.json", "adapter.safetensors"
_FORMAT = "chatapp_adapter"  # the key by which our adapter.json is known
_VERSION = 1


def save_adapter(folder: Path, model: nn.Module, card: Mapping[str, str] | None = None) -> None:
    """Write what the adapters of a network learned, in place of what lies at `folder`.

    Args:
        folder: Where; its parent is made if it is not there.
        model: With adapters of one rank and scale, as `add_lora` makes them.
        card: What is said about them in words.

    Raises:
        OSError: If it cannot be written; what was there stays.
        ValueError: If the network has no adapters.
    """
    layers = lora_layers(model)
    if not layers:
        raise ValueError("The network has no adapters to save")
    one = next(iter(layers.values()))
    described = {_FORMAT: _VERSION, "rank": one.rank, "alpha": one.alpha, "layers": [*layers]}
    state = lora_state_dict(model)
    with placing(folder) as new:
        save_file(
            {name: tensor.cpu().contiguous() for name, tensor in state.items()}, new / TENSORS
        )
        (new / DESCRIPTION).write_text(json.dumps(described, indent=2), "utf-8")
        write_card(new, card or {})


def load_adapter(folder: Path, model: nn.Module, *, dropout: float = 0.0) -> None:
    """Put the adapters that lie in a folder beside the layers of a network.

    Args:
        folder: As `save_adapter` wrote it.
        model: The network that they were learned on; nothing of it learns but they afterwards.
        dropout: Share of the adapters' input dropped in training.

    Raises:
        ModelFileError: If they cannot be used, or were learned on a network of other sizes; the
            network is as it was.
    """
    path = folder / DESCRIPTION
    given = read_object(path)
    values = Values(path, given)
    if values.size(_FORMAT) > _VERSION:
        raise unsupported(path, say("It was written by a newer version of this program."))
    rank, alpha = values.size("rank"), values.number("alpha")
    layers = _names(path, given)
    with SafetensorsFile(folder, whole=TENSORS) as file:
        _check(path, model, file.shapes, layers, rank)
        state = {name: torch.empty(shape) for name, shape in file.shapes.items()}
        for name, tensor in state.items():
            file.read_into(name, tensor)
    try:
        add_lora(model, rank, alpha, dropout, targets=layers)
        load_lora_state_dict(model, state)
    except ValueError as error:
        reason = say("its layers cannot be adapted: {reason}", reason=str(error))
        raise _of_another(path, reason) from error


def _names(path: Path, given: Mapping[str, Any]) -> Sequence[str]:
    layers = given.get("layers")
    if not isinstance(layers, list) or not all(isinstance(one, str) for one in layers):
        raise damaged(path, say("its {key} makes no sense", key="layers"))
    return layers


def _check(
    path: Path, model: nn.Module, shapes: Mapping[str, Shape], layers: Sequence[str], rank: int
) -> None:
    """Refuse tensors that are no adapters of just these layers of the network."""
    modules = dict(model.named_modules())
    expected: dict[str, Shape] = {}
    for name in layers:
        layer = modules.get(name)
        if not isinstance(layer, nn.Linear):
            raise _of_another(path, say("it has no layer {name}", name=shown(name)))
        expected[f"{name}.lora_a"] = (rank, layer.in_features)
        expected[f"{name}.lora_b"] = (layer.out_features, rank)
    for name in sorted(expected.keys() | shapes.keys()):
        if expected.get(name) != shapes.get(name):
            raise _of_another(
                path,
                say(
                    "its tensor {tensor} has the shape {shape} and should have {expected}",
                    tensor=shown(name),
                    expected=str(expected.get(name, "-")),
                    shape=str(shapes.get(name, "-")),
                ),
            )


def _of_another(path: Path, reason: Sentence) -> ModelFileError:
    return unsupported(path, say("It was made for another model ({reason}).", reason=reason))
