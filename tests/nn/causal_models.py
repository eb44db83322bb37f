"""What holds for every language model that reads from left to right."""

import torch
from torch import Tensor, nn

from chatapp.nn.trace import Trace


def check_steps_equal_the_whole(model: nn.Module, ids: Tensor, chunks: list[int]) -> None:
    """Reading `ids` [B, T] in pieces gives the logits of reading them at once."""
    with torch.inference_mode():
        whole = model(ids)
        state = model.new_state(*ids.shape)
        pieces = []
        for piece in ids.split(chunks, 1):
            pieces.append(model(piece, state))
        assert state.length == ids.shape[1]
        assert (torch.cat(pieces, 1) - whole).abs().max() <= 1e-5
        assert (model(ids, last_only=True) - whole[:, -1:]).abs().max() <= 1e-5
        places = ids % 2 == 0
        assert (model(ids, places=places) - whole[places]).abs().max() <= 1e-5


def check_nothing_before_moves(model: nn.Module, ids: Tensor, at: int) -> None:
    """Another id at `at` changes no logits before it, and those at it."""
    with torch.inference_mode():
        before = model(ids)
        ids = ids.clone()
        ids[:, at] = (ids[:, at] + 1) % before.shape[-1]
        after = model(ids)
    assert torch.equal(before[:, :at], after[:, :at])
    assert not torch.equal(before[:, at], after[:, at])


def check_trace_of_attention(model: nn.Module, ids: Tensor) -> None:
    """A trace holds every layer's weights and states, and asking for it changes nothing."""
    config, trace = model.config, Trace()
    (n_batch, n_time), n_layer = ids.shape, config.n_layer
    with torch.inference_mode():
        traced = model(ids, trace=trace)
        assert (traced - model(ids)).abs().max() <= 1e-5
        state = model.new_state(n_batch, n_time)
        model(ids[:, :-2], state)
        step = Trace(hidden=False)
        model(ids[:, -2:], state, trace=step)
    assert len(trace.attention) == n_layer
    assert len(trace.hidden) == n_layer + 1
    for weights, last in zip(trace.attention, step.attention, strict=True):
        assert weights.shape == (n_batch, config.n_head, n_time, n_time)
        assert (weights.sum(-1) - 1).abs().max() <= 1e-5
        assert not weights.triu(1).any()
        assert (weights[:, :, -2:] - last).abs().max() <= 1e-5
    for x in trace.hidden:
        assert x.shape == (n_batch, n_time, config.n_embd)
    assert step.hidden == []


def check_states_are_kept_and_shortened(model: nn.Module, ids: Tensor) -> None:
    """A state that was copied, shortened or restored goes on as if nothing had been between."""
    half = ids.shape[1] // 2
    with torch.inference_mode():
        whole = model(ids)
        state = model.new_state(*ids.shape)
        model(ids, state)
        copy = state.copy(half)
        state.truncate(half)
        assert (model(ids[:, half:], state) - whole[:, half:]).abs().max() <= 1e-5
        other = model.new_state(*ids.shape)
        other.restore(copy)
        assert other.length == half
        assert (model(ids[:, half:], other) - whole[:, half:]).abs().max() <= 1e-5


def count_parameters(model: nn.Module) -> int:
    """All numbers that are learned, each once."""
    return sum(parameter.numel() for parameter in model.parameters())
