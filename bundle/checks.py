"""What a Linux bundle's libraries ask of the system they come to, and which must not come along."""

import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

NEWEST_GLIBC = (2, 35)  # of Ubuntu 22.04, the oldest system a bundle is made for
# These belong to the driver of a graphics card: another system's do not work with it.
_LOADERS = ("libvulkan.*", "libgl.*", "libglx.*", "libegl.*", "libgles*", "libgldispatch.*",
            "libopengl.*", "libgbm.*", "libdrm.*", "libdrm_*")  # fmt: skip
_CUDA = ("libcud*", "libcublas*", "libcufft*", "libcufile*", "libcupti*", "libcurand*",
         "libcusolver*", "libcusparse*", "libnccl*", "libnv*", "*_cuda*", "*-cuda*")  # fmt: skip
# Together with the system's own dynamic linker only its own C library works.
_SYSTEM = ("libc.so*", "libm.so*", "libpthread.so*", "ld-linux*")


def glibc_needs(folder: Path) -> dict[Path, tuple[int, int]]:
    """The newest version of the C library that each program and library in `folder` asks for."""
    return {
        path: max(versions) for path in _programs(folder) if (versions := set(_asked_for(path)))
    }


def highest_glibc(folder: Path) -> tuple[int, int]:
    """The oldest version of the C library that everything in `folder` runs with."""
    return max(glibc_needs(folder).values(), default=(0, 0))


def forbidden_libraries(folder: Path) -> list[Path]:
    """CUDA, loaders of graphics drivers and the C library: none of them may lie in `folder`."""
    patterns = _LOADERS + _CUDA + _SYSTEM
    return [
        path
        for path in sorted(folder.rglob("*"))
        if ".so" in path.suffixes
        and any(fnmatch(path.name.lower(), pattern) for pattern in patterns)
    ]


def needed_libraries(folder: Path) -> set[str]:
    """The libraries that something in `folder` is linked with, and that do not lie there."""
    there = {path.name for path in folder.rglob("*")}
    needed = (re.findall(r"^ *NEEDED +(\S+)", _headers(path), re.M) for path in _programs(folder))
    return set().union(*needed) - there


def _programs(folder: Path) -> Iterator[Path]:
    """All ELF files, executables too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _asked_for(path: Path) -> Iterator[tuple[int, int]]:
    for major, minor in re.findall(r"\bGLIBC_(\d+)\.(\d+)", _headers(path)):
        yield int(major), int(minor)


def _headers(path: Path) -> str:
    command = ["objdump", "--private-headers", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
