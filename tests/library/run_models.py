"""Loads the model files named on stdin with llama.cpp, one after the other, and writes with each.

For each it prints "start <path>" and then how it went; where it dies, the last line says with what.
"""

import ctypes
import sys

import llama_cpp as llama

TEXT = b"the sea is \xf0\x9f\x98\x80 <s> \n caf\xc3\xa9"
silent = llama.llama_log_callback(lambda *_: None)


def main() -> None:
    llama.llama_log_set(silent, ctypes.c_void_p(0))
    llama.llama_backend_init()
    for line in sys.stdin:
        path = line.rstrip("\n")
        print("start", path, flush=True)
        print(run(path), flush=True)


def run(path: str) -> str:
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    if not model:
        return "not loaded"
    params = llama.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 64
    params.n_threads = params.n_threads_batch = 1
    context = llama.llama_init_from_model(model, params)
    if not context:
        llama.llama_model_free(model)
        return "no context"
    result = decode(model, context)
    llama.llama_free(context)
    llama.llama_model_free(model)
    return result


def decode(model: object, context: object) -> str:
    vocab = llama.llama_model_get_vocab(model)
    ids = (ctypes.c_int32 * 64)()
    n_ids = llama.llama_tokenize(vocab, TEXT, len(TEXT), ids, 64, True, True)
    if n_ids <= 0:
        return "no ids"
    result = llama.llama_decode(context, llama.llama_batch_get_one(ids, n_ids))
    piece = ctypes.create_string_buffer(256)
    for id in range(min(300, llama.llama_vocab_n_tokens(vocab))):
        llama.llama_token_to_piece(vocab, id, piece, 256, 0, True)
    return f"decoded {result}"


if __name__ == "__main__":
    main()
