import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp import paths
from chatapp.gui.app import Program
from chatapp.gui.chat.model_picker import ModelPicker
from chatapp.gui.chat.notice_bar import NoticeBar
from chatapp.gui.crash import CrashGuard

FIRST = """
from chatapp.gui import app
painted, raised = app.Program._on_painted, app.MainWindow.bring_to_front
def on_painted(self):
    painted(self)
    print("painted", flush=True)
def bring_to_front(self):
    raised(self)
    print("raised", flush=True)
    self.close()
app.Program._on_painted, app.MainWindow.bring_to_front = on_painted, bring_to_front
raise SystemExit(app.run(["chatapp"]))
"""
SECOND = 'from chatapp.gui import app; raise SystemExit(app.run(["chatapp"]))'


def start(program: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_start_raises_the_first_window_and_ends() -> None:
    first = start(FIRST)
    assert first.stdout is not None
    assert first.stdout.readline() == "painted\n"
    second = start(SECOND)
    assert second.communicate(timeout=30) == ("", "")
    assert second.returncode == 0
    output, errors = first.communicate(timeout=30)
    assert output == "raised\n"
    assert (first.returncode, errors) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_kill_closes_in_good_order(number: signal.Signals) -> None:
    first = start(FIRST)
    assert first.stdout is not None
    assert first.stdout.readline() == "painted\n"
    first.send_signal(number)
    assert first.communicate(timeout=10) == ("", "")
    assert first.returncode == 0
    assert paths.settings_file().exists()  # what the close writes


def test_a_close_leaves_nothing_running(new_program: Callable[..., Program], qtbot: QtBot) -> None:
    program = new_program()
    with qtbot.waitSignal(program.engine.ready, timeout=20_000):
        program.start()
    program.window.close()
    assert not program.engine.is_running


def test_nothing_but_the_window_is_begun_before_the_first_paint(
    new_program: Callable[..., Program], qtbot: QtBot
) -> None:
    program = new_program()
    assert not program.engine.is_running
    assert not program.shelf.is_scanning
    program.start()
    with qtbot.waitSignal(program.painted):
        assert not program.engine.is_running
    picker = program.window.chat_page.findChild(ModelPicker)
    assert picker.text().startswith("Looking for models…")
    qtbot.waitUntil(lambda: bool(program.shelf.entries), timeout=20_000)
    assert program.engine.is_running
    assert picker.text().startswith(program.shelf.default().name)
    program.window.close()


def test_a_crash_of_the_last_run_is_said(new_program: Callable[..., Program], qtbot: QtBot) -> None:
    (paths.log_dir() / "crash.log").write_text("Fatal Python error: Aborted")
    guard = CrashGuard(paths.log_dir())
    program = new_program(guard)
    program.start()
    notice = program.window.findChild(NoticeBar)
    qtbot.waitUntil(notice.isVisible)
    assert "crashed" in notice.accessibleName()
    program.window.close()
    guard.uninstall()


def test_an_error_before_the_window_stands_is_shown_too(qapp: QApplication) -> None:
    program = """
from chatapp.gui import app, crash
crash.CrashDialog.exec = lambda self: print("dialog", "RuntimeError" in self.report.toPlainText())
def broken(self, *_):
    raise RuntimeError("broken")
app.Program.__init__ = broken
app.run(["chatapp"])
"""
    ended = start(program)
    output, _ = ended.communicate(timeout=30)
    assert output == "dialog True\n"
    assert ended.returncode == 1
