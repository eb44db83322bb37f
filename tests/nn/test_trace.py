import torch

from chatapp.nn.trace import Trace


def test_a_trace_keeps_what_is_wanted_only() -> None:
    weights, x = torch.ones(1, 2, 3, 3), torch.ones(1, 3, 4, requires_grad=True)
    for wanted in ("attention", "hidden", "gates"):
        trace = Trace(**{name: name == wanted for name in ("attention", "hidden", "gates")})
        trace.add_attention(weights)
        trace.add_attention(weights, is_cross=True)
        trace.add_hidden(x)
        trace.add_gates({"forget": x})
        n_attention = 1 if wanted == "attention" else 0
        assert len(trace.attention) == len(trace.cross_attention) == n_attention
        assert len(trace.hidden) == (1 if wanted == "hidden" else 0)
        assert len(trace.gates) == (1 if wanted == "gates" else 0)


def test_a_trace_holds_no_graph() -> None:
    trace, x = Trace(), torch.ones(1, 3, 4, requires_grad=True)
    trace.add_hidden(x)
    trace.add_gates({"forget": x})
    assert not trace.hidden[0].requires_grad
    assert not trace.gates[0]["forget"].requires_grad
