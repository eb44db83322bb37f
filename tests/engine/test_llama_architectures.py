"""Whatever the memory of a model is like, reuse must give what reading everything gives."""

import random
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gguf_files
import numpy as np
import pytest
from gguf_files import TensorData, gguf_bytes, tiny_model

from chatapp.engine.backends import llama_cache
from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.llama import LlamaBackend, load_llama
from chatapp.engine.backends.llama_cache import SavedStates
from chatapp.errors import ModelFileError
from chatapp.protocol import Load

Model = tuple[dict[str, Any], list[TensorData]]
N_EMBD, N_LAYER, N_VOCAB = 32, 2, 330


def tensor(name: str, *shape: int, value: float | None = None) -> TensorData:
    draw = random.Random(name)
    n = int(np.prod(shape))
    numbers = [draw.gauss(0, 0.2) if value is None else value for _ in range(n)]
    return TensorData(name, shape, array("f", numbers).tobytes())


def described_as(architecture: str, **fields: object) -> dict[str, Any]:
    """The key-values of the tiny llama model, under the name of another architecture."""
    values, _ = tiny_model(n_ctx=256)
    renamed = {key.replace("llama.", f"{architecture}.", 1): value for key, value in values.items()}
    more = {f"{architecture}.{name}": value for name, value in fields.items()}
    return renamed | more | {"general.architecture": architecture}


def mamba() -> Model:
    """Recurrent: its state cannot be cut."""
    values = described_as(
        "mamba",
        **{
            "ssm.conv_kernel": 4,
            "ssm.inner_size": 2 * N_EMBD,
            "ssm.state_size": 8,
            "ssm.time_step_rank": 2,
        },
    )
    n_vocab = len(values["tokenizer.ggml.tokens"])
    tensors = [
        tensor("token_embd.weight", N_EMBD, n_vocab),
        tensor("output_norm.weight", N_EMBD, value=1.0),
    ]
    for layer in range(N_LAYER):
        block, inner = f"blk.{layer}.", 2 * N_EMBD
        tensors += [
            tensor(block + "attn_norm.weight", N_EMBD, value=1.0),
            tensor(block + "ssm_in.weight", N_EMBD, 2 * inner),
            tensor(block + "ssm_conv1d.weight", 4, inner),
            tensor(block + "ssm_conv1d.bias", inner),
            tensor(block + "ssm_x.weight", inner, 2 + 2 * 8),
            tensor(block + "ssm_dt.weight", 2, inner),
            tensor(block + "ssm_dt.bias", inner),
            tensor(block + "ssm_a", 8, inner, value=-1.0),
            tensor(block + "ssm_d", inner),
            tensor(block + "ssm_out.weight", inner, N_EMBD),
        ]
    return values, tensors


def gemma3() -> Model:
    """Most of its layers look back on a window of 16 tokens."""
    values = described_as(
        "gemma3",
        **{
            "attention.sliding_window": 16,
            "attention.key_length": 8,
            "attention.value_length": 8,
        },
    )
    _, tensors = tiny_model()
    for layer in range(N_LAYER):
        block = f"blk.{layer}."
        tensors += [
            tensor(block + "post_attention_norm.weight", N_EMBD, value=1.0),
            tensor(block + "post_ffw_norm.weight", N_EMBD, value=1.0),
            tensor(block + "attn_k_norm.weight", 8, value=1.0),
            tensor(block + "attn_q_norm.weight", 8, value=1.0),
        ]
    return values, tensors


def llama() -> Model:
    """Every token looks back on all."""
    return tiny_model(n_ctx=256)


@pytest.fixture
def open_model(tmp_path: Path) -> Iterator[Callable[[Model], LlamaBackend]]:
    opened: list[LlamaBackend] = []

    def open_one(model: Model) -> LlamaBackend:
        path = tmp_path / f"{len(opened)}.gguf"
        path.write_bytes(gguf_bytes(*model))
        backend = load_llama(Load(id="1", path=str(path)), lambda part: None)
        assert isinstance(backend, LlamaBackend)
        opened.append(backend)
        return backend

    yield open_one
    for backend in opened:
        backend.close()


def prompts(draw: random.Random) -> Iterator[list[int]]:
    """Prompts as conversations make them: longer, shorter, another one, back again, edited."""
    known: list[list[int]] = [[5]]
    for _ in range(60):
        start = draw.choice(known)
        cut = draw.choice([len(start), len(start), draw.randrange(len(start) + 1)])
        new = [draw.randrange(3, 300) for _ in range(draw.choice([0, 1, 3, 20, 70]))]
        prompt = (start[:cut] + new)[:250] or [7]
        known.append(prompt)
        yield prompt


@pytest.mark.parametrize(("model", "at_least"), [(llama, 400), (gemma3, 150), (mamba, 100)])
def test_reuse_gives_what_reading_everything_gives(
    model: Callable[[], Model],
    at_least: int,
    open_model: Callable[[Model], LlamaBackend],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Moving a tail up keeps what its tokens saw before: near, but not the same.
    monkeypatch.setattr(llama_cache, "WORTH_KEEPING", 8)
    reusing, forgetting = open_model(model()), open_model(model())
    for backend in (reusing, forgetting):
        backend._cache._can_shift = False
    reused = 0
    for prompt in prompts(random.Random(1)):
        reused += reusing.read(prompt, lambda done, total: None)
        forgetting._cache.clear()
        forgetting._cache._saved = SavedStates(0)
        assert forgetting.read(prompt, lambda done, total: None) == 0
        np.testing.assert_allclose(reusing._logprobs(), forgetting._logprobs(), atol=0.02)
    assert reused > at_least


def test_a_recurrent_model_continues_a_conversation_without_reading_it_again(
    open_model: Callable[[Model], LlamaBackend],
) -> None:
    backend = open_model(mamba())
    first, second = list(range(3, 103)), list(range(103, 203))
    backend.read(first, lambda done, total: None)
    backend.read(second, lambda done, total: None)
    assert backend.read([*first, 9], lambda done, total: None) == len(first)
    backend.cancel()
    with pytest.raises(Cancelled):
        backend.step(5)
    backend.clear_cancel()
    assert backend.read([*first, 9, 10], lambda done, total: None) == 0


def test_an_unknown_architecture_asks_for_a_newer_engine(tmp_path: Path) -> None:
    path = tmp_path / "future.gguf"
    _, tensors = tiny_model()
    path.write_bytes(gguf_bytes(described_as("futurenet"), tensors))
    with pytest.raises(ModelFileError, match=r"future\.gguf.*futurenet.*newer") as caught:
        load_llama(Load(id="1", path=str(path)), lambda part: None)
    assert caught.value.code == "unsupported_architecture"


def test_a_tokenizer_of_a_newer_kind_asks_for_a_newer_engine(tmp_path: Path) -> None:
    path = tmp_path / "future.gguf"
    metadata = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "future",
                "tokenizer.ggml.merges": ["a b"]}  # fmt: skip
    gguf_files.write_tiny_gguf(path, metadata)
    with pytest.raises(ModelFileError) as caught:
        load_llama(Load(id="1", path=str(path)), lambda part: None)
    assert caught.value.code == "unsupported_architecture"


def test_a_model_that_lacks_a_tensor_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    values, tensors = tiny_model()
    path.write_bytes(gguf_bytes(values, [t for t in tensors if "ffn_up" not in t.name]))
    with pytest.raises(ModelFileError, match=r"half\.gguf: The file is damaged") as caught:
        load_llama(Load(id="1", path=str(path)), lambda part: None)
    assert caught.value.code == "damaged"


def test_the_tags_of_reasoning_are_text_although_the_file_calls_them_control(
    open_model: Callable[[Model], LlamaBackend],
) -> None:
    values, tensors = tiny_model()
    values["tokenizer.ggml.tokens"][259:261] = ["<think>", "<|tool|>"]
    values["tokenizer.ggml.token_type"][259:261] = [3, 3]
    backend = open_model((values, tensors))
    assert (backend.piece(259), backend.piece(260)) == (b"<think>", b"")
    assert backend.tokenize("<think>", special=True)[-1] == 259


def test_a_token_longer_than_most_comes_whole(
    open_model: Callable[[Model], LlamaBackend],
) -> None:
    values, tensors = tiny_model()
    values["tokenizer.ggml.tokens"][259] = "wave" * 100
    backend = open_model((values, tensors))
    assert backend.piece(259) == b"wave" * 100
    assert backend.piece(300) != b""
