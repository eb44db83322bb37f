import pytest

from chatapp.engine.backends import gpu
from chatapp.engine.backends.gpu import layers_that_fit

GB = 10**9


@pytest.mark.parametrize(
    ("free_gb", "layers"),
    [
        (0, 0),
        (0.5, 0),  # all of it goes to buffers
        (24, 33),  # everything
        (4, 15),
        (6, 24),
    ],
)
def test_as_many_layers_as_the_device_has_memory_for(free_gb: float, layers: int) -> None:
    # 32 layers and the embeddings: 33 parts of 0.2 GB.
    assert layers_that_fit(int(free_gb * GB), 32, int(5.6 * GB), GB) == layers


def test_a_longer_context_leaves_room_for_fewer_layers() -> None:
    short = layers_that_fit(6 * GB, 32, 5 * GB, GB // 2)
    long = layers_that_fit(6 * GB, 32, 5 * GB, 4 * GB)
    assert long < short


def test_a_model_without_size_is_left_to_the_processor() -> None:
    assert layers_that_fit(6 * GB, 0, 0, 0) == 0


def test_a_build_without_offload_has_no_devices() -> None:
    import llama_cpp.llama_cpp as llama

    if llama.llama_supports_gpu_offload():
        pytest.skip("this build can use accelerators")
    assert gpu.find_devices() == []
