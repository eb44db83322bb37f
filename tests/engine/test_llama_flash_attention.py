import json
import struct
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import llama_cpp.llama_cpp as llama
import numpy as np
import pytest

from chatapp.engine.backends import flash_attention
from chatapp.engine.backends.flash_attention import choose, deepen
from chatapp.engine.backends.llama import LlamaBackend

if TYPE_CHECKING:
    from conftest import Loader


@pytest.fixture(scope="module")
def backend(load: "Loader") -> LlamaBackend:
    return load(n_ctx=2048)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "flash_attention.json"


def params(n_ctx: int = 2048) -> object:
    wanted = llama.llama_context_default_params()
    wanted.n_ctx, wanted.n_batch, wanted.n_ubatch = n_ctx, 512, 512
    wanted.n_threads = wanted.n_threads_batch = 2
    return wanted


def state_of_one_token(*, is_transposed: bool) -> bytes:
    """Two layers with keys of 4 bytes and values of 3 numbers of 2 bytes."""
    head = struct.pack("=IiIIiIiII", 1, 0, 1, 1, 5, 1, 0, is_transposed, 2)
    keys = b"".join(struct.pack("=iQ", 1, 4) + key for key in (b"abcd", b"efgh"))
    values = [b"112233", b"445566"]
    layout = struct.pack("=iII", 1, 2, 3) if is_transposed else struct.pack("=iQ", 1, 6)
    return head + keys + b"".join(layout + value for value in values)


def test_rows_are_repeated_at_rising_positions() -> None:
    deep = deepen(state_of_one_token(is_transposed=False), 3)
    cells = struct.pack("=9i", 0, 1, 0, 1, 1, 0, 2, 1, 0)
    assert struct.pack("=IiII", 1, 0, 1, 3) + cells == deep[: 16 + len(cells)]
    assert b"abcdabcdabcd" in deep
    assert deep.endswith(b"445566445566445566")


def test_transposed_values_are_repeated_one_by_one() -> None:
    deep = deepen(state_of_one_token(is_transposed=True), 3)
    assert b"111111222222333333" in deep
    assert deep.endswith(b"444444555555666666")


@pytest.mark.parametrize("is_transposed", [False, True])
def test_a_state_of_another_format_is_refused(is_transposed: bool) -> None:
    state = state_of_one_token(is_transposed=is_transposed)
    for n in range(8, len(state) - 1):
        if n == 8:
            continue
        with pytest.raises(ValueError, match="ends too early"):
            deepen(state[:n], 3)
    with pytest.raises(ValueError, match=r"ends too early|not a sequence"):
        deepen(state + b"more", 3)
    two_cells = state[:12] + struct.pack("=I", 2) + state[16:]
    with pytest.raises(ValueError, match="not a sequence"):
        deepen(two_cells, 3)


def test_the_probe_decides_and_its_answer_is_kept(backend: LlamaBackend, file: Path) -> None:
    kind = choose(backend._model, params(), "this model here", file)
    assert kind in (0, 1), "llama.cpp's format of a saved sequence is no longer known"
    assert json.loads(file.read_text()) == {"this model here": kind}


@pytest.mark.parametrize("kind", [-1, 0, 1])
def test_a_known_answer_is_not_measured_again(file: Path, kind: int) -> None:
    file.write_text(json.dumps({"a": kind, "b": 1}))
    assert choose(None, None, "a", file) == kind


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff\x00", b"[]", b'{"m": 7}', b'{"m": "on"}', b'{"m": true}', b"[" * 9_999]
)
def test_garbage_in_the_kept_answers_is_measured_again(
    backend: LlamaBackend, file: Path, garbage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(garbage)
    monkeypatch.setattr(flash_attention, "DEPTH", 100)
    assert choose(backend._model, params(256), "m", file) in (0, 1)
    assert json.loads(file.read_text())["m"] in (0, 1)


def test_a_folder_that_cannot_be_written_costs_only_the_memory(
    backend: LlamaBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash_attention, "DEPTH", 100)
    nowhere = tmp_path / "missing" / "flash_attention.json"
    assert choose(backend._model, params(256), "m", nowhere) in (0, 1)


def test_a_short_context_is_probed_at_its_own_depth(backend: LlamaBackend, file: Path) -> None:
    assert choose(backend._model, params(256), "short", file) in (0, 1)


def test_a_probe_that_fails_leaves_the_choice_to_llama(
    backend: LlamaBackend, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(state: bytes, depth: int) -> bytes:
        raise ValueError("it ends too early")

    monkeypatch.setattr(flash_attention, "deepen", refuse)
    assert choose(backend._model, params(256), "m", file) == -1
    assert json.loads(file.read_text()) == {"m": -1}


def test_a_probe_that_ends_the_process_is_not_tried_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    def die(model: object, params: object) -> int:
        raise Death

    monkeypatch.setattr(flash_attention, "_probe", die)
    with pytest.raises(Death):
        choose(None, None, "m", file)
    assert choose(None, None, "m", file) == -1


def test_both_attentions_agree(backend: LlamaBackend) -> None:
    ids = backend.tokenize("The sea is salty because", special=False)
    best = []
    for kind in (0, 1):
        wanted = params(256)
        wanted.flash_attn_type = kind  # type: ignore[attr-defined]
        context = llama.llama_init_from_model(backend._model, wanted)
        array = (llama.llama_token * len(ids))(*ids)
        assert llama.llama_decode(context, llama.llama_batch_get_one(array, len(ids))) == 0
        pointer = llama.llama_get_logits_ith(context, -1)
        logits = np.ctypeslib.as_array(pointer, (backend.info.n_vocab,))
        best.append(int(logits.argmax()))
        llama.llama_free(context)
    assert best[0] == best[1]


class _Clock:
    """A context whose tokens take the given times, over and over."""

    def __init__(self, *times_s: float) -> None:
        self._times = cycle(times_s)

    def step(self) -> float:
        return next(self._times)


@pytest.mark.parametrize(
    ("off", "on", "wins"),
    [
        (_Clock(1.0), _Clock(0.9), True),
        (_Clock(1.0), _Clock(1.04), True),  # too close to call
        (_Clock(1.0), _Clock(1.2), False),
        (_Clock(1.0), _Clock(5.0, 1.2), False),  # the better of its two tokens counts
        (_Clock(1.0), _Clock(3.0, 3.0, 3.0, 3.0, 1.0), True),  # slowed down by another program
    ],
)
def test_flash_attention_is_left_out_only_when_it_loses_every_round(
    off: _Clock, on: _Clock, wins: bool
) -> None:
    assert flash_attention._wins(off, on) is wins  # type: ignore[arg-type]
