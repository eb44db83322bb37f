import re
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from bundle.checks import forbidden_libraries, glibc_needs, highest_glibc

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux libraries")


def test_the_newest_glibc_is_that_of_the_most_demanding_file(tmp_path: Path) -> None:
    library = Path(msgspec._core.__file__)
    (tmp_path / "sub folder").mkdir()
    copy = Path(shutil.copy(library, tmp_path / "sub folder"))
    (tmp_path / "text.so").write_text("GLIBC_2.99")
    (tmp_path / "link.so").symlink_to(copy)
    versions = re.findall(rb"GLIBC_2\.(\d+)", library.read_bytes())
    assert highest_glibc(tmp_path) == (2, max(map(int, versions)))
    assert list(glibc_needs(tmp_path)) == [copy]


def test_without_programs_any_glibc_will_do(tmp_path: Path) -> None:
    assert highest_glibc(tmp_path) == (0, 0)


@pytest.mark.parametrize(
    "name",
    ["libvulkan.so.1", "libGL.so.1", "libGLX.so.0", "libcudart.so.13", "libcublasLt.so.13",
     "libtorch_cuda.so", "libc10_cuda.so", "libnvrtc.so.13", "libnccl.so.2", "libc.so.6"],
)  # fmt: skip
def test_what_belongs_to_a_driver_or_to_the_system_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / name).touch()
    assert forbidden_libraries(tmp_path) == [tmp_path / "lib" / name]


@pytest.mark.parametrize(
    "name",
    ["libQt6OpenGL.so.6", "libicudata.so.73", "libggml-vulkan.so", "libtorch_cpu.so",
     "libcurl.so.4", "libdrm-egl-server.so", "libcups.so.2", "libglib-2.0.so.0", "cuda.py"],
)  # fmt: skip
def test_what_a_bundle_may_hold_is_let_through(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert forbidden_libraries(tmp_path) == []
