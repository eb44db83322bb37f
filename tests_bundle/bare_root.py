"""A Linux of its own with nothing in it but what a desktop has: no Python and no compiler.

It is made once by debootstrap, out of the package lists of this machine, and kept in build/; what
is deleted there is made again. What runs in it runs in a network namespace without interfaces, as a
user who may not write into the program's folder. What is mounted is gone with the program.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent / "build" / "bare-root"
PROGRAM, HOME = Path("/mnt/chatapp"), Path("/home/someone")
USER_ID = 1000
# What the Debian package of a bundle depends on, and a font.
LIBRARIES = (
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libglib2.0-0",
    "libopengl0",
    "libwayland-cursor0",
    "libx11-xcb1",
    "fonts-dejavu-core",
)
_SCREENS = Path("/tmp/.X11-unix")
_ENTER = f"""
set -e
root=$1 bundle=$2 home=$3 user=$4
shift 4
bind() {{ mkdir -p "$root$2" && mount --bind "$1" "$root$2"; }}
[ -z "$bundle" ] || {{ bind "$bundle" {PROGRAM}; mount -o remount,bind,ro "$root{PROGRAM}"; }}
[ ! -d {_SCREENS} ] || bind {_SCREENS} {_SCREENS}
bind "$home" {HOME}
mount -t proc proc "$root/proc"
exec chroot --userspec="$user:$user" "$root" /usr/bin/env -i "$@"
"""


def why_not() -> str:
    """What keeps a root from being made here; "" when nothing does."""
    missing = [name for name in ("debootstrap", "unshare", "chroot") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not installed"
    if os.geteuid() != 0:
        return "needs root, to make a Linux of its own and to enter it"
    return "" if allows_namespaces() else "this machine allows no namespaces"


def allows_namespaces() -> bool:
    """Whether root may give a program a network and mounts of its own here."""
    command = ["unshare", "--net", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True).returncode == 0


def make() -> Path:
    """The root; made the first time, in a minute."""
    if ROOT.exists():
        return ROOT
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    fresh = ROOT.with_name("bare-root.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(exist_ok=True)
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(LIBRARIES)}"]
    subprocess.run([*command, release, fresh, _mirror(release)], check=True)
    subprocess.run(["chroot", fresh, "apt-get", "clean"], check=True)
    return fresh.rename(ROOT)


def command(
    root: Path,
    arguments: Sequence[str],
    *,
    home: Path,
    bundle: Path | None = None,
    user_id: int = USER_ID,
    display: str = "",
) -> list[str]:
    """The command that runs `arguments` in `root`; the process it starts becomes the program.

    Args:
        root: Where to run it.
        arguments: The program and what it is given, as seen in there.
        home: The folder that is the user's home in there.
        bundle: The folder that is `PROGRAM` in there, read-only.
        user_id: Who runs it.
        display: The X screen of this machine that it may use.
    """
    os.chown(home, user_id, user_id)
    environment = [f"HOME={HOME}", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", f"DISPLAY={display}"]
    enter = ["unshare", "--net", "--mount", "sh", "-c", _ENTER, "enter"]
    place = [str(root), str(bundle or ""), str(home), str(user_id)]
    return [*enter, *place, *environment, *arguments]


def _mirror(release: str) -> str:
    """Where this machine gets the packages of `release` from."""
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    listing = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    uris = [line.split()[0] for line in lines if line.split()[1:] == [release, "main"]]
    assert uris, f"The package lists of this machine have no {release} main."
    return uris[0]
