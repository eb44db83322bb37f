import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from gguf_files import write_tiny_gguf
from msgspec import structs

from chatapp.library import fit
from chatapp.library.gguf_header import GgufHeader, read_header

GB = 10**9


@pytest.fixture(scope="module")
def llama_8b(tmp_path_factory: pytest.TempPathFactory) -> GgufHeader:
    """The shape of Llama 3.1 8B, its weights 4.92 GB."""
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    return structs.replace(
        read_header(write_tiny_gguf(path)),
        weight_bytes=4_920_000_000,
        n_ctx_train=131_072,
        n_layer=32,
        n_embd=4096,
        n_head=(32,) * 32,
        n_kv_head=(8,) * 32,
        key_length=128,
        value_length=128,
        n_vocab=128_256,
    )


def test_each_token_of_context_costs_its_keys_and_values(llama_8b: GgufHeader) -> None:
    n_batch = 0  # no prompt is being read
    longer = fit.estimate_memory(llama_8b, 8192, n_batch)
    shorter = fit.estimate_memory(llama_8b, 4096, n_batch)
    assert longer - shorter == 4096 * 32 * 8 * (128 + 128) * 2


def test_layers_without_attention_need_no_cache(llama_8b: GgufHeader) -> None:
    half = structs.replace(llama_8b, n_kv_head=(8, 0) * 16)
    saved = fit.estimate_memory(llama_8b, 8192) - fit.estimate_memory(half, 8192)
    assert saved == 8192 * 16 * 8 * (128 + 128) * 2


@pytest.mark.parametrize("kind", ["", "flash"])
def test_estimate_is_close_to_what_the_starter_model_takes(starter_model: Path, kind: str) -> None:
    script = Path(__file__).with_name("measure_memory.py")
    done = subprocess.run(
        [sys.executable, str(script), str(starter_model), "512", kind],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    header = read_header(starter_model)
    estimate = fit.estimate_memory(header, 512, flash_attention=kind == "flash")
    assert 1.0 <= estimate / int(done.stdout) <= 1.15


def test_flash_attention_keeps_no_scores(llama_8b: GgufHeader) -> None:
    without = fit.estimate_memory(llama_8b, 8192, flash_attention=False)
    saved = without - fit.estimate_memory(llama_8b, 8192)
    assert saved == 8192 * fit.N_BATCH * (32 * (4 + 2) + 4 - 6)


def test_context_is_as_long_as_memory_allows(llama_8b: GgufHeader) -> None:
    enough = fit.estimate_memory(llama_8b, 4096)
    assert fit.default_n_ctx(llama_8b, enough) == 4096
    assert fit.default_n_ctx(llama_8b, enough - 1) == 4096 - 256
    assert fit.default_n_ctx(llama_8b, 64 * GB) == fit.DEFAULT_N_CTX
    assert fit.default_n_ctx(llama_8b, 1 * GB) == fit.MIN_N_CTX


def test_context_is_never_longer_than_trained(llama_8b: GgufHeader) -> None:
    short = structs.replace(llama_8b, n_ctx_train=300)
    assert fit.default_n_ctx(short, 64 * GB) == 300
    assert fit.default_n_ctx(short, GB) == 300


@pytest.mark.parametrize(
    ("available", "level"),
    [(64 * GB, "easy"), (8 * GB, "tight"), (6 * GB, "tight"), (4 * GB, "no")],
)
def test_verdict(llama_8b: GgufHeader, available: int, level: str) -> None:
    verdict = fit.judge(llama_8b, available)
    assert verdict.level == level
    assert verdict.has_bytes == available
    assert (verdict.needs_bytes > available) == (level == "no")


def test_largest_file_is_of_a_model_that_fits_easily(llama_8b: GgufHeader) -> None:
    available = next(n for n in range(GB, 99 * GB, GB // 100) if fit.largest_file(n) > 4.92 * GB)
    assert fit.judge(llama_8b, available).level == "easy"
    assert fit.judge(llama_8b, available * 9 // 10).level == "tight"


def test_context_that_is_given_fits_whenever_the_model_does(llama_8b: GgufHeader) -> None:
    for available in range(5 * GB, 9 * GB, GB // 10):
        n_ctx = fit.default_n_ctx(llama_8b, available)
        needs = fit.estimate_memory(llama_8b, n_ctx)
        assert needs <= available or n_ctx == fit.MIN_N_CTX


def test_memory_available_is_that_of_this_computer() -> None:
    assert 0 < fit.memory_available() < psutil.virtual_memory().total
