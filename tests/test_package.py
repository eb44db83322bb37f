"""What is installed from a package is the whole program."""

import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from flit_core import buildapi

ROOT = Path(__file__).parent.parent


def test_a_built_wheel_holds_every_file_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    command = ["git", "-c", "safe.directory=*", "ls-files", "--", "chatapp"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    files = {name for name in result.stdout.splitlines() if Path(name).exists()}
    assert "chatapp/assets/style.qss" in files
    with ZipFile(wheel) as packed:
        assert not files - set(packed.namelist())
