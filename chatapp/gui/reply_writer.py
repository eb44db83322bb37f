"""ReplyWriter: has replies written, one after the other, and keeps every word of them.

From a question in the history to a finished reply in the history: the model is loaded if it is
not, the prompt put together, the pieces handed on at once and written down within half a second.
Knows nothing about widgets or about which conversation is on show.
"""

from collections import deque
from datetime import UTC, datetime
from time import monotonic
from typing import Any, NamedTuple

from msgspec import Struct, structs
from PySide6.QtCore import QObject, QTimer, Signal

from chatapp.chat import GenerationParams, new_id
from chatapp.gui.chat.status_line import Phase
from chatapp.gui.conversations import last_left_out, prompt_messages, token_length
from chatapp.gui.engine_process import EngineProcess
from chatapp.gui.history import History
from chatapp.gui.model_session import ModelSession
from chatapp.gui.sentences import translated
from chatapp.protocol import Cancel, Delta, Done, Error, Generate, Progress, Reply
from chatapp.storage.records import ReplyRecord, ReplyStatus, StoredConversation, StoredMessage

_WRITE_DOWN_MS = 300  # with the time the store takes on a busy machine, all is safe within 500
_PACE_S = 0.5  # between two looks at how fast a reply is written


class Job(Struct, frozen=True, kw_only=True):
    """A reply that is wanted: to the message at the end of the conversation's path.

    It begins with the text of `begun`, where an earlier version is to be continued.
    """

    conversation: StoredConversation
    model_path: str
    model_name: str
    params: GenerationParams
    begun: StoredMessage | None = None


class Work(NamedTuple):
    """What a job is at: a phase and its figures, as the Chat place shows them."""

    phase: Phase
    done: float = 0.0
    total: float = 0.0
    seconds_left: float | None = None
    tps: float | None = None  # while a reply is written: about how many tokens a second


class ReplyWriter(QObject):
    """Writes the replies it is asked for, in that order.

    Signals:
        changed: What `work_in` says has changed.
        started: A reply was opened; carries the `StoredMessage`, still empty.
        grew: A reply's id, and the text and reasoning that came.
        finished: A reply came to its end, good or bad; carries the whole `StoredMessage`.
        failed: The conversation's id and the `Error` that kept it from its reply; the id is empty
            when a model could not be loaded that no reply waited for.
        became_free: The conversation's id, after a reply that did not fail or was called off.
    """

    changed = Signal()
    started = Signal(object)
    grew = Signal(str, str, str)
    finished = Signal(object)
    failed = Signal(str, object)
    became_free = Signal(str)

    def __init__(
        self,
        engine: EngineProcess,
        session: ModelSession,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._session = session
        self._history = history
        self._jobs: deque[Job] = deque()  # the first is the one at work
        self._request_id = ""  # of the reply; "" while the engine is not asked for it
        self._is_asked_again = False
        self._reply: StoredMessage | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._written_down = 0  # pieces of the two lists above that the history has
        self._work = Work("loading")
        self._reading_since: tuple[float, float] | None = None  # time, and tokens read by then
        self._pace = _Pace(1.0)
        self._timer = QTimer(self, singleShot=True, interval=_WRITE_DOWN_MS)
        self._timer.timeout.connect(self._write_down)
        session.progressed.connect(self.changed)
        session.loaded.connect(self._on_loaded)
        session.failed.connect(self._on_load_failed)
        session.outdated.connect(self._follow_choice)
        self.became_free.connect(self._follow_choice)
        engine.progress.connect(self._on_progress)
        engine.delta.connect(self._on_delta)
        engine.done.connect(self._on_done)
        engine.failed.connect(self._on_failed)

    @property
    def is_busy(self) -> bool:
        """Whether any reply is being written or waits for its turn."""
        return bool(self._jobs)

    def write(self, job: Job) -> None:
        """Write the reply to the last message of the conversation's path."""
        self._jobs.append(job)
        if len(self._jobs) == 1:
            self._begin()
        self.changed.emit()

    def stop(self, conversation_id: str) -> None:
        """End the reply in that conversation; what was written of it stays."""
        if self._reply is not None and self._reply.conversation_id == conversation_id:
            if self._request_id:
                self._engine.send(Cancel(id=new_id(), target=self._request_id))
            else:  # its model is on its way back
                self._finish("stopped")
                self._next(is_free=True)
            return
        self._jobs = deque(job for job in self._jobs if job.conversation.id != conversation_id)
        if self._reply is None:
            self._begin()
        self.changed.emit()
        self.became_free.emit(conversation_id)

    def work_in(self, conversation_id: str) -> Work | None:
        """What the job of that conversation is at; None when it has none."""
        if not any(job.conversation.id == conversation_id for job in self._jobs):
            return None
        if not self._request_id and self._session.loading_path:
            return Work("loading", self._session.fraction, 1.0)
        is_first = self._jobs[0].conversation.id == conversation_id
        return self._work if is_first else Work("waiting")

    def reply_in(self, conversation_id: str) -> StoredMessage | None:
        """The reply that is being written in that conversation, as far as it has come."""
        if self._reply is None or self._reply.conversation_id != conversation_id:
            return None
        return structs.replace(
            self._reply, content="".join(self._text), reasoning="".join(self._reasoning)
        )

    def close(self) -> None:
        """Keep what has come; for the end of the program."""
        self._jobs.clear()
        if self._reply is not None:
            self._finish("stopped")

    # ---- one job, from its model to its end ----

    def _begin(self) -> None:
        if self._jobs:
            self._work = Work("loading")
            self._session.require(self._jobs[0].model_path)

    def _follow_choice(self) -> None:
        """Take another engine that was chosen for the model, once nobody waits for a reply."""
        if not self.is_busy:
            self._session.follow_choice()

    def _on_loaded(self) -> None:
        if not self._jobs or self._request_id:
            return
        job = self._jobs[0]
        if not self._session.holds(job.model_path):  # what was loaded was for somebody else
            self._begin()
            return
        if self._reply is None:
            self._open(job)
        self._ask(job)

    def _open(self, job: Job) -> None:
        """Open the reply in the history and on the screen."""
        conversation = job.conversation
        assert conversation.leaf_id is not None
        text, reasoning = (job.begun.content, job.begun.reasoning) if job.begun else ("", "")
        self._reply = StoredMessage(
            id=new_id(),
            conversation_id=conversation.id,
            parent_id=conversation.leaf_id,
            role="assistant",
            content=text,
            reasoning=reasoning,
            status="streaming",
            created_at=datetime.now(UTC).isoformat(),
            model_path=job.model_path,
            model_name=job.model_name,
            params=job.params,
        )
        self._text, self._reasoning, self._written_down = [text], [reasoning], 1
        self._is_asked_again = False
        self._history.start_reply(
            self._reply.id,
            conversation.id,
            conversation.leaf_id,
            model_path=job.model_path,
            model_name=job.model_name,
            params=job.params,
            content=text,
            reasoning=reasoning,
        )
        self.started.emit(self._reply)

    def _ask(self, job: Job) -> None:
        """Have the engine write the reply that is open."""
        path = job.conversation.path()
        self._work = Work("reading")
        self._reading_since = None
        self._pace = _Pace(token_length(path))
        self._request_id = new_id()
        self._engine.send(
            Generate(
                id=self._request_id,
                messages=prompt_messages(job.conversation, job.model_path),
                params=job.params,
                left_out=last_left_out(path),
                prefill=job.begun.content if job.begun else "",
            )
        )
        self.changed.emit()

    def _on_progress(self, event: Progress) -> None:
        if event.id != self._request_id:
            return
        now = monotonic()
        since, tokens = self._reading_since or (now, event.done)
        self._reading_since = since, tokens
        rate = (event.done - tokens) / (now - since) if event.done > tokens else 0.0
        left = (event.total - event.done) / rate if rate else None
        self._work = Work("reading", event.done, event.total, left)
        self.changed.emit()

    def _on_delta(self, event: Delta) -> None:
        if event.id != self._request_id or self._reply is None:
            return
        self._text.append(event.text)
        self._reasoning.append(event.reasoning)
        if not self._timer.isActive():
            self._timer.start()
        is_new = self._pace.add(len(event.text) + len(event.reasoning), monotonic())
        if is_new or self._work.phase != "writing":
            self._work = Work("writing", tps=self._pace.tps)
            self.changed.emit()
        self.grew.emit(self._reply.id, event.text, event.reasoning)

    def _write_down(self) -> None:
        assert self._reply is not None
        text = "".join(self._text[self._written_down :])
        reasoning = "".join(self._reasoning[self._written_down :])
        self._written_down = len(self._text)
        self._history.append_chunk(self._reply.id, text, reasoning)

    def _on_done(self, event: Done) -> None:
        if event.id == self._request_id and event.reply is not None:
            is_cancelled = event.reply.finish_reason == "cancelled"
            self._finish("stopped" if is_cancelled else "complete", event.reply)
            self._next(is_free=True)

    def _on_failed(self, event: Error) -> None:
        if event.id != self._request_id or self._reply is None:
            return
        if event.code == "no_model" and not self._is_asked_again:
            self._is_asked_again = True  # it was put away for idleness just when it was wanted
            self._request_id = ""
            self._begin()
            return
        conversation_id = self._reply.conversation_id
        is_stopped = event.code == "cancelled"
        self._finish(
            "stopped" if is_stopped else "error",
            error="" if is_stopped else translated(event.message),
        )
        if not is_stopped:
            self.failed.emit(conversation_id, event)
        self._next(is_free=is_stopped)

    def _on_load_failed(self, event: Error) -> None:
        if not self._jobs:
            self.failed.emit("", event)
        elif not self._request_id:
            if self._reply is not None:
                self._finish("error", error=translated(event.message))
            self.failed.emit(self._jobs[0].conversation.id, event)
            self._next(is_free=False)

    def _finish(self, status: ReplyStatus, reply: Reply | None = None, error: str = "") -> None:
        assert self._reply is not None
        self._timer.stop()
        if self._written_down < len(self._text):
            self._write_down()
        facts = {} if reply is None else _facts(reply)
        message = structs.replace(
            self._reply,
            content="".join(self._text),
            reasoning="".join(self._reasoning),
            status=status,
            error=error,
            **facts,
        )
        record = None if reply is None else self._record(reply)
        self._history.finish_reply(message.id, status=status, reply=record, error=error)
        self._reply = None
        self._request_id = ""
        self.finished.emit(message)

    def _record(self, reply: Reply) -> ReplyRecord:
        loaded = self._session.current
        return ReplyRecord(
            **_facts(reply),
            template_sha256=reply.template_sha256,
            engine_build="" if loaded is None else loaded.build,
        )

    def _next(self, *, is_free: bool) -> None:
        done = self._jobs.popleft()
        self._begin()
        self.changed.emit()
        if is_free:
            self.became_free.emit(done.conversation.id)


class _Pace:
    """How fast a reply is written, of which only the characters are known while it is.

    Attributes:
        tps: Tokens a second at the last look; None before the first.
    """

    def __init__(self, token_length: float) -> None:
        self.tps: float | None = None
        self._token_length = token_length
        self._length = 0
        self._since: float | None = None

    def add(self, length: int, now: float) -> bool:
        """Take note of so many more characters; whether it was time for another look."""
        if self._since is None:  # when the first piece came is all that it says
            self._since = now
            return False
        self._length += length
        if now - self._since < _PACE_S:
            return False
        self.tps = self._length / self._token_length / (now - self._since)
        self._since, self._length = now, 0
        return True


def _facts(reply: Reply) -> dict[str, Any]:
    """What the record and the message on show have in common."""
    names = ("finish_reason", "usage", "timings", "ids", "reasoning_tokens", "left_out", "seed")
    return {name: getattr(reply, name) for name in names}
