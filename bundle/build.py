"""Makes the bundles: `.venv-bundle/bin/python -m bundle.build [lite|full]`; both by default.

Freezes the program (build.spec), adds the licences, checks what came of it, and packs it. All that
is written into dist/ and build/. The same sources give the same files.
"""

import argparse
import gzip
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

from bundle import sizes
from bundle.checks import NEWEST_GLIBC, forbidden_libraries, glibc_needs
from bundle.deb import make_deb
from bundle.notices import write_notices
from chatapp import __version__

ROOT = Path(__file__).parent.parent
DIST, WORK = ROOT / "dist", ROOT / "build"
FLAVOURS = {"lite": "chatapp-lite", "full": "chatapp"}
IS_LINUX = sys.platform == "linux"
PLATFORM = f"{platform.system()}-{platform.machine()}".lower()  # linux-x86_64, darwin-arm64

# Packages from PyPI come stripped, and some were patched afterwards: another strip breaks those.
_TO_STRIP = ("libpython*", "python3*/lib-dynload/*", "llama_cpp/lib/*")


def main() -> None:
    """Make the flavour named on the command line, or both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("flavour", nargs="?", choices=FLAVOURS)
    flavour = parser.parse_args().flavour
    # Python's hashes would else order sets, and files with them, anew each time.
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["SOURCE_DATE_EPOCH"] = str(_commit_time())
    os.environ["PYINSTALLER_CONFIG_DIR"] = str(WORK)  # its cache, else in the home folder
    for each in [flavour] if flavour else FLAVOURS:
        build(each)


def build(flavour: str) -> None:
    """Make one flavour and say what it became."""
    folder = freeze(flavour)
    if IS_LINUX:
        strip(folder)
        check(folder)
    write_notices(folder, flavour)
    name = f"{folder.name}-{__version__}-{PLATFORM}"
    files = [DIST / f"{name}.tar.gz"]
    pack(folder, files[0])
    if IS_LINUX:
        files.append(DIST / f"{name}.deb")
        make_deb(folder, __version__, flavour, files[1])
    print(sizes.table(folder))
    for file in files:
        print(f"{file.relative_to(ROOT)}: {_mb(file.stat().st_size)}")


def freeze(flavour: str) -> Path:
    """Run PyInstaller; the folder that came of it."""
    command = [
        *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"),
        *("--distpath", str(DIST), "--workpath", str(WORK / flavour), "build.spec"),
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"CHATAPP_FLAVOUR": flavour}, check=True)
    return DIST / FLAVOURS[flavour]


def strip(folder: Path) -> None:
    """Take the symbols out of what was compiled here."""
    files = [file for pattern in _TO_STRIP for file in (folder / "_internal").glob(pattern)]
    subprocess.run(["strip", *files], check=True)


def check(folder: Path) -> None:
    """Say which C library it needs.

    Raises:
        SystemExit: If it would not run elsewhere, or holds what must not be passed on.
    """
    needs = glibc_needs(folder)
    highest = max(needs.values())
    print(f"Highest GLIBC symbol: GLIBC_{highest[0]}.{highest[1]}")
    if highest > NEWEST_GLIBC:
        names = [str(path.relative_to(folder)) for path, need in needs.items() if need == highest]
        raise SystemExit(f"{', '.join(names)}: too new for the systems a bundle is made for")
    if forbidden := forbidden_libraries(folder):
        raise SystemExit(f"{', '.join(map(str, forbidden))}: belong to the system, not in a bundle")


def pack(folder: Path, target: Path) -> None:
    """Make the archive; no version in the folder's name: a newer one is unpacked over it."""
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            name = str(path.relative_to(DIST))
            archive.add(path, name, recursive=False, filter=_same_for_all)


def _same_for_all(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = int(os.environ["SOURCE_DATE_EPOCH"])
    return entry


def _commit_time() -> int:
    # safe.directory: a checkout may belong to somebody else, as it does in a container.
    command = ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)


def _mb(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
