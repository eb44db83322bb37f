import os
from pathlib import Path
from typing import TYPE_CHECKING

import llama_cpp.llama_cpp as llama
import psutil
import pytest

from chatapp.engine.backends import gpu, llama_log, llama_model
from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.gpu import Device
from chatapp.engine.backends.llama import LlamaBackend, load_llama
from chatapp.errors import EngineError, ModelFileError
from chatapp.library import fit
from chatapp.protocol import Load

if TYPE_CHECKING:
    from conftest import Loader


def ignore(part: float) -> None:
    pass


def test_what_was_loaded_is_described(backend: LlamaBackend) -> None:
    info = backend.info
    assert (info.architecture, info.backend, info.device) == ("llama", "llama", "CPU")
    assert (info.n_ctx, info.n_ctx_train, info.n_vocab) == (2_048, 8_192, 49_152)
    assert "SmolLM2" in info.name
    assert info.build.startswith("llama-cpp-python 0.3.")
    assert info.n_gpu_layers == 0
    assert (backend.bos, backend.eos, backend.adds_bos) == ("<|im_start|>", "<|im_end|>", False)
    assert "im_start" in backend.chat_template


def test_physical_cores_decode_and_all_read_the_prompt(backend: LlamaBackend) -> None:
    physical = psutil.cpu_count(logical=False) or 1
    usable = len(os.sched_getaffinity(0))
    assert llama.llama_n_threads(backend._context) == min(physical, usable)
    assert llama.llama_n_threads_batch(backend._context) == usable
    assert backend.info.n_threads == min(physical, usable)


def test_what_the_user_chose_holds_within_reason(load: "Loader") -> None:
    backend = load(n_ctx=256, n_threads=1, n_threads_batch=10_000, n_gpu_layers=7)
    assert backend.info.n_ctx == 256
    assert llama.llama_n_threads(backend._context) == 1
    assert llama.llama_n_threads_batch(backend._context) == 512
    assert (backend.info.n_gpu_layers, backend.info.device) == (0, "CPU")


def test_a_context_longer_than_trained_for_is_cut(load: "Loader") -> None:
    assert load(n_ctx=100_000).info.n_ctx == 8_192


def test_progress_rises_to_one(starter_model: Path) -> None:
    parts: list[float] = []
    load_llama(Load(id="1", path=str(starter_model), n_ctx=256), parts.append).close()
    assert parts == sorted(parts)
    assert len(parts) > 10
    assert parts[-1] == 1.0


def test_a_load_can_be_stopped(starter_model: Path) -> None:
    seen: list[float] = []

    def stop(part: float) -> None:
        seen.append(part)
        if part > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        load_llama(Load(id="1", path=str(starter_model), n_ctx=256), stop)
    assert 0.3 < seen[-1] < 0.9


def test_too_little_memory_is_said_with_both_figures(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "memory_available", lambda: 50_000_000)
    with pytest.raises(EngineError, match=r"needs 0\.\d GB .* 0\.1 GB are free") as caught:
        load_llama(Load(id="1", path=str(starter_model)), ignore)
    assert caught.value.code == "not_enough_memory"
    assert caught.value.needs > caught.value.limit == 50_000_000


def test_little_memory_shortens_the_context(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "memory_available", lambda: 300_000_000)
    backend = load_llama(Load(id="1", path=str(starter_model)), ignore)
    assert 512 <= backend.info.n_ctx < 8_192
    backend.close()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        # As llama-model.cpp, ggml-backend.cpp and llama-kv-cache.cpp write them.
        (b"llama_model_load: error loading model: unable to allocate CPU buffer\n", "memory"),
        (b"ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer\n", "memory"),
        (b"llama_model_load: error loading model: std::bad_alloc\n", "memory"),
        (b"load: error: unknown model architecture: 'futurenet'\n", "unsupported_architecture"),
        (b"llama_model_load: error loading model: missing tensor 'blk.0'\n", "damaged"),
    ],
)
def test_the_cause_of_a_failed_load_is_told_by_what_llama_says(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, code: str
) -> None:
    def fail(path: bytes, params: object) -> None:
        llama_log._on_log(4, line, None)

    monkeypatch.setattr(llama, "llama_model_load_from_file", fail)
    with pytest.raises((EngineError, ModelFileError)) as caught:
        load_llama(Load(id="1", path=str(starter_model)), ignore)
    assert caught.value.code == ("not_enough_memory" if code == "memory" else code)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"llama_init_from_model: failed to allocate buffer for kv cache\n", "not_enough_memory"),
        (b"llama_init_from_model: failed to initialize the context\n", "internal"),
    ],
)
def test_a_context_that_cannot_be_made_frees_the_model(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, code: str
) -> None:
    freed: list[object] = []
    free = llama.llama_model_free

    def fail(model: object, params: object) -> None:
        llama_log._on_log(4, line, None)

    def count(model: object) -> None:
        freed.append(model)
        free(model)

    monkeypatch.setattr(llama, "llama_init_from_model", fail)
    monkeypatch.setattr(llama, "llama_model_free", count)
    with pytest.raises(EngineError) as caught:
        load_llama(Load(id="1", path=str(starter_model)), ignore)
    assert caught.value.code == code
    assert len(freed) == 1


def test_the_device_takes_the_layers_that_fit(
    starter_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "find_devices", lambda: [Device("Test GPU", 8 * 10**9)])
    header = llama_model.read_header(starter_model)
    plan = llama_model._plan(Load(id="1", path=str(starter_model)), header)
    assert (plan.n_gpu_layers, plan.device) == (31, "Test GPU")
    all_of_it = llama_model._plan(Load(id="1", path=str(starter_model), n_gpu_layers=999), header)
    assert all_of_it.n_gpu_layers == 31
    none = llama_model._plan(Load(id="1", path=str(starter_model), n_gpu_layers=0), header)
    assert (none.n_gpu_layers, none.device) == (0, "CPU")


def test_files_that_are_no_models_are_refused_by_name(tmp_path: Path) -> None:
    text = tmp_path / "notes.gguf"
    text.write_text("no model at all")
    for path, code in ((text, "not_a_model"), (tmp_path / "gone.gguf", "file_missing")):
        with pytest.raises(ModelFileError, match=path.name) as caught:
            load_llama(Load(id="1", path=str(path)), ignore)
        assert caught.value.code == code


def test_loading_again_and_again_leaks_neither_memory_nor_files(starter_model: Path) -> None:
    process = psutil.Process()

    def once() -> None:
        load_llama(Load(id="1", path=str(starter_model), n_ctx=256), ignore).close()

    once()
    once()
    memory, files = process.memory_info().rss, process.num_fds()
    for _ in range(6):
        once()
    assert process.num_fds() == files
    assert process.memory_info().rss < memory + 20_000_000
