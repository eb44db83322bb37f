import pytest
import torch


@pytest.fixture(
    params=[
        "cpu",
        pytest.param(
            "cuda",
            marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="has no CUDA GPU"),
        ),
    ]
)
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.device:
    """Where parity is checked: the CPU, and the GPU where there is one."""
    # By itself cuDNN multiplies the weights of recurrent layers with ten bits of precision.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def _same_draws() -> None:
    torch.manual_seed(7)
