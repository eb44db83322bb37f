import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, OpenAIGPTConfig, OpenAIGPTLMHeadModel

from chatapp.nn.gpt import GPT, PRESETS, GPTConfig
from tests.nn.causal_models import (
    check_nothing_before_moves,
    check_states_are_kept_and_shortened,
    check_steps_equal_the_whole,
    check_trace_of_attention,
    count_parameters,
)

_SIZES = {
    "gpt1": 116_534_784,
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
    "gpt3": 174_604_259_328,
}


def _tiny(*, norm_first: bool = True) -> GPT:
    model = GPT(GPTConfig(61, 32, 2, 4, 32, norm_first=norm_first)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def _ids(n_time: int = 12) -> torch.Tensor:
    return torch.randint(61, (2, n_time))


def _our_name(name: str) -> str:
    """The place of a tensor of transformers' two GPTs."""
    for theirs, ours in {
        "transformer.": "",
        "h.": "blocks.",
        "wte": "token_embedding",
        "tokens_embed": "token_embedding",
        "wpe": "position_embedding",
        "positions_embed": "position_embedding",
        "ln_1": "norm1",
        "ln_2": "norm2",
        "ln_f": "norm",
        "attn.c_attn": "attention.qkv",
        "attn.c_proj": "attention.out",
        "mlp.c_fc": "feed_forward.up",
        "mlp.c_proj": "feed_forward.down",
        "lm_head": "head",
    }.items():
        name = name.replace(theirs, ours)
    return name


def _copy(theirs: torch.nn.Module, ours: GPT) -> None:
    """Copy weights; theirs keep the matrices of their layers with rows and columns swapped."""
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    layers = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    ours.load_state_dict(
        {
            _our_name(name): tensor.T if name.endswith(layers) else tensor
            for name, tensor in theirs.state_dict().items()
            if not name.endswith(".attn.bias")  # a mask
        }
    )


@pytest.mark.parametrize("is_tied", [True, False])
def test_gpt2_equals_that_of_transformers(is_tied: bool, device: torch.device) -> None:
    sizes = {"vocab_size": 61, "n_positions": 32, "n_layer": 2, "n_head": 4, "n_embd": 32}
    theirs = GPT2LMHeadModel(GPT2Config(**sizes, n_inner=48, tie_word_embeddings=is_tied)).eval()
    ours = GPT(GPTConfig(61, 32, 2, 4, 32, d_ff=48, tie_embeddings=is_tied)).eval()
    _copy(theirs, ours)
    theirs, ours, ids = theirs.to(device), ours.to(device), _ids(32).to(device)
    with torch.inference_mode():
        expected = theirs(ids).logits
        assert expected.std() > 0.1
        assert (ours(ids) - expected).abs().max() <= 1e-5


def test_gpt1_equals_that_of_transformers(device: torch.device) -> None:
    sizes = {"vocab_size": 61, "n_positions": 32, "n_layer": 2, "n_head": 4, "n_embd": 32}
    theirs = OpenAIGPTLMHeadModel(OpenAIGPTConfig(**sizes)).eval()
    ours = GPT(GPTConfig(61, 32, 2, 4, 32, norm_first=False)).eval()
    _copy(theirs, ours)
    theirs, ours, ids = theirs.to(device), ours.to(device), _ids(32).to(device)
    with torch.inference_mode():
        expected = theirs(ids).logits
        assert expected.std() > 0.1
        assert (ours(ids) - expected).abs().max() <= 1e-5


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("chunks", [[1] * 12, [5, 1, 6], [12]])
def test_gpt_in_steps_equals_the_whole(norm_first: bool, chunks: list[int]) -> None:
    check_steps_equal_the_whole(_tiny(norm_first=norm_first), _ids(), chunks)


@pytest.mark.parametrize("norm_first", [True, False])
def test_gpt_looks_back_only(norm_first: bool) -> None:
    check_nothing_before_moves(_tiny(norm_first=norm_first), _ids(), 5)


@pytest.mark.parametrize("norm_first", [True, False])
def test_gpt_can_be_looked_into(norm_first: bool) -> None:
    check_trace_of_attention(_tiny(norm_first=norm_first), _ids())


def test_gpt_goes_on_from_kept_states() -> None:
    check_states_are_kept_and_shortened(_tiny(), _ids())


@pytest.mark.parametrize("name", PRESETS)
def test_gpt_presets_have_their_published_sizes(name: str) -> None:
    with torch.device("meta"):
        model = GPT(PRESETS[name])
    assert count_parameters(model) == _SIZES[name]


def test_gpt_learns_a_batch_by_heart() -> None:
    model = GPT(GPTConfig(61, 32, 2, 4, 32, dropout=0.1))
    ids, optimiser = _ids(), torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        logits = model(ids[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 1.0


def test_gpt_does_not_read_beyond_its_block() -> None:
    model = _tiny()
    with pytest.raises(ValueError, match="33 positions, block size is only 32"):
        model(_ids(33))
    with pytest.raises(ValueError, match="33 positions, block size is 32"):
        model.new_state(1, 33)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_head": 5}, "5 heads do not divide the width 32"),
        ({"n_layer": 0}, "n_layer must be at least 1, got 0"),
        ({"d_ff": -1}, "d_ff must be at least 1, got -1"),
    ],
)
def test_gpt_refuses_sizes_that_make_no_sense(change: dict[str, int], message: str) -> None:
    sizes = {"n_vocab": 61, "block_size": 32, "n_layer": 2, "n_head": 4, "n_embd": 32}
    with pytest.raises(ValueError, match=message):
        GPTConfig(**sizes | change)
