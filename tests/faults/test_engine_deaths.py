"""However often and in whatever way the engine dies, the app keeps nothing of it."""

import sys
import threading
from pathlib import Path

import engines
import psutil
import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from chatapp.chat import Message, new_id
from chatapp.gui.engine_process import EngineProcess
from chatapp.protocol import Generate

WAYS = {"is_killed": -9, "touches_foreign_memory": -11, "dies": -6, "runs_out_of_memory": 1}
DEATHS = 100
KEPT_LOGS = 10


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals and RLIMIT_AS")
def test_a_hundred_deaths_of_four_kinds_leave_nothing_behind(
    qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    me = psutil.Process()
    kinds = [(EngineProcess(engines.command(way)), code) for way, code in WAYS.items()]

    def die(engine: EngineProcess, exit_code: int) -> None:
        with qtbot.waitSignal(engine.died, timeout=20_000) as death:
            engine.restart()
            engine.send(Generate(id=new_id(), messages=(Message(role="user", content="Go on."),)))
        assert death.args[1] == exit_code

    def left() -> tuple[int, int, int]:
        """The processes, Qt's handles on them, and the threads there are."""
        handles = sum(len(engine.findChildren(QProcess)) for engine, _ in kinds)
        return len(me.children(recursive=True)), handles, threading.active_count()

    for engine, code in kinds:  # what is made once is no leak
        die(engine, code)
    qtbot.waitUntil(lambda: left()[:2] == (0, 0))
    before, n_descriptors, n_threads = left(), me.num_fds(), me.num_threads()
    for number in range(DEATHS):
        die(*kinds[number % len(kinds)])
    qtbot.waitUntil(lambda: left() == before)
    assert me.num_fds() <= n_descriptors
    assert me.num_threads() <= n_threads
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) <= KEPT_LOGS
    assert {path.parent.name for path in files} == {"log"}
    assert list(temporary.iterdir()) == []
