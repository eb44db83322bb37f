"""The bundles of `make bundle`, a home for each test, and a screen to open windows on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import harness

DIST = Path(__file__).parent.parent / "dist"


def _bundle(name: str) -> Path:
    folder = DIST / name
    if not (folder / "chatapp").is_file():
        pytest.fail(f"There is no dist/{name} yet: run `make bundle` first.", pytrace=False)
    return folder


@pytest.fixture(scope="session", params=["chatapp-lite", "chatapp"])
def each_bundle(request: pytest.FixtureRequest) -> Path:
    """Both flavours, one after the other."""
    return _bundle(request.param)


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The flavour that is unpacked sooner; the folder is not to be changed."""
    return _bundle("chatapp-lite")


@pytest.fixture(scope="session")
def full_bundle() -> Path:
    """The flavour with our own networks."""
    return _bundle("chatapp")


@pytest.fixture
def own_bundle(bundle: Path, tmp_path: Path) -> Path:
    """A bundle to change things in; its files are those of `bundle` until they are replaced."""
    copy = tmp_path / "bundle"
    try:
        shutil.copytree(bundle, copy, symlinks=True, copy_function=os.link)
    except OSError:  # another disk
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(bundle, copy, symlinks=True)
    return copy


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a screen that nothing else is on."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("Xvfb and xdotool are not installed")
    with harness.virtual_screen() as environment:
        yield environment["DISPLAY"]
