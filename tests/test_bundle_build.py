import os
import tarfile
from pathlib import Path

import pytest

from bundle import build, sizes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bundle, in the place where bundles are made."""
    monkeypatch.setattr(build, "DIST", tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folder = tmp_path / "chatapp-lite"
    for name, size in {
        "chatapp": 7,
        "THIRD_PARTY_LICENSES": 1,
        "_internal/libpython3.11.so.1.0": 20,
        "_internal/python3.11/lib-dynload/math.so": 2,
        "_internal/base_library.zip": 3,
        "_internal/libX11.so.6": 5,
        "_internal/libxcb-shm.so.0": 6,
        "_internal/numpy/_core/umath.so": 100,
        "_internal/numpy.libs/libblas.so": 200,
        "_internal/markupsafe-3.0.4.dist-info/METADATA": 4,
        "_internal/markupsafe/_speedups.so": 8,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(size))
    (folder / "chatapp").chmod(0o755)
    (folder / "_internal" / "libX.so").symlink_to("libX11.so.6")
    return folder


def test_the_table_adds_up_what_belongs_to_a_package(folder: Path) -> None:
    assert sizes.by_package(folder) == {
        "chatapp": 7,
        "THIRD_PARTY_LICENSES": 1,
        "Python": 25,
        "libraries of the system": 11,
        "numpy": 300,
        "markupsafe": 12,
    }
    assert sizes.table(folder).splitlines()[0].split() == ["numpy", "0.0", "MB"]


def test_the_same_files_give_the_same_archive_whenever_it_is_made(
    folder: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    build.pack(folder, first)
    os.utime(folder / "chatapp", (1, 1))
    build.pack(folder, second)
    assert first.read_bytes() == second.read_bytes()


def test_an_archive_unpacks_into_one_folder_and_belongs_to_nobody_here(
    folder: Path, tmp_path: Path
) -> None:
    build.pack(folder, tmp_path / "packed.tar.gz")
    with tarfile.open(tmp_path / "packed.tar.gz") as archive:
        entries = archive.getmembers()
    assert {entry.name.partition("/")[0] for entry in entries} == {"chatapp-lite"}
    assert {(entry.uid, entry.uname) for entry in entries} == {(0, "root")}
    (program,) = (entry for entry in entries if entry.name == "chatapp-lite/chatapp")
    assert program.mode & 0o111
    assert any(entry.issym() for entry in entries)


def test_a_bundle_with_a_library_of_cuda_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "glibc_needs", lambda _: {folder / "chatapp": (2, 34)})
    build.check(folder)
    (folder / "_internal" / "libcudart.so.13").write_bytes(b"")
    with pytest.raises(SystemExit, match=r"libcudart\.so\.13"):
        build.check(folder)


def test_a_bundle_that_needs_too_new_a_system_is_refused_and_the_file_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "glibc_needs", lambda _: {folder / "chatapp": (2, 36)})
    with pytest.raises(SystemExit, match="chatapp: too new"):
        build.check(folder)
