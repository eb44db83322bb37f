from collections import Counter

import llama_cpp.llama_cpp as llama
import pytest

from chatapp.chat import GenerationParams
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.engine.backends.llama_sampling import Sampler

PROMPT = "<|im_start|>user\nName a colour.<|im_end|>\n<|im_start|>assistant\n"
OFF = GenerationParams(
    temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, penalty_last_n=64
)


def changed(**changes: object) -> GenerationParams:
    fields = {name: getattr(OFF, name) for name in OFF.__struct_fields__}
    return GenerationParams(**{**fields, **changes})


def chain(backend: LlamaBackend, params: GenerationParams) -> list[str]:
    """Names of the samplers, in their order."""
    sampler = Sampler(llama.llama_model_get_vocab(backend._model), 2_048)
    try:
        sampler.start(params, [])
        n = llama.llama_sampler_chain_n(sampler._chain)
        links = (llama.llama_sampler_chain_get(sampler._chain, i) for i in range(n))
        return [llama.llama_sampler_name(link).decode() for link in links]
    finally:
        sampler.close()


@pytest.fixture(scope="module")
def prompt(backend: LlamaBackend) -> list[int]:
    return backend.tokenize(PROMPT, special=True)


def draw(
    backend: LlamaBackend, prompt: list[int], params: GenerationParams, n: int = 200
) -> Counter[int]:
    """What comes out of `n` draws from the logits after the prompt, each with another seed."""
    backend.read(prompt, lambda done, total: None)
    drawn: Counter[int] = Counter()
    for seed in range(n):
        fields = {name: getattr(params, name) for name in params.__struct_fields__}
        backend.start_sampling(GenerationParams(**{**fields, "seed": seed}), prompt)
        drawn[backend.sample()] += 1
    return drawn


def test_the_chain_has_the_order_of_the_design(backend: LlamaBackend) -> None:
    everything = GenerationParams(
        temperature=0.7, top_k=40, top_p=0.9, min_p=0.05, typical_p=0.9, repeat_penalty=1.1,
        xtc_probability=0.5, dry_multiplier=0.8,
    )  # fmt: skip
    assert chain(backend, everything) == [
        "dry", "top-k", "penalties", "typical", "top-p", "min-p", "xtc", "temp", "dist",
    ]  # fmt: skip


def test_without_top_k_min_p_comes_before_top_p(backend: LlamaBackend) -> None:
    assert chain(backend, GenerationParams(top_k=0)) == [
        "penalties", "min-p", "top-p", "temp", "dist",
    ]  # fmt: skip


def test_what_is_off_is_not_in_the_chain(backend: LlamaBackend) -> None:
    assert chain(backend, changed(temperature=0.9)) == ["temp", "dist"]
    without_memory = changed(temperature=0.9, repeat_penalty=1.1, penalty_last_n=0)
    assert chain(backend, without_memory) == ["temp", "dist"]


def test_temperature_zero_takes_the_likeliest_after_the_penalties(backend: LlamaBackend) -> None:
    assert chain(backend, GenerationParams(temperature=0.0)) == ["top-k", "penalties", "greedy"]


def test_top_k_leaves_that_many(backend: LlamaBackend, prompt: list[int]) -> None:
    likeliest = draw(backend, prompt, changed(top_k=1))
    assert len(likeliest) == 1
    assert 1 < len(draw(backend, prompt, changed(top_k=3, temperature=5.0))) <= 3


def test_a_low_top_p_or_a_high_min_p_leaves_the_likeliest(
    backend: LlamaBackend, prompt: list[int]
) -> None:
    best = backend.logprob(0, 1).alternatives[0][0]
    assert set(draw(backend, prompt, changed(top_p=0.01))) == {best}
    assert set(draw(backend, prompt, changed(min_p=1.0))) == {best}


def test_xtc_drops_the_likeliest(backend: LlamaBackend, prompt: list[int]) -> None:
    backend.read(prompt, lambda done, total: None)
    first, second = backend.logprob(0, 2).alternatives
    assert second[2] > -3.0, "the prompt must leave two good choices"
    dropped = draw(backend, prompt, changed(top_k=2, xtc_probability=1.0, xtc_threshold=0.01))
    assert set(dropped) == {second[0]}
    assert first[0] in draw(backend, prompt, changed(top_k=2))


def test_a_repeat_penalty_looks_back_into_the_prompt(backend: LlamaBackend) -> None:
    prompt = backend.tokenize("red red red red red red red red", special=False)
    greedy = changed(temperature=0.0)
    plain = draw(backend, prompt, greedy, 1)
    punished = draw(backend, prompt, changed(temperature=0.0, repeat_penalty=10.0), 1)
    assert set(plain) == {prompt[-1]}
    assert set(punished) != set(plain)


def test_penalties_reach_back_no_further_than_asked(backend: LlamaBackend) -> None:
    prompt = backend.tokenize("red, red, red, red, red, red,", special=False)
    red = backend.tokenize(" red", special=False)
    near = changed(temperature=0.0, repeat_penalty=10.0, penalty_last_n=1)
    far = changed(temperature=0.0, repeat_penalty=10.0, penalty_last_n=2)
    assert set(draw(backend, prompt, near, 1)) == set(red)
    assert set(draw(backend, prompt, far, 1)) != set(red)


def test_minus_one_looks_back_on_the_whole_context(backend: LlamaBackend) -> None:
    red = backend.tokenize("red" + " red" * 80, special=False)
    whole = changed(temperature=0.0, frequency_penalty=10.0, penalty_last_n=-1)
    assert red[-1] not in draw(backend, red, whole, 1)


def test_dry_ends_a_repetition_that_would_go_on(backend: LlamaBackend) -> None:
    verse = backend.tokenize(" blue whale sings low tonight" * 6, special=False)
    going_on = backend.tokenize(" blue", special=False)
    assert set(draw(backend, verse, changed(temperature=0.0), 1)) == set(going_on)
    dry = changed(temperature=0.0, dry_multiplier=5.0)
    assert set(draw(backend, verse, dry, 1)).isdisjoint(going_on)


def test_dry_is_prepared_once_for_the_same_settings(backend: LlamaBackend) -> None:
    sampler = Sampler(llama.llama_model_get_vocab(backend._model), 2_048)
    sampler.start(changed(dry_multiplier=1.0), [])
    first = sampler._dry
    sampler.start(changed(dry_multiplier=1.0, temperature=0.3), [])
    assert sampler._dry == first
    sampler.start(changed(dry_multiplier=2.0), [])
    assert sampler._dry is not None
    sampler.close()
