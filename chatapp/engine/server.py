"""The engine's loop: takes requests, runs them in order, closes each with one `done` or `error`.

A reader thread parses the input, so that `cancel` and the end of the input act at once, in the
middle of a decode too; all else waits for the main thread. Knows nothing about any one backend,
nor what the answers are.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import BinaryIO, NoReturn

import msgspec
from msgspec import Struct

import chatapp
from chatapp.engine import answers
from chatapp.engine.backends.base import Backend, Cancelled, Encoder
from chatapp.errors import ProtocolError, Sentence, say
from chatapp.protocol import (
    MAX_LINE_BYTES,
    PROTOCOL,
    Cancel,
    Count,
    Done,
    Error,
    Event,
    Load,
    Progress,
    Quit,
    Ready,
    Render,
    Reply,
    Request,
    Tokenize,
    Unload,
    Unloaded,
    decode_request,
    encode,
)

_PROGRESS_S = 1 / 30  # between two progress events of one request

LoadBackend = Callable[[Load, Callable[[float], None]], Backend | Encoder]


def serve(
    stdin: BinaryIO, stdout: BinaryIO, load: LoadBackend, backends: Sequence[str]
) -> NoReturn:
    """Answer the requests that come in on `stdin` until it ends or `quit` comes; ends the process.

    Args:
        stdin: Requests, one a line.
        stdout: Where the events go, one a line.
        load: Opens the model a `load` asks for; what it is given to report progress (0 to 1) raises
            `Cancelled` when the load is to stop.
        backends: The names of those that `load` knows.
    """
    server = _Server(stdout, load)
    server.send(
        Ready(
            protocol=PROTOCOL,
            version=chatapp.__version__,
            backends=tuple(backends),
            pid=os.getpid(),
        )
    )
    threading.Thread(target=server.read, args=(stdin,), name="reader", daemon=True).start()
    server.run()


class _Id(Struct):
    id: str = ""


class _Server:
    """The state both threads share: what waits, what runs, and which ids are open."""

    def __init__(self, stdout: BinaryIO, load: LoadBackend) -> None:
        self._stdout = stdout
        self._writing = threading.Lock()
        self._load_backend = load
        self._model: answers.Model | None = None
        self._changed = threading.Condition()  # guards the four below
        self._waiting: deque[Request] = deque()
        self._open: set[str] = set()  # ids that have not had their `done` or `error`
        self._running: Request | None = None
        self._is_stopping = False  # whether the running request is to stop
        self._progress_sent_at = 0.0

    # ---- both threads ----

    def send(self, event: Event) -> None:
        """Write one event; ends the process when nobody reads it any more."""
        try:
            with self._writing:
                self._stdout.write(encode(event))
                self._stdout.flush()
        except OSError:
            _exit()

    def _end(self, event: Done | Error) -> None:
        """Send the last event of a request, unless it has had one."""
        with self._changed:
            if event.id not in self._open:
                return
            self._open.discard(event.id)
        self.send(event)

    # ---- the reader thread ----

    def read(self, stdin: BinaryIO) -> None:
        """Take requests until the input ends, which ends the process."""
        try:
            while line := stdin.readline(MAX_LINE_BYTES + 1):
                if line.endswith(b"\n"):
                    self._take(line)
                elif len(line) > MAX_LINE_BYTES:
                    self._refuse(b"", say("A line is longer than {n} bytes.", n=MAX_LINE_BYTES))
                    _skip_line(stdin)
        except Exception as error:
            answers.log_failure("The reader failed", error)
        _exit()

    def _take(self, line: bytes) -> None:
        try:
            request = decode_request(line)
        except ProtocolError as error:
            self._refuse(line, error.sentence)
            return
        with self._changed:
            is_new = request.id != "" and request.id not in self._open
            if is_new:
                self._open.add(request.id)
        if not is_new:
            self._refuse(b"", say("An id is empty or belongs to a request that is still open."))
        elif isinstance(request, Cancel):
            self._cancel(request.target)
            self._end(Done(id=request.id))
        else:
            self._enqueue(request)

    def _refuse(self, line: bytes, reason: Sentence) -> None:
        """Say that a line is no request, with its id when that can be told and is not in use."""
        try:
            id = msgspec.json.decode(line, type=_Id).id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            id = ""
        with self._changed:
            is_in_use = id in self._open
        self.send(Error(id="" if is_in_use else id, code="bad_request", message=reason))

    def _enqueue(self, request: Request) -> None:
        if isinstance(request, Quit):
            for id in self._open_ids():
                if id != request.id:
                    self._cancel(id)
        with self._changed:
            self._waiting.append(request)
            self._changed.notify()

    def _open_ids(self) -> tuple[str, ...]:
        with self._changed:
            return tuple(self._open)

    def _cancel(self, target: str) -> None:
        with self._changed:
            if self._running is not None and self._running.id == target:
                self._is_stopping = True
                if self._model is not None:
                    self._model.backend.cancel()
                return
            waiting = next((job for job in self._waiting if job.id == target), None)
            if waiting is None:
                return
            self._waiting.remove(waiting)
        self._end(answers.cancelled(target))

    # ---- the main thread ----

    def run(self) -> NoReturn:
        """Run the requests in order; an idle model is freed after its time."""
        while True:
            request = self._next()
            if request is None:
                self._unload_idle()
            else:
                self._answer(request)
                with self._changed:
                    self._running = None

    def _next(self) -> Request | None:
        """Wait for the next request; None when the model has been idle for its time."""
        idle_s = self._model.request.idle_unload_s if self._model else 0.0
        timeout = min(idle_s, threading.TIMEOUT_MAX) if idle_s > 0 else None
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, timeout):
                return None
            self._running = self._waiting.popleft()
            self._is_stopping = False
            self._progress_sent_at = 0.0
            if self._model is not None:
                self._model.backend.clear_cancel()
            return self._running

    def _poll(self) -> None:
        """Answer, in the middle of a reply, what needs no decoding and comes next in the queue."""
        while self._waiting:  # without the lock: this is asked at every token
            with self._changed:
                if not self._waiting or not isinstance(self._waiting[0], Count | Render | Tokenize):
                    return
                request = self._waiting.popleft()
            self._answer(request)

    def _answer(self, request: Request) -> None:
        """Run one request and close it, whatever happens."""
        try:
            reply = self._work(request)
        except Exception as error:
            self._end(answers.failed(request.id, error))
        else:
            self._end(Done(id=request.id, reply=reply))
            if isinstance(request, Quit):
                _exit()

    def _work(self, request: Request) -> Reply | None:
        if isinstance(request, Load):
            self._load(request)
        elif isinstance(request, Unload):
            self._unload()
        elif isinstance(request, answers.Question):
            return answers.answer(request, self._model, self._report, self._poll)
        return None

    def _load(self, request: Load) -> None:
        self._unload()
        backend = self._load_backend(request, lambda done: self._on_load_progress(request, done))
        try:
            model = answers.ready(request, backend)
            if self._is_stopping:
                raise Cancelled
        except BaseException:
            backend.close()
            raise
        with self._changed:
            self._model = model
        self.send(answers.loaded(model))

    def _on_load_progress(self, request: Load, done: float) -> None:
        if self._is_stopping:
            raise Cancelled
        self._report(Progress(id=request.id, phase="load", done=done, total=1.0))

    def _unload(self) -> None:
        with self._changed:
            model, self._model = self._model, None
        if model is not None:
            model.backend.close()

    def _unload_idle(self) -> None:
        assert self._model is not None
        path = self._model.request.path
        self._unload()
        self.send(Unloaded(path=path))

    def _report(self, event: Event) -> None:
        """Send an event of the running request; progress only so often, and always its end."""
        if isinstance(event, Progress):
            now = time.monotonic()
            if event.done < event.total and now - self._progress_sent_at < _PROGRESS_S:
                return
            self._progress_sent_at = now
        self.send(event)


def _skip_line(stdin: BinaryIO) -> None:
    while (part := stdin.readline(2**20)) and not part.endswith(b"\n"):
        pass


def _exit() -> NoReturn:
    """End at once: a decode may be running, and a thread waiting for input holds its lock."""
    os._exit(0)
