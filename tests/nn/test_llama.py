from collections.abc import Mapping

import pytest
import torch
from transformers import LlamaConfig as TheirConfig
from transformers import (
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from chatapp.nn.llama import PRESETS, Llama, LlamaConfig
from tests.nn.causal_models import (
    check_nothing_before_moves,
    check_states_are_kept_and_shortened,
    check_steps_equal_the_whole,
    check_trace_of_attention,
    count_parameters,
)

_THEIR_SIZES = {
    "vocab_size": 61,
    "max_position_embeddings": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "hidden_size": 32,
    "intermediate_size": 48,
}
_YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}


def _config(n_kv_head: int = 2, **options: object) -> LlamaConfig:
    return LlamaConfig(61, 64, 2, 4, n_kv_head, 32, 48, **options)


def _tiny(n_kv_head: int = 2, **options: object) -> Llama:
    model = Llama(_config(n_kv_head, **options)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def _ids(n_time: int = 12) -> torch.Tensor:
    return torch.randint(61, (2, n_time))


def _copy(theirs: torch.nn.Module, ours: Llama) -> None:
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    left = {name.removeprefix("model."): tensor for name, tensor in theirs.state_dict().items()}
    state = {
        "token_embedding.weight": left.pop("embed_tokens.weight"),
        "norm.weight": left.pop("norm.weight"),
        "head.weight": left.pop("lm_head.weight"),
    }
    parts = {
        "norm1": ["input_layernorm"],
        "attention.qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attention.out": ["self_attn.o_proj"],
        "norm2": ["post_attention_layernorm"],
        "feed_forward.gate_up": ["mlp.gate_proj", "mlp.up_proj"],
        "feed_forward.down": ["mlp.down_proj"],
    }
    for layer in range(ours.config.n_layer):
        for place, names in parts.items():
            for kind in ("weight", "bias"):
                if f"layers.{layer}.{names[0]}.{kind}" in left:
                    fused = [left.pop(f"layers.{layer}.{name}.{kind}") for name in names]
                    state[f"blocks.{layer}.{place}.{kind}"] = torch.cat(fused)
    assert not left
    ours.load_state_dict(state)


def _check_parity(theirs: torch.nn.Module, ours: Llama, device: torch.device) -> None:
    _copy(theirs, ours)
    theirs, ours, ids = theirs.eval().to(device), ours.eval().to(device), _ids(40).to(device)
    with torch.inference_mode():
        expected = theirs(ids).logits
        assert expected.std() > 0.1
        assert (ours(ids) - expected).abs().max() <= 1e-5


@pytest.mark.parametrize("n_kv_head", [4, 2, 1])
@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("is_tied", [True, False])
def test_llama_equals_that_of_transformers(
    n_kv_head: int, has_bias: bool, is_tied: bool, device: torch.device
) -> None:
    theirs = LlamaForCausalLM(
        TheirConfig(
            **_THEIR_SIZES,
            num_key_value_heads=n_kv_head,
            attention_bias=has_bias,
            mlp_bias=has_bias,
            tie_word_embeddings=is_tied,
            rms_norm_eps=1e-5,
        )
    )
    ours = _tiny(
        n_kv_head,
        qkv_bias=has_bias,
        out_bias=has_bias,
        mlp_bias=has_bias,
        tie_embeddings=is_tied,
    )
    _check_parity(theirs, ours, device)


def test_llama_with_scaled_positions_equals_that_of_transformers(device: torch.device) -> None:
    rope: Mapping[str, object] = {"rope_theta": 5000.0, **_YARN}
    theirs = LlamaForCausalLM(
        TheirConfig(**_THEIR_SIZES, num_key_value_heads=2, rope_parameters=rope, rms_norm_eps=1e-5)
    )
    _check_parity(theirs, _tiny(rope_base=5000.0, rope_scaling=_YARN), device)


def test_qwen2_equals_that_of_transformers(device: torch.device) -> None:
    theirs = Qwen2ForCausalLM(Qwen2Config(**_THEIR_SIZES, num_key_value_heads=2))
    _check_parity(theirs, _tiny(qkv_bias=True, norm_eps=1e-6), device)


def test_mistral_with_a_window_equals_that_of_transformers(device: torch.device) -> None:
    config = MistralConfig(
        **_THEIR_SIZES, num_key_value_heads=2, sliding_window=7, head_dim=16, rms_norm_eps=1e-5
    )
    _check_parity(MistralForCausalLM(config), _tiny(sliding_window=7, head_dim=16), device)


@pytest.mark.parametrize("n_kv_head", [4, 2])
@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize("chunks", [[1] * 12, [5, 1, 6], [12]])
def test_llama_in_steps_equals_the_whole(
    n_kv_head: int, window: int | None, chunks: list[int]
) -> None:
    check_steps_equal_the_whole(_tiny(n_kv_head, sliding_window=window), _ids(), chunks)


@pytest.mark.parametrize("window", [None, 4])
def test_llama_looks_back_only(window: int | None) -> None:
    check_nothing_before_moves(_tiny(sliding_window=window), _ids(), 5)


@pytest.mark.parametrize("window", [None, 4])
def test_llama_can_be_looked_into(window: int | None) -> None:
    check_trace_of_attention(_tiny(sliding_window=window), _ids())


def test_llama_goes_on_from_kept_states() -> None:
    check_states_are_kept_and_shortened(_tiny(), _ids())


@pytest.mark.parametrize("window", [None, 4])
def test_half_precision_in_steps_stays_near_the_whole(window: int | None) -> None:
    model, ids = _tiny(sliding_window=window).bfloat16(), _ids()
    with torch.inference_mode():
        whole = model.float()(ids)
        model.bfloat16()
        state = model.new_state(*ids.shape)
        assert state.keys.dtype == torch.bfloat16
        steps = torch.cat([model(piece, state) for piece in ids.split(1, 1)], 1)
    assert steps.dtype == torch.bfloat16
    assert (steps - whole).abs().mean() <= 0.02 * whole.abs().mean()


def test_smollm2_has_its_published_size() -> None:
    with torch.device("meta"):
        model = Llama(PRESETS["smollm2-135m"])
    assert count_parameters(model) == 134_515_008


def test_llama_learns_a_batch_by_heart() -> None:
    model, ids = Llama(_config()), _ids()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        logits = model(ids[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 1.0


def test_tied_weights_stay_tied_after_an_assignment() -> None:
    loaded = _tiny(tie_embeddings=True)
    with torch.device("meta"):
        model = Llama(loaded.config)
    model.load_state_dict(loaded.state_dict(), assign=True)
    model.tie_weights()
    assert model.head.weight is model.token_embedding.weight
    ids = _ids()
    assert torch.equal(model.eval()(ids), loaded(ids))


def test_llama_does_not_read_beyond_its_block() -> None:
    model = _tiny()
    with pytest.raises(ValueError, match="65 positions, block size is only 64"):
        model(_ids(65))
    with pytest.raises(ValueError, match="65 positions, block size is 64"):
        model.new_state(1, 65)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_head": 5}, "5 heads do not divide the width 32"),
        ({"n_kv_head": 3}, "3 heads of keys do not divide 4 heads"),
        ({"n_vocab": 0}, "n_vocab must be at least 1, got 0"),
        ({"sliding_window": 0}, "sliding_window must be at least 1, got 0"),
    ],
)
def test_llama_refuses_sizes_that_make_no_sense(change: dict[str, int], message: str) -> None:
    sizes = dict(n_vocab=61, block_size=64, n_layer=2, n_head=4, n_kv_head=2, n_embd=32, d_ff=48)
    with pytest.raises(ValueError, match=message):
        LlamaConfig(**sizes | change)
