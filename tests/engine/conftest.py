"""One loaded starter model for the tests of a module, and a bare llama.cpp to compare it with."""

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np
import pytest
from numpy.typing import NDArray

from chatapp.engine.backends import llama_log
from chatapp.engine.backends.llama import LlamaBackend, load_llama
from chatapp.protocol import Load

Loader = Callable[..., LlamaBackend]


@pytest.fixture(scope="session")
def engine_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that keeps the probe's answer from one module to the next."""
    return tmp_path_factory.mktemp("engine-home")


@pytest.fixture(scope="module")
def load(starter_model: Path, engine_home: Path) -> Iterator[Loader]:
    """Loads the starter model, with the fields of `Load` that are given."""
    opened: list[LlamaBackend] = []

    def load_with(**fields: object) -> LlamaBackend:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CHATAPP_HOME", str(engine_home))
            request = Load(**{"id": "load", "path": str(starter_model), **fields})
            backend = load_llama(request, lambda part: None)
        assert isinstance(backend, LlamaBackend)
        opened.append(backend)
        return backend

    yield load_with
    for backend in opened:
        backend.close()


@pytest.fixture(scope="module")
def backend(load: Loader) -> LlamaBackend:
    """The starter model with a context of 2,048 tokens."""
    return load(n_ctx=2048)


class BareLlama:
    """llama.cpp as it comes: no reuse, no chain, one context."""

    def __init__(self, path: Path, *, flash_attention: bool) -> None:
        llama_log.install()
        self._model = llama.llama_model_load_from_file(
            str(path).encode(), llama.llama_model_default_params()
        )
        params = llama.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = 2048, 512, 512
        params.n_threads = params.n_threads_batch = 2
        params.flash_attn_type = int(flash_attention)
        self._context = llama.llama_init_from_model(self._model, params)
        self._n_vocab = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self._model))

    def logits(self, ids: list[int]) -> NDArray[np.float32]:
        """Append `ids`; the logits after the last one."""
        array = (ctypes.c_int32 * len(ids))(*ids)
        assert llama.llama_decode(self._context, llama.llama_batch_get_one(array, len(ids))) == 0
        pointer = llama.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, (self._n_vocab,)).copy()

    def clear(self) -> None:
        llama.llama_memory_clear(llama.llama_get_memory(self._context), True)

    def close(self) -> None:
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)


@pytest.fixture(scope="module")
def bare(starter_model: Path, backend: LlamaBackend) -> Iterator[BareLlama]:
    """A bare llama.cpp of the same model, computing as `backend` does."""
    one = BareLlama(starter_model, flash_attention=backend.info.flash_attention)
    yield one
    one.close()
