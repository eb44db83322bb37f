"""Opens a model file with llama.cpp: what fits, on which device, and why it failed if it did.

Knows nothing about generating.
"""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import llama_cpp
import llama_cpp.llama_cpp as llama

from chatapp import paths
from chatapp.engine.backends import flash_attention, gpu, llama_log
from chatapp.engine.backends.base import BackendInfo
from chatapp.engine.backends.llama_back_ends import load_back_ends
from chatapp.engine.backends.processor import physical_cores, usable_threads
from chatapp.errors import EngineError, ModelFileError, say
from chatapp.library import fit
from chatapp.library.gguf_header import GgufHeader, read_header
from chatapp.protocol import Load

N_BATCH = 512  # smaller pieces cost a third of the prompt's speed and do not stop sooner
N_OUTPUTS = 64  # rows of logits of one piece
_MAX_THREADS = 512  # llama.cpp ends the process beyond it
_NEWER = ("unknown model architecture", "unknown pre-tokenizer", "unknown tokenizer")
_NO_MEMORY = ("allocate", "out of memory", "bad_alloc")

logger = logging.getLogger(__name__)


class OpenModel(NamedTuple):
    """A model and its context, both of llama.cpp, and what is known of them."""

    header: GgufHeader
    model: Any
    context: Any
    info: BackendInfo


class _Plan(NamedTuple):
    """How a model is to run here."""

    n_ctx: int
    n_threads: int
    n_threads_batch: int
    n_gpu_layers: int
    device: str
    memory_bytes: int
    must_save_memory: bool  # it fits with flash attention only


def open_model(request: Load, on_progress: Callable[[float], None]) -> OpenModel:
    """Check the file, load it and make a context for it.

    Args:
        request: The file and what the user chose.
        on_progress: Called with the part (0 to 1) that is loaded; what it raises stops the load.

    Raises:
        ModelFileError: If the file cannot be used.
        EngineError: If there is not enough memory for it.
    """
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else an abort() starts a debugger
    llama_log.install()
    load_back_ends()
    llama.llama_backend_init()
    header = read_header(Path(request.path))
    plan = _plan(request, header)
    model = _load(header, plan, on_progress)
    try:
        _refuse_other_tasks(header, model)
        params = _context_params(header, model, plan)
        context = _open_context(header, model, params, plan)
    except BaseException:
        llama.llama_model_free(model)
        raise
    return OpenModel(header, model, context, _describe(header, plan, params, context))


def _plan(request: Load, header: GgufHeader) -> _Plan:
    devices = gpu.find_devices()
    device_bytes = sum(device.free_bytes for device in devices)
    available = fit.memory_available() + device_bytes
    n_ctx = request.n_ctx or fit.default_n_ctx(header, available)
    n_ctx = max(1, min(n_ctx, header.n_ctx_train))
    least = fit.estimate_memory(header, n_ctx, N_BATCH)
    most = fit.estimate_memory(header, n_ctx, N_BATCH, flash_attention=False)
    if least > available:
        raise _not_enough_memory(header, least, available)
    must_save_memory = most > available
    needs = least if must_save_memory else most
    n_gpu_layers = gpu.layers_that_fit(
        device_bytes, header.n_layer, header.weight_bytes, needs - header.weight_bytes
    )
    if request.n_gpu_layers is not None:
        n_gpu_layers = max(0, min(request.n_gpu_layers, header.n_layer + 1))
    names = ", ".join(device.name for device in devices)
    return _Plan(
        n_ctx=n_ctx,
        n_threads=_threads(request.n_threads or physical_cores()),
        n_threads_batch=_threads(request.n_threads_batch or usable_threads()),
        n_gpu_layers=n_gpu_layers if devices else 0,
        device=names if devices and n_gpu_layers else "CPU",
        memory_bytes=needs,
        must_save_memory=must_save_memory,
    )


def _threads(n: int) -> int:
    return max(1, min(n, _MAX_THREADS))


def _load(header: GgufHeader, plan: _Plan, on_progress: Callable[[float], None]) -> Any:
    stopped_by: list[BaseException] = []

    def report(part: float, _: Any) -> bool:
        try:
            on_progress(part)
        except BaseException as error:  # cannot pass through C; raised again below
            stopped_by.append(error)
        return not stopped_by

    params = llama.llama_model_default_params()
    params.n_gpu_layers = plan.n_gpu_layers
    params.progress_callback = llama.llama_progress_callback(report)
    llama_log.forget()
    model = llama.llama_model_load_from_file(os.fsencode(header.path), params)
    if stopped_by:
        if model:
            llama.llama_model_free(model)
        raise stopped_by[0]
    if not model:
        _explain(header, plan)
    return model


def _explain(header: GgufHeader, plan: _Plan) -> NoReturn:
    """Tell apart, by llama.cpp's own words, why a file that passed our checks was not opened."""
    if any(words in llama_log.last_lines() for words in _NEWER):
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) is newer than the engine. Update the program, "
                "or choose another model.",
                file=header.path.name,
                architecture=header.architecture,
            ),
        )
    if _lacked_memory():
        raise _not_enough_memory(header, plan.memory_bytes, fit.memory_available())
    raise ModelFileError(
        "damaged",
        say(
            "{file}: The file is damaged and cannot be opened; copy or download it again.",
            file=header.path.name,
        ),
    )


def _lacked_memory() -> bool:
    return any(words in llama_log.last_lines() for words in _NO_MEMORY)


def _not_enough_memory(header: GgufHeader, needs: int, has: int) -> EngineError:
    return EngineError(
        "not_enough_memory",
        say(
            "{model} needs {needs:.1f} GB of memory and {has:.1f} GB are free. Close other "
            "programs, use a shorter context, or choose a smaller model.",
            model=header.name,
            needs=needs / 1e9,
            has=has / 1e9,
        ),
        needs=needs,
        limit=has,
    )


def _refuse_other_tasks(header: GgufHeader, model: Any) -> None:
    writes = llama.llama_model_has_decoder(model) and not llama.llama_model_has_encoder(model)
    if not writes or llama.llama_model_is_diffusion(model):
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) does not write text word by word, so it "
                "cannot be chatted with. Choose another model.",
                file=header.path.name,
                architecture=header.architecture,
            ),
        )


def _context_params(header: GgufHeader, model: Any, plan: _Plan) -> Any:
    params = llama.llama_context_default_params()
    params.n_ctx = plan.n_ctx
    params.n_batch = params.n_ubatch = N_BATCH
    # A prompt's last token alone has logits. To plan for a whole batch of them reserves a
    # vocabulary of floats a token; to plan for one alone lays out memory so that prompts are read
    # 4 % slower.
    params.n_outputs_max = N_OUTPUTS
    params.n_threads = plan.n_threads
    params.n_threads_batch = plan.n_threads_batch
    params.flash_attn_type = flash_attention.ON
    if not plan.must_save_memory:
        params.flash_attn_type = flash_attention.choose(
            model, params, _shape(header, plan), paths.cache_dir() / "flash_attention.json"
        )
    return params


def _shape(header: GgufHeader, plan: _Plan) -> str:
    """All that decides which attention is faster."""
    parts = (
        _build(), plan.device, plan.n_gpu_layers, plan.n_threads, header.architecture,
        header.quantization, header.n_layer, header.n_embd, max(header.n_head, default=0),
        max(header.n_kv_head, default=0), header.key_length, header.value_length,
        min(plan.n_ctx, flash_attention.DEPTH),
    )  # fmt: skip
    return " ".join(str(part) for part in parts)


def _open_context(header: GgufHeader, model: Any, params: Any, plan: _Plan) -> Any:
    llama_log.forget()
    context = llama.llama_init_from_model(model, params)
    if not context and _lacked_memory():
        raise _not_enough_memory(header, plan.memory_bytes, fit.memory_available())
    if not context:
        raise EngineError(
            "internal",
            say(
                "{model} could not be prepared to write; the engine's log says why.",
                model=header.name,
            ),
        )
    if not llama.llama_get_memory(context):
        llama.llama_free(context)
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) does not write text, so it cannot be chatted "
                "with. Choose another model.",
                file=header.path.name,
                architecture=header.architecture,
            ),
        )
    return context


def _describe(header: GgufHeader, plan: _Plan, params: Any, context: Any) -> BackendInfo:
    n_ctx = llama.llama_n_ctx(context)
    has_flash_attention = params.flash_attn_type != flash_attention.OFF
    return BackendInfo(
        name=header.name,
        architecture=header.architecture,
        backend="llama",
        build=_build(),
        device=plan.device,
        n_ctx=n_ctx,
        n_ctx_train=header.n_ctx_train,
        n_vocab=llama.llama_vocab_n_tokens(
            llama.llama_model_get_vocab(llama.llama_get_model(context))
        ),
        n_threads=plan.n_threads,
        n_gpu_layers=plan.n_gpu_layers,
        flash_attention=has_flash_attention,
        memory_bytes=fit.estimate_memory(
            header, n_ctx, N_BATCH, flash_attention=has_flash_attention
        ),
        features=_features(),
    )


def _features() -> str:
    """What llama.cpp says it uses, out of "CPU : SSE3 = 1 | AVX = 1 | "."""
    text = llama.llama_print_system_info().decode()
    return " ".join(re.findall(r"(\w+) = 1", text))


def _build() -> str:
    return f"llama-cpp-python {llama_cpp.__version__}"
