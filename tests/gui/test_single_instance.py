import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from chatapp.gui.single_instance import SingleInstance

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from chatapp.gui.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.is_first, flush=True)
print(not instance.is_first and instance.raise_first(), flush=True)
"""
CRASHING = SECOND + "instance.listen(); import os; os.abort()"


def start(program: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_a_second_start_raises_the_first_window_and_ends(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.is_first
    first.listen()
    with qtbot.waitSignal(first.raise_requested, timeout=10_000):
        second = start(SECOND, tmp_path)
    output, _ = second.communicate(timeout=10)
    assert output.split() == ["False", "True"]
    first.release()


def test_a_second_start_waits_for_a_first_that_still_builds_its_window(
    qtbot: QtBot, tmp_path: Path
) -> None:
    first = SingleInstance(tmp_path)
    second = start(SECOND, tmp_path)
    assert second.stdout is not None
    assert second.stdout.readline() == "False\n"
    with qtbot.waitSignal(first.raise_requested, timeout=10_000):
        first.listen()
    assert second.communicate(timeout=10)[0] == "True\n"
    first.release()


def test_what_a_crash_left_behind_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    crashed = start(CRASHING, tmp_path)
    assert crashed.communicate(timeout=10)[0].split() == ["True", "False"]
    assert crashed.returncode != 0
    next_one = SingleInstance(tmp_path)
    assert next_one.is_first
    next_one.listen()
    with qtbot.waitSignal(next_one.raise_requested, timeout=10_000):
        second = start(SECOND, tmp_path)
    assert second.communicate(timeout=10)[0].split() == ["False", "True"]
    next_one.release()


def test_a_request_that_nobody_took_is_forgotten(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "window").mkdir()
    (tmp_path / "window" / "raise").touch()
    first = SingleInstance(tmp_path)
    with qtbot.assertNotEmitted(first.raise_requested, wait=50):
        first.listen()
    first.release()


def test_another_data_folder_is_another_program(qtbot: QtBot, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    instances = [SingleInstance(folder) for folder in folders]
    assert all(instance.is_first for instance in instances)
    for instance in instances:
        instance.release()


def test_a_folder_without_room_for_a_lock_does_not_stop_the_program(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert SingleInstance(tmp_path / "not-there").is_first
