"""Loads a model, reads a prompt that fills its context, and prints the bytes this has taken.

Arguments: the path of the model, the length of the context, "flash" for flash attention.
"""

import ctypes
import sys

import llama_cpp as llama
import psutil

N_BATCH = 512
silent = llama.llama_log_callback(lambda *_: None)


def main(path: str, n_ctx: int, kind: str = "") -> None:
    llama.llama_log_set(silent, ctypes.c_void_p(0))
    llama.llama_backend_init()
    before = psutil.Process().memory_info().rss
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    params = llama.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch = n_ctx, N_BATCH, N_BATCH
    params.n_threads = params.n_threads_batch = 1  # two would wait for each other on a busy machine
    params.flash_attn_type = 1 if kind == "flash" else 0  # enum llama_flash_attn_type
    context = llama.llama_init_from_model(model, params)
    ids = (ctypes.c_int32 * N_BATCH)(*range(100, 100 + N_BATCH))
    for _ in range(n_ctx // N_BATCH):
        assert llama.llama_decode(context, llama.llama_batch_get_one(ids, N_BATCH)) == 0
    print(psutil.Process().memory_info().rss - before)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
