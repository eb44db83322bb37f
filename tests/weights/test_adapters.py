import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from chatapp.errors import ModelFileError
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.lora import add_lora, lora_layers
from chatapp.weights.adapter import load_adapter, save_adapter

IDS = torch.arange(20)[None]


def gpt(width: int = 16, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return GPT(GPTConfig(64, 32, 2, 2, width)).eval()


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, torch.Tensor]:
    """The folder of an adapter, and what its network computes."""
    model = add_lora(gpt(), 4, 8.0, targets=["qkv", "down"])
    for layer in lora_layers(model).values():
        nn.init.normal_(layer.lora_b)
    save_adapter(tmp_path / "a", model, {"name": "Mine", "license": "cc0-1.0"})
    with torch.no_grad():
        return tmp_path / "a", model(IDS)


def test_an_adapter_gives_back_what_was_learned(saved: tuple[Path, torch.Tensor]) -> None:
    folder, expected = saved
    model = gpt()
    load_adapter(folder, model)
    with torch.no_grad():
        assert torch.equal(model(IDS), expected)
        assert not torch.equal(model(IDS), gpt()(IDS))
    assert 'license: "cc0-1.0"' in (folder / "README.md").read_text()
    whole = sum(one.numel() * 4 for one in gpt().parameters())
    assert (folder / "adapter.safetensors").stat().st_size < 0.5 * whole


def test_an_adapter_takes_the_place_of_the_one_before(saved: tuple[Path, torch.Tensor]) -> None:
    folder, _ = saved
    model = add_lora(gpt(), 2, 8.0)
    save_adapter(folder, model)
    other = gpt()
    load_adapter(folder, other)
    with torch.no_grad():
        assert torch.equal(other(IDS), gpt()(IDS))  # it has learned nothing
    assert not list(folder.parent.glob(".a-*"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rank": 2}, r"another model \(its tensor blocks\.0\.\S+a has the shape \(4, 16\) and"),
        ({"rank": 0}, "its rank makes no sense"),
        ({"rank": "4"}, "its rank makes no sense"),
        ({"alpha": None}, "its alpha makes no sense"),
        ({"layers": "qkv"}, "its layers makes no sense"),
        ({"layers": ["blocks.0.attention.q"]}, "it has no layer blocks.0.attention.q"),
        ({"layers": ["blocks.0.attention.qkv"]}, "another model"),
        ({"chatapp_adapter": 2}, "newer version"),
    ],
)
def test_an_adapter_that_was_changed_is_refused(
    saved: tuple[Path, torch.Tensor], changes: dict[str, object], words: str
) -> None:
    path = saved[0] / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    model = gpt()
    with pytest.raises(ModelFileError, match=words):
        load_adapter(saved[0], model)
    assert not lora_layers(model)


def test_an_adapter_of_another_network_is_refused(saved: tuple[Path, torch.Tensor]) -> None:
    with pytest.raises(ModelFileError, match="made for another model"):
        load_adapter(saved[0], gpt(32))
    save_file({"x": torch.zeros(2)}, saved[0] / "adapter.safetensors")
    with pytest.raises(ModelFileError, match="made for another model"):
        load_adapter(saved[0], gpt())


def test_a_folder_that_lacks_a_file_is_refused(saved: tuple[Path, torch.Tensor]) -> None:
    (saved[0] / "adapter.safetensors").unlink()
    with pytest.raises(ModelFileError, match=r"adapter\.safetensors: The file is not there"):
        load_adapter(saved[0], gpt())
    with pytest.raises(ModelFileError, match=r"adapter\.json: The file is not there"):
        load_adapter(saved[0].parent, gpt())


def test_a_network_without_adapters_has_none_to_save(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no adapters"):
        save_adapter(tmp_path / "a", gpt())
    assert not (tmp_path / "a").exists()
