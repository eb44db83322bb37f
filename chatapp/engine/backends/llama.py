"""The llama backend: GGUF models on llama.cpp's low-level functions.

One model, one context, one sequence at a time. Knows nothing about conversations or events.
"""

import ctypes
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from chatapp.chat import GenerationParams
from chatapp.engine.backends.base import Backend, Cancelled, checked, pieces
from chatapp.engine.backends.llama_cache import KvCache
from chatapp.engine.backends.llama_model import N_BATCH, N_OUTPUTS, OpenModel, open_model
from chatapp.engine.backends.llama_sampling import Sampler
from chatapp.errors import EngineError, say
from chatapp.library import fit
from chatapp.protocol import Load, TokenLogprob
from chatapp.text.reasoning import MARKERS

_MAX_STATE_BYTES = 2**30
_MARKERS = frozenset(marker.encode() for marker in MARKERS)


def load_llama(request: Load, on_progress: Callable[[float], None]) -> Backend:
    """Open the model file that `request` names.

    Args:
        request: The file and what the user chose.
        on_progress: Called with the part (0 to 1) that is loaded; what it raises stops the load.

    Raises:
        ModelFileError: If the file cannot be used.
        EngineError: If there is not enough memory for it.
    """
    return LlamaBackend(open_model(request, on_progress))


class StopFlag:
    """A flag that any thread sets and that llama.cpp looks at after every step of its graph.

    llama.cpp wants a function of one pointer. libc's strlen is one: of the text in the flag's
    memory, which has no character or one, it gives 0 or 1. It is called some 500 times a token and,
    unlike a Python function, needs no interpreter for that.
    """

    def __init__(self) -> None:
        self._text = (ctypes.c_char * 2)()
        libc = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        self._strlen = ctypes.cast(libc.strlen, llama.ggml_abort_callback)

    def watch(self, context: Any) -> None:
        """Let this flag stop what `context` evaluates; it must outlive it."""
        llama.llama_set_abort_callback(
            context, self._strlen, ctypes.cast(self._text, ctypes.c_void_p)
        )

    def set(self, value: bool) -> None:
        """Stop, or go on."""
        self._text[0] = b"\x01" if value else b"\x00"

    def __bool__(self) -> bool:
        return self._text[0] != b"\x00"


class LlamaBackend:
    """One model of llama.cpp; see `Backend` for what its methods promise."""

    def __init__(self, opened: OpenModel) -> None:
        self._model, self._context = opened.model, opened.context
        self._vocab = llama.llama_model_get_vocab(self._model)
        # Asked for at every token: a look-up costs a twentieth of a call into the library.
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}
        self._buffer = ctypes.create_string_buffer(64)
        self.info = opened.info
        self.chat_template = opened.header.chat_template
        self.bos = self._special_text(llama.llama_vocab_bos(self._vocab))
        self.eos = self._special_text(llama.llama_vocab_eos(self._vocab))
        self.adds_bos = bool(llama.llama_vocab_get_add_bos(self._vocab))
        self._stop = StopFlag()
        self._stop.watch(self._context)
        state_bytes = min(fit.memory_available() // 8, _MAX_STATE_BYTES)
        self._cache = KvCache(self._context, self._model, state_bytes)
        self._sampler = Sampler(self._vocab, self.info.n_ctx)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Ids of `text`."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 16  # a token has at least one byte; some vocabularies add a space
        ids = (ctypes.c_int32 * size)()
        n = llama.llama_tokenize(self._vocab, data, len(data), ids, size, False, special)
        if n < 0:
            raise EngineError("bad_request", say("This text cannot be cut into tokens."))
        return ids[:n]

    def piece(self, id: int) -> bytes:
        """Bytes of one token, the tags of reasoning included."""
        piece = self._pieces.get(id)
        if piece is None:
            piece = self._token_text(id, special=False)
            if not piece and (text := self._token_text(id, special=True)) in _MARKERS:
                piece = text
            self._pieces[id] = piece
        return piece

    def is_end(self, id: int) -> bool:
        """Whether this token ends a reply."""
        is_end = self._ends.get(id)
        if is_end is None:
            is_end = self._ends[id] = bool(llama.llama_vocab_is_eog(self._vocab, id))
        return is_end

    def read(self, ids: Sequence[int], on_progress: Callable[[int, int], None]) -> int:
        """Bring the kv cache to hold exactly `ids`."""
        wanted = np.asarray(checked(ids, self.info), np.int32)
        reused = start = self._cache.reuse(wanted)
        while start < len(wanted):
            on_progress(start, len(wanted))
            if self._stop:
                raise Cancelled
            self._cache.extend(wanted[start : start + N_BATCH])
            start = min(start + N_BATCH, len(wanted))
        on_progress(start, start)
        return reused

    def start_sampling(self, params: GenerationParams, ids: Sequence[int]) -> int:
        """Prepare to draw tokens after the prompt `ids`."""
        return self._sampler.start(params, ids)

    def sample(self) -> int:
        """Draw the next id."""
        return self._sampler.sample(self._context)

    def step(self, id: int) -> None:
        """Append one id to the kv cache."""
        self._cache.append(id)

    def logprob(self, id: int, n: int) -> TokenLogprob:
        """Log-probabilities of `id` and of the `n` likeliest ids."""
        logprobs = self._logprobs()
        n = min(n, len(logprobs))
        likeliest = np.argpartition(logprobs, -n)[-n:] if n else np.empty(0, np.int64)
        likeliest = likeliest[np.argsort(logprobs[likeliest])[::-1]]
        return TokenLogprob(
            id=id,
            text=self._special_text(id),
            logprob=float(logprobs[id]),
            alternatives=tuple(
                (other, self._special_text(other), float(logprobs[other]))
                for other in likeliest.tolist()
            ),
        )

    def logits(self, ids: Sequence[int], first: int) -> Generator[NDArray[np.float32], None, None]:
        """Tell what the model expects after each of `ids`."""
        wanted = np.asarray(checked(ids, self.info), np.int32)
        self._cache.start_over()
        try:
            for start, end in pieces(len(wanted), first, N_BATCH, N_OUTPUTS):
                if self._stop:
                    raise Cancelled
                self._cache.extend(wanted[start:end], all_logits=start >= first)
                n = end - start if start >= first else 0
                pointer = llama.llama_get_logits(self._context)
                yield np.ctypeslib.as_array(pointer, (n, self.info.n_vocab))
        finally:
            self._cache.clear()

    def cancel(self) -> None:
        """Stop `read` or `step`; from any thread."""
        self._stop.set(True)

    def clear_cancel(self) -> None:
        """Forget a stop that was asked for."""
        self._stop.set(False)

    def close(self) -> None:
        """Free the model."""
        self._sampler.close()
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def _logprobs(self) -> NDArray[np.float64]:
        pointer = llama.llama_get_logits_ith(self._context, -1)
        logits = np.ctypeslib.as_array(pointer, (self.info.n_vocab,)).astype(np.float64)
        logits -= logits.max()
        logprobs: NDArray[np.float64] = logits - np.log(np.exp(logits).sum())
        return logprobs

    def _special_text(self, id: int) -> str:
        return self._token_text(id, special=True).decode("utf-8", "replace") if id >= 0 else ""

    def _token_text(self, id: int, *, special: bool) -> bytes:
        n = self._read_token(id, special)
        if n < 0:  # the bytes that are needed
            self._buffer = ctypes.create_string_buffer(-n)
            n = self._read_token(id, special)
        return self._buffer.raw[:n]

    def _read_token(self, id: int, special: bool) -> int:
        size = len(self._buffer)
        n: int = llama.llama_token_to_piece(self._vocab, id, self._buffer, size, 0, special)
        return n
