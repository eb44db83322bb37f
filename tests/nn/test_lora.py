from collections.abc import Callable

import pytest
import torch
from causal_models import count_parameters
from comparing import difference
from torch import nn

from chatapp.nn.bert import BertConfig, BertForSequenceClassification
from chatapp.nn.gpt import GPT, GPTConfig
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.lora import (
    LoRALinear,
    add_lora,
    count_trainable,
    load_lora_state_dict,
    lora_layers,
    lora_state_dict,
    merge_lora,
)
from chatapp.nn.onednn import OneDnnLinear, use_onednn
from chatapp.nn.rnn import RNNLM, RNNConfig
from chatapp.nn.transformer import Transformer, TransformerConfig

IDS = torch.arange(24).view(2, 12) % 50
LLAMA = LlamaConfig(64, 32, 2, 4, 2, 16, 24, tie_embeddings=True, qkv_bias=True)


def run(model: nn.Module) -> torch.Tensor:
    return model(IDS, IDS) if isinstance(model, Transformer) else model(IDS)


NETWORKS: dict[str, tuple[Callable[[], nn.Module], list[str] | None]] = {
    "llama": (lambda: Llama(LLAMA), None),
    "gpt": (lambda: GPT(GPTConfig(64, 32, 2, 2, 16, tie_embeddings=False)), None),
    "bert": (lambda: BertForSequenceClassification(BertConfig(64, 32, 2, 2, 16), 3), None),
    "transformer": (
        lambda: Transformer(
            TransformerConfig(n_vocab=64, n_layer=1, n_head=2, n_embd=16, d_ff=32, dropout=0.0)
        ),
        None,
    ),
    "rnn": (lambda: RNNLM(RNNConfig(64, 32, 1, 8, 16)), ["head"]),
}


def adapted(name: str) -> tuple[nn.Module, torch.Tensor]:
    """A network with adapters, and what it computed before it had them."""
    make, targets = NETWORKS[name]
    model = make().eval()
    with torch.no_grad():
        before = run(model)
    return add_lora(model, 4, 8.0, targets=targets), before


def disturb(model: nn.Module) -> None:
    """Give the adapters something that they have learned."""
    for layer in lora_layers(model).values():
        nn.init.normal_(layer.lora_b, std=0.3)


@pytest.mark.parametrize("name", NETWORKS)
def test_adapters_change_nothing_at_first(name: str) -> None:
    model, before = adapted(name)
    assert not model.training
    with torch.no_grad():
        assert torch.equal(run(model), before)


@pytest.mark.parametrize("name", NETWORKS)
def test_only_adapters_learn(name: str) -> None:
    model, before = adapted(name)
    frozen = {key: one.clone() for key, one in model.named_parameters() if "lora" not in key}
    learning = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=0.5)
    for _ in range(2):  # after the first step A has a gradient too
        optimizer.zero_grad()
        run(model).logsumexp(-1).sum().backward()
        optimizer.step()
    assert not torch.allclose(run(model), before)
    for key, parameter in model.named_parameters():
        assert (parameter.grad is not None) == ("lora" in key), key
        assert "lora" in key or torch.equal(parameter, frozen[key]), key
    assert len(optimizer.state_dict()["param_groups"][0]["params"]) == len(lora_state_dict(model))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_merged_network_computes_the_same_and_is_what_it_was(name: str) -> None:
    make, _ = NETWORKS[name]
    model, before = adapted(name)
    disturb(model)
    with torch.no_grad():
        unmerged = run(model)
        assert difference(unmerged, before) > 1e-2
        assert merge_lora(model) is model
        assert difference(run(model), unmerged) <= 1e-6 * max(1, unmerged.abs().max().item())
    assert [*model.state_dict()] == [*make().state_dict()]
    assert [type(one) for one in model.modules()] == [type(one) for one in make().modules()]


def test_a_tied_head_is_left_alone_and_may_not_be_chosen() -> None:
    model, _ = adapted("llama")
    assert model.head.weight is model.token_embedding.weight
    table = model.head.weight.clone()
    disturb(model)
    merge_lora(model)
    assert torch.equal(model.head.weight, table)
    with pytest.raises(ValueError, match="head is tied"):
        add_lora(Llama(LLAMA), 4, 8.0, targets=["head"])


def test_what_was_learned_is_taken_over_by_name() -> None:
    model, _ = adapted("llama")
    disturb(model)
    state = lora_state_dict(model)
    assert state["blocks.1.attention.qkv.lora_a"].shape == (4, 16)
    assert state["blocks.1.attention.qkv.lora_b"].shape == (32, 4)
    assert len(state) == 2 * 2 * 4
    other = Llama(LLAMA).eval()
    other.load_state_dict(merge_lora(adapted("llama")[0]).state_dict(), strict=True)
    base = Llama(LLAMA).eval()
    base.load_state_dict(
        {
            key.replace(".base", ""): one
            for key, one in model.state_dict().items()
            if "lora" not in key
        }
    )
    load_lora_state_dict(add_lora(base, 4, 8.0), state)
    with torch.no_grad():
        assert torch.equal(run(base), run(model))


def test_what_other_layers_learned_is_refused() -> None:
    model, _ = adapted("llama")
    state = lora_state_dict(model)
    with pytest.raises(ValueError, match=r"other layers: blocks\.0\.attention\.out"):
        load_lora_state_dict(add_lora(Llama(LLAMA), 4, 8.0, targets=["qkv"]), state)
    with pytest.raises(ValueError, match=r"lora_a of the shape \(2, 16\), got \(4, 16\)"):
        load_lora_state_dict(add_lora(Llama(LLAMA), 2, 8.0), state)


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (["qkv"], ["blocks.0.attention.qkv", "blocks.1.attention.qkv"]),
        (["feed_forward.down"], ["blocks.0.feed_forward.down", "blocks.1.feed_forward.down"]),
        (["blocks.1.attention.out"], ["blocks.1.attention.out"]),
    ],
)
def test_layers_are_chosen_by_the_end_of_their_names(targets: list[str], names: list[str]) -> None:
    assert [*lora_layers(add_lora(Llama(LLAMA), 4, 8.0, targets=targets))] == names


def test_a_small_part_of_the_numbers_learns() -> None:
    model, _ = adapted("llama")
    layers = [layer.base for layer in lora_layers(model).values()]
    expected = sum(4 * (layer.in_features + layer.out_features) for layer in layers)
    assert count_trainable(model) == expected < 0.5 * count_parameters(model)


def test_the_base_may_be_bfloat16() -> None:
    model = Llama(LLAMA).to(torch.bfloat16)
    add_lora(model, 4, 8.0)
    loss = run(model).float().logsumexp(-1).sum()
    loss.backward()
    assert {one.grad.dtype for one in model.parameters() if one.requires_grad} == {torch.float32}
    assert loss.dtype == torch.float32
    disturb(model)
    layers = lora_layers(model)
    exact = {
        name: layer.base.weight.float() + 2.0 * layer.lora_b @ layer.lora_a
        for name, layer in layers.items()
    }
    merge_lora(model)
    for name, weight in exact.items():
        assert torch.equal(model.get_submodule(name).weight, weight.to(torch.bfloat16))


def test_a_layer_of_onednn_keeps_its_kind() -> None:
    model = use_onednn(Llama(LLAMA)).eval()
    kinds = [type(one) for one in model.modules()]
    assert OneDnnLinear in kinds
    add_lora(model, 4, 8.0)
    disturb(model)
    with torch.no_grad():
        unmerged = run(model)
        merge_lora(model)
        assert difference(run(model), unmerged) <= 1e-6
    assert [type(one) for one in model.modules()] == kinds


def test_the_input_of_the_adapters_is_dropped_in_training_only() -> None:
    model = add_lora(Llama(LLAMA), 4, 8.0, dropout=0.5)
    disturb(model)
    with torch.no_grad():
        assert not torch.equal(run(model), run(model))
        model.eval()
        assert torch.equal(run(model), run(model))


def test_what_cannot_be_adapted_is_said() -> None:
    with pytest.raises(ValueError, match="no linear layer called lm_head, q_proj"):
        add_lora(Llama(LLAMA), 4, 8.0, targets=["q_proj", "lm_head"])
    with pytest.raises(ValueError, match="no linear layer to"):
        add_lora(RNNLM(RNNConfig(64, 32, 1, 8, 16)), 4, 8.0)
    with pytest.raises(ValueError, match="adapters already"):
        add_lora(add_lora(Llama(LLAMA), 4, 8.0), 4, 8.0)
    with pytest.raises(ValueError, match="rank must be at least 1"):
        LoRALinear(nn.Linear(2, 2), 0, 1.0)
