"""The native backend: our own networks in torch, with the weights of any model they can open.

One model, one state, one sequence at a time. Knows nothing about conversations or events.
"""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from chatapp.chat import GenerationParams
from chatapp.engine.backends.base import Backend, BackendInfo, Cancelled, Encoder, checked, pieces
from chatapp.engine.backends.native_cache import StateCache
from chatapp.engine.backends.native_encoder import NativeEncoder, encoder_of
from chatapp.engine.backends.native_sampling import Sampler
from chatapp.engine.backends.processor import physical_cores, usable_threads
from chatapp.errors import EngineError, ModelFileError, say
from chatapp.library import fit
from chatapp.library.gguf_header import read_header
from chatapp.nn.gpt import GPT
from chatapp.nn.llama import Llama
from chatapp.nn.onednn import use_onednn
from chatapp.nn.quantized import quantize, weight_bytes
from chatapp.nn.rnn import RNNLM
from chatapp.protocol import Load, TokenLogprob
from chatapp.text.reasoning import MARKERS
from chatapp.weights.opened import OpenedModel
from chatapp.weights.opening import open_model

N_PIECE = 512  # tokens of a prompt that are read at once
_N_PIECE_WITH_LOGITS = 128  # a vocabulary of floats each
_MAX_STATE_BYTES = 2**30
_MIN_N_CTX = 512
_OPENED = 0.7  # of a load; the rest is rounding weights

Weights = Literal["f32", "bf16", "int8", "int4"]


def load_native(request: Load, on_progress: Callable[[float], None]) -> Backend | Encoder:
    """Open the model that `request` names; one of BERT's kind can be asked for vectors only.

    Args:
        request: The file or folder and what the user chose.
        on_progress: Called with the part (0 to 1) that is loaded; what it raises stops the load.

    Raises:
        ModelFileError: If it cannot be used.
        EngineError: If there is not enough memory for it.
    """
    on_progress(0.0)
    path = Path(request.path)
    weights = request.weights or default_weights()
    _check_memory(path, weights)
    opened = open_model(path, torch.bfloat16 if weights == "bf16" else torch.float32)
    if (encoder := encoder_of(opened.model)) is not None:
        on_progress(1.0)
        return NativeEncoder(encoder, opened, request)
    if not isinstance(opened.model, GPT | Llama | RNNLM):
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) does not write text word by word, so it "
                "cannot be chatted with. Choose another model.",
                file=path.name,
                architecture=opened.architecture,
            ),
        )
    on_progress(_OPENED)
    with torch.inference_mode():
        backend = NativeBackend(opened, request, weights)
    on_progress(1.0)
    return backend


def default_weights() -> Weights:
    """What weights are loaded as unless the user says: bf16 where the processor computes in it."""
    has_bf16 = torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported()
    return "bf16" if has_bf16 else "f32"


class NativeBackend:
    """One network of ours; see `Backend` for what its methods promise.

    Args:
        opened: The model; its network is rounded and moved in place.
        request: What the user chose.
        weights: What the weights become. Recurrent networks, small as they are, are not rounded.
    """

    def __init__(self, opened: OpenedModel, request: Load, weights: Weights) -> None:
        model: nn.Module = opened.model.requires_grad_(False)
        is_recurrent = isinstance(model, RNNLM)
        if is_recurrent and weights in ("int8", "int4"):
            weights = "f32"
        elif weights in ("int8", "int4"):
            model = quantize(model, int(weights[3:]))
        if weights == "f32":
            use_onednn(model)
        # The kernels for rounded weights are the processor's.
        is_on_gpu = (
            torch.cuda.is_available() and request.n_gpu_layers != 0 and weights in ("f32", "bf16")
        )
        model.to("cuda" if is_on_gpu else "cpu")
        self._n_threads = request.n_threads or physical_cores()
        self._n_threads_batch = request.n_threads_batch or usable_threads()
        torch.set_num_threads(self._n_threads)
        n_ctx = request.n_ctx or _room(model)
        if not is_recurrent:
            n_ctx = min(n_ctx, opened.config.block_size)
        state_bytes = min(fit.memory_available() // 8, _MAX_STATE_BYTES)
        self._cache = StateCache(model, n_ctx, state_bytes, can_truncate=not is_recurrent)
        self._tokenizer = opened.tokenizer
        self._pieces: dict[int, bytes] = {}
        self.chat_template = opened.chat_template
        self.bos, self.eos = opened.tokenizer.bos, opened.tokenizer.eos
        self.adds_bos = opened.tokenizer.adds_bos
        n_layer: int = opened.config.n_layer
        self.info = BackendInfo(
            name=opened.card.get("name") or Path(request.path).stem,
            architecture=opened.architecture,
            backend="native",
            build=f"torch {torch.__version__}",
            device=torch.cuda.get_device_name() if is_on_gpu else "CPU",
            n_ctx=n_ctx,
            n_ctx_train=opened.config.block_size,
            n_vocab=opened.config.n_vocab,
            n_threads=self._n_threads,
            n_gpu_layers=n_layer + 1 if is_on_gpu else 0,
            flash_attention=not is_recurrent,
            memory_bytes=weight_bytes(model) + self._cache.n_bytes,
            weights=weights,
            features=torch.backends.cpu.get_cpu_capability(),
        )
        self._sampler = Sampler(self.info.n_vocab, n_ctx, self._tokenizer.text)
        self._logits = torch.empty(0)
        self._is_stopping = False
        for layers in (child for child in model.modules() if isinstance(child, nn.ModuleList)):
            for layer in layers:
                layer.register_forward_pre_hook(self._check_stop)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Ids of `text`."""
        return self._tokenizer.encode(text, special=special)

    def piece(self, id: int) -> bytes:
        """Bytes of one token, the tags of reasoning included."""
        piece = self._pieces.get(id)
        if piece is None:
            piece = self._tokenizer.piece(id)
            if not piece and (text := self._tokenizer.text(id)) in MARKERS:
                piece = text.encode()
            self._pieces[id] = piece
        return piece

    def is_end(self, id: int) -> bool:
        """Whether this token ends a reply."""
        return self._tokenizer.is_end(id)

    @torch.inference_mode()
    def read(self, ids: Sequence[int], on_progress: Callable[[int, int], None]) -> int:
        """Bring the state to hold exactly `ids`."""
        wanted = np.asarray(checked(ids, self.info), np.int32)
        reused = start = self._cache.reuse(wanted)
        torch.set_num_threads(self._n_threads_batch)
        try:
            while start < len(wanted):
                on_progress(start, len(wanted))
                self._check_stop()
                self._logits = self._cache.extend(wanted[start : start + N_PIECE])
                start = min(start + N_PIECE, len(wanted))
        finally:
            torch.set_num_threads(self._n_threads)
        on_progress(start, start)
        return reused

    def start_sampling(self, params: GenerationParams, ids: Sequence[int]) -> int:
        """Prepare to draw tokens after the prompt `ids`."""
        return self._sampler.start(params, ids)

    def sample(self) -> int:
        """Draw the next id."""
        return self._sampler.sample(self._logits)

    @torch.inference_mode()
    def step(self, id: int) -> None:
        """Append one id to the state."""
        self._logits = self._cache.extend(np.array([id], np.int32))

    def logprob(self, id: int, n: int) -> TokenLogprob:
        """Log-probabilities of `id` and of the `n` likeliest ids."""
        logprobs = self._logits.double().log_softmax(-1)
        values, likeliest = logprobs.topk(min(n, len(logprobs)))
        text = self._tokenizer.text
        return TokenLogprob(
            id=id,
            text=text(id),
            logprob=float(logprobs[id]),
            alternatives=tuple(
                (other, text(other), value)
                for other, value in zip(likeliest.tolist(), values.tolist(), strict=True)
            ),
        )

    @torch.inference_mode()
    def logits(self, ids: Sequence[int], first: int) -> Generator[NDArray[np.float32], None, None]:
        """Tell what the model expects after each of `ids`."""
        wanted = np.asarray(checked(ids, self.info), np.int32)
        self._cache.start_over()
        torch.set_num_threads(self._n_threads_batch)
        try:
            for start, end in pieces(len(wanted), first, N_PIECE, _N_PIECE_WITH_LOGITS):
                self._check_stop()
                logits = self._cache.extend(wanted[start:end], last_only=start < first)
                n = end - start if start >= first else 0
                yield logits.float().cpu().numpy().reshape(-1, self.info.n_vocab)[:n]
        finally:
            torch.set_num_threads(self._n_threads)
            self._cache.clear()

    def cancel(self) -> None:
        """Stop `read` or `step`; from any thread."""
        self._is_stopping = True

    def clear_cancel(self) -> None:
        """Forget a stop that was asked for."""
        self._is_stopping = False

    def close(self) -> None:
        """Free the model."""
        del self._cache, self._logits
        if self.info.n_gpu_layers:
            torch.cuda.empty_cache()

    def _check_stop(self, *_: Any) -> None:
        """Look at the flag: between pieces, and before each layer."""
        if self._is_stopping:
            raise Cancelled


def _check_memory(path: Path, weights: Weights) -> None:
    """Refuse what would not fit while it is opened; weights are rounded once all are there."""
    if path.is_dir():
        needs = sum(file.stat().st_size for file in path.glob("*.safetensors"))
    else:
        needs = fit.opening_bytes(read_header(path).n_params, weights)
    has = fit.memory_available()
    if needs > has:
        raise EngineError(
            "not_enough_memory",
            say(
                "{model} needs {needs:.1f} GB of memory and {has:.1f} GB are free. Close other "
                "programs, use a shorter context, or choose a smaller model.",
                model=path.name,
                needs=needs / 1e9,
                has=has / 1e9,
            ),
            needs=needs,
            limit=has,
        )


def _room(model: nn.Module) -> int:
    """How long a context memory allows, at most the usual one."""
    state: Any = model.new_state(1, 1)  # type: ignore[operator]
    spare = fit.memory_available() // 2
    return max(_MIN_N_CTX, min(fit.DEFAULT_N_CTX, spare // max(1, int(state.n_bytes))))
