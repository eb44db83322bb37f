import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread():
    """Small networks lose time by sharing it out, and more on a busy machine."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)
