"""EngineClient: starts an engine process and talks to it, blocking.

For the command line, scripts and tests; the window has its own, which never blocks. Knows nothing
about models or the history.
"""

import contextlib
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

from chatapp import engine_watch
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.engine_watch import Watch
from chatapp.errors import EngineError, ErrorCode, ProtocolError, Sentence, say
from chatapp.paths import engine_command, engine_environment
from chatapp.protocol import (
    MAX_LINE_BYTES,
    PROTOCOL,
    Cancel,
    Delta,
    Done,
    Embed,
    Embedded,
    Error,
    Event,
    Generate,
    Load,
    Loaded,
    Perplexity,
    Progress,
    Ready,
    Reply,
    Request,
    Score,
    Scored,
    ScoredToken,
    Unload,
    Unloaded,
    decode_event,
    encode,
)

_GRACE_S = 0.5  # for an engine that was asked to end
_WAKE_S = 0.2  # on Windows Ctrl+C does not interrupt a wait without end

_Inbox = SimpleQueue[Event | EngineError]


class EngineClient:
    """An engine process and the app's end of the protocol; a context manager that ends it.

    Calls may come from any thread, and several requests may be open at once.

    Attributes:
        ready: What the engine said of itself at start.
        loaded: The model in the engine, None while there is none.
        reply: What the engine said of the last reply that `generate` was read to the end of.
        log: The file the engine's log goes to.

    Raises:
        EngineError: If the engine cannot be started or does not come up.
    """

    ready: Ready

    def __init__(self, command: Sequence[str] | None = None, log: Path | None = None) -> None:
        self.log = log or engine_watch.new_log()
        self.loaded: Loaded | None = None
        self.reply: Reply | None = None
        self._process = _start(command or engine_command(), self.log)
        self._changing = threading.Lock()  # guards the three below
        self._watch = Watch(self._process.pid)
        self._inboxes: dict[str, _Inbox] = {}
        self._failure: EngineError | None = None
        self._writing = threading.Lock()
        self._is_over = threading.Event()
        self._first: SimpleQueue[Ready | EngineError] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="engine reader", daemon=True)
        self._watcher = threading.Thread(target=self._watch_over, name="engine watch", daemon=True)
        self._reader.start()
        self._watcher.start()
        try:
            self.ready = self._wait_for_ready()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def load(
        self, path: str | Path, *, on_progress: Callable[[float], None] | None = None, **fields: Any
    ) -> Loaded:
        """Load a model in place of the one loaded.

        Args:
            path: The model file.
            on_progress: Told how far the load has come, 0 to 1.
            fields: Further fields of `protocol.Load`.

        Raises:
            EngineError: If the model cannot be loaded, or the engine fails.
        """
        loaded: Loaded | None = None
        given: dict[str, Any] = {"id": new_id(), "path": str(path)}
        for event in self.request(Load(**given | fields)):
            if isinstance(event, Progress) and on_progress is not None:
                on_progress(event.done / event.total)
            elif isinstance(event, Loaded):
                loaded = event
        assert loaded is not None
        return loaded

    def generate(
        self,
        messages: Sequence[Message],
        params: GenerationParams | None = None,
        **fields: Any,
    ) -> Iterator[Delta]:
        """Write the reply that follows `messages`; read to its end, `reply` tells of it.

        An iterator closed early cancels the reply.

        Args:
            messages: The conversation so far.
            params: How tokens are drawn.
            fields: Further fields of `protocol.Generate`.

        Raises:
            EngineError: If the engine refuses or fails; raised while iterating.
        """
        given: dict[str, Any] = {"id": new_id(), "params": params or GenerationParams()}
        self.reply = None
        return self._deltas(self.request(Generate(messages=tuple(messages), **given | fields)))

    def score(
        self,
        text: str,
        *,
        top_n: int = 0,
        on_tokens: Callable[[tuple[ScoredToken, ...]], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Perplexity:
        """Score a text.

        Args:
            text: What to score.
            top_n: How many of the likeliest tokens to tell at each place.
            on_tokens: Given the scores of the next tokens as they are computed; if it raises, the
                rest is cancelled.
            on_progress: Told how far the text is read, 0 to 1.

        Raises:
            EngineError: If there is nothing to score, or the engine refuses or fails.
        """
        result: Perplexity | None = None
        request = Score(id=new_id(), text=text, top_n=top_n)
        with contextlib.closing(self.request(request)) as events:
            for event in events:
                if isinstance(event, Scored) and on_tokens is not None:
                    on_tokens(event.tokens)
                elif isinstance(event, Progress) and on_progress is not None:
                    on_progress(event.done / event.total)
                elif isinstance(event, Perplexity):
                    result = event
        assert result is not None
        return result

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Vectors of length 1 of `texts`, by a model of BERT's kind.

        Raises:
            EngineError: If the model makes none, a text is too long, or the engine fails.
        """
        events = self.request(Embed(id=new_id(), texts=tuple(texts)))
        return [
            vector for event in events if isinstance(event, Embedded) for vector in event.vectors
        ]

    def request(self, request: Request) -> Generator[Event, None, None]:
        """Send a request at once; yields its events, `done` as the last.

        An iterator closed early cancels the request.

        Raises:
            EngineError: If the engine answers with an error, dies, falls silent or prints garbage;
                raised while iterating.
        """
        line = _encode(request)
        inbox: _Inbox = SimpleQueue()
        with self._changing:
            if self._failure is not None:
                raise self._failure
            self._inboxes[request.id] = inbox
            self._watch.sent(request)
            if isinstance(request, Load | Unload):
                self.loaded = None
        self._write(line)
        return self._events(request.id, inbox)

    def cancel(self, target: str) -> None:
        """Stop the request with the id `target`; if it does not stop, the engine is ended."""
        request = Cancel(id=new_id(), target=target)
        with self._changing:
            self._watch.sent(request)
        self._write(encode(request))

    def log_tail(self) -> str:
        """The last lines of the engine's log."""
        return engine_watch.log_tail(self.log)

    def close(self) -> None:
        """End the engine; requests that are open end in an error."""
        self._settle(EngineError("cancelled", say("The engine was closed.")))
        stdin = self._process.stdin
        assert stdin is not None
        # A write that a stuck engine does not read holds the lock until the engine is gone.
        if self._writing.acquire(timeout=_GRACE_S):
            with contextlib.suppress(OSError):
                stdin.close()
            self._writing.release()
            self._reader.join(_GRACE_S)
        self._process.kill()
        self._reader.join()
        self._watcher.join()
        with contextlib.suppress(OSError):
            stdin.close()

    # ---- the caller's thread ----

    def _wait_for_ready(self) -> Ready:
        try:
            first = self._first.get(timeout=engine_watch.READY_S)
        except Empty:
            raise EngineError("engine_silent", engine_watch.NOT_READY) from None
        if isinstance(first, EngineError):
            raise first
        if first.protocol != PROTOCOL:
            sentence = engine_watch.words_for_protocol(first.protocol, PROTOCOL)
            raise EngineError("engine_died", sentence)
        return first

    def _deltas(self, events: Generator[Event, None, None]) -> Iterator[Delta]:
        with contextlib.closing(events):
            for event in events:
                if isinstance(event, Delta):
                    yield event
                elif isinstance(event, Done):
                    self.reply = event.reply

    def _events(self, id: str, inbox: _Inbox) -> Generator[Event, None, None]:
        try:
            while True:
                event = _wait(inbox)
                if isinstance(event, EngineError):
                    raise event
                if isinstance(event, Error):
                    raise EngineError(
                        event.code, event.message, needs=event.needs, limit=event.limit
                    )
                yield event
                if isinstance(event, Done):
                    return
        finally:
            with self._changing:
                is_open = id in self._inboxes
            if is_open:
                self.cancel(id)

    def _write(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        # What cannot be written has no reader any more: the thread that reads says why.
        with self._writing, contextlib.suppress(OSError, ValueError):
            stdin.write(line)
            stdin.flush()

    def _settle(self, failure: EngineError) -> None:
        """Let the first failure end what is open; what comes later is refused with it."""
        with self._changing:
            if self._failure is not None:
                return
            self._failure = failure
            self.loaded = None
            inboxes = list(self._inboxes.values())
            self._inboxes.clear()
        self._is_over.set()
        self._first.put(failure)
        for inbox in inboxes:
            inbox.put(failure)

    def _give_up(self, code: ErrorCode, sentence: Sentence) -> None:
        self._settle(EngineError(code, sentence))
        self._process.kill()

    # ---- the reader ----

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            try:
                while line := stdout.readline(MAX_LINE_BYTES):
                    self._dispatch(decode_event(line))
            except ProtocolError:
                # A process that dies in the middle of a line prints no garbage.
                if line.endswith(b"\n") or len(line) == MAX_LINE_BYTES:
                    self._give_up("engine_died", engine_watch.GARBAGE)
            exit_code = self._reap()
        self._settle(EngineError("engine_died", engine_watch.words_for_end(exit_code)))

    def _dispatch(self, event: Event) -> None:
        with self._changing:
            self._watch.heard(event)
        if isinstance(event, Ready):
            self._first.put(event)
            return
        if isinstance(event, Unloaded):
            self.loaded = None
            return
        if isinstance(event, Loaded):
            self.loaded = event
        with self._changing:
            is_last = isinstance(event, Done | Error)
            inbox = self._inboxes.pop(event.id, None) if is_last else self._inboxes.get(event.id)
        if inbox is not None:
            inbox.put(event)

    def _reap(self) -> int:
        """Wait for the end of a process whose output has ended."""
        try:
            return self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._give_up("engine_silent", engine_watch.STUCK)
            return self._process.wait()

    # ---- the watch ----

    def _watch_over(self) -> None:
        while not self._is_over.wait(engine_watch.TICK_S):
            with self._changing:
                verdict = self._watch.tick()
            if verdict == "ask":
                # In a thread of its own: a stuck engine does not read, and the write may wait.
                line = encode(Cancel(id=new_id(), target=""))
                threading.Thread(target=self._write, args=(line,), daemon=True).start()
            elif verdict == "stuck":
                self._give_up("engine_silent", engine_watch.STUCK)


def _start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    try:
        with log.open("wb") as stderr:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=engine_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
    except OSError as error:
        sentence = engine_watch.words_for_no_start(error.strerror or str(error))
        raise EngineError("engine_died", sentence) from error


def _encode(request: Request) -> bytes:
    line = encode(request)
    if len(line) > MAX_LINE_BYTES:
        raise EngineError(
            "bad_request",
            say(
                "This is too much text at once: {n:,} bytes, limit {limit:,}.",
                n=len(line),
                limit=MAX_LINE_BYTES,
            ),
        )
    return line


def _wait(inbox: _Inbox) -> Event | EngineError:
    while True:
        try:
            return inbox.get(timeout=_WAKE_S)
        except Empty:
            continue
