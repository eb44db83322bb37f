"""The same sources make the same bundle."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-bundle" / "bin" / "python"
AGAIN = """
import sys
from pathlib import Path
from bundle import build
build.DIST = build.WORK = Path(sys.argv[1])
build.freeze("lite")
"""


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.skipif(not PYTHON.exists(), reason="what makes bundles is not in .venv-bundle")
def test_a_second_build_makes_the_same_files(bundle: Path, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [PYTHON, "-c", AGAIN, str(tmp_path / "again")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=1200)
    again = tmp_path / "again" / bundle.name
    added = {"THIRD_PARTY_LICENSES", "sbom.cdx.json"}
    assert names(bundle) - added == names(again)
