import os
import struct
import threading
from pathlib import Path
from typing import Any

import pytest
from gguf_files import TensorData, Typed, gguf_bytes, tiny_model, write_tiny_gguf

from chatapp.library import gguf_reader
from chatapp.library.gguf_reader import GgufError, read_gguf

VALUES: dict[str, Any] = {"general.architecture": "llama", "general.name": "A model"}
TENSOR = TensorData("token_embd.weight", (32, 2), bytes(256))


def refusal(path: Path) -> GgufError:
    with pytest.raises(GgufError) as caught:
        read_gguf(path)
    assert str(caught.value) == f"{path.name}: {caught.value.reason}"
    return caught.value


def refusal_of(data: bytes, tmp_path: Path) -> GgufError:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    return refusal(path)


def tensor_row(
    name: bytes = b"weight",
    shape: tuple[int, ...] = (32,),
    kind: int = 0,
    offset: int = 0,
    n_dims: int | None = None,
) -> bytes:
    n = len(shape)
    head = struct.pack("<Q", len(name)) + name + struct.pack("<I", n if n_dims is None else n_dims)
    return head + struct.pack(f"<{n}QIQ", *shape, kind, offset)


def file_with_rows(*rows: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, len(rows), 0) + b"".join(rows) + bytes(4096)


def test_values_and_tensors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    values = VALUES | {
        "small": Typed("u8", 7),
        "negative": Typed("i64", -5),
        "fraction": Typed("f64", 0.5),
        "yes": True,
        "list": [1, 2, 3],
        "words": ["a", "ü"],
    }
    path.write_bytes(gguf_bytes(values, [TENSOR]))
    file = read_gguf(path)
    assert file.values["small"] == 7
    assert file.values["negative"] == -5
    assert file.values["fraction"] == 0.5
    assert file.values["yes"] is True
    assert file.values["list"] == (1, 2, 3)
    assert file.values["words"] == ("a", "ü")
    assert file.tensors[0].shape == (32, 2)
    assert file.tensors[0].n_bytes == 256


@pytest.mark.parametrize("version", [2, 3])
def test_both_versions_in_use_are_read(version: int, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf_bytes(VALUES, [TENSOR], version=version))
    assert read_gguf(path).values["general.name"] == "A model"


def test_long_lists_are_checked_and_not_kept(tmp_path: Path) -> None:
    file = read_gguf(write_tiny_gguf(tmp_path / "tiny.gguf", {"long": [0] * 5000}))
    assert "long" not in file.values
    assert file.lengths["long"] == 5000


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "not_a_model", "the file is empty"),
        (b"GG", "not_a_model", "does not begin as a GGUF file does"),
        (b"Dear diary, today I wrote a text.", "not_a_model", "does not begin as"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "not_a_model", "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "not_a_model", "GGUF 1"),
        (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "not_a_model", "version 9"),
        (b"GGUF\3\0\0", "damaged", "ends at byte 7"),
        (b"GGUF" + struct.pack("<IQQ", 3, 65_537, 0), "damaged", "65,537 tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**64 - 1), "damaged", "values"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + b"\xff" * 8, "damaged", "a key claims"),
    ],
)
def test_no_model_at_all(data: bytes, code: str, words: str, tmp_path: Path) -> None:
    error = refusal_of(data, tmp_path)
    assert error.code == code
    assert words in str(error.reason)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([("a", 1), ("a", 2)], "a is there twice"),
        ([("", 1)], "empty or holds a NUL"),
        ([("a\0b", 1)], "empty or holds a NUL"),
        ([("general.alignment", 8)], "alignment is 8"),
        ([("general.alignment", 48)], "not a power of two"),
        ([("general.alignment", 0)], "not a power of two"),
        ([("general.alignment", Typed("u64", 32))], "not a power of two"),
        ([("general.alignment", "big")], "not a power of two"),
        ([("tokenizer.ggml.tokens", ["a", "b", "a"])], "two tokens"),
        ([("tokenizer.ggml.tokens", ["a", "", "[EMPTY_1]"])], "two tokens"),
        ([("tokenizer.ggml.tokens", ["a", "b\0c"])], "token 1 of its vocabulary holds a NUL"),
    ],
)
def test_values_no_model_has(values: list[tuple[str, Any]], words: str, tmp_path: Path) -> None:
    error = refusal_of(gguf_bytes(values, [TENSOR]), tmp_path)
    assert error.code == "damaged"
    assert words in str(error.reason)
    assert "copy or download it again" in str(error.reason)


@pytest.mark.parametrize(
    ("kind", "count"), [(8, 2**40), (8, 2**63), (0, 2**40), (12, 2**61), (9, 1), (77, 1)]
)
def test_lists_that_cannot_be_true(kind: int, count: int, tmp_path: Path) -> None:
    head = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 4) + b"list"
    error = refusal_of(head + struct.pack("<IIQ", 9, kind, count) + bytes(64), tmp_path)
    assert error.code == "damaged"


def test_list_longer_than_the_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    head = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 4) + b"list"
    error = refusal_of(head + struct.pack("<IIQ", 9, 8, 1_000_000) + bytes(64), tmp_path)
    assert "ends at byte" in str(error.reason)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (tensor_row(name=b""), "no name"),
        (tensor_row(name=b"a\0b"), "no name or a NUL"),
        (tensor_row(name=b"n" * 64), "a tensor's name claims 64"),
        (tensor_row(n_dims=0, shape=()), "0 dimensions"),
        (tensor_row(n_dims=5, shape=(1, 1, 1, 1, 1)), "5 dimensions"),
        (tensor_row(shape=(0,)), "impossible shape"),
        (tensor_row(shape=(2**62, 2)), "impossible shape"),
        (tensor_row(shape=(2**63,)), "impossible shape"),
        (tensor_row(shape=(33,), kind=8), "impossible shape"),
        (tensor_row(kind=99), "the unknown way 99"),
        (tensor_row(kind=2**32 - 1), "the unknown way"),
        (tensor_row(kind=4), "no longer in use"),
        (tensor_row(offset=32), "not where it should be"),
        (tensor_row(offset=2**63), "not where it should be"),
    ],
)
def test_tensors_no_model_has(row: bytes, words: str, tmp_path: Path) -> None:
    assert words in str(refusal_of(file_with_rows(row), tmp_path).reason)


def test_two_tensors_of_one_name(tmp_path: Path) -> None:
    rows = file_with_rows(tensor_row(b"one"), tensor_row(b"one", offset=128))
    assert "the same name" in str(refusal_of(rows, tmp_path).reason)


def test_tensor_larger_than_the_file(tmp_path: Path) -> None:
    error = refusal_of(file_with_rows(tensor_row(shape=(2**40, 4))), tmp_path)
    assert "ends at byte 4,166 of 17,592,186,044,512;" in str(error.reason)


def test_cut_file_says_where_it_ends_and_where_it_should(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "cut.gguf")
    whole = path.stat().st_size
    os.truncate(path, 100_000)
    error = refusal(path)
    assert error.code == "damaged"
    expected = f"Damaged: the file ends at byte 100,000 of {whole:,}; copy or download it again."
    assert str(error.reason) == expected


def test_every_cut_is_refused(tmp_path: Path) -> None:
    values, tensors = tiny_model(n_layer=1, n_embd=8, n_head=2, n_kv_head=1, n_ff=8)
    values = {key: value for key, value in values.items() if value is not None}
    whole = gguf_bytes(values, tensors)
    head = len(whole) - sum(len(tensor.data) for tensor in tensors)
    path = tmp_path / "cut.gguf"
    for end in [*range(0, head, 97), *range(head, len(whole), 997)]:
        path.write_bytes(whole[:end])
        refusal(path)


def test_bytes_after_the_last_tensor_do_no_harm(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "long.gguf")
    path.write_bytes(path.read_bytes() + bytes(100))
    assert read_gguf(path).tensors


def test_odd_names_cannot_spoil_the_message(tmp_path: Path) -> None:
    key = "\u202e\n" + "x" * 5000
    reason = str(refusal_of(gguf_bytes([(key, 1), (key, 2)]), tmp_path).reason)
    assert reason.isprintable()
    assert len(reason) < 200


def test_head_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    n_bytes = gguf_reader.MAX_HEADER_BYTES
    head = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 4) + b"text" + struct.pack("<IQ", 8, n_bytes)
    path = tmp_path / "endless.gguf"
    path.write_bytes(head)
    os.truncate(path, 4 * n_bytes)
    assert "claims" in str(refusal(path).reason)


def test_missing_file(tmp_path: Path) -> None:
    error = refusal(tmp_path / "gone.gguf")
    assert error.code == "file_missing"
    assert "not there" in str(error.reason)


def test_name_no_file_can_have() -> None:
    assert refusal(Path("a\0b.gguf")).code == "file_missing"


def test_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder.gguf"
    folder.mkdir()
    error = refusal(folder)
    assert error.code == "not_a_model"
    assert "folder" in str(error.reason)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    thread = threading.Thread(target=lambda: refusal(pipe), daemon=True)
    thread.start()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_link_that_leads_to_itself(tmp_path: Path) -> None:
    link = tmp_path / "loop.gguf"
    link.symlink_to(link)
    assert refusal(link).code == "file_missing"


def test_limits_are_those_of_the_largest_models() -> None:
    assert gguf_reader.MAX_ARRAY > 1_000_000
    assert gguf_reader.MAX_HEADER_BYTES > 50_000_000
