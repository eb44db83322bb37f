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
        poll: Called between pieces of the prompt and, as often as a delta is due, between tokens.
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
        self._text = _ReplyText(request.params.stop)
        self._logprobs: list[TokenLogprob] = []  # of the tokens that are not sent yet
        self._send_at = 0.0  # when the next delta is due
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
        first_at = self._first_at or ended
        self._text.finish()
        self._send(ended)
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
            reasoning_tokens=min(self._reasoning_tokens(), len(ids)),
            left_out=self._left_out,
            seed=seed,
            template_sha256=self._template.sha256,
        )

    def _write(self, n_cached: int) -> FinishReason:
        """Draw and send tokens until the reply ends. What stands here costs time at every token."""
        backend, text, ids, clock = self._backend, self._text, self._ids, time.perf_counter
        n_ctx = backend.info.n_ctx
        limit = self._request.params.max_new_tokens or sys.maxsize
        logprobs = self._request.logprobs
        while not backend.is_end(id := backend.sample()):
            ids.append(id)
            text.add(backend.piece(id))
            if logprobs is not None:
                self._logprobs.append(backend.logprob(id, logprobs))
            if (now := clock()) >= self._send_at:
                self._send(now)
                self._poll()
            if text.is_stopped:
                return "stop"
            if len(ids) >= limit:
                return "length"
            if n_cached < n_ctx:
                backend.step(id)
                n_cached += 1
            elif (n_cached := self._make_room()) == 0:
                return "length"
        return "stop"

    def _send(self, now: float) -> None:
        self._first_at = self._first_at or now
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
        self._send_at = now + _DELTA_S

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

    def _reasoning_tokens(self) -> int:
        n = self._text.reasoning_tokens
        return n and len(self._prefill_ids) + n

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
    """The text of a reply on its way from bytes to answer and reasoning.

    Once the answer has begun and no stop string can end it, tokens wait until their text is asked
    for: then they pass all stations at once.

    Attributes:
        is_stopped: Whether a stop string was met.
        reasoning_tokens: How many tokens from the first one on are reasoning.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._detokenizer = IncrementalDetokenizer()
        self._stop_strings = StopStrings(stop)
        self._splitter = ReasoningSplitter()
        self._has_stop_strings = bool(stop)
        self._has_answer = False
        self._waiting: list[bytes] = []
        self._n_tokens = 0
        self._kept: list[str] = []
        self._answer: list[str] = []
        self._reasoning: list[str] = []
        self.is_stopped = False
        self.reasoning_tokens = 0

    @property
    def kept(self) -> str:
        """All text so far, before it is split, up to the stop string if one was met."""
        return "".join(self._kept)

    def begin(self, end_of_prompt: str, prefill: str) -> None:
        """Take note of what the prompt says already: reasoning may be open, and the reply begun."""
        self._splitter = ReasoningSplitter(opened_by(end_of_prompt))
        answer, _ = self._splitter.add(prefill)
        self._has_answer = bool(answer)

    def add(self, piece: bytes) -> None:
        """Take the bytes of the next token."""
        self._waiting.append(piece)
        if self._has_stop_strings or not self._has_answer:
            self._pass_on()

    def finish(self) -> None:
        """Let go what was held back; the beginning of a character that never came is dropped."""
        self._pass_on()
        self._keep(self._stop_strings.finish())
        self._put(*self._splitter.finish())

    def take(self) -> tuple[str, str]:
        """The answer and the reasoning that came since the last call."""
        self._pass_on()
        taken = "".join(self._answer), "".join(self._reasoning)
        self._answer.clear()
        self._reasoning.clear()
        return taken

    def _pass_on(self) -> None:
        if not self._waiting:
            return
        self._n_tokens += len(self._waiting)
        text = self._detokenizer.add(b"".join(self._waiting))
        self._waiting.clear()
        text, self.is_stopped = self._stop_strings.add(text)
        self._keep(text)
        if self._splitter.is_reasoning:
            self.reasoning_tokens = self._n_tokens

    def _keep(self, text: str) -> None:
        if text:
            self._kept.append(text)
            self._put(*self._splitter.add(text))

    def _put(self, answer: str, reasoning: str) -> None:
        if answer:
            self._answer.append(answer)
            self._has_answer = True
        if reasoning:
            self._reasoning.append(reasoning)
