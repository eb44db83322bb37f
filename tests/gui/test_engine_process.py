import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import engines
import psutil
import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from chatapp import engine_watch
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.errors import say
from chatapp.gui.engine_process import EngineProcess
from chatapp.paths import engine_environment
from chatapp.protocol import Cancel, Count, Counted, Delta, Done, Error, Generate, Load, Tokenize

Start = Callable[[str], EngineProcess]


class Witness(QObject):
    """Keeps what an engine process emitted, in order."""

    def __init__(self, engine: EngineProcess) -> None:
        super().__init__(engine)
        self.events: list[object] = []
        self.deaths: list[tuple[str, int]] = []
        for name in ("progress", "loaded", "delta", "counted", "done", "failed", "unloaded"):
            getattr(engine, name).connect(self.events.append)
        engine.died.connect(lambda text, code: self.deaths.append((str(text), code)))


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Starts the scripted engine of that name and waits until it is ready."""
    engines_started: list[EngineProcess] = []

    def begin(name: str) -> EngineProcess:
        engine = EngineProcess(engines.command(name))
        engines_started.append(engine)
        with qtbot.waitSignal(engine.ready):
            engine.start()
        return engine

    yield begin
    for engine in engines_started:
        engine.shut_down()


def _generate() -> Generate:
    return Generate(id=new_id(), messages=(Message(role="user", content="Tell me a story."),))


def _die(qtbot: QtBot, engine: EngineProcess) -> tuple[Witness, list[str]]:
    """Ask the engine for two replies, on which it dies."""
    witness = Witness(engine)
    requests = [_generate(), _generate()]
    with qtbot.waitSignal(engine.died, timeout=3000):
        for request in requests:
            engine.send(request)
    return witness, [request.id for request in requests]


def _check_death(witness: Witness, ids: list[str], code: str) -> None:
    """The death came once, and every open request ended in one failure that says the same."""
    (text, _), *others = witness.deaths
    assert others == []
    ends = [event for event in witness.events if isinstance(event, Done | Error)]
    assert [(end.id, end.code, str(end.message)) for end in ends] == [
        (id, code, text) for id in ids
    ]


def test_events_arrive_in_order(qtbot: QtBot, start: Start) -> None:
    engine = start("polite")
    witness = Witness(engine)
    request = _generate()
    with qtbot.waitSignal(engine.done):
        engine.send(request)
    assert [type(event) for event in witness.events] == [Delta, Delta, Delta, Done]
    assert witness.events[-1] == Done(id=request.id, reply=engines.REPLY)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_the_engine_gets_the_environment_made_for_it(qtbot: QtBot) -> None:
    engine = EngineProcess(engines.command("polite"))
    with qtbot.waitSignal(engine.ready) as ready:
        engine.start()
    environment = psutil.Process(ready.args[0].pid).environ()
    assert environment["GLIBC_TUNABLES"] == engine_environment()["GLIBC_TUNABLES"]
    engine.shut_down()


def test_requests_may_be_sent_before_the_engine_is_ready(qtbot: QtBot) -> None:
    engine = EngineProcess(engines.command("polite"))
    request = Count(id=new_id(), messages=())
    engine.start()
    with qtbot.waitSignal(engine.counted) as counted:
        engine.send(request)
    assert counted.args == [Counted(id=request.id, prompt_tokens=5, n_ctx=100)]
    engine.shut_down()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_said_once_with_its_signal(qtbot: QtBot, start: Start) -> None:
    engine = start("dies")
    witness, ids = _die(qtbot, engine)
    _check_death(witness, ids, "engine_died")
    assert "SIGABRT" in witness.deaths[0][0]
    assert witness.deaths[0][1] == -6
    assert not engine.is_running


def test_an_orderly_end_nobody_asked_for_is_a_death(qtbot: QtBot, start: Start) -> None:
    witness, ids = _die(qtbot, start("leaves"))
    _check_death(witness, ids, "engine_died")
    assert witness.deaths[0][1] == 3


@pytest.mark.parametrize("name", ["prints_garbage", "prints_an_endless_line"])
def test_garbage_ends_the_engine(qtbot: QtBot, start: Start, name: str) -> None:
    witness, ids = _die(qtbot, start(name))
    _check_death(witness, ids, "engine_died")
    assert witness.deaths[0][0] == str(engine_watch.GARBAGE)


@pytest.mark.parametrize("name", ["hangs", "shuts_its_mouth"])
def test_silence_is_said_within_two_seconds(qtbot: QtBot, start: Start, name: str) -> None:
    engine = start(name)
    begun = time.monotonic()
    witness, ids = _die(qtbot, engine)
    assert time.monotonic() - begun < 2.3  # a slow machine may take some more than the 2 s
    _check_death(witness, ids, "engine_silent")


def test_the_window_stays_responsive_while_the_engine_hangs(qtbot: QtBot, start: Start) -> None:
    engine = start("hangs")
    ticks: list[float] = []
    timer = QTimer(engine, interval=10)
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start()
    with qtbot.waitSignal(engine.died, timeout=3000):
        engine.send(_generate())
        engine.send(Tokenize(id=new_id(), text="x" * 2**20))  # more than a pipe holds
    longest = max(after - before for before, after in itertools.pairwise(ticks))
    assert longest < 0.25


def test_a_slow_engine_is_left_alone(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_watch, "TICK_S", 0.1)
    engine = start("is_slow")
    witness = Witness(engine)
    with qtbot.waitSignal(engine.done):
        engine.send(_generate())
    assert witness.deaths == []
    assert len(witness.events) == 4  # the answers to the questions for a sign of life stay inside


def test_a_reply_that_does_not_stop_ends_the_engine(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_watch, "TICK_S", 0.1)
    monkeypatch.setattr(engine_watch, "CANCEL_S", 0.2)
    engine = start("never_stops")
    witness = Witness(engine)
    request = _generate()
    engine.send(request)
    with qtbot.waitSignal(engine.died):
        engine.send(Cancel(id="stop", target=request.id))
    assert witness.events == [
        Done(id="stop"),
        Error(id=request.id, code="engine_silent", message=engine_watch.STUCK),
    ]


def test_an_engine_that_does_not_come_up_is_said(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_watch, "READY_S", 0.2)
    engine = EngineProcess(engines.command("is_silent"))
    with qtbot.waitSignal(engine.died) as died:
        engine.start()
    assert died.args == [engine_watch.NOT_READY, 0]
    engine.shut_down()


def test_an_engine_of_another_version_is_refused(qtbot: QtBot) -> None:
    engine = EngineProcess(engines.command("is_newer"))
    with qtbot.waitSignal(engine.died) as died, qtbot.assertNotEmitted(engine.ready):
        engine.start()
    assert "protocol 99" in str(died.args[0])
    engine.shut_down()


def test_a_missing_engine_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    engine = EngineProcess([str(tmp_path / "no-such-engine")])
    with qtbot.waitSignal(engine.died) as died:
        engine.start()
    assert "cannot be started" in str(died.args[0])


def test_a_request_to_no_engine_fails(qtbot: QtBot) -> None:
    engine = EngineProcess(engines.command("polite"))
    request = _generate()
    with qtbot.waitSignal(engine.failed) as failed:
        engine.send(request)
    assert failed.args[0].id == request.id
    assert failed.args[0].code == "engine_died"


def test_restart_brings_a_new_engine_and_ends_what_was_open(qtbot: QtBot, start: Start) -> None:
    engine = start("hangs")
    request = _generate()
    with qtbot.waitSignal(engine.delta):
        engine.send(request)
    witness = Witness(engine)
    with qtbot.waitSignal(engine.ready):
        engine.restart()
    (failed,) = witness.events
    assert isinstance(failed, Error)
    assert (failed.id, failed.code) == (request.id, "cancelled")
    with qtbot.waitSignal(engine.done):
        engine.send(Load(id=new_id(), path="fake.gguf"))
    assert witness.deaths == []


def test_whoever_listens_may_restart_at_once(qtbot: QtBot, start: Start) -> None:
    engine = start("prints_garbage")
    engine.failed.connect(lambda _: engine.restart())
    with qtbot.waitSignals([engine.died, engine.ready]):
        engine.send(_generate())
    assert engine.is_running


def test_stop_lets_the_engine_end_by_itself(qtbot: QtBot, start: Start) -> None:
    engine = start("polite")
    witness = Witness(engine)
    engine.stop()
    assert not engine.is_running
    qtbot.waitUntil(lambda: engine.log_tail() == "Quit")
    with qtbot.waitSignal(engine.ready):
        engine.start()
    assert witness.deaths == []


def test_stop_ends_an_engine_that_does_not_listen(qtbot: QtBot) -> None:
    engine = EngineProcess(engines.command("hangs"))
    with qtbot.waitSignal(engine.ready) as ready:
        engine.start()
    process = psutil.Process(ready.args[0].pid)
    request = _generate()
    with qtbot.waitSignal(engine.delta):
        engine.send(request)
    with qtbot.waitSignal(engine.failed) as failed, qtbot.assertNotEmitted(engine.died):
        engine.stop()
    assert failed.args[0] == Error(
        id=request.id, code="cancelled", message=say("The engine was stopped.")
    )
    qtbot.waitUntil(lambda: not process.is_running())


def test_shutting_down_leaves_no_process(qtbot: QtBot, start: Start) -> None:
    engine = start("hangs")
    engine.restart()
    with qtbot.waitSignal(engine.ready):
        pass
    engine.shut_down()
    assert psutil.Process().children() == []


def test_a_real_model_answers(qtbot: QtBot, starter_model: Path) -> None:
    engine = EngineProcess()
    witness = Witness(engine)
    engine.start()
    request = Generate(
        id=new_id(),
        messages=(Message(role="user", content="Tell me a story."),),
        params=GenerationParams(max_new_tokens=24),
    )
    with qtbot.waitSignal(
        engine.done, timeout=20_000, check_params_cb=lambda done: done.id == request.id
    ):
        engine.send(Load(id="load", path=str(starter_model)))
        engine.send(request)
    reply = witness.events[-1]
    assert isinstance(reply, Done)
    assert reply.id == request.id
    text = "".join(event.text for event in witness.events if isinstance(event, Delta))
    assert len(text.split()) > 5
    engine.shut_down()
