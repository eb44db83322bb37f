"""The Debian package: made by dpkg-deb of a small bundle, then read and unpacked."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import deb
from bundle.deb import make_deb

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="there is no dpkg-deb")
ROOT = Path(__file__).parent.parent


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A program that needs the C library only, and a library beside it that it does not need."""
    folder = tmp_path / "bündle with spaces"
    (folder / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "chatapp")
    (folder / "_internal" / "model.gguf").write_bytes(b"GGUF" * 1000)
    (folder / "_internal" / "link.gguf").symlink_to("model.gguf")
    (folder / "THIRD_PARTY_LICENSES").write_text("texts", encoding="utf-8")
    (folder / "THIRD_PARTY_LICENSES").chmod(0o600)  # as with a strict umask
    (folder / "_internal").chmod(0o700)
    return folder


def _field(package: Path, name: str) -> str:
    command = ["dpkg-deb", "--field", str(package), name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _contents(package: Path) -> dict[str, tuple[str, str]]:
    """Path -> mode and owner, as they will be installed."""
    command = ["dpkg-deb", "--contents", str(package)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = (line.split(maxsplit=5) for line in listing.splitlines())
    return {path.lstrip("."): (mode, owner) for mode, owner, *_, path in lines}


@pytest.mark.parametrize(
    ("flavour", "name", "other"),
    [("full", "chatapp", "chatapp-lite"), ("lite", "chatapp-lite", "chatapp")],
)
def test_one_flavour_takes_the_place_of_the_other(
    bundle: Path, tmp_path: Path, flavour: str, name: str, other: str
) -> None:
    package = tmp_path / "out.deb"
    make_deb(bundle, "1.2.3", flavour, package)
    assert _field(package, "Package") == name
    assert _field(package, "Conflicts") == _field(package, "Replaces") == other
    assert _field(package, "Version") == "1.2.3"
    assert _field(package, "Architecture") == "amd64"
    assert int(_field(package, "Installed-Size")) >= 4
    assert [path.name for path in tmp_path.iterdir() if path != bundle] == ["out.deb"]


def test_everything_is_in_its_place_and_can_be_read_by_all(bundle: Path, tmp_path: Path) -> None:
    make_deb(bundle, "1.2.3", "full", tmp_path / "out.deb")
    contents = _contents(tmp_path / "out.deb")
    assert contents["/usr/bin/chatapp -> /opt/chatapp/chatapp"][0] == "lrwxrwxrwx"
    assert contents["/opt/chatapp/chatapp"][0] == "-rwxr-xr-x"
    assert contents["/opt/chatapp/THIRD_PARTY_LICENSES"][0] == "-rw-r--r--"
    assert contents["/opt/chatapp/_internal/"][0] == "drwxr-xr-x"
    assert contents["/opt/chatapp/_internal/link.gguf -> model.gguf"][0] == "lrwxrwxrwx"
    assert {
        "/usr/share/applications/chatapp.desktop",
        "/usr/share/metainfo/chatapp.metainfo.xml",
        "/usr/share/icons/hicolor/scalable/apps/chatapp.svg",
        "/usr/share/doc/chatapp/copyright",
    } <= set(contents)
    assert {owner for _, owner in contents.values()} == {"root/root"}


def test_what_is_unpacked_is_the_bundle(bundle: Path, tmp_path: Path) -> None:
    make_deb(bundle, "1.2.3", "lite", tmp_path / "out.deb")
    subprocess.run(
        ["dpkg-deb", "-x", str(tmp_path / "out.deb"), str(tmp_path / "root")], check=True
    )
    home = tmp_path / "root" / "opt" / "chatapp"
    for path in bundle.rglob("*"):
        if path.is_file():
            assert (home / path.relative_to(bundle)).read_bytes() == path.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux libraries")
def test_it_depends_on_what_its_libraries_need_of_the_system(bundle: Path, tmp_path: Path) -> None:
    import PySide6

    plugin = Path(PySide6.__file__).parent / "Qt" / "lib" / "libQt6XcbQpa.so.6"
    shutil.copy(plugin, bundle / "_internal")
    for name in ("libQt6Gui.so.6", "libQt6Core.so.6"):
        (bundle / "_internal" / name).touch()
    here = {path.name for path in bundle.rglob("*")}
    for name in deb.needed_libraries(bundle) - set(deb._PACKAGES) - set(deb._LIBC) - here:
        (bundle / "_internal" / name).touch()  # those that come along
    make_deb(bundle, "1.2.3", "full", tmp_path / "out.deb")
    depends = _field(tmp_path / "out.deb", "Depends").split(", ")
    assert {"libxcb1", "libstdc++6"} <= set(depends)
    assert any(depend.startswith("libc6 (>= 2.") for depend in depends)


def test_a_library_that_nobody_knows_stops_the_build(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deb, "_LIBC", ())
    with pytest.raises(ValueError, match=r"libc\.so\.6.*bundle/deb\.py"):
        make_deb(bundle, "1.2.3", "full", tmp_path / "out.deb")
    assert not (tmp_path / "out.deb").exists()


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (["desktop-file-validate"], "chatapp.desktop"),
        (["appstreamcli", "validate", "--no-net"], "chatapp.metainfo.xml"),
    ],
    ids=["desktop entry", "metainfo"],
)
def test_the_menu_entry_and_its_description_are_valid(command: list[str], file: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    result = subprocess.run(
        [*command, str(ROOT / "bundle" / file)], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "warning" not in result.stdout


def test_the_window_belongs_to_the_menu_entry() -> None:
    from chatapp import paths

    entry = (ROOT / "bundle" / "chatapp.desktop").read_text(encoding="utf-8")
    assert f"StartupWMClass={paths.APP_NAME}\n" in entry
    assert f"Icon={paths.APP_NAME}\n" in entry
