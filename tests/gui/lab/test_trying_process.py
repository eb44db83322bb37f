"""The process that has a model open: what waits, what comes back, what goes wrong."""

import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from chatapp.errors import Sentence
from chatapp.gui.lab.try_process import TrialProcess
from chatapp.runs.trial import Answer, Ask

PATIENCE_MS = 60_000
ECHO = """
import json, sys
print(json.dumps({"kind": "translator"}), flush=True)
for line in sys.stdin:
    text = json.loads(line)["text"]
    if text == "die":
        sys.exit(3)
    if text == "refuse":
        print(json.dumps({"text": "No {what}.", "facts": {"what": "luck"}}), flush=True)
        sys.exit(1)
    while text == "wait" and not __import__("os").path.exists(sys.argv[2]):
        pass
    print(json.dumps({"text": text}), flush=True)
"""


def scripted(code: str, rest_ms: int = 600_000) -> TrialProcess:
    """Runs Python code in place of an engine; sys.argv[2] is the folder."""
    return TrialProcess(None, [sys.executable, "-c", code], rest_ms)


@pytest.fixture
def echo(qtbot: QtBot, tmp_path: Path) -> TrialProcess:
    process = scripted(ECHO)
    with qtbot.waitSignal(process.opened, timeout=PATIENCE_MS):
        process.open(str(tmp_path / "go"))
    return process


def answer(qtbot: QtBot, process: TrialProcess, text: str) -> str:
    with qtbot.waitSignal(process.answered, timeout=PATIENCE_MS) as answered:
        process.ask(Ask(text=text))
    asked, said = answered.args
    assert asked == Ask(text=text)
    return said.text


def test_of_what_is_asked_meanwhile_only_the_newest_is_answered(
    qtbot: QtBot, tmp_path: Path, echo: TrialProcess
) -> None:
    said: list[str] = []
    echo.answered.connect(lambda asked, answer: said.append(answer.text))
    for text in ("wait", "one", "two", "three"):
        echo.ask(Ask(text=text))
    (tmp_path / "go").touch()
    qtbot.waitUntil(lambda: said[-1:] == ["three"], timeout=PATIENCE_MS)
    assert said == ["wait", "three"]
    echo.shut_down()


def test_a_process_that_rests_is_ended_and_comes_back_with_the_next_question(qtbot: QtBot) -> None:
    process = scripted(ECHO, rest_ms=50)
    with qtbot.waitSignal(process.opened, timeout=PATIENCE_MS):
        process.open("a")
    pid = process.pid
    qtbot.waitUntil(lambda: not process.pid and not psutil.pid_exists(pid), timeout=PATIENCE_MS)
    assert answer(qtbot, process, "back") == "back"
    process.shut_down()


@pytest.mark.parametrize(("text", "words"), [("die", "without a word"), ("refuse", "No luck.")])
def test_a_failure_is_told_and_what_was_asked_last_is_asked_again(
    qtbot: QtBot, echo: TrialProcess, text: str, words: str
) -> None:
    with qtbot.waitSignal(echo.failed, timeout=PATIENCE_MS) as failed:
        echo.ask(Ask(text=text))
    (sentence,) = failed.args
    assert isinstance(sentence, Sentence)
    assert words in str(sentence)
    echo.ask(Ask(text="better"))
    assert not echo.pid  # until it is opened again
    with qtbot.waitSignal(echo.answered, timeout=PATIENCE_MS) as answered:
        echo.open(echo.folder)
    assert answered.args == [Ask(text="better"), Answer(text="better")]
    echo.shut_down()


def test_an_engine_that_is_not_there_is_told(qtbot: QtBot) -> None:
    process = TrialProcess(None, ["/no/such/engine"])
    with qtbot.waitSignal(process.failed, timeout=PATIENCE_MS) as failed:
        process.open("a")
    assert "cannot be started" in str(failed.args[0])
    assert not process.pid


def test_another_model_takes_the_place_of_the_one_before(qtbot: QtBot, echo: TrialProcess) -> None:
    pid = echo.pid
    with qtbot.waitSignal(echo.opened, timeout=PATIENCE_MS):
        echo.open("other")
    assert echo.pid != pid
    qtbot.waitUntil(lambda: not psutil.pid_exists(pid), timeout=PATIENCE_MS)
    pid = echo.pid
    echo.shut_down()
    assert not psutil.pid_exists(pid)
    qtbot.waitUntil(lambda: not echo.findChildren(QProcess))
