"""A Debian package of a bundle: for /opt, with a command, a menu entry and an icon.

Made by dpkg-deb alone: nothing is compiled, there is nothing for debhelper to do. The full and the
lite package are two names for the same place, so one replaces the other.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from bundle.checks import highest_glibc, needed_libraries

ROOT = Path(__file__).parent.parent
_HERE = ROOT / "bundle"
_NAMES = {"full": "chatapp", "lite": "chatapp-lite"}
_HOME = Path("opt/chatapp")

# Every dpkg reads xz, but not zstd. Level 1 takes a fifth of the usual level's time, which for
# torch is minutes, and a tenth more space.
_COMPRESSION = ("-Zxz", "-z1")

# Libraries that are the system's, and the packages they are in. Where Debian 13 and Ubuntu 24.04
# renamed one, both names.
_LIBC = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
         "libresolv.so.2", "ld-linux-x86-64.so.2")  # fmt: skip
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libvulkan.so.1": "libvulkan1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
}
_CONTROL = """\
Package: {name}
Version: {version}
Section: utils
Priority: optional
Architecture: amd64
Maintainer: The authors of chatapp
Installed-Size: {kib}
Depends: {depends}
Conflicts: {other}
Replaces: {other}
Description: chat with language models that run on your own computer
 A window, a prompt box, and a reply that appears word by word, without an
 account and without a network. A small model comes along.
 .
 {flavour}
"""
_FLAVOURS = {
    "full": "This package runs models with llama.cpp and with chatapp's own networks.",
    "lite": "This package runs models with llama.cpp; the package chatapp does more.",
}
_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: chatapp
Comment: What others made of it is named with its terms in
 /opt/chatapp/THIRD_PARTY_LICENSES and listed in /opt/chatapp/sbom.cdx.json.

Files: *
Copyright: the authors of chatapp
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
"""


def make_deb(bundle: Path, version: str, flavour: str, out: Path) -> None:
    """Pack a finished bundle into a Debian package for amd64.

    Args:
        bundle: The folder with the executables and the notices.
        version: The program's version.
        flavour: "lite" or "full".
        out: The file to write.

    Raises:
        ValueError: If the bundle needs a library of the system whose package is not known.
        subprocess.CalledProcessError: If dpkg-deb fails.
    """
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        tree = Path(folder) / "root"
        tree.mkdir()
        _lay_out(bundle, tree, _NAMES[flavour])
        kib = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
        control = _control(version, flavour, kib, _depends(bundle))
        _write(tree / "DEBIAN" / "control", control)
        tree.chmod(0o755)
        for path in tree.rglob("*"):
            _set_mode(path)
        package = Path(folder) / "package.deb"
        command = ["dpkg-deb", "--root-owner-group", *_COMPRESSION, "--build"]
        subprocess.run([*command, str(tree), str(package)], check=True, stdout=subprocess.DEVNULL)
        package.replace(out)  # whole or not at all


def _lay_out(bundle: Path, tree: Path, name: str) -> None:
    """Put everything where it is installed; `tree` stands for the root of the system."""
    shutil.copytree(bundle, tree / _HOME, symlinks=True)
    command = tree / "usr" / "bin" / "chatapp"
    command.parent.mkdir(parents=True)
    command.symlink_to(Path("/") / _HOME / "chatapp")
    share = tree / "usr" / "share"
    for source, target in (
        (_HERE / "chatapp.desktop", share / "applications"),
        (_HERE / "chatapp.metainfo.xml", share / "metainfo"),
        (ROOT / "chatapp" / "assets" / "icon.svg", share / "icons/hicolor/scalable/apps"),
    ):
        target.mkdir(parents=True)
        shutil.copy(source, target / source.name.replace("icon", "chatapp"))
    _write(share / "doc" / name / "copyright", _COPYRIGHT)


def _control(version: str, flavour: str, kib: int, depends: str) -> str:
    name = _NAMES[flavour]
    (other,) = set(_NAMES.values()) - {name}
    return _CONTROL.format(
        name=name,
        version=version,
        kib=kib,
        depends=depends,
        other=other,
        flavour=_FLAVOURS[flavour],
    )


def _depends(bundle: Path) -> str:
    """What the libraries in the bundle need of the system."""
    needed = needed_libraries(bundle) - set(_LIBC)
    if unknown := sorted(needed - set(_PACKAGES)):
        raise ValueError(f"{', '.join(unknown)}: name the Debian package in bundle/deb.py")
    major, minor = highest_glibc(bundle)
    return ", ".join([f"libc6 (>= {major}.{minor})", *sorted({_PACKAGES[name] for name in needed})])


def _set_mode(path: Path) -> None:
    """Readable by everybody, whatever the umask of the build was."""
    if not path.is_symlink():
        is_program = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if is_program else 0o644)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
