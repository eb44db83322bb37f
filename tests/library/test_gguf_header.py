import time
from pathlib import Path
from typing import Any

import pytest
from gguf_files import (
    TensorData,
    Typed,
    gguf_bytes,
    tiny_model,
    write_tiny_gguf,
    write_tiny_parts,
)

from chatapp.library.gguf_header import CompanionFileError, GgufHeader, read_header
from chatapp.library.gguf_reader import GgufError


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tmp_path / "tiny.gguf"


def refusal(path: Path) -> GgufError:
    with pytest.raises(GgufError) as caught:
        read_header(path)
    return caught.value


def write_with_tensor(path: Path, name: str, kind: int, data: bytes) -> Path:
    """The tiny model with one tensor packed otherwise."""
    values, tensors = tiny_model()
    tensors = [
        TensorData(name, tensor.shape, data, kind) if tensor.name == name else tensor
        for tensor in tensors
    ]
    path.write_bytes(gguf_bytes(values, tensors))
    return path


def test_header_describes_the_model(tiny: Path) -> None:
    header = read_header(write_tiny_gguf(tiny))
    assert header == GgufHeader(
        path=tiny,
        name="Tiny Test",
        architecture="llama",
        n_params=header.weight_bytes // 4,
        quantization="F32",
        size_bytes=tiny.stat().st_size,
        weight_bytes=117_760,
        n_ctx_train=512,
        n_layer=2,
        n_embd=32,
        n_head=(4, 4),
        n_kv_head=(2, 2),
        key_length=8,
        value_length=8,
        n_vocab=339,
        license="apache-2.0",
        chat_template=header.chat_template,
        bos_id=1,
        eos_id=2,
    )
    assert "message.content" in header.chat_template


def test_starter_model_is_described_and_quick_to_read(starter_model: Path) -> None:
    seconds = []
    for _ in range(3):
        began = time.thread_time()  # of this thread alone: the machine may be busy
        header = read_header(starter_model)
        seconds.append(time.thread_time() - began)
    assert header.name == "SmolLM2 135M Instruct"
    assert header.n_params == 134_515_008
    assert header.quantization == "Q4_1"
    assert header.n_ctx_train == 8192
    assert header.n_vocab == 49_152
    assert header.license == "apache-2.0"
    assert min(seconds) < 0.1


@pytest.mark.parametrize(
    ("file_name", "given", "shown"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Smollm2 135M 8k Lc100K", "SmolLM2 135M Instruct"),
        ("model.gguf", "Qwen3 8B", "Qwen3 8B"),
        ("qwen3-8b-q4_k_m.gguf", "Qwen3 8B", "Qwen3 8B"),
        ("Meta-Llama-3-8B-IQ2_XXS.gguf", None, "Meta Llama 3 8B"),
        ("tiny_model-f16.gguf", "", "tiny model"),
        ("a.gguf", "two\nlines\0and\u202emore", "two lines and more"),
        ("a.gguf", "x" * 5000, "x" * 100),
    ],
)
def test_name(file_name: str, given: str | None, shown: str, tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / file_name, {"general.name": given})
    assert read_header(path).name == shown


def test_quantization_is_that_of_most_weights_when_the_file_does_not_say(tiny: Path) -> None:
    write_tiny_gguf(tiny, {"general.file_type": None})
    assert read_header(tiny).quantization == "F32"


def test_one_number_of_heads_for_each_layer(tiny: Path) -> None:
    write_tiny_gguf(
        tiny, {"llama.attention.head_count": [4, 0], "llama.attention.head_count_kv": [2, 0]}
    )
    assert read_header(tiny).n_kv_head == (2, 0)


def test_token_ids_outside_the_vocabulary_are_no_ids(tiny: Path) -> None:
    write_tiny_gguf(tiny, {"tokenizer.ggml.bos_token_id": 339})
    assert read_header(tiny).bos_id is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"llama.block_count": 0}, "block_count is missing or 0"),
        ({"llama.block_count": None}, "block_count is missing or 0"),
        ({"llama.block_count": 513}, "block_count makes no sense"),
        ({"llama.block_count": Typed("i32", -1)}, "block_count makes no sense"),
        ({"llama.block_count": "two"}, "block_count makes no sense"),
        ({"llama.context_length": 0}, "context_length is missing or 0"),
        ({"llama.context_length": 2**32 - 1}, "context_length makes no sense"),
        ({"llama.embedding_length": Typed("u64", 2**63)}, "embedding_length makes no sense"),
        ({"llama.embedding_length": True}, "embedding_length makes no sense"),
        ({"llama.attention.head_count": [4]}, "attention.head_count makes no sense"),
        ({"llama.attention.head_count": 2**31}, "attention.head_count makes no sense"),
        ({"llama.attention.head_count_kv": 3}, "4 heads cannot share 3"),
        ({"llama.attention.key_length": 2**20}, "attention.key_length makes no sense"),
        ({"llama.vocab_size": 2**31}, "vocab_size makes no sense"),
        ({"llama.expert_count": 2}, "numbers of experts"),
        ({"llama.expert_count": 2**20}, "expert_count makes no sense"),
        ({"llama.expert_used_count": 1}, "numbers of experts"),
        ({"llama.expert_count": 4, "llama.expert_used_count": 5}, "numbers of experts"),
        ({"llama.expert_group_count": 1}, "numbers of experts"),
        ({"llama.nextn_predict_layers": 3}, "prediction layers"),
        ({"llama.attention.layer_norm_rms_epsilon": -1.0}, "epsilon makes no sense"),
        ({"llama.attention.layer_norm_rms_epsilon": float("nan")}, "epsilon makes no sense"),
        ({"llama.rope.freq_base": float("inf")}, "freq_base makes no sense"),
        ({"tokenizer.ggml.tokens": ["a", "b"]}, "cannot spell every letter"),
        ({"split.count": 2**15}, "number of its parts"),
    ],
)
def test_numbers_no_model_has(changes: dict[str, Any], words: str, tiny: Path) -> None:
    error = refusal(write_tiny_gguf(tiny, changes))
    assert error.code == "damaged"
    assert words in str(error.reason)


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("output_norm.weight", 1, bytes(64)),  # a vector in half precision
        ("output_norm.weight", 20, bytes(18)),
        ("blk.0.attn_q.weight", 26, bytes(4096)),  # whole numbers
        ("blk.0.attn_q.weight", 9, bytes(1152)),  # a form that only lives between two steps
    ],
)
def test_weights_no_kernel_computes_with(name: str, kind: int, data: bytes, tiny: Path) -> None:
    assert f"its tensor {name} is packed as" in str(
        refusal(write_with_tensor(tiny, name, kind, data)).reason
    )


def test_unknown_stretching_of_the_context_asks_for_a_newer_program(tiny: Path) -> None:
    error = refusal(write_tiny_gguf(tiny, {"llama.rope.scaling.type": "warp"}))
    assert error.code == "unsupported_architecture"
    assert "warp" in str(error.reason)


def test_unknown_architecture_is_left_to_the_engine(tiny: Path) -> None:
    values, tensors = tiny_model()
    renamed = {key.replace("llama.", "newest."): value for key, value in values.items()}
    tiny.write_bytes(gguf_bytes(renamed | {"general.architecture": "newest"}, tensors))
    assert read_header(tiny).architecture == "newest"


@pytest.mark.parametrize("architecture", [None, "", 7])
def test_file_without_an_architecture(architecture: object, tiny: Path) -> None:
    error = refusal(write_tiny_gguf(tiny, {"general.architecture": architecture}))
    assert "architecture" in str(error.reason)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"general.architecture": "clip"}, "reads images"),
        ({"general.type": "mmproj"}, "reads images"),
        ({"general.type": "adapter"}, "adapts another model"),
        ({"general.type": "imatrix"}, "measurements"),
        ({"tokenizer.ggml.model": "bert"}, "compares texts"),
        ({"tokenizer.ggml.model": "no_vocab"}, "no vocabulary"),
    ],
)
def test_files_that_belong_to_models(changes: dict[str, Any], words: str, tiny: Path) -> None:
    error = refusal(write_tiny_gguf(tiny, changes))
    assert isinstance(error, CompanionFileError)
    assert error.code == "not_a_model"
    assert words in str(error.reason)


def test_vocabulary_without_weights(tiny: Path) -> None:
    values, _ = tiny_model()
    tiny.write_bytes(gguf_bytes(values))
    assert isinstance(refusal(tiny), CompanionFileError)


def test_parts_are_one_model(tmp_path: Path) -> None:
    whole = read_header(write_tiny_gguf(tmp_path / "whole.gguf"))
    parts = write_tiny_parts(tmp_path / "big.gguf")
    header = read_header(parts[0])
    assert header.n_params == whole.n_params
    assert header.weight_bytes == whole.weight_bytes
    assert header.size_bytes == sum(part.stat().st_size for part in parts)


def test_missing_part_is_named(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    parts[1].unlink()
    error = refusal(parts[0])
    assert error.code == "file_missing"
    assert "Part 2 of 3 is missing: big-00002-of-00003.gguf" in str(error.reason)


def test_damaged_part_is_named(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    parts[2].write_bytes(parts[2].read_bytes()[:-500])
    error = refusal(parts[0])
    assert error.code == "damaged"
    assert str(error.reason).startswith("Part 3 of 3: Damaged: the file ends at byte")


def test_later_part_leads_to_the_first(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    assert "choose the first, big-00001-of-00003.gguf" in str(refusal(parts[1]).reason)


def test_renamed_part_says_how_it_must_be_called(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    renamed = parts[0].rename(tmp_path / "model.gguf")
    assert "-00001-of-00003.gguf" in str(refusal(renamed).reason)


def test_part_in_the_wrong_place(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    parts[2].write_bytes(parts[1].read_bytes())
    assert "big-00003-of-00003.gguf is not part 3" in str(refusal(parts[0]).reason)


def test_parts_of_two_models(tmp_path: Path) -> None:
    parts = write_tiny_parts(tmp_path / "big.gguf")
    others = write_tiny_parts(tmp_path / "other.gguf", n_layer=1)
    parts[1].write_bytes(others[1].read_bytes())
    assert refusal(parts[0]).code == "damaged"
