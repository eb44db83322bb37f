"""`chatapp --self-test`: does this installation work, and what is it; what a support request needs.

Says nothing of what the user wrote.
"""

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psutil

from chatapp import __version__, paths
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.commands.terminal import complain, dump
from chatapp.errors import ChatAppError, EngineError
from chatapp.library.shelf import find_models
from chatapp.storage.store import ConversationStore

FAILED = 1
_N_TOKENS = 8
_N_CTX = 512
_QUESTION = "Why is the sea salty?"


class _FailedError(Exception):
    """A check found something wrong; the text says what."""


def run(options: argparse.Namespace) -> int:
    """Make every check, each whatever the others say; the code to end with."""
    report: dict[str, str] = {}
    failures: list[str] = []
    for name, check in _CHECKS.items():
        try:
            report[name] = check()
        except (ChatAppError, OSError, sqlite3.Error, _FailedError) as error:
            report[name] = "failed"
            failures.append(f"{name}: {error}")
        if not options.json:
            print(f"{name:<12}  {report[name]}", flush=True)
    if options.json:
        dump({"report": report, "failures": failures})
    for failure in failures:
        complain(failure)
    return FAILED if failures else 0


# ---- what this is, and where ----


def _program() -> str:
    place = Path(sys.executable).parent if paths.is_frozen() else "from source"
    return f"{__version__}, {place}"


def _qt() -> str:
    from PySide6.QtCore import qVersion

    return qVersion()


def _processor() -> str:
    name = platform.processor() or platform.machine()
    with suppress(OSError):  # Linux knows it by its name here only
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        name = next(names, name)
    return f"{name}, {psutil.cpu_count(logical=False)} cores, {psutil.cpu_count()} threads"


def _memory() -> str:
    memory = psutil.virtual_memory()
    return f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB available"


# ---- the engines ----


def _starter_model() -> Path:
    entries = find_models((), ())
    starter = next((one for one in entries if one.source == "package"), None)
    if starter is None:
        raise _FailedError("The model that comes along is missing. Install the program again.")
    if starter.error is not None:
        raise _FailedError(f"{starter.path}: {starter.error}")
    return Path(starter.path)


def _engine(name: str) -> str:
    """Write a few tokens with one engine."""
    with EngineClient() as engine:
        if name not in engine.ready.backends:
            return "not in this edition" if paths.is_frozen() else "not installed"
        try:
            return _write(engine, name)
        except EngineError as error:
            raise _FailedError(f"{error} (log: {engine.log})") from error


def _write(engine: EngineClient, name: str) -> str:
    loaded = engine.load(_starter_model(), backend=name, n_ctx=_N_CTX)
    messages = [Message(role="user", content=_QUESTION)]
    params = GenerationParams(temperature=0, max_new_tokens=_N_TOKENS)
    for _ in engine.generate(messages, params):
        pass
    reply = engine.reply
    assert reply is not None
    if reply.usage.completion_tokens != _N_TOKENS:
        raise _FailedError(f"{reply.usage.completion_tokens} tokens came, not {_N_TOKENS}.")
    parts = (
        loaded.build,
        f"on {loaded.device}",
        loaded.weights,
        f"{_N_TOKENS} tokens in {reply.timings.generation_s:.2f} s",
    )
    return f"{', '.join(filter(None, parts))} ({loaded.features})"


# ---- the history ----


def _new_history() -> str:
    """Make a history of its own, write into it, and read it back."""
    with tempfile.TemporaryDirectory(prefix=f"{paths.APP_NAME}-") as folder:
        file = Path(folder, "history.sqlite3")
        conversation_id = new_id()
        with closing(ConversationStore(file)) as store:
            store.create_conversation(conversation_id).result()
            store.add_user_message(new_id(), conversation_id, None, _QUESTION).result()
        with closing(ConversationStore(file)) as store:
            (message,) = store.open_conversation(conversation_id).result().messages
        if message.content != _QUESTION:
            raise _FailedError("What was written into a new history was not read back.")
        return _soundness(file)


def _own_history() -> str:
    """Look whether the user's history holds together; nothing in it is changed."""
    file = paths.history_file()
    return f"{file}: {_soundness(file)}" if file.exists() else "none yet"


def _soundness(file: Path) -> str:
    # Without a journal nobody has it open, and SQLite need make no files of its own beside it.
    mode = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, timeout=0)) as connection:
            (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return "open in another program, not checked"
        finding = str(error)
    if finding != "ok":
        raise _FailedError(f"{file} does not hold together: {finding}. Open chatapp to mend it.")
    return f"sound, {os.path.getsize(file):,} bytes"


_CHECKS: dict[str, Callable[[], str]] = {
    "chatapp": _program,
    "Python": platform.python_version,
    "Qt": _qt,
    "SQLite": lambda: sqlite3.sqlite_version,
    "system": platform.platform,
    "processor": _processor,
    "memory": _memory,
    "data": lambda: str(paths.data_dir()),
    "settings": lambda: str(paths.settings_file()),
    "cache": lambda: str(paths.cache_dir()),
    "log": lambda: str(paths.log_dir()),
    "model": lambda: str(_starter_model()),
    "llama": lambda: _engine("llama"),
    "native": lambda: _engine("native"),
    "new history": _new_history,
    "history": _own_history,
}
