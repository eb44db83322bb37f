"""Whether a model fits this computer's memory, and how long a context it can be given.

An estimate from the header alone: the weights, the kv cache in half precision, the working memory
of one piece of prompt, and the vocabulary. Whether a model fits is judged with flash attention,
which takes less: the engine runs without it only where memory allows.
"""

from typing import Literal

from msgspec import Struct

from chatapp.library.gguf_header import GgufHeader
from chatapp.library.model_folder import ModelFolder

Level = Literal["easy", "tight", "no"]

DEFAULT_N_CTX = 8192
MIN_N_CTX = 512
N_BATCH = 512
_STEP = 256  # llama.cpp rounds a context up to such steps
_EASY_SHARE = 0.75  # of the memory that is available
_LOADED_SHARE = 1.3  # of its file: what a model of 8B in 4 bits takes with a context of 8,192
_CACHE_BYTES = 2  # f16
_NUMBER_BYTES = 4  # f32
_SCORE_BYTES = 6  # an attention score in f32, and its f16 copy that meets the values
_MASK_BYTES = 4  # f32
_FLASH_MASK_BYTES = 6  # flash attention reads a copy of the mask in f16
_TOKEN_BYTES = 400  # a token and a merge in llama.cpp's tables, measured with 49,152 of each
# What a weight and a number of the cache take in our own networks, with all that goes with them.
_NATIVE_BYTES = {"f32": (4.0, 4), "bf16": (2.0, 2), "int8": (1.0, 2), "int4": (0.6, 2)}
_ACTIVATIONS = 16  # rows of n_embd numbers alive at once for every token of a piece, measured


class Fit(Struct, frozen=True):
    """How a model fits: easily, tightly or not at all; both figures in bytes."""

    level: Level
    needs_bytes: int
    has_bytes: int


def memory_available() -> int:
    """Bytes that programs can have now without others being pushed out."""
    import psutil  # costs 15 ms, and not every start of the program asks

    return int(psutil.virtual_memory().available)


def estimate_memory(
    header: GgufHeader, n_ctx: int, n_batch: int = N_BATCH, *, flash_attention: bool = True
) -> int:
    """Bytes the loaded model takes with a context of `n_ctx` tokens.

    Args:
        header: The model.
        n_ctx: Length of the context in tokens.
        n_batch: Tokens of the prompt that are read at once.
        flash_attention: Whether it runs with it, so that no scores are kept.
    """
    n_ctx = -(-n_ctx // _STEP) * _STEP
    per_head = header.key_length + header.value_length
    cache = n_ctx * sum(header.n_kv_head) * per_head * _CACHE_BYTES
    scores = max(header.n_head) * _SCORE_BYTES + _MASK_BYTES
    per_cell = _FLASH_MASK_BYTES if flash_attention else scores
    activations = header.n_embd * _ACTIVATIONS * _NUMBER_BYTES
    work = n_batch * (n_ctx * per_cell + activations)
    return header.weight_bytes + header.n_vocab * _TOKEN_BYTES + cache + work


def default_n_ctx(header: GgufHeader, available_bytes: int) -> int:
    """The context to use when nobody chose one.

    The smallest of what the model was trained for, 8,192 and what memory allows, but never so
    short that a chat makes no sense; whether that still fits is for the caller to check.
    """
    longest = min(header.n_ctx_train, DEFAULT_N_CTX)
    for n_ctx in range(longest, MIN_N_CTX, -_STEP):
        if estimate_memory(header, n_ctx) <= available_bytes:
            return n_ctx
    return min(longest, MIN_N_CTX)


def largest_file(available_bytes: int) -> int:
    """About how large a model file may be, in bytes, to fit easily with all it needs to run."""
    return round(available_bytes * _EASY_SHARE / _LOADED_SHARE)


def opening_bytes(n_params: int, weights: str) -> int:
    """Bytes our own networks take while a file is opened: int8 and int4 are rounded from f32."""
    return n_params * (2 if weights == "bf16" else 4)


def estimate_native_memory(n_params: int, cache_numbers: int, weights: str) -> int:
    """Bytes a model takes in our own networks, while it is opened or while it runs.

    Args:
        n_params: Its parameters.
        cache_numbers: What its cache holds for the whole context.
        weights: f32, bf16, int8 or int4.
    """
    weight_bytes, number_bytes = _NATIVE_BYTES[weights]
    running = round(n_params * weight_bytes) + cache_numbers * number_bytes
    return max(opening_bytes(n_params, weights), running)


def judge(header: GgufHeader, available_bytes: int, native_weights: str = "") -> Fit:
    """How the model fits with the context it would be given.

    Args:
        header: The model.
        available_bytes: Memory that can be had.
        native_weights: f32, bf16, int8 or int4 in our own networks; "" with llama.cpp.
    """
    longest = min(header.n_ctx_train, DEFAULT_N_CTX)
    if native_weights:
        per_token = sum(header.n_kv_head) * (header.key_length + header.value_length)
        needs = estimate_native_memory(header.n_params, longest * per_token, native_weights)
        return _fit(needs, available_bytes)
    n_ctx = default_n_ctx(header, available_bytes)
    return _fit(estimate_memory(header, n_ctx), available_bytes, is_cut=n_ctx < longest)


def judge_folder(folder: ModelFolder, available_bytes: int, native_weights: str) -> Fit:
    """As `judge`, for what only our own networks open."""
    n_ctx = min(folder.n_ctx_train, DEFAULT_N_CTX)
    cache = n_ctx * folder.cache_numbers
    needs = estimate_native_memory(folder.n_params, cache, native_weights)
    return _fit(needs, available_bytes)


def _fit(needs: int, available_bytes: int, *, is_cut: bool = False) -> Fit:
    level: Level = "easy"
    if needs > available_bytes:
        level = "no"
    elif is_cut or needs > available_bytes * _EASY_SHARE:
        level = "tight"
    return Fit(level, needs, available_bytes)
