import pytest
import torch
from torch import nn

from chatapp.nn import onednn
from chatapp.nn.llama import Llama, LlamaConfig
from chatapp.nn.onednn import OneDnnLinear, use_onednn

CONFIG = LlamaConfig(
    n_vocab=256, block_size=64, n_layer=2, n_head=4, n_kv_head=2, n_embd=64, d_ff=96,
    tie_embeddings=True,
)  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 64), (1, 1, 64), (2, 3, 64), (1, 300, 64)])
@pytest.mark.parametrize("bias", [False, True])
def test_onednn_computes_what_torch_computes(shape, bias):
    torch.manual_seed(0)
    linear = nn.Linear(64, 96, bias=bias)
    x = torch.randn(shape)
    with torch.no_grad():
        expected = linear(x)
        use_onednn(linear)
        assert isinstance(linear, OneDnnLinear)
        torch.testing.assert_close(linear(x), expected, rtol=0, atol=1e-6)


def test_a_model_keeps_its_weights_its_ties_and_its_answers():
    torch.manual_seed(0)
    model = Llama(CONFIG)
    ids = torch.randint(256, (1, 20))
    before = model.state_dict()
    with torch.no_grad():
        expected = model(ids)
        use_onednn(model)
        logits = model(ids)
    assert isinstance(model.head, OneDnnLinear)
    assert model.head.weight is model.token_embedding.weight
    assert model.state_dict().keys() == before.keys()
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_gradients_flow_as_before():
    torch.manual_seed(0)
    linear = nn.Linear(64, 96)
    x = torch.randn(2, 64)
    linear(x).sum().backward()
    expected = linear.weight.grad
    linear.weight.grad = None
    use_onednn(linear)(x).sum().backward()
    assert torch.equal(linear.weight.grad, expected)


def test_other_types_are_left_to_torch():
    linear = use_onednn(nn.Linear(64, 96).bfloat16())
    with torch.no_grad():
        assert linear(torch.zeros(1, 64, dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_a_build_without_onednn_changes_nothing(monkeypatch):
    monkeypatch.setattr(onednn, "_is_available", lambda: False)
    assert type(use_onednn(nn.Linear(2, 3))) is nn.Linear
