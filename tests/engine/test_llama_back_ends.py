import logging
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from chatapp.engine.backends import llama_back_ends, llama_log
from chatapp.engine.backends.llama_back_ends import ggml, load_back_ends
from chatapp.errors import EngineError

ROOT = Path(__file__).parents[2]
BUNDLE_VENV = ROOT / ".venv-bundle"

LOAD = """
import logging, sys
from pathlib import Path
from chatapp.engine.backends import llama_log
from chatapp.engine.backends.llama_back_ends import ggml, load_back_ends
from chatapp.errors import EngineError

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
llama_log.install()
try:
    load_back_ends(Path(sys.argv[1]))
except EngineError as error:
    print(error)
for _ in range(2):
    load_back_ends()
print(ggml("ggml").ggml_backend_dev_count(), "device")
"""


class Registry(SimpleNamespace):
    """llama.cpp's register of back ends, filled from folders that hold one."""

    def __init__(self) -> None:
        self.loaded_from: list[bytes] = []

        def load(folder: bytes) -> None:
            self.loaded_from.append(folder)

        def find(kind: int) -> int | None:
            has_one = any(list(Path(os.fsdecode(f)).iterdir()) for f in self.loaded_from)
            return 1 if has_one and kind == 0 else None

        super().__init__(ggml_backend_load_all_from_path=load, ggml_backend_dev_by_type=find)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A build whose back ends are libraries of their own, none of which is loaded."""
    registry = Registry()
    monkeypatch.setattr(llama_back_ends, "ggml", lambda name: registry)
    return registry


def test_back_ends_are_loaded_once_from_their_folder(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "földer"
    folder.mkdir()
    (folder / "libggml-cpu-zen4.so").touch()
    load_back_ends(folder)
    load_back_ends(folder)
    assert registry.loaded_from == [os.fsencode(folder)]


def test_a_folder_without_back_ends_is_an_error(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"Install the program again\.") as error:
        load_back_ends(tmp_path)
    assert error.value.code == "internal"
    assert str(tmp_path) in str(error.value)


def test_the_installed_library_finds_its_processor() -> None:
    load_back_ends()
    assert ggml("ggml").ggml_backend_dev_count() > 0
    assert ggml("ggml-base").ggml_version is not None


@pytest.mark.skipif(
    not (BUNDLE_VENV / "ready-bundle").exists(), reason="no environment for bundles"
)
def test_a_build_to_be_carried_away_loads_one_back_end_and_says_which(tmp_path: Path) -> None:
    result = subprocess.run(
        [BUNDLE_VENV / "bin" / "python", "-c", LOAD, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    error, loaded, devices = result.stdout.splitlines()
    assert str(tmp_path) in error
    assert "loaded CPU backend from" in loaded
    assert "libggml-cpu-" in loaded
    assert devices == "1 device"


def test_the_log_says_which_back_end_was_loaded_and_that_is_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    llama_log.forget()
    with caplog.at_level(logging.INFO):
        llama_log._on_log(
            2, b"load_backend: loaded CPU backend from /lib/libggml-cpu-x64.so\n", None
        )
        llama_log._on_log(2, b"print_info: n_layer = 30\n", None)
    assert caplog.messages == ["load_backend: loaded CPU backend from /lib/libggml-cpu-x64.so"]
    assert llama_log.last_lines() == ""
