"""Writes one reply: reads the prompt, draws token after token, sends the text as it comes.

The same for every backend. The text passes three stations, none of which takes longer as the reply
grows: bytes to characters, stop strings, reasoning. Knows nothing about how a model computes.
"""

import sys
import time
from collections.abc import Callable, Sequence

from chatapp.chat import FinishReason, Message, Timings, Usage
from chatapp.engine import context
from chatapp.engine.backends.base import Backend, Cancelled
from chatapp.errors import EngineError
from chatapp.protocol import Delta, Event, Generate, Progress, Reply, TokenLogprob
from chatapp.text.chat_template import ChatTemplate
from chatapp.text.detokenizer import IncrementalDetokenizer
from chatapp.text.reasoning import ReasoningSplitter, opened_by
from chatapp.text.stop_strings import StopStrings

_DELTA_S = 0.033  # between two deltas: a window paints no faster
_LONGEST_TAG = 32  # tokens at the end of the prompt among which a tag that opens reasoning may be


class Generation:
    """One reply to one request.

    Args:
        backend: The loaded model.
        template: Its chat template.
        request: What to reply to and how.
        emit: Takes `Progress` and `Delta` events.
        poll: Called between tokens and between pieces of the prompt.
    """

    def __init__(
        self,
        backend: Backend,
        template: ChatTemplate,
        request: Generate,
        emit: Callable[[Event], None],
        poll: Callable[[], None],
    ) -> None:
        self._backend = backend
        self._template = template
        self._request = request
        self._emit = emit
        self._poll = poll
        self._left_out = request.left_out
        self._prefill_ids: Sequence[int] = ()
        self._ids: list[int] = []  # drawn so far
        self._text = _ReplyText((*request.params.stop, *template.stop))
        self._reasoning_tokens = 0
        self._logprobs: list[TokenLogprob] = []  # of the tokens that are not sent yet
        self._sent_at = 0.0
        self._first_at = 0.0

    def run(self) -> Reply:
        """Write the reply; one that was stopped ends as `cancelled`.

        Raises:
            EngineError: If the conversation has no place in the context, or the model fails.
        """
        started = time.perf_counter()
        prompt = self._fit()
        self._begin(prompt.ids)
        seed = self._backend.start_sampling(self._request.params, prompt.ids)
        cached = 0
        reading_at = read_at = time.perf_counter()
        try:
            cached = self._backend.read(prompt.ids, self._on_progress)
            read_at = time.perf_counter()
            reason = self._write(len(prompt.ids))
        except Cancelled:
            reason = "cancelled"
        ended = time.perf_counter()
        self._text.finish()
        self._send(ended)
        first_at = self._first_at or ended
        ids = self._ids_of_text()
        return Reply(
            finish_reason=reason,
            usage=Usage(
                prompt_tokens=len(prompt.ids),
                cached_tokens=cached,
                completion_tokens=len(self._ids),
            ),
            timings=Timings(
                prompt_s=read_at - reading_at,
                generation_s=ended - first_at,
                first_token_s=first_at - started,
            ),
            ids=ids,
            reasoning_tokens=min(self._reasoning_tokens, len(ids)),
            left_out=self._left_out,
            seed=seed,
            template_sha256=self._template.sha256,
        )

    def _write(self, n_cached: int) -> FinishReason:
        """Draw and send tokens until the reply ends. This runs for every token: keep it short."""
        backend, text, ids, poll = self._backend, self._text, self._ids, self._poll
        n_ctx = backend.info.n_ctx
        limit = self._request.params.max_new_tokens or sys.maxsize
        while True:
            id = backend.sample()
            if backend.is_end(id):
                return "stop"
            ids.append(id)
            is_stopped = text.add(backend.piece(id))
            self._note(id)
            if is_stopped:
                return "stop"
            if len(ids) >= limit:
                return "length"
            poll()
            if n_cached < n_ctx:
                backend.step(id)
                n_cached += 1
            elif (n_cached := self._make_room()) == 0:
                return "length"

    def _note(self, id: int) -> None:
        """What is kept of a token, and the delta when one is due."""
        now = time.perf_counter()
        self._first_at = self._first_at or now
        if self._text.is_reasoning:
            self._reasoning_tokens = len(self._prefill_ids) + len(self._ids)
        if self._request.logprobs is not None:
            self._logprobs.append(self._backend.logprob(id, self._request.logprobs))
        if now - self._sent_at >= _DELTA_S:
            self._send(now)

    def _send(self, now: float) -> None:
        answer, reasoning = self._text.take()
        if not (answer or reasoning or self._logprobs):
            return
        self._emit(
            Delta(
                id=self._request.id,
                text=answer,
                reasoning=reasoning,
                ids=tuple(logprob.id for logprob in self._logprobs),
                logprobs=tuple(self._logprobs),
            )
        )
        self._logprobs.clear()
        self._sent_at = now

    def _on_progress(self, done: int, total: int) -> None:
        self._emit(Progress(id=self._request.id, phase="prompt", done=done, total=total))
        self._poll()

    def _fit(self) -> context.Prompt:
        """The prompt, with the reply so far at its end."""
        n_ctx = self._backend.info.n_ctx
        room = context.reply_room(self._request.params.max_new_tokens, n_ctx)
        prompt = context.fit(self._request.messages, self._left_out, n_ctx, self._render_ids, room)
        self._left_out = prompt.left_out
        return prompt

    def _render_ids(self, messages: Sequence[Message]) -> list[int]:
        prefill = self._request.prefill
        _, ids = context.render_prompt(self._backend, self._template, messages, prefill)
        return [*ids, *self._ids]

    def _make_room(self) -> int:
        """Leave out turns in the middle of the reply.

        Returns:
            How many tokens the cache holds then; 0 if no turn can go.
        """
        try:
            prompt = self._fit()
        except EngineError:
            return 0
        self._backend.read(prompt.ids, self._on_progress)
        return len(prompt.ids)

    def _begin(self, ids: Sequence[int]) -> None:
        """Find where the prefill begins in the prompt, and whether reasoning is open before it."""
        n_bytes = len(self._request.prefill.encode())
        start = len(ids)
        while n_bytes > 0 and start > 0:
            start -= 1
            n_bytes -= len(self._backend.piece(ids[start]))
        self._prefill_ids = ids[start:]
        pieces = (self._backend.piece(id) for id in ids[max(0, start - _LONGEST_TAG) : start])
        end = b"".join(pieces).decode("utf-8", "replace")
        self._text.begin(end, self._request.prefill)

    def _ids_of_text(self) -> tuple[int, ...]:
        """The ids the reply is made of: without those of a stop string, which is no part of it."""
        if not self._text.is_stopped:
            return (*self._prefill_ids, *self._ids)
        kept = self._text.kept.encode()
        n = n_bytes = 0
        for id in self._ids:
            n_piece = len(self._backend.piece(id))
            if n_bytes + n_piece > len(kept):
                break
            n, n_bytes = n + 1, n_bytes + n_piece
        while n_bytes < len(kept) and kept[n_bytes] & 0xC0 == 0x80:  # not within a character
            n -= 1
            n_bytes -= len(self._backend.piece(self._ids[n]))
        # A stop string that began within a token leaves a rest, which no id drawn stands for.
        rest = kept[n_bytes:].decode()
        return (*self._prefill_ids, *self._ids[:n], *self._backend.tokenize(rest, special=False))


class _ReplyText:
    """The text of a reply on its way from bytes to answer and reasoning."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._detokenizer = IncrementalDetokenizer()
        self._stop_strings = StopStrings(stop)
        self._splitter = ReasoningSplitter()
        self._kept: list[str] = []
        self._answer: list[str] = []
        self._reasoning: list[str] = []
        self.is_stopped = False

    @property
    def kept(self) -> str:
        """All text so far, before it is split, up to the stop string if one was met."""
        return "".join(self._kept)

    @property
    def is_reasoning(self) -> bool:
        """Whether all text so far is reasoning."""
        return self._splitter.is_reasoning

    def begin(self, end_of_prompt: str, prefill: str) -> None:
        """Take note of what the prompt says already: reasoning may be open, and the reply begun."""
        self._splitter = ReasoningSplitter(opened_by(end_of_prompt))
        self._splitter.add(prefill)

    def add(self, piece: bytes) -> bool:
        """Take the bytes of the next token; returns whether a stop string was met."""
        text, self.is_stopped = self._stop_strings.add(self._detokenizer.add(piece))
        if text:
            self._keep(text)
        return self.is_stopped

    def finish(self) -> None:
        """Let go what was held back; the beginning of a character that never came is dropped."""
        self._keep(self._stop_strings.finish())
        self._put(*self._splitter.finish())

    def take(self) -> tuple[str, str]:
        """The answer and the reasoning that came since the last call."""
        taken = "".join(self._answer), "".join(self._reasoning)
        self._answer.clear()
        self._reasoning.clear()
        return taken

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._put(*self._splitter.add(text))

    def _put(self, answer: str, reasoning: str) -> None:
        if answer:
            self._answer.append(answer)
        if reasoning:
            self._reasoning.append(reasoning)
