import math
from typing import Any

import msgspec
import pytest

from chatapp.chat import GenerationParams, Timings, Usage, new_id

OFF = {
    "temperature": 0.0,
    "top_k": 0,
    "top_p": 1.0,
    "typical_p": 1.0,
    "min_p": 0.0,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "xtc_probability": 0.0,
    "dry_multiplier": 0.0,
}


def test_every_filter_can_be_off() -> None:
    assert msgspec.structs.asdict(GenerationParams(**OFF)).items() >= OFF.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 5.1),
        ("temperature", math.nan),
        ("top_k", -1),
        ("top_p", 1.1),
        ("min_p", -0.1),
        ("typical_p", 2.0),
        ("repeat_penalty", 0.0),
        ("presence_penalty", math.inf),
        ("frequency_penalty", -11.0),
        ("penalty_last_n", -2),
        ("xtc_probability", 1.5),
        ("xtc_threshold", -1.0),
        ("dry_multiplier", -1.0),
        ("dry_base", 0.5),
        ("dry_allowed_length", -1),
        ("dry_penalty_last_n", -2),
        ("seed", -1),
        ("seed", 2**32),
        ("max_new_tokens", 0),
    ],
)
def test_a_value_out_of_range_is_named_with_its_limits(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*must"):
        GenerationParams(**{name: value})


def test_every_number_has_a_range() -> None:
    for field in msgspec.structs.fields(GenerationParams):
        if field.type in (int, float):
            with pytest.raises(ValueError, match=field.name):
                GenerationParams(**{field.name: -1e9})


def test_an_empty_stop_string_is_refused() -> None:
    with pytest.raises(ValueError, match="stop string is empty"):
        GenerationParams(stop=("END", ""))


def test_rates_leave_out_what_was_cached_and_the_first_token() -> None:
    usage = Usage(prompt_tokens=110, cached_tokens=10, completion_tokens=21)
    timings = Timings(prompt_s=0.5, generation_s=2.0, first_token_s=0.6)
    assert timings.prompt_tps(usage) == 200
    assert timings.generation_tps(usage) == 10


@pytest.mark.parametrize("completion_tokens", [0, 1])
def test_rates_of_nothing_are_zero(completion_tokens: int) -> None:
    usage = Usage(prompt_tokens=10, cached_tokens=10, completion_tokens=completion_tokens)
    timings = Timings(prompt_s=0.0, generation_s=0.0, first_token_s=0.0)
    assert timings.prompt_tps(usage) == 0
    assert timings.generation_tps(usage) == 0


def test_ids_never_repeat() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
