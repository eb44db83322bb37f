import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import byte_engine
import pytest

from chatapp.chat import GenerationParams, Message
from chatapp.client import EngineClient
from chatapp.engine_watch import log_tail
from chatapp.errors import EngineError
from chatapp.paths import engine_command
from chatapp.protocol import (
    MAX_LINE_BYTES,
    PROTOCOL,
    Cancel,
    Count,
    Counted,
    Delta,
    Done,
    Error,
    Event,
    Generate,
    Load,
    Loaded,
    Progress,
    Quit,
    Ready,
    Render,
    Rendered,
    Request,
    Tokenize,
    Tokenized,
    Unload,
    Unloaded,
    decode_event,
    encode,
)

QUESTION = (Message(role="user", content="Tell me a secret."),)


class Pipes:
    """An engine process and the bare lines to and from it."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self._limit = threading.Timer(20, self.process.kill)  # a test that waits in vain must end
        self._limit.start()

    def write(self, *requests: Request | bytes) -> None:
        lines = [each if isinstance(each, bytes) else encode(each) for each in requests]
        self.stdin.write(b"".join(lines))
        self.stdin.flush()

    def read(self) -> Event:
        return decode_event(self.stdout.readline())

    def read_until(self, is_last: Callable[[Event], bool]) -> list[Event]:
        events = [self.read()]
        while not is_last(events[-1]):
            events.append(self.read())
        return events

    def load(self, path: str, **fields: float) -> None:
        self.write(Load(id="load", path=path, **fields))  # type: ignore[arg-type]
        self.read_until(_ends("load"))

    def close(self) -> None:
        self._limit.cancel()
        self.process.kill()
        self.process.wait()
        self.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()


@pytest.fixture
def pipes(tmp_path: Path) -> Iterator[Pipes]:
    pipes = Pipes(byte_engine.command(), tmp_path / "engine.log")
    assert isinstance(pipes.read(), Ready)
    yield pipes
    pipes.close()


@pytest.fixture
def real_pipes(tmp_path: Path) -> Iterator[Pipes]:
    """The engine as it is shipped."""
    pipes = Pipes(engine_command(), tmp_path / "engine.log")
    assert isinstance(pipes.read(), Ready)
    yield pipes
    pipes.close()


@pytest.fixture
def engine() -> Iterator[EngineClient]:
    with EngineClient(byte_engine.command()) as engine:
        yield engine


def _ends(*ids: str) -> Callable[[Event], bool]:
    """True at the end of the last of these requests."""
    left = set(ids)

    def is_last(event: Event) -> bool:
        if isinstance(event, Done | Error):
            left.discard(event.id)
        return not left

    return is_last


def _outcomes(events: list[Event]) -> dict[str, str]:
    """How each request ended; asserts that none ended twice."""
    ends = [event for event in events if isinstance(event, Done | Error)]
    outcomes = {
        end.id: end.code
        if isinstance(end, Error)
        else end.reply.finish_reason
        if end.reply
        else "done"
        for end in ends
    }
    assert len(outcomes) == len(ends)
    return outcomes


# ---- what each request does ----


def test_the_first_line_says_who_is_there(engine: EngineClient) -> None:
    assert engine.ready.protocol == PROTOCOL
    assert engine.ready.pid != os.getpid()


def test_a_reply_comes_word_by_word(engine: EngineClient) -> None:
    loaded = engine.load("story")
    assert (loaded.name, loaded.n_ctx, loaded.has_chat_template) == ("story", 4096, False)
    text = "".join(delta.text for delta in engine.generate(QUESTION))
    assert text == byte_engine.STORY.decode()
    assert engine.reply is not None
    assert engine.reply.finish_reason == "stop"
    assert bytes(engine.reply.ids).startswith(byte_engine.STORY)


def test_count_render_and_tokenize_agree(engine: EngineClient) -> None:
    engine.load("story")
    rendered, _ = engine.request(Render(id="1", messages=QUESTION))
    counted, _ = engine.request(Count(id="2", messages=QUESTION))
    assert isinstance(rendered, Rendered)
    assert QUESTION[0].content in rendered.text
    assert bytes(rendered.ids).decode() == rendered.text
    assert counted == Counted(id="2", prompt_tokens=len(rendered.ids), n_ctx=4096)
    tokenized, _ = engine.request(Tokenize(id="3", text="hé"))
    assert tokenized == Tokenized(id="3", ids=(104, 195, 169), tokens=("h", "\ufffd", "\ufffd"))


def test_load_progress_is_throttled(pipes: Pipes) -> None:
    pipes.write(Load(id="load", path="story"))
    events = pipes.read_until(_ends("load"))
    assert 1 <= sum(isinstance(event, Progress) for event in events) < 20
    assert [type(event) for event in events[-2:]] == [Loaded, Done]


def test_a_second_load_takes_the_place_of_the_first(pipes: Pipes) -> None:
    pipes.load("story")
    pipes.load("endless")
    assert "story closed" in log_tail(pipes.log)


def test_unload_frees_the_model(engine: EngineClient) -> None:
    engine.load("story")
    list(engine.request(Unload(id="1")))
    assert "story closed" in engine.log_tail()
    with pytest.raises(EngineError, match="No model is loaded") as failure:
        next(engine.generate(QUESTION))
    assert failure.value.code == "no_model"


def test_an_idle_model_is_freed(pipes: Pipes) -> None:
    pipes.load("story", idle_unload_s=0.05)
    assert pipes.read() == Unloaded(path="story")
    pipes.write(Generate(id="1", messages=QUESTION))
    assert _outcomes([pipes.read()]) == {"1": "no_model"}


def test_quit_ends_what_runs_and_what_waits_and_then_the_process(pipes: Pipes) -> None:
    pipes.load("endless")
    pipes.write(
        Generate(id="1", messages=QUESTION), Generate(id="2", messages=QUESTION), Quit(id="3")
    )
    outcomes = _outcomes(pipes.read_until(_ends("1", "2", "3")))
    assert outcomes["2"] == "cancelled"
    assert outcomes["1"] == "cancelled"
    assert outcomes["3"] == "done"
    assert pipes.process.wait(5) == 0


# ---- while a reply is written ----


def test_questions_are_answered_between_the_tokens_of_a_reply(pipes: Pipes) -> None:
    pipes.load("endless")
    pipes.write(
        Generate(id="reply", messages=QUESTION),
        Count(id="count", messages=QUESTION),
        Render(id="render", messages=QUESTION),
        Tokenize(id="tokenize", text="x"),
    )
    outcomes = _outcomes(pipes.read_until(_ends("count", "render", "tokenize")))
    assert outcomes == {"count": "done", "render": "done", "tokenize": "done"}
    pipes.write(Cancel(id="cancel", target="reply"))
    assert _outcomes(pipes.read_until(_ends("reply", "cancel"))) == {
        "reply": "cancelled",
        "cancel": "done",
    }


def test_a_question_about_the_next_model_waits_for_it(pipes: Pipes) -> None:
    pipes.load("endless", n_ctx=1000)
    pipes.write(
        Generate(id="reply", messages=QUESTION),
        Load(id="next", path="story", n_ctx=2000),
        Count(id="count", messages=QUESTION),
        Cancel(id="cancel", target="reply"),
    )
    events = pipes.read_until(_ends("reply", "next", "count"))
    assert [event.n_ctx for event in events if isinstance(event, Counted)] == [2000]


def test_unload_waits_for_the_reply_before_it(pipes: Pipes) -> None:
    pipes.load("story")
    pipes.write(Generate(id="reply", messages=QUESTION), Unload(id="unload"))
    events = pipes.read_until(_ends("reply", "unload"))
    assert list(_outcomes(events).items()) == [("reply", "stop"), ("unload", "done")]


# ---- cancel ----


@pytest.mark.parametrize("path", ["endless", "deep"])
def test_cancel_acts_while_the_model_computes(pipes: Pipes, path: str) -> None:
    pipes.load(path)
    pipes.write(Generate(id="1", messages=QUESTION))
    pipes.read_until(lambda event: isinstance(event, Delta | Progress))
    asked = time.monotonic()
    pipes.write(Cancel(id="2", target="1"))
    outcomes = _outcomes(pipes.read_until(_ends("1", "2")))
    assert outcomes == {"1": "cancelled", "2": "done"}
    assert time.monotonic() - asked < 0.5


def test_a_cancelled_reply_leaves_no_trace_in_the_next(pipes: Pipes) -> None:
    pipes.load("endless")
    for id in ("1", "2"):
        pipes.write(Generate(id=id, messages=QUESTION))
        events = pipes.read_until(lambda event: isinstance(event, Delta))
        pipes.write(Cancel(id=f"stop {id}", target=id))
        outcomes = _outcomes(events + pipes.read_until(_ends(id, f"stop {id}")))
        assert outcomes[id] == "cancelled"


def test_a_request_that_waits_can_be_cancelled(pipes: Pipes) -> None:
    pipes.load("endless")
    pipes.write(
        Generate(id="1", messages=QUESTION),
        Generate(id="2", messages=QUESTION),
        Cancel(id="3", target="2"),
        Cancel(id="4", target="1"),
    )
    outcomes = _outcomes(pipes.read_until(_ends("1", "2", "3", "4")))
    assert outcomes == {"1": "cancelled", "2": "cancelled", "3": "done", "4": "done"}


def test_a_load_can_be_cancelled(pipes: Pipes) -> None:
    pipes.write(Load(id="1", path="slow"))
    pipes.read_until(lambda event: isinstance(event, Progress))
    pipes.write(Cancel(id="2", target="1"), Generate(id="3", messages=QUESTION))
    outcomes = _outcomes(pipes.read_until(_ends("1", "2", "3")))
    assert outcomes == {"1": "cancelled", "2": "done", "3": "no_model"}


def test_cancelling_what_is_over_or_never_was_is_no_error(pipes: Pipes) -> None:
    pipes.load("story")
    pipes.write(Cancel(id="1", target="load"), Cancel(id="2", target=""))
    assert _outcomes(pipes.read_until(_ends("1", "2"))) == {"1": "done", "2": "done"}


def test_an_iterator_closed_early_cancels_its_reply(engine: EngineClient) -> None:
    engine.load("endless")
    pieces = engine.generate(QUESTION)
    assert next(pieces).text
    pieces.close()  # type: ignore[attr-defined]
    counted, _ = engine.request(Count(id="1", messages=QUESTION))
    assert isinstance(counted, Counted)
    list(engine.request(Unload(id="2")))  # does not wait for an endless reply


# ---- failures ----


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("missing", "file_missing"),
        ("large", "not_enough_memory"),
        ("huge", "not_enough_memory"),
        ("faulty", "internal"),
    ],
)
def test_a_load_that_fails_says_why_and_the_engine_lives_on(
    engine: EngineClient, path: str, code: str
) -> None:
    with pytest.raises(EngineError) as failure:
        engine.load(path)
    assert failure.value.code == code
    assert engine.load("story").path == "story"


def test_the_two_figures_of_an_error_arrive(engine: EngineClient) -> None:
    with pytest.raises(EngineError) as failure:
        engine.load("large")
    assert (failure.value.needs, failure.value.limit) == (8, 4)


def test_a_bug_is_logged_without_the_words_of_a_message(engine: EngineClient) -> None:
    engine.load("clumsy")
    with pytest.raises(EngineError) as failure:
        list(engine.generate(QUESTION))
    assert failure.value.code == "internal"
    assert "secret" not in str(failure.value)
    assert "ValueError" in engine.log_tail()
    assert "in sample" in engine.log_tail()
    assert "secret" not in engine.log.read_text().replace('ValueError("Tell me a secret.")', "")


@pytest.mark.parametrize(
    ("line", "id"),
    [
        (b"\n", ""),
        (b"hello\n", ""),
        (b"\x00\xff\xfe\n", ""),
        (b'{"type":"generate"}\n', ""),
        (b'{"type":"generate","id":"7","messages":5}\n', "7"),
        (b'{"type":"invented","id":"7"}\n', "7"),
        (b'{"type":"generate","id":"7","messages":[],"params":{"top_p":9}}\n', "7"),
        (b'{"type":"count","id":"","messages":[]}\n', ""),
        (b"[" * 100_000 + b"\n", ""),
    ],
)
def test_a_bad_line_is_refused_and_the_engine_lives_on(pipes: Pipes, line: bytes, id: str) -> None:
    pipes.write(line, Cancel(id="after", target=""))
    refusal = pipes.read()
    assert isinstance(refusal, Error)
    assert (refusal.id, refusal.code) == (id, "bad_request")
    assert pipes.read() == Done(id="after")


def test_an_endless_line_is_refused_and_the_engine_lives_on(pipes: Pipes) -> None:
    pipes.write(b"x" * (MAX_LINE_BYTES + 2**21) + b"\n", Cancel(id="after", target=""))
    refusal = pipes.read()
    assert isinstance(refusal, Error)
    assert str(MAX_LINE_BYTES) in str(refusal.message)
    assert pipes.read() == Done(id="after")


def test_an_id_that_is_in_use_is_refused_without_ending_its_owner(pipes: Pipes) -> None:
    pipes.load("endless")
    pipes.write(Generate(id="1", messages=QUESTION))
    pipes.read_until(lambda event: isinstance(event, Delta))
    pipes.write(
        Count(id="1", messages=QUESTION),
        b'{"type":"invented","id":"1"}\n',
        Cancel(id="2", target="1"),
    )
    events = pipes.read_until(_ends("1", "2"))
    ends = [
        (event.id, event.code if isinstance(event, Error) else "done")
        for event in events
        if isinstance(event, Done | Error)
    ]
    assert sorted(ends) == [("", "bad_request"), ("", "bad_request"), ("1", "done"), ("2", "done")]


def test_hard_text_comes_back_as_it_was(engine: EngineClient) -> None:
    engine.load("story", n_ctx=400_000)
    text = "\x00\x1b[31m \u202eright to left\u202c 👩‍👩‍👧 \u2028 \r\n" + "long " * 40_000
    rendered, _ = engine.request(Render(id="1", messages=(Message(role="user", content=text),)))
    assert isinstance(rendered, Rendered)
    assert text.strip() in rendered.text


# ---- the process ----


def test_what_others_print_goes_to_the_log(pipes: Pipes) -> None:
    pipes.load("story")
    assert "C code prints where it likes" in log_tail(pipes.log)


@pytest.mark.parametrize("path", ["endless", "deep"])
def test_the_end_of_its_input_ends_the_engine_in_the_middle_of_a_reply(
    pipes: Pipes, path: str
) -> None:
    pipes.load(path)
    pipes.write(Generate(id="1", messages=QUESTION))
    pipes.read_until(lambda event: isinstance(event, Delta | Progress))
    pipes.stdin.close()
    assert pipes.process.wait(2) == 0


def test_an_app_that_reads_no_more_ends_the_engine(pipes: Pipes) -> None:
    pipes.load("endless")
    pipes.write(Generate(id="1", messages=QUESTION))
    pipes.stdout.close()
    assert pipes.process.wait(2) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_in_a_terminal_is_left_to_the_app(pipes: Pipes) -> None:
    pipes.process.send_signal(signal.SIGINT)
    pipes.write(Cancel(id="1", target=""))
    assert pipes.read() == Done(id="1")


def test_nothing_heavy_is_imported_before_ready() -> None:
    code = "import sys, chatapp.engine.__main__; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"llama_cpp", "numpy", "jinja2", "psutil", "torch"} & set(modules)


def test_a_seed_is_passed_on_and_reported(engine: EngineClient) -> None:
    engine.load("story")
    list(engine.generate(QUESTION, GenerationParams(seed=42)))
    assert engine.reply is not None
    assert engine.reply.seed == 42


# ---- with a real model ----

LONG_QUESTION = (Message(role="user", content="The sea is salty. " * 1000),)


def test_a_real_model_stops_in_the_middle_of_a_prompt(
    real_pipes: Pipes, starter_model: Path
) -> None:
    real_pipes.load(str(starter_model))
    real_pipes.write(Generate(id="1", messages=LONG_QUESTION))
    real_pipes.read_until(lambda event: isinstance(event, Progress) and event.done > 0)
    asked = time.monotonic()
    real_pipes.write(Cancel(id="2", target="1"))
    (reply,) = (
        event.reply
        for event in real_pipes.read_until(_ends("1", "2"))
        if isinstance(event, Done) and event.reply
    )
    assert time.monotonic() - asked < 0.5
    assert reply.finish_reason == "cancelled"
    assert reply.usage.completion_tokens == 0


def test_the_end_of_its_input_ends_a_real_engine_in_the_middle_of_a_decode(
    real_pipes: Pipes, starter_model: Path
) -> None:
    real_pipes.load(str(starter_model))
    real_pipes.write(Generate(id="1", messages=LONG_QUESTION))
    real_pipes.read_until(lambda event: isinstance(event, Progress))
    real_pipes.stdin.close()
    assert real_pipes.process.wait(1) == 0


def test_the_load_of_a_real_model_can_be_cancelled(real_pipes: Pipes, starter_model: Path) -> None:
    real_pipes.write(Load(id="1", path=str(starter_model)), Cancel(id="2", target="1"))
    assert _outcomes(real_pipes.read_until(_ends("1", "2"))) == {"1": "cancelled", "2": "done"}
    real_pipes.write(Count(id="3", messages=QUESTION))
    assert _outcomes([real_pipes.read()]) == {"3": "no_model"}


def test_a_file_that_is_no_model_leaves_the_engine_alive(real_pipes: Pipes, tmp_path: Path) -> None:
    for id, content in (("1", b""), ("2", b"GGUF"), ("3", b"Some words.\n" * 1000)):
        file = tmp_path / f"{id}.gguf"
        file.write_bytes(content)
        real_pipes.write(Load(id=id, path=str(file)))
        refusal = real_pipes.read()
        assert isinstance(refusal, Error)
        assert refusal.code in ("not_a_model", "damaged")
        assert file.name in str(refusal.message)
