"""`chatapp --self-test`: it passes on a sound installation, and says in a line what is not."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatapp.chat import new_id
from chatapp.storage.store import ConversationStore

SECRET = "the attack is at dawn"


def _run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chatapp", "--self-test", *arguments]
    environment = os.environ | env
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def _answer(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


@pytest.fixture
def history(home: Path) -> Path:
    file = home / "data" / "history.sqlite3"
    file.parent.mkdir(parents=True)
    with closing(ConversationStore(file)) as store:
        conversation_id = new_id()
        store.create_conversation(conversation_id).result()
        store.add_user_message(new_id(), conversation_id, None, SECRET).result()
    return file


@pytest.fixture
def dead_engine(tmp_path: Path) -> dict[str, str]:
    """An environment in which every engine dies at its start."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'chatapp.engine' in sys.orig_argv:\n    os._exit(7)\n"
    )
    return {"PYTHONPATH": str(tmp_path)}


def test_a_sound_installation_passes_and_says_what_it_is(home: Path, history: Path) -> None:
    before = history.read_bytes()
    ended = _run()
    assert (ended.returncode, ended.stderr) == (0, "")
    report = dict(line.split(maxsplit=1) for line in ended.stdout.splitlines())
    assert report["Qt"].startswith("6.")
    assert report["data"] == str(home / "data")
    assert report["llama"].startswith("llama-cpp-python")
    assert "8 tokens" in report["llama"]
    assert "8 tokens" in report["native"]
    assert f"{history}: sound" in report["history"]
    assert SECRET not in ended.stdout
    assert history.read_bytes() == before
    assert [path.name for path in history.parent.glob("history*")] == [history.name]


def test_what_fails_is_said_and_the_rest_is_still_checked(dead_engine: dict[str, str]) -> None:
    ended = _run("--json", **dead_engine)
    assert ended.returncode == 1
    answer = _answer(ended)
    assert (answer["report"]["llama"], answer["report"]["native"]) == ("failed", "failed")
    assert answer["report"]["new history"].startswith("sound")
    assert answer["report"]["history"] == "none yet"
    assert [line.partition(":")[0] for line in answer["failures"]] == ["llama", "native"]
    assert ended.stderr.splitlines() == [f"chatapp: {line}" for line in answer["failures"]]
    assert "code 7" in ended.stderr


def test_a_damaged_history_is_said(history: Path, dead_engine: dict[str, str]) -> None:
    pages = bytearray(history.read_bytes())
    pages[4096:] = b"\xff" * len(pages[4096:])
    history.write_bytes(pages)
    ended = _run("--json", **dead_engine)
    assert "failed" in _answer(ended)["report"]["history"]
    assert f"{history} does not hold together" in ended.stderr
    assert history.read_bytes() == pages


def test_a_history_that_is_open_is_left_alone(history: Path, dead_engine: dict[str, str]) -> None:
    with closing(ConversationStore(history)) as store:
        store.create_conversation(new_id()).result()
        report = _answer(_run("--json", **dead_engine))["report"]
    assert "open in another program" in report["history"]


def test_a_history_that_a_crash_left_open_is_checked(
    history: Path, dead_engine: dict[str, str]
) -> None:
    crashed = history.parent / "crashed"
    crashed.mkdir()
    with closing(sqlite3.connect(history)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA user_version = 99")
        for name in ("history.sqlite3", "history.sqlite3-wal"):
            shutil.copy(history.with_name(name), crashed / name)
    for file in crashed.iterdir():
        file.replace(history.with_name(file.name))
    assert "sound" in _answer(_run("--json", **dead_engine))["report"]["history"]


def test_an_edition_without_torch_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'torch' else find(name, *rest)\n"
    )
    ended = _run("--json", PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert _answer(ended)["report"]["native"] == "not installed"


@pytest.mark.parametrize("arguments", [["models"], ["--self-test", "models"]])
def test_json_and_the_self_test_have_their_places(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "chatapp", "--json", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == (2 if "--self-test" in arguments else 0)
