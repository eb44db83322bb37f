"""Where things live on this computer, from source and frozen, and how the engine is started.

The environment variable CHATAPP_HOME moves everything below one folder (tests, a second profile).
So does a folder `chatapp-data` beside the frozen program, which is portable then: on a stick, say.
"""

import os
import sys
import sysconfig
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

APP_NAME = "chatapp"
_PORTABLE = f"{APP_NAME}-data"
_TUNABLES, _LARGE_PAGES = "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"


def is_frozen() -> bool:
    """Whether this is the packaged program, and not its source."""
    return getattr(sys, "frozen", False)


def data_dir() -> Path:
    """The history and its backups; made readable for this user only."""
    return _private(_home("data") or Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)))


def config_dir() -> Path:
    """The settings file."""
    return _private(
        _home("config") or Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))
    )


def cache_dir() -> Path:
    """What can be found out again: probes, headers read before."""
    return _private(_home("cache") or Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)))


def log_dir() -> Path:
    """Logs of the app and of its engines; they never hold the text of a message."""
    return _private(_home("log") or Path(platformdirs.user_log_dir(APP_NAME, appauthor=False)))


def history_file() -> Path:
    """The database of conversations."""
    return data_dir() / "history.sqlite3"


def settings_file() -> Path:
    """The user's choices."""
    return config_dir() / "settings.toml"


def models_dir() -> Path:
    """The app's own folder of model files."""
    return _private(data_dir() / "models")


def runs_dir() -> Path:
    """The runs of training, a folder each."""
    return _private(data_dir() / "runs")


def packages_dir() -> Path:
    """Where installed Python packages lie, some of which carry a model; frozen, what came along."""
    if is_frozen():
        return Path(__file__).parent.parent
    return Path(sysconfig.get_paths()["purelib"])


def shipped_models_dir() -> Path:
    """Small models of ours that come along, each with the recipe it was trained by."""
    return assets_dir() / "models"


def assets_dir() -> Path:
    """Icons, stylesheet and translations; inside the package, so they go wherever it goes."""
    return Path(__file__).parent / "assets"


def engine_command() -> list[str]:
    """The command that starts an engine process."""
    if is_frozen():
        suffix = ".exe" if sys.platform == "win32" else ""
        return [str(Path(sys.executable).with_name(f"chatapp-engine{suffix}"))]
    # -I would drop PYTHONPATH, which a checkout that is not installed needs.
    return [sys.executable, "-m", "chatapp.engine"]


def engine_environment() -> dict[str, str]:
    """The environment to start an engine process in: this one's, and large pages for its memory.

    Every token passes through all of the kv cache. Out of pages of 4 KiB the processor spends much
    of that time on finding the pages: with 2 MiB, where Linux has them, a token after 4,000 others
    takes 3 to 4 % less. glibc reads the wish only at the start of a process.
    """
    environment = dict(os.environ)
    if sys.platform == "linux":
        users = environment.get(_TUNABLES, "")
        environment[_TUNABLES] = ":".join(filter(None, (_LARGE_PAGES, users)))  # the last one wins
    return environment


def dated(path: Path, word: str) -> Path:
    """A name beside `path` that is free: for a copy of it, or for keeping it when damaged."""
    return path.with_name(f"{path.name}.{word}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def _home(name: str) -> Path | None:
    home = os.environ.get("CHATAPP_HOME") or _portable()
    return Path(home) / name if home else None


def _portable() -> Path | None:
    folder = Path(sys.executable).with_name(_PORTABLE)
    can_keep = is_frozen() and folder.is_dir() and os.access(folder, os.W_OK)
    return folder if can_keep else None


def _private(folder: Path) -> Path:
    with suppress(OSError):  # whoever needs the folder finds out, and has the words for it
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
