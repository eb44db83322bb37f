"""Engine processes that misbehave, each in one way: `python tests/engines.py NAME`."""

import itertools
import os
import signal
import sys
import time
from collections.abc import Iterator

from msgspec.structs import replace

from chatapp import paths
from chatapp.chat import Timings, Usage
from chatapp.errors import say
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
    Reply,
    Request,
    Unloaded,
    decode_request,
    encode,
)

USAGE = Usage(prompt_tokens=5, cached_tokens=2, completion_tokens=3)
TIMINGS = Timings(prompt_s=0.1, generation_s=0.2, first_token_s=0.15)
REPLY = Reply(
    finish_reason="stop",
    usage=USAGE,
    timings=TIMINGS,
    ids=(1, 2, 3),
    reasoning_tokens=0,
    left_out=(),
    seed=7,
    template_sha256="",
)


def command(name: str) -> list[str]:
    """The command that starts the engine called `name`."""
    return [sys.executable, __file__, name]


def polite() -> None:
    """Answers everything, and says on stderr what it was asked."""
    for request in _requests():
        print(type(request).__name__, file=sys.stderr, flush=True)
        _answer(request)


def was_idle() -> None:
    """Has put its model away by the time the first reply is asked for."""
    been_here = paths.data_dir() / "been here"  # the next engine is another process
    for request in _requests():
        if isinstance(request, Generate) and not been_here.exists():
            been_here.touch()
            _send(Unloaded(path="model"))
            _send(Error(id=request.id, code="no_model", message=say("No model is loaded.")))
        else:
            _answer(request)


def goes_on() -> None:
    """Writes on from what it is given, and stops half way when there is nothing to go on from."""
    for request in _requests():
        if not isinstance(request, Generate):
            _answer(request)
        elif request.prefill:
            _send(Delta(id=request.id, text=f"after {request.prefill}"))
            _send(Done(id=request.id, reply=REPLY))
        else:
            _send(Delta(id=request.id, text="Once "))
            _send(Done(id=request.id, reply=replace(REPLY, finish_reason="length")))


def writes_for_a_while() -> None:
    """Takes two seconds for its reply."""
    for request in _requests():
        if not isinstance(request, Generate):
            _answer(request)
            continue
        for _ in range(20):
            _send(Delta(id=request.id, text="Once upon "))
            time.sleep(0.1)
        _send(Done(id=request.id, reply=REPLY))


def tells_the_time() -> None:
    """Writes what time it is in milliseconds, in replies short and long."""
    lengths = itertools.cycle((90, 30, 120))
    for request in _requests():
        if not isinstance(request, Generate):
            _answer(request)
            continue
        for _ in range(next(lengths)):
            _send(Delta(id=request.id, text=f"{round(time.monotonic() * 1000)} "))
            time.sleep(0.01)
        _send(Done(id=request.id, reply=REPLY))


def recites() -> None:
    """Writes a page of markdown as fast as it is taken."""
    words = (
        "## A page\n\nSome **bold** words and `code`.\n\n```python\nx = 1\n```\n\n- one\n- two\n\n"
    )
    page = words * 5
    for request in _requests():
        if not isinstance(request, Generate):
            _answer(request)
            continue
        for start in range(0, len(page), 20):
            _send(Delta(id=request.id, text=page[start : start + 20]))
        _send(Done(id=request.id, reply=REPLY))


def forgets() -> None:
    """Has a full context: each reply, and each look ahead, goes without the first message."""
    for request in _requests():
        match request:
            case Generate(id=id, messages=messages):
                left_out = () if len(messages) == 1 else (messages[0].id,)
                _send(Delta(id=id, text="Once"))
                _send(Done(id=id, reply=replace(REPLY, left_out=left_out)))
            case Count(id=id, messages=messages):
                _send(Counted(id=id, prompt_tokens=20 * len(messages), n_ctx=100))
                _send(Done(id=id))
            case Render(id=id, messages=messages):
                text = "".join(f"<|{m.role}|>{m.content}" for m in messages)
                gone = tuple(m.id for m in messages[:-2] if m.id)
                _send(Rendered(id=id, text=text, ids=tuple(range(90)), left_out=gone))
                _send(Done(id=id))
            case _:
                _answer(request)


def dies() -> None:
    """Crashes in the middle of a reply."""
    _until_generate()
    os.abort()


def is_killed() -> None:
    """Ends as a process does that the system takes for memory."""
    _until_generate()
    os.kill(os.getpid(), 9)


def touches_foreign_memory() -> None:
    """Ends as native code does that follows a wild pointer."""
    _until_generate()
    os.kill(os.getpid(), signal.SIGSEGV)


def runs_out_of_memory() -> None:
    """Ends as a process does that is given no more memory."""
    import resource  # not there on Windows

    _until_generate()
    resource.setrlimit(resource.RLIMIT_AS, (2**20, 2**20))
    bytearray(2**30)


def leaves() -> None:
    """Ends in the middle of a line, orderly."""
    _until_generate()
    _write(b'{"type":"delta","id":"')
    sys.exit(3)


def prints_garbage() -> None:
    """Prints what is no event."""
    _until_generate()
    _write(b"Segmentation fault\n")
    time.sleep(60)


def prints_an_endless_line() -> None:
    """Prints more than any message is long, without an end."""
    _until_generate()
    for _ in range(0, 2 * MAX_LINE_BYTES, 2**20):
        _write(b"x" * 2**20)
    time.sleep(60)


def hangs() -> None:
    """Neither reads nor writes any more."""
    _until_generate()
    time.sleep(60)


def ends_when_told() -> None:
    """Begins each reply, and ends it when it is told to stop."""
    for request in _requests():
        match request:
            case Generate(id=id):
                _send(Delta(id=id, text="Once "))
            case Cancel(id=id, target=target) if target:
                _send(Done(id=id))
                _send(Done(id=target, reply=replace(REPLY, finish_reason="cancelled")))
            case _:
                _answer(request)


def shuts_its_mouth() -> None:
    """Closes stdout and lives on."""
    _until_generate()
    os.close(1)
    time.sleep(60)


def never_stops() -> None:
    """Answers `cancel`, but the reply that was to stop goes on."""
    for request in _requests():
        if isinstance(request, Cancel | Quit):
            _send(Done(id=request.id))


def is_slow() -> None:
    """Writes its reply only once it was asked for a sign of life three times."""
    requests = _requests()
    generate = next(requests)
    for request in itertools.islice(requests, 3):
        _send(Done(id=request.id))
    _answer(generate)
    next(requests, None)


def computes() -> None:
    """Is so busy for a while that it does not even hear a question for a sign of life."""
    requests = _requests()
    generate = next(requests)
    begun = time.process_time()
    while time.process_time() - begun < 1:
        pass
    _answer(generate)
    next(requests, None)


def is_silent() -> None:
    """Never says that it is ready."""
    time.sleep(60)


def is_newer() -> None:
    """Speaks a protocol of the future."""
    _send(Ready(protocol=99, version="9", backends=(), pid=os.getpid()))
    time.sleep(60)


def _requests() -> Iterator[Request]:
    _send(Ready(protocol=PROTOCOL, version="0", backends=("fake",), pid=os.getpid()))
    for line in sys.stdin.buffer:
        yield decode_request(line)


def _until_generate() -> None:
    for request in _requests():
        if isinstance(request, Generate):
            _send(Delta(id=request.id, text="Once "))
            return
        _answer(request)


def _answer(request: Request) -> None:
    match request:
        case Load(id=id, path=path):
            _send(Progress(id=id, phase="load", done=0.5, total=1.0))
            _send(_loaded(id, path))
        case Generate(id=id):
            for text in ("Once ", "upon ", "a time"):
                _send(Delta(id=id, text=text))
            _send(Done(id=id, reply=REPLY))
            return
        case Count(id=id):
            _send(Counted(id=id, prompt_tokens=5, n_ctx=100))
    _send(Done(id=request.id))
    if isinstance(request, Quit):
        sys.exit()


def _loaded(id: str, path: str) -> Loaded:
    return Loaded(
        id=id,
        path=path,
        name="Fake",
        architecture="fake",
        backend="fake",
        build="0",
        device="CPU",
        n_ctx=100,
        n_ctx_train=100,
        n_vocab=256,
        n_threads=1,
        n_gpu_layers=0,
        flash_attention=False,
        has_chat_template=True,
        memory_bytes=1,
    )


def _send(event: Event) -> None:
    _write(encode(event))


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
