"""What a bundle weighs, how soon its window stands there, and how soon it first answers.

Needs what `make bundle` makes. The window is started in turns with the one from source, and
watched from outside: its list of conversations on the screen. For the first answer the system
forgets all files before, which only root can make it do; the window and `chatapp ask` are started
one after the other, which takes longer than a question in the window.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks import harness
from benchmarks.harness import Result
from benchmarks.window import fill_history
from bundle import sizes
from chatapp import __version__

LONG = True
DIST = harness.FOLDER.parent / "dist"
LITE, FULL = DIST / "chatapp-lite", DIST / "chatapp"
CONVERSATIONS = 1000
PAIRS = 15
WATCHER = Path(__file__).with_name("_on_screen.py")
QUESTION = ("ask", "Why is the sea salty?", "--max-new-tokens", "16")


def measure() -> list[Result]:
    """Every claim.

    Raises:
        RuntimeError: If there is no bundle.
    """
    for folder in (LITE, FULL):
        if not folder.exists():
            raise RuntimeError(f"dist/{folder.name} is missing: run `make bundle` first.")
    return [*_sizes(), *_times()]


def _sizes() -> list[Result]:
    (packed,) = DIST.glob(f"{LITE.name}-{__version__}-*.tar.gz")
    largest = ", ".join(
        f"{name} {size / 1e6:.0f} MB" for name, size in sizes.by_package(FULL).most_common(3)
    )
    return [
        harness.limit("bundle", "lite, packed", packed.stat().st_size / 1e6, "MB", at_most=190),
        harness.limit("bundle", "lite, unpacked", sizes.total(LITE) / 1e6, "MB", at_most=330),
        harness.limit("bundle", "full, unpacked", sizes.total(FULL) / 1e6, "MB", reference=largest),
    ]


def _times() -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, harness.virtual_screen() as screen:
        home = Path(folder, "home")
        fill_history(home, CONVERSATIONS, CONVERSATIONS)
        screen["CHATAPP_HOME"] = str(home)
        # An installed program is compiled, whatever the environment of a test says.
        screen.pop("PYTHONDONTWRITEBYTECODE", None)
        picture = str(Path(folder, "list.png"))
        frozen = partial(_on_screen, screen, picture, [str(LITE / "chatapp")])
        source = partial(_on_screen, screen, picture, [sys.executable, "-m", "chatapp"])
        frozen(), source()  # the picture, and the page cache
        pair = harness.alternate(frozen, source, PAIRS)
        is_cold = _forget_files()
        seconds = frozen()
        _forget_files()
        seconds += _first_answer(Path(folder, "fresh"))
    return [
        harness.compare(
            "bundle",
            f"exec to the window on the screen, {CONVERSATIONS:,} conversations, against source",
            pair,
            "s",
            at_most=1.5,
        ),
        harness.limit(
            "bundle",
            f"the window and a first answer, {'nothing' if is_cold else 'the files'} cached",
            seconds,
            "s",
            at_most=10,
        ),
    ]


def _on_screen(screen: dict[str, str], picture: str, command: Sequence[str]) -> float:
    """Seconds from exec to the list on the screen."""
    watcher = [sys.executable, str(WATCHER), picture, *command]
    process = subprocess.run(
        watcher, env=screen, cwd=harness.FOLDER.parent, stdout=subprocess.PIPE, check=True
    )
    return float(json.loads(process.stdout))


def _first_answer(home: Path) -> float:
    """Seconds from exec to the first word, in a home without anything known."""
    start = time.monotonic()
    with subprocess.Popen(
        [str(LITE / "chatapp"), *QUESTION],
        env=os.environ | {"CHATAPP_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        if not process.stdout.read(1):
            raise RuntimeError("`chatapp ask` gave no answer.")
        return time.monotonic() - start


def _forget_files() -> bool:
    """Have the system read every file from the disk again; False where that is not allowed."""
    os.sync()
    with suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
        return True
    return False


if __name__ == "__main__":
    raise SystemExit(harness.main(["bundle"]))
