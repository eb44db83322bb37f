"""The engine's loop: takes requests, runs them in order, closes each with one `done` or `error`.

A reader thread parses the input, so that `cancel` and the end of the input act at once, in the
middle of a decode too; all else waits for the main thread. Knows nothing about any one backend.
"""

import logging
import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, NoReturn

import msgspec
from msgspec import Struct

import chatapp
from chatapp.chat import Message
from chatapp.engine.backends.base import Backend, Cancelled, Encoder
from chatapp.errors import EngineError, ModelFileError, ProtocolError, Sentence, say
from chatapp.protocol import (
    MAX_LINE_BYTES,
    PROTOCOL,
    Cancel,
    Count,
    Counted,
    Done,
    Embed,
    Embedded,
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
    Score,
    Tokenize,
    Tokenized,
    Unload,
    Unloaded,
    decode_request,
    encode,
)

if TYPE_CHECKING:
    from chatapp.text.chat_template import ChatTemplate

_PROGRESS_S = 1 / 30  # between two progress events of one request

logger = logging.getLogger(__name__)

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


class _Model(NamedTuple):
    """The loaded model that writes, and what is needed to write its prompts."""

    request: Load
    backend: Backend
    template: "ChatTemplate"


class _Encoder(NamedTuple):
    """The loaded model that only reads."""

    request: Load
    backend: Encoder


class _Id(Struct):
    id: str = ""


class _Server:
    """The state both threads share: what waits, what runs, and which ids are open."""

    def __init__(self, stdout: BinaryIO, load: LoadBackend) -> None:
        self._stdout = stdout
        self._writing = threading.Lock()
        self._load_backend = load
        self._model: _Model | _Encoder | None = None
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
            _log_failure("The reader failed", error)
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
        self._end(_cancelled(target))

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
            self._end(_failed(request.id, error))
        else:
            self._end(Done(id=request.id, reply=reply))
            if isinstance(request, Quit):
                _exit()

    def _work(self, request: Request) -> Reply | None:
        match request:
            case Load():
                self._load(request)
            case Unload():
                self._unload()
            case Generate():
                return self._generate(request)
            case Render():
                self._render(request)
            case Count():
                self._count(request)
            case Tokenize():
                self._tokenize(request)
            case Score():
                self._score(request)
            case Embed():
                self._embed(request)
        return None

    def _load(self, request: Load) -> None:
        self._unload()
        backend = self._load_backend(request, lambda done: self._on_load_progress(request, done))
        try:
            model = _ready(request, backend)
            if self._is_stopping:
                raise Cancelled
        except BaseException:
            backend.close()
            raise
        with self._changed:
            self._model = model
        self.send(_loaded(model))

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

    def _generate(self, request: Generate) -> Reply:
        from chatapp.engine.generation import Generation

        model = self._loaded_model()
        return Generation(model.backend, model.template, request, self._report, self._poll).run()

    def _loaded_model(self) -> _Model:
        model = self._loaded()
        if isinstance(model, _Encoder):
            raise ModelFileError(
                "unsupported_architecture",
                say(
                    "{file}: This model ({architecture}) does not write text word by word, so it "
                    "cannot be chatted with. Choose another model.",
                    file=Path(model.request.path).name,
                    architecture=model.backend.info.architecture,
                ),
            )
        return model

    def _loaded(self) -> _Model | _Encoder:
        if self._model is None:
            raise EngineError("no_model", say("No model is loaded. Load one first."))
        return self._model

    def _report(self, event: Event) -> None:
        """Send an event of the running request; progress only so often, and always its end."""
        if isinstance(event, Progress):
            now = time.monotonic()
            if event.done < event.total and now - self._progress_sent_at < _PROGRESS_S:
                return
            self._progress_sent_at = now
        self.send(event)

    def _render(self, request: Render) -> None:
        from chatapp.engine import context

        _, backend, template = self._loaded_model()

        def render(messages: Sequence[Message]) -> tuple[str, list[int]]:
            return context.render_prompt(backend, template, messages, request.prefill)

        n_ctx = backend.info.n_ctx
        room = context.reply_room(None, n_ctx)
        prompt = context.fit(
            request.messages, request.left_out, n_ctx, lambda messages: render(messages)[1], room
        )
        text, _ = render(prompt.messages)
        self.send(
            Rendered(id=request.id, text=text, ids=tuple(prompt.ids), left_out=prompt.left_out)
        )

    def _count(self, request: Count) -> None:
        from chatapp.engine.context import render_prompt

        _, backend, template = self._loaded_model()
        _, ids = render_prompt(backend, template, request.messages)
        n_ctx = backend.info.n_ctx
        self.send(Counted(id=request.id, prompt_tokens=len(ids), n_ctx=n_ctx))

    def _tokenize(self, request: Tokenize) -> None:
        backend = self._loaded_model().backend
        ids = backend.tokenize(request.text, special=False)
        tokens = tuple(backend.piece(id).decode("utf-8", "replace") for id in ids)
        self.send(Tokenized(id=request.id, ids=tuple(ids), tokens=tokens))

    def _score(self, request: Score) -> None:
        from chatapp.engine.scoring import Scoring

        Scoring(self._loaded_model().backend, request, self._report, self._poll).run()

    def _embed(self, request: Embed) -> None:
        model = self._loaded()
        if not isinstance(model, _Encoder):
            raise ModelFileError(
                "unsupported_architecture",
                say(
                    "{file}: This model ({architecture}) makes no vectors of texts. Choose one of "
                    "BERT's kind.",
                    file=Path(model.request.path).name,
                    architecture=model.backend.info.architecture,
                ),
            )
        for vectors in model.backend.embed(request.texts):
            self.send(Embedded(id=request.id, vectors=tuple(map(tuple, vectors))))
            self._poll()


def _ready(request: Load, backend: Backend | Encoder) -> _Model | _Encoder:
    from chatapp.text.chat_template import ChatTemplate  # like generation, not before `ready`

    if isinstance(backend, Encoder):
        return _Encoder(request, backend)
    template = ChatTemplate(backend.chat_template, backend.bos, backend.eos)
    return _Model(request, backend, template)


def _loaded(model: _Model | _Encoder) -> Loaded:
    return Loaded(
        id=model.request.id,
        path=model.request.path,
        has_chat_template=isinstance(model, _Model) and model.backend.chat_template != "",
        **msgspec.structs.asdict(model.backend.info),
    )


def _cancelled(id: str) -> Error:
    return Error(id=id, code="cancelled", message=say("Stopped before it was done."))


def _failed(id: str, error: Exception) -> Error:
    """The answer to a request that raised `error`; what was not expected is logged."""
    match error:
        case Cancelled():
            return _cancelled(id)
        case ModelFileError():
            return Error(id=id, code=error.code, message=error.sentence)
        case EngineError():
            return Error(
                id=id,
                code=error.code,
                message=error.sentence,
                needs=error.needs,
                limit=error.limit,
            )
        case MemoryError():
            message = say(
                "There is not enough memory. Close other programs or take a smaller model."
            )
            return Error(id=id, code="not_enough_memory", message=message)
        case _:
            _log_failure("A request failed", error)
            message = say(
                "Something went wrong in the engine ({kind}); see its log.",
                kind=type(error).__name__,
            )
            return Error(id=id, code="internal", message=message)


def _log_failure(what: str, error: Exception) -> None:
    # Not the error's own text: it may quote a message, and logs never hold one.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, frames)


def _skip_line(stdin: BinaryIO) -> None:
    while (part := stdin.readline(2**20)) and not part.endswith(b"\n"):
        pass


def _exit() -> NoReturn:
    """End at once: a decode may be running, and a thread waiting for input holds its lock."""
    os._exit(0)
