"""Both engines score the same text with the starter model, and agree."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from chatapp.chat import GenerationParams
from chatapp.client import EngineClient
from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.engine.backends.native import NativeBackend, load_native
from chatapp.engine.scoring import judge
from chatapp.protocol import Load, Perplexity, ScoredToken

if TYPE_CHECKING:
    from conftest import Loader

N = 512
LICENSE = Path(__file__).parents[2] / "LICENSE"
TEXT = LICENSE.read_text("utf-8")
SHORT = TEXT[:1200]
Floats = NDArray[np.float64]


def ignore(*_: object) -> None:
    pass


def rows(backend: LlamaBackend | NativeBackend, ids: list[int], first: int = 0) -> Floats:
    """Log-probabilities after each id from `first` on."""
    logits = np.concatenate([piece.astype(np.float64) for piece in backend.logits(ids, first)])
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits


def agreement(ours: Floats, theirs: Floats) -> tuple[float, float]:
    """How often the likeliest token is the same, and the mean KL divergence in nats."""
    same = float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean())
    return same, float((np.exp(ours) * (ours - theirs)).sum(axis=1).mean())


@pytest.fixture(scope="module")
def native(starter_model: Path) -> Iterator[NativeBackend]:
    request = Load(id="1", path=str(starter_model), backend="native", weights="f32", n_ctx=1024)
    backend = load_native(request, ignore)
    assert isinstance(backend, NativeBackend)
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def ids(native: NativeBackend) -> list[int]:
    return native.tokenize(TEXT, special=False)[:N]


@pytest.fixture(scope="module")
def ours(native: NativeBackend, ids: list[int]) -> Floats:
    return rows(native, ids)


def test_our_networks_agree_with_llama_cpp(load: "Loader", ids: list[int], ours: Floats) -> None:
    """The file is Q4_1, which llama.cpp computes with activations rounded to 8 bits."""
    theirs = load(n_ctx=N)
    assert theirs.tokenize(TEXT, special=False)[:N] == ids
    same, kl = agreement(ours, rows(theirs, ids))
    assert same >= 0.94
    assert kl <= 0.01


def test_with_the_same_weights_as_floats_they_agree_almost_always(
    load: "Loader", starter_model: Path, ids: list[int], ours: Floats, tmp_path: Path
) -> None:
    path = tmp_path / "f32.gguf"
    write_as_floats(starter_model, path)
    theirs = load(path=str(path), n_ctx=N)
    same, kl = agreement(ours, rows(theirs, ids))
    assert same >= 0.995
    assert kl <= 1e-4


def write_as_floats(source: Path, path: Path) -> None:
    """Write the model again, its weights unpacked to f32."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(path, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in (
            "general.architecture",
            "general.file_type",
        ):
            continue
        is_array = field.types[0] == gguf.GGUFValueType.ARRAY
        sub_type = field.types[-1] if is_array else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, gguf.dequantize(tensor.data, tensor.tensor_type))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("first", [0, 100, 199])
def test_logits_are_the_same_wherever_they_begin(
    native: NativeBackend, ids: list[int], ours: Floats, first: int
) -> None:
    assert np.allclose(rows(native, ids[:200], first), ours[first:200], atol=1e-3)


def test_logits_of_llama_cpp_begin_where_they_are_wanted(
    backend: LlamaBackend, ids: list[int]
) -> None:
    later = rows(backend, ids[:200], 100)
    assert later.shape == (100, backend.info.n_vocab)
    assert agreement(rows(backend, ids[:200])[100:], later)[1] < 0.01


def test_rank_1_is_what_greedy_decoding_takes(backend: LlamaBackend, ids: list[int]) -> None:
    logits = np.concatenate([piece.copy() for piece in backend.logits(ids[:65], 0)])
    found = judge(logits, np.array([*ids[1:65], 0]), 1)
    backend.read(ids[:65], ignore)
    backend.start_sampling(GenerationParams(temperature=0, repeat_penalty=1.0), [])
    greedy = backend.sample()
    assert found.likeliest[-1, 0] == greedy
    assert judge(logits[-1:], np.array([greedy]), 0).ranks.tolist() == [1]
    is_first = found.likeliest[:-1, 0] == ids[1:65]
    assert ((found.ranks[:-1] == 1) == is_first).all()


def test_a_conversation_is_not_lost_by_scoring(native: NativeBackend, ids: list[int]) -> None:
    talk = ids[:400]
    native.read(talk, ignore)
    list(native.logits(ids[100:300], 0))
    assert native.read([*talk, 5], ignore) == len(talk)


def test_a_stop_within_a_text_is_heard_and_forgotten(
    native: NativeBackend, backend: LlamaBackend, ids: list[int]
) -> None:
    for one in (native, backend):
        read = one.logits(ids, 0)
        next(read)
        one.cancel()
        with pytest.raises(Cancelled):
            next(read)
        one.clear_cancel()
        assert sum(len(piece) for piece in one.logits(ids[:10], 0)) == 10


def score(model: Path, **fields: object) -> tuple[Perplexity, list[ScoredToken]]:
    tokens: list[ScoredToken] = []
    with EngineClient() as engine:
        engine.load(model, n_ctx=256, **fields)
        return engine.score(SHORT, top_n=3, on_tokens=tokens.extend), tokens


def test_both_engines_score_a_text_alike(starter_model: Path) -> None:
    llama, by_llama = score(starter_model)
    native, by_native = score(starter_model, backend="native", weights="f32")
    assert [token.id for token in by_llama] == [token.id for token in by_native]
    assert "".join(token.text for token in by_llama) == SHORT
    assert native.perplexity == pytest.approx(llama.perplexity, rel=0.02)
    for result, tokens in ((llama, by_llama), (native, by_native)):
        scored = [token for token in tokens if token.logprob is not None]
        nll = -sum(token.logprob or 0 for token in scored)
        n_bytes = len(SHORT.encode()) - len(tokens[0].text.encode())
        assert result.nll == pytest.approx(nll, rel=1e-5)
        assert result.perplexity == pytest.approx(math.exp(nll / len(scored)), rel=1e-5)
        assert result.bits_per_byte == pytest.approx(nll / math.log(2) / n_bytes, rel=1e-5)
        for token in scored:
            likeliest = token.alternatives[0]
            assert len(token.alternatives) == 3
            assert (token.rank == 1) == (likeliest[2] == token.logprob)
