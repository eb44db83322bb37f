"""Folders of config.json and safetensors on the shelf, described from their headers."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import ModelFileError
from chatapp.library.model_folder import ARCHITECTURES
from chatapp.library.shelf import ModelEntry, find_models, resolve_model

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "max_position_embeddings": 2048,
    "num_hidden_layers": 2,
    "hidden_size": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
OURS = {"chatapp_checkpoint": 1, "architecture": "rnn", "config": {"block_size": 512}}


def write_folder(folder: Path, config: dict[str, Any], n_params: int = 1000) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    half = {"dtype": "BF16", "shape": [n_params // 2], "data_offsets": [0, n_params]}
    for number in (1, 2):
        header = json.dumps({"__metadata__": {"format": "pt"}, f"part.{number}": half}).encode()
        data = len(header).to_bytes(8, "little") + header + bytes(n_params)
        (folder / f"model-0000{number}-of-00002.safetensors").write_bytes(data)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n\nlicense: mit\n")
    return folder


def entry(folder: Path, native_weights: str = "") -> ModelEntry:
    (found,) = find_models([str(folder)], [], lambda _: native_weights)
    return found


@pytest.fixture(autouse=True)
def _no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.paths.packages_dir", lambda: tmp_path / "no-packages")
    monkeypatch.setattr("chatapp.paths.shipped_models_dir", lambda: tmp_path / "shipped")


def test_a_folder_is_described_by_its_headers(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine" / "small-llama", LLAMA)
    for path in (tmp_path / "mine", folder):
        found = entry(path)
        assert found.error is None
        assert found.is_folder
        assert (found.path, found.name) == (str(folder), "small-llama")
        assert (found.architecture, found.n_params, found.quantization) == ("llama", 1000, "BF16")
        assert (found.n_ctx_train, found.license) == (2048, "apache-2.0")


def test_a_checkpoint_of_ours_is_described_too(tmp_path: Path) -> None:
    found = entry(write_folder(tmp_path / "my-rnn", OURS))
    assert (found.architecture, found.n_ctx_train) == ("rnn", 512)
    assert found.name == "my-rnn"


def test_a_checkpoint_of_ours_is_called_what_its_card_says(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "result", OURS)
    (folder / "README.md").write_text('---\nname: "Write like Anna"\nlicense: "mit"\n---\n')
    assert (entry(folder).name, entry(folder).license) == ("Write like Anna", "mit")


def test_the_memory_is_that_of_the_weights_chosen_and_the_cache(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", LLAMA)
    cache = 2048 * 2 * 2 * 2 * 2  # tokens, keys and values, layers, heads, numbers each
    for weights, bytes_each, number in (("f32", 4, 4), ("bf16", 2, 2), ("int8", 1, 2)):
        fit = entry(folder, weights).fit
        assert fit is not None
        assert fit.needs_bytes == 1000 * bytes_each + cache * number


def test_a_folder_that_cannot_be_used_is_there_with_its_reason(tmp_path: Path) -> None:
    found = entry(write_folder(tmp_path / "other", {"model_type": "mamba"}))
    assert found.error_code == "unsupported_architecture"
    assert "mamba" in str(found.error)
    damaged = write_folder(tmp_path / "damaged", LLAMA)
    weights = sorted(damaged.glob("*.safetensors"))[0]
    weights.write_bytes(b"\xff" * 100)
    found = entry(damaged)
    assert found.error_code == "damaged"
    assert weights.name in str(found.error)
    weights.unlink()
    os.mkfifo(weights)
    assert weights.name in str(entry(damaged).error)
    (damaged / "config.json").write_text("[")
    assert "config.json" in str(entry(damaged).error)


def test_a_folder_is_named_by_its_path_or_a_part_of_its_name(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "small-llama", LLAMA)
    assert resolve_model(str(folder), ()).path == str(folder)
    assert resolve_model("SMALL", find_models([str(tmp_path)], [])).path == str(folder)
    with pytest.raises(ModelFileError):
        resolve_model(str(write_folder(tmp_path / "other", {"model_type": "mamba"})), ())


def test_what_the_shelf_takes_for_a_chat_model_our_networks_know() -> None:
    root = Path(__file__).parents[2] / "chatapp" / "weights"
    sources = [(root / name).read_text() for name in ("hf_model.py", "checkpoint.py")]
    assert all(any(f'"{name}": ' in text for text in sources) for name in ARCHITECTURES)


def test_models_of_ours_that_come_along_stand_behind_those_that_chat(tmp_path: Path) -> None:
    write_folder(tmp_path / "shipped" / "a-poet", OURS)
    chats = write_folder(tmp_path / "mine" / "small-llama", LLAMA)
    (chats / "chat_template.jinja").write_text("{{ messages }}")
    found = find_models([str(chats)], [])
    assert [(one.name, one.source) for one in found] == [
        ("small-llama", "added"),
        ("a-poet", "shipped"),
    ]
