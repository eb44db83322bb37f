"""The program as somebody has it: a command, a home, and a window that takes keys.

What a window has done is read from the history below the home, as it lies on the disk: an open
history lets nobody else in, so a copy is read.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import psutil
import tomli_w

T = TypeVar("T")
DATA = Path(".local", "share", "chatapp")
LOGS = Path(".local", "state", "chatapp", "log")
SETTINGS = Path(".config", "chatapp", "settings.toml")
ANSWER_S = 180  # for a reply, on a busy machine


class Said(NamedTuple):
    """A message of the history."""

    role: str
    status: str
    text: str
    model_path: str


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """What a program finds that is started from a desktop: nothing of this process."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), **more}


def choose(home: Path, max_new_tokens: int = 16, **settings: str | int | list[str]) -> None:
    """Choose settings before the first start; replies are short, so that nobody waits for them."""
    preset = {"name": "Short", "params": {"max_new_tokens": max_new_tokens}}
    chosen = {"default_preset": "Short", "presets": [preset], **settings}
    file = home / SETTINGS
    file.parent.mkdir(parents=True)
    file.write_text(tomli_w.dumps(chosen), encoding="utf-8")


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run to the end; stdin is empty."""
    options.setdefault("timeout", 300)
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options
    )


def until(condition: Callable[[], T], what: str, seconds: float = ANSWER_S) -> T:
    """Wait until `condition` gives something true, and give it."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{seconds} s passed before {what}"
        time.sleep(0.1)
    return value


def history(home: Path, data: Path = DATA) -> list[Said]:
    """What is in the history of `home` now; empty while it is being made."""
    query = "SELECT id, role, status, parts, model_path FROM message ORDER BY number"
    chunks = "SELECT group_concat(text, '') FROM chunk WHERE message_id = ?"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("history.sqlite3", "history.sqlite3-wal"):
            with suppress(FileNotFoundError):
                shutil.copy(home / data / name, folder)
        copy = Path(folder, "history.sqlite3")
        # Copied in the middle of a change it may not hold together.
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(copy)) as db:
            return [
                Said(
                    role,
                    status,
                    _text(parts) or db.execute(chunks, (id,)).fetchone()[0] or "",
                    model,
                )
                for id, role, status, parts, model in db.execute(query).fetchall()
            ]
    return []


def replies(home: Path, data: Path = DATA) -> list[Said]:
    """The replies that are finished."""
    return [
        said
        for said in history(home, data)
        if (said.role, said.status) == ("assistant", "complete")
    ]


class Window:
    """A window on a screen; a context manager that closes it in good order."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], display: str) -> None:
        self._display = display
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        self._id = until(self._find, "the window stood on the screen")
        self._do("windowfocus", "--sync", self._id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.process.kill()
        self.process.wait()

    def is_in_front(self) -> bool:
        """Whether no other window lies over the middle of it."""
        size = dict(
            line.split("=") for line in self._do("getwindowgeometry", "--shell", self._id).split()
        )
        x, y = int(size["X"]) + int(size["WIDTH"]) // 2, int(size["Y"]) + int(size["HEIGHT"]) // 2
        seen = self._do("mousemove", str(x), str(y), "getmouselocation", "--shell").split()
        return f"WINDOW={self._id}" in seen

    def type(self, text: str) -> None:
        """Type as hands do."""
        self._do("type", "--delay", "20", text)

    def press(self, *keys: str) -> None:
        """Press keys, as xdotool names them."""
        self._do("key", *keys)

    def ask(self, question: str) -> None:
        """Type a question and send it."""
        self.type(question)
        self.press("Return")

    def engine(self) -> psutil.Process:
        """The engine that the window has started."""
        (engine,) = psutil.Process(self.process.pid).children()
        return engine

    def _find(self) -> str:
        assert self.process.poll() is None, f"It ended with {self.process.returncode}"
        mine = ("--all", "--onlyvisible", "--pid", str(self.process.pid), "--class", "chatapp")
        return self._do("search", *mine).partition("\n")[0]

    def _do(self, *arguments: str) -> str:
        ended = run(["xdotool", *arguments], env=os.environ | {"DISPLAY": self._display})
        return ended.stdout.strip()


def _text(parts: str) -> str:
    return "".join(part.get("text", "") for part in json.loads(parts) if part["type"] == "text")
