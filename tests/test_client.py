import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import engines
import psutil
import pytest

from chatapp import engine_watch
from chatapp.chat import Message, new_id
from chatapp.client import EngineClient
from chatapp.errors import EngineError
from chatapp.paths import engine_environment
from chatapp.protocol import Count, Counted, Done, Generate

QUESTION = [Message(role="user", content="Tell me a story.")]


@pytest.fixture
def polite() -> Iterator[EngineClient]:
    with EngineClient(engines.command("polite")) as engine:
        yield engine


def _failure(name: str) -> EngineError:
    """How a client puts it that the engine `name` fails in the middle of a reply."""
    with (
        EngineClient(engines.command(name)) as engine,
        pytest.raises(EngineError) as failure,
    ):
        assert [delta.text for delta in engine.generate(QUESTION)] == ["Once "]
    return failure.value


def test_load_reports_its_progress_and_says_what_was_loaded(polite: EngineClient) -> None:
    steps: list[float] = []
    loaded = polite.load("fake.gguf", on_progress=steps.append)
    assert steps == [0.5]
    assert loaded.path == "fake.gguf"
    assert polite.loaded == loaded


def test_a_reply_comes_piece_by_piece_and_is_summed_up_at_the_end(polite: EngineClient) -> None:
    pieces = polite.generate(QUESTION)
    assert next(pieces).text == "Once "
    assert polite.reply is None
    assert "".join(delta.text for delta in pieces) == "upon a time"
    assert polite.reply == engines.REPLY


def test_request_yields_every_event_up_to_done(polite: EngineClient) -> None:
    request = Count(id=new_id(), messages=tuple(QUESTION))
    events = list(polite.request(request))
    assert events == [Counted(id=request.id, prompt_tokens=5, n_ctx=100), Done(id=request.id)]


def test_several_threads_may_ask_at_once(polite: EngineClient) -> None:
    counts: list[object] = []

    def count() -> None:
        counts.extend(polite.request(Count(id=new_id(), messages=())))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 16


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_said_with_the_name_of_its_signal() -> None:
    failure = _failure("dies")
    assert failure.code == "engine_died"
    assert "SIGABRT" in str(failure)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_engine_is_put_down_to_memory() -> None:
    failure = _failure("is_killed")
    assert failure.code == "engine_died"
    assert "memory" in str(failure)


def test_an_engine_that_leaves_is_said_with_its_exit_code() -> None:
    failure = _failure("leaves")
    assert failure.code == "engine_died"
    assert "code 3" in str(failure)


@pytest.mark.parametrize("name", ["prints_garbage", "prints_an_endless_line"])
def test_garbage_ends_the_engine(name: str) -> None:
    failure = _failure(name)
    assert failure.code == "engine_died"
    assert str(failure) == str(engine_watch.GARBAGE)


@pytest.mark.parametrize("name", ["hangs", "shuts_its_mouth"])
def test_silence_ends_the_engine(name: str) -> None:
    failure = _failure(name)
    assert failure.code == "engine_silent"
    assert str(failure) == str(engine_watch.STUCK)


def test_a_stuck_engine_does_not_hold_up_a_long_prompt() -> None:
    with EngineClient(engines.command("hangs")) as engine:
        assert next(engine.generate(QUESTION)).text == "Once "
        prompt = [Message(role="user", content="x" * 2**20)]  # more than a pipe holds
        with pytest.raises(EngineError, match="does not answer"):
            list(engine.generate(prompt))


@pytest.mark.parametrize(("name", "tick_s"), [("is_slow", 0.1), ("computes", 0.2)])
def test_a_slow_engine_is_left_alone(
    name: str, tick_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_watch, "TICK_S", tick_s)
    with EngineClient(engines.command(name)) as engine:
        assert "".join(delta.text for delta in engine.generate(QUESTION)) == "Once upon a time"


def test_a_reply_that_does_not_stop_when_asked_ends_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_watch, "TICK_S", 0.1)
    monkeypatch.setattr(engine_watch, "CANCEL_S", 0.2)
    with EngineClient(engines.command("never_stops")) as engine:
        request = Generate(id=new_id(), messages=tuple(QUESTION))
        events = engine.request(request)
        engine.cancel(request.id)
        with pytest.raises(EngineError, match="does not answer") as failure:
            next(events)
        assert failure.value.code == "engine_silent"


def test_an_engine_that_does_not_come_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_watch, "READY_S", 0.2)
    with pytest.raises(EngineError, match="did not come up") as failure:
        EngineClient(engines.command("is_silent"))
    assert failure.value.code == "engine_silent"


def test_an_engine_of_another_version_is_refused() -> None:
    with pytest.raises(EngineError, match="protocol 99"):
        EngineClient(engines.command("is_newer"))


def test_a_missing_engine_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be started") as failure:
        EngineClient([str(tmp_path / "no-such-engine")])
    assert failure.value.code == "engine_died"


def test_after_a_death_every_request_is_refused_with_its_reason() -> None:
    with EngineClient(engines.command("leaves")) as engine:
        with pytest.raises(EngineError):
            list(engine.generate(QUESTION))
        with pytest.raises(EngineError, match="code 3"):
            engine.load("fake.gguf")
        assert engine.loaded is None


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_the_engine_gets_the_environment_made_for_it(polite: EngineClient) -> None:
    environment = psutil.Process(polite.ready.pid).environ()
    assert environment["GLIBC_TUNABLES"] == engine_environment()["GLIBC_TUNABLES"]


def test_the_log_of_the_engine_is_kept(polite: EngineClient) -> None:
    polite.load("fake.gguf")
    assert polite.log_tail() == "Load"
    assert polite.log.parent.name == "log"


def test_old_logs_are_removed() -> None:
    logs = [engine_watch.new_log() for _ in range(15)]
    for log in logs:
        log.touch()
        engine_watch.new_log()
    assert not logs[0].exists()
    assert logs[-1].exists()
    assert len(list(logs[0].parent.iterdir())) < 15


def test_closing_ends_the_process(polite: EngineClient) -> None:
    process = psutil.Process(polite.ready.pid)
    polite.close()
    assert not process.is_running()
    with pytest.raises(EngineError, match="closed"):
        polite.load("fake.gguf")


@pytest.mark.skipif(sys.platform == "win32", reason="file descriptors")
def test_a_hundred_deaths_leave_nothing_behind() -> None:
    me = psutil.Process()
    _failure("dies")
    before = (me.num_fds(), threading.active_count())
    for _ in range(100):
        _failure("dies")
    assert (me.num_fds(), threading.active_count()) == before
    assert me.children() == []
