"""Jobs in processes beside the window, real ones and ones that go wrong."""

import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from chatapp.errors import Sentence
from chatapp.gui.lab.job_process import JobProcess
from chatapp.runs.preview import Preview
from chatapp.runs.source import Source

PATIENCE_MS = 60_000


def scripted(qtbot: QtBot, code: str) -> JobProcess:
    """A job that runs Python code."""
    return JobProcess("preview", Preview, None, [sys.executable, "-c", code])


def failure(qtbot: QtBot, job: JobProcess, request: object = ()) -> str:
    with qtbot.waitSignal(job.failed, timeout=PATIENCE_MS) as failed:
        job.ask(request)
    assert not job.is_at_work
    assert isinstance(failed.args[0], Sentence)
    return str(failed.args[0])


def test_files_are_guessed_and_counted(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("label\ttext\n" + "".join(f"{n % 2}\tmessage {n}\n" for n in range(40)))
    job = JobProcess("preview", Preview)
    with qtbot.waitSignal(job.answered, timeout=PATIENCE_MS) as answered:
        job.ask((str(path),))
    found: Preview = answered.args[0]
    assert found.source == Source(
        kind="table", paths=(str(path),), columns={"text": "text", "label": "label"}
    )
    assert (found.n_examples, found.labels) == (40, {"0": 20, "1": 20})


def test_a_failure_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    job = JobProcess("preview", Preview)
    assert "no such file" in failure(qtbot, job, (str(tmp_path / "none.txt"),))


@pytest.mark.parametrize("code", ["pass", "import os; os.abort()", "print('{'); exit(4)"])
def test_a_process_that_ends_without_a_word_is_said(qtbot: QtBot, code: str) -> None:
    assert "ended without a word" in failure(qtbot, scripted(qtbot, code))


@pytest.mark.parametrize("end", ["exit(1)", "import os; os.kill(os.getpid(), 4)"])
def test_what_was_being_done_is_not_taken_for_why_it_ended(qtbot: QtBot, end: str) -> None:
    code = f'print(\'{{"text": "GRU is learning."}}\', flush=True); {end}'
    assert "more memory than is free" in failure(qtbot, scripted(qtbot, code))


def test_a_command_that_is_not_there_is_said(qtbot: QtBot) -> None:
    job = JobProcess("preview", Preview, None, ["/no/such/engine"])
    assert "cannot be started" in failure(qtbot, job)


def test_what_a_job_writes_for_itself_goes_with_it(qtbot: QtBot, tmp_path: Path) -> None:
    place = tmp_path / "place"
    code = (
        "import pathlib, sys, tempfile, time\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        f"pathlib.Path({str(place)!r}).write_text(str(folder))\n"
        "time.sleep(600 * int(sys.stdin.read()))\n"
    )
    job = scripted(qtbot, code)
    failure(qtbot, job, 0)  # it has ended by itself
    assert not Path(place.read_text()).parent.exists()
    place.unlink()
    job.ask(1)
    qtbot.waitUntil(lambda: place.exists() and place.read_text() != "", timeout=PATIENCE_MS)
    folder = Path(place.read_text())
    assert folder.exists()
    job.stop()
    qtbot.waitUntil(lambda: not folder.parent.exists(), timeout=PATIENCE_MS)


def test_what_is_asked_later_ends_what_was_asked_before(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "pids"
    sleeping = (
        "import os, sys, time\n"
        "if sys.stdin.read() == '1':\n"
        f"    open({str(path)!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(600)\n"
    )
    job = scripted(qtbot, sleeping)
    job.ask(1)
    qtbot.waitUntil(lambda: path.exists() and path.read_text() != "", timeout=PATIENCE_MS)
    pid = int(path.read_text())
    assert "ended without a word" in failure(qtbot, job, 2)  # once, and of the second only
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid), timeout=PATIENCE_MS)
    path.unlink()
    job.ask(1)
    qtbot.waitUntil(lambda: path.exists() and path.read_text() != "", timeout=PATIENCE_MS)
    job.shut_down()
    assert not psutil.pid_exists(int(path.read_text()))
    qtbot.waitUntil(lambda: not job.findChildren(QProcess))
