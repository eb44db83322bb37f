import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from chatapp.gui import crash

SECRET = "the secret question"


@pytest.fixture
def guard(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[crash.CrashGuard]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    guard = crash.CrashGuard(tmp_path)
    guard.install()
    yield guard
    guard.uninstall()


def fail() -> None:
    raise ValueError(SECRET)


def described(error: Exception) -> str:
    try:
        raise error
    except Exception as caught:
        return crash.describe(type(caught), caught, caught.__traceback__)


def open_dialogs() -> list[crash.CrashDialog]:
    return [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, crash.CrashDialog)
    ]


def test_an_exception_in_a_slot_opens_one_dialog_with_a_report(
    guard: crash.CrashGuard, qtbot: QtBot
) -> None:
    QTimer.singleShot(0, fail)
    QTimer.singleShot(0, fail)
    with qtbot.waitSignals([guard.failed, guard.failed]):
        pass
    qtbot.waitUntil(lambda: bool(open_dialogs()))
    (dialog,) = open_dialogs()
    text = dialog.report.toPlainText()
    assert "in fail" in text
    assert "ValueError" in text
    assert "Python" in text
    assert SECRET not in text
    dialog.copy_button.click()
    assert QApplication.clipboard().text() == text
    dialog.accept()
    qtbot.waitUntil(lambda: not open_dialogs())


def test_an_exception_in_a_thread_is_reported_too(guard: crash.CrashGuard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(guard.failed) as failed:
        threading.Thread(target=fail).start()
    assert "ValueError" in failed.args[0]
    qtbot.waitUntil(lambda: bool(open_dialogs()))
    open_dialogs()[0].accept()


def test_texts_that_speak_of_the_program_are_told() -> None:
    assert "no attribute" in described(AttributeError("no attribute 'x'"))
    assert described(OSError(28, "No space left", "/home/mary/notes")).endswith(
        "OSError: No space left"
    )


def test_logged_exceptions_hold_no_message_text(guard: crash.CrashGuard, tmp_path: Path) -> None:
    guard.start_log()
    try:
        fail()
    except ValueError:
        logging.getLogger("chatapp.test").exception("It failed")
    written = (tmp_path / "chatapp.log").read_text(encoding="utf-8")
    assert "It failed" in written
    assert "in fail" in written
    assert SECRET not in written


def test_log_is_turned_over_before_it_grows_large(guard: crash.CrashGuard, tmp_path: Path) -> None:
    guard.start_log()
    for _ in range(1200):
        logging.getLogger("chatapp.test").warning("x" * 1000)
    assert (tmp_path / "chatapp.log.1").exists()
    assert sum(file.stat().st_size for file in tmp_path.glob("chatapp.log*")) < 2 * 2**20


def test_a_crash_of_the_process_is_known_at_the_next_start(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from chatapp.gui import crash\n"
        "guard = crash.CrashGuard(Path(sys.argv[1])); guard.install(); os.abort()"
    )
    assert not crash.CrashGuard(tmp_path).crashed_before
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert ended.returncode != 0
    assert crash.CrashGuard(tmp_path).crashed_before
    assert "Abort" in (tmp_path / "crash-before.log").read_text(encoding="utf-8")
    assert not crash.CrashGuard(tmp_path).crashed_before


def test_a_log_folder_that_cannot_be_written_stops_nobody(qtbot: QtBot, tmp_path: Path) -> None:
    guard = crash.CrashGuard(tmp_path / "missing")
    guard.install()
    guard.start_log()
    guard.uninstall()
