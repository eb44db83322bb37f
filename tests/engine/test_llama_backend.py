import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from chatapp.chat import GenerationParams
from chatapp.engine.backends.base import Cancelled
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.errors import EngineError

if TYPE_CHECKING:
    from conftest import BareLlama

GREEDY = GenerationParams(temperature=0.0, repeat_penalty=1.0)
QUESTION = "<|im_start|>user\nWhy is the sea salty?<|im_end|>\n<|im_start|>assistant\n"


def ignore(done: int, total: int) -> None:
    pass


def write(backend: LlamaBackend, prompt: list[int], params: GenerationParams, n: int) -> list[int]:
    backend.read(prompt, ignore)
    backend.start_sampling(params, prompt)
    ids = []
    for _ in range(n):
        ids.append(backend.sample())
        backend.step(ids[-1])
    return ids


@pytest.fixture
def prompt(backend: LlamaBackend) -> list[int]:
    return backend.tokenize(QUESTION, special=True)


def long_prompt(n: int) -> list[int]:
    return [1000 + 7 * i % 30_000 for i in range(n)]


def test_special_tokens_are_parsed_only_on_demand(backend: LlamaBackend) -> None:
    parsed = backend.tokenize("<|im_end|>", special=True)
    plain = backend.tokenize("<|im_end|>", special=False)
    assert len(parsed) == 1
    assert len(plain) > 1
    assert backend.is_end(parsed[0])
    assert backend.piece(parsed[0]) == b""
    assert b"".join(backend.piece(id) for id in plain) == b"<|im_end|>"


@pytest.mark.parametrize(
    "text",
    ["", "plain", "👩‍👩‍👧‍👦 日本語", "שלום עולם", "a\0b\x07\x1b[0m", " \n\t  x", "é" * 5_000],
)
def test_the_pieces_of_any_text_give_it_back(backend: LlamaBackend, text: str) -> None:
    ids = backend.tokenize(text, special=False)
    assert b"".join(backend.piece(id) for id in ids).decode() == text


def test_two_hundred_kilobytes_are_cut_into_tokens(backend: LlamaBackend) -> None:
    text = "The sea 🌊 is salty. " * 9_000
    assert len(backend.tokenize(text, special=False)) > 50_000


def test_greedy_equals_a_bare_decode_loop(
    backend: LlamaBackend, bare: "BareLlama", prompt: list[int]
) -> None:
    expected = []
    bare.clear()
    logits = bare.logits(prompt)
    for _ in range(32):
        expected.append(int(logits.argmax()))
        logits = bare.logits(expected[-1:])
    assert write(backend, prompt, GREEDY, 32) == expected


def test_the_same_seed_gives_the_same_reply(backend: LlamaBackend, prompt: list[int]) -> None:
    first, again, other = (
        write(backend, prompt, GenerationParams(temperature=1.5, seed=seed), 24)
        for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_the_seed_that_was_drawn_gives_the_same_reply_again(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    params = GenerationParams(temperature=1.5)
    backend.read(prompt, ignore)
    seed = backend.start_sampling(params, prompt)
    first = backend.sample()
    backend.start_sampling(GenerationParams(temperature=1.5, seed=seed), prompt)
    assert backend.sample() == first


def test_the_highest_seed_is_a_seed_like_any_other(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    params = GenerationParams(temperature=1.5, seed=2**32 - 1)
    assert write(backend, prompt, params, 24) == write(backend, prompt, params, 24)


def test_logprobs_are_those_of_the_bare_logits(
    backend: LlamaBackend, bare: "BareLlama", prompt: list[int]
) -> None:
    bare.clear()
    logits = bare.logits(prompt).astype(np.float64)
    expected = logits - np.log(np.exp(logits).sum())
    backend.read(prompt, ignore)
    backend.start_sampling(GREEDY, prompt)
    id = backend.sample()
    logprob = backend.logprob(id, 5)
    best = np.argsort(expected)[::-1][:5]
    assert [other for other, _, _ in logprob.alternatives] == best.tolist()
    assert logprob.alternatives[0][0] == logprob.id == id
    assert logprob.logprob == pytest.approx(expected[id], abs=1e-4)
    assert [value for _, _, value in logprob.alternatives] == pytest.approx(
        expected[best].tolist(), abs=1e-4
    )


def test_the_probabilities_of_the_whole_vocabulary_sum_to_one(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    backend.read(prompt, ignore)
    everything = backend.logprob(0, backend.info.n_vocab).alternatives
    assert len(everything) == backend.info.n_vocab
    assert sum(np.exp(value) for _, _, value in everything) == pytest.approx(1.0, abs=1e-6)
    assert len(backend.logprob(0, 0).alternatives) == 0


def test_a_second_turn_evaluates_only_what_is_new(backend: LlamaBackend, prompt: list[int]) -> None:
    reply = write(backend, prompt, GREEDY, 10)
    second = [*prompt, *reply, *backend.tokenize("<|im_end|>\nAnd lakes?", special=True)]
    assert backend.read(second, ignore) == len(prompt) + len(reply)


def test_reading_the_same_prompt_again_evaluates_one_token(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    backend.read(prompt, ignore)
    first = backend.logprob(0, 3)
    assert backend.read(prompt, ignore) == len(prompt) - 1
    assert backend.logprob(0, 3).alternatives[0][0] == first.alternatives[0][0]


def test_progress_comes_between_pieces_and_at_the_end(backend: LlamaBackend) -> None:
    backend.read(long_prompt(1), ignore)
    seen: list[tuple[int, int]] = []
    backend.read([5, *long_prompt(1_099)], lambda done, total: seen.append((done, total)))
    assert seen == [(0, 1_100), (512, 1_100), (1_024, 1_100), (1_100, 1_100)]


def test_a_stop_between_pieces_keeps_those_that_were_read(backend: LlamaBackend) -> None:
    ids = [6, *long_prompt(1_099)]

    def stop(done: int, total: int) -> None:
        if done == 512:
            backend.cancel()

    with pytest.raises(Cancelled):
        backend.read(ids, stop)
    backend.clear_cancel()
    assert backend.read(ids[:600], ignore) == 512


def test_a_stop_within_a_piece_keeps_the_ones_before(backend: LlamaBackend) -> None:
    ids = [7, *long_prompt(1_023)]
    timers: list[threading.Timer] = []

    def stop_soon(done: int, total: int) -> None:
        if done == 512:
            # The second piece takes a second; the flag is set while it is evaluated.
            timers.append(threading.Timer(0.05, backend.cancel))
            timers[0].start()

    with pytest.raises(Cancelled):
        backend.read(ids, stop_soon)
    timers[0].join()
    backend.clear_cancel()
    assert backend.read(ids[:600], ignore) == 512


def test_a_stop_while_writing_leaves_the_cache_as_it_was(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    reply = write(backend, prompt, GREEDY, 4)
    backend.cancel()
    with pytest.raises(Cancelled):
        backend.step(reply[0])
    backend.clear_cancel()
    longer = [*prompt, *reply, 5, 6]
    assert backend.read(longer, ignore) == len(prompt) + len(reply)


def test_a_prompt_longer_than_the_context_is_refused_with_both_figures(
    backend: LlamaBackend,
) -> None:
    with pytest.raises(EngineError, match=r"2,049 tokens .* 2,048") as caught:
        backend.read(long_prompt(2_049), ignore)
    assert (caught.value.code, caught.value.needs, caught.value.limit) == (
        "context_too_long",
        2_049,
        2_048,
    )


@pytest.mark.parametrize("ids", [[], [-1], [49_152], [2**31 - 1]])
def test_ids_the_model_does_not_have_are_refused(backend: LlamaBackend, ids: list[int]) -> None:
    with pytest.raises(EngineError) as caught:
        backend.read(ids, ignore)
    assert caught.value.code == "bad_request"


def test_a_full_context_refuses_one_more_token(backend: LlamaBackend) -> None:
    backend.read(long_prompt(2_048), ignore)
    with pytest.raises(EngineError) as caught:
        backend.step(5)
    assert caught.value.code == "context_too_long"
    assert backend.read(long_prompt(100), ignore) == 99
