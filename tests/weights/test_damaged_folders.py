import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_models import llama, write_model
from safetensors.torch import load_file, save_file

from chatapp.errors import EngineError, ModelFileError
from chatapp.text.tokenizer_files import read_folder_tokenizer
from chatapp.weights.opening import OpenedModel, open_model

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
HUGE = [-1, 0, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308, True, None, "", "x", [], {}, [[]]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each kind of file: an index with two shards, and a tokenizer.json."""
    folder = tmp_path_factory.mktemp("models") / "sound"
    write_model(folder, llama())
    (folder / "tokenizer.json").write_text(read_folder_tokenizer(folder).tokenizer.to_json())
    tensors = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    names = sorted(tensors)
    weight_map = {}
    for number, part in enumerate((names[:5], names[5:]), 1):
        shard = f"model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / shard)
        weight_map |= dict.fromkeys(part, shard)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    open_model(folder)
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "model"))


@pytest.mark.parametrize(
    "name",
    ["model-00001-of-00002.safetensors", "tokenizer.json", "config.json", INDEX],
)
def test_200_mutations_give_a_plain_error_or_a_model_that_works(folder: Path, name: str) -> None:
    path, source = folder / name, random.Random(7)
    original = path.read_bytes()
    refused = 0
    for _ in range(200):
        path.write_bytes(_mutated(original, source, is_json=name.endswith("json")))
        opened = _opened_or_refused(folder)
        if opened is None:
            refused += 1
            continue
        try:
            ids = opened.tokenizer.encode("the thing, 中 a", special=True)
        except EngineError:
            continue
        assert all(0 <= id < opened.config.n_vocab for id in ids)
        with torch.inference_mode():
            opened.model(torch.tensor([[1, 2, 3]])[:, : opened.config.block_size])
    assert 20 < refused < 200


def _opened_or_refused(folder: Path) -> OpenedModel | None:
    try:
        return open_model(folder)
    except ModelFileError as error:
        named = str(error).split(":")[0]
    assert named in {file.name for file in folder.iterdir()}
    return None


def _mutated(original: bytes, source: random.Random, *, is_json: bool) -> bytes:
    if is_json and source.random() < 0.6:
        value = json.loads(original)
        _change_one_value(value, source)
        return json.dumps(value).encode()
    damaged = bytearray(original)
    kind = source.randrange(4)
    head = min(len(damaged), 2000)  # of a safetensors file, where its lies would be
    at = source.randrange(head)
    if kind == 0:
        damaged[at] ^= 1 << source.randrange(8)
    elif kind == 1:
        del damaged[source.randrange(len(damaged)) :]
    elif kind == 2:
        del damaged[at : at + source.randrange(1, 20)]
    else:
        damaged[at:at] = source.choice([b"[" * 9999, b'{"a":', b"99999999999", b"\x00", b"\xff"])
    return bytes(damaged)


def _change_one_value(value: Any, source: random.Random) -> None:
    """Replace, remove or double one value somewhere inside."""
    while True:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = source.choice(list(keys))
        if isinstance(value[key], dict | list) and value[key] and source.random() < 0.8:
            value = value[key]
        else:
            break
    if source.random() < 0.2:
        del value[key]
    else:
        value[key] = source.choice(HUGE)


def _edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": 64}, ["model.embed_tokens.weight", "320 x 32", "320 x 64"]),
        ({"vocab_size": 400}, ["model.embed_tokens.weight", "320 x 32", "400 x 32"]),
        ({"num_key_value_heads": 4}, ["self_attn.k_proj.weight", "16 x 32", "32 x 32"]),
        ({"num_hidden_layers": 3}, ["model.layers.2.", "missing"]),
        ({"num_hidden_layers": 1}, ["model.layers.1.", "belongs to no part"]),
        ({"num_hidden_layers": 10**9}, ["config.json", "num_hidden_layers"]),
        ({"attention_bias": True}, ["self_attn.q_proj.bias", "missing", "32"]),
        ({"num_attention_heads": 3}, ["config.json", "3 heads"]),
        ({"vocab_size": 200}, ["200"]),
        ({"model_type": "mamba"}, ["config.json", "mamba"]),
        ({"hidden_act": "gelu"}, ["hidden_act", "gelu"]),
        ({"rope_parameters": {"rope_type": "longrope"}}, ["config.json", "longrope"]),
    ],
)
def test_a_config_that_does_not_fit_the_weights_is_refused_with_both_shapes(
    folder: Path, changes: dict[str, Any], words: list[str]
) -> None:
    _edit(folder / "config.json", lambda config: config.update(changes))
    with pytest.raises(ModelFileError) as caught:
        open_model(folder)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "../model.safetensors",
        "..",
        "/etc/passwd",
        "a/../../model.safetensors",
        "C:\\model.safetensors",
        "model\0.safetensors",
        "model\ud800.safetensors",
        "m" * 300 + ".safetensors",
        "pytorch_model.bin",
        "outside.safetensors",
    ],
)
def test_an_index_may_name_files_of_its_own_folder_only(folder: Path, name: str) -> None:
    elsewhere = folder.parent / "model.safetensors"
    shutil.copy(folder / "model-00001-of-00002.safetensors", elsewhere)
    (folder / "outside.safetensors").symlink_to(elsewhere)
    (folder / "pytorch_model.bin").write_bytes(b"")
    _edit(folder / INDEX, lambda index: index["weight_map"].update({"lm_head.weight": name}))
    with pytest.raises(ModelFileError, match="which is no file of its folder"):
        open_model(folder)


def test_the_links_of_a_download_cache_are_followed(folder: Path, tmp_path: Path) -> None:
    snapshot, blobs = tmp_path / "models--x" / "snapshots" / "1", tmp_path / "models--x" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for number, file in enumerate(folder.iterdir()):
        shutil.copy(file, blobs / str(number))
        (snapshot / file.name).symlink_to(blobs / str(number))
    assert open_model(snapshot).architecture == "llama"


def test_whole_numbers_are_no_weights(folder: Path) -> None:
    shard = folder / "model-00001-of-00002.safetensors"
    tensors = {name: tensor.to(torch.int32) for name, tensor in load_file(shard).items()}
    save_file(tensors, shard)
    with pytest.raises(ModelFileError, match="packed as I32"):
        open_model(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", INDEX])
def test_a_pipe_in_place_of_a_file_does_not_hang(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelFileError, match="no ordinary file"):
        open_model(folder)
