"""Disks without room and folders that may not be written to."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[None]:
    """A disk of that size in `folder`, where this machine lets us have one."""
    options = ["-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs"]
    if (
        sys.platform != "linux"
        or subprocess.run(["mount", *options, folder], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def as_a_plain_user(folder: Path) -> Iterator[None]:
    """Root may write everywhere, so these tests step down for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """No file may grow beyond that size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
