from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from chatapp.chat import GenerationParams, Message
from chatapp.engine.backends.llama import LlamaBackend
from chatapp.engine.generation import Generation
from chatapp.errors import EngineError
from chatapp.protocol import Delta, Event, Generate, Progress, Reply
from chatapp.text.chat_template import ChatTemplate

if TYPE_CHECKING:
    from conftest import Loader

GREEDY = GenerationParams(temperature=0.0, max_new_tokens=24)
QUESTION = (Message(role="user", content="Why is the sea salty?", id="q"),)
FAMILY = "日本語の詩 👩‍👩‍👧‍👦 שלום 🌊"


class Scripted:
    """The real model, whose draws are given: everything else is computed as always."""

    def __init__(self, backend: LlamaBackend, ids: Iterable[int]) -> None:
        self._backend = backend
        self._ids = iter(ids)

    def sample(self) -> int:
        self._backend.sample()
        return next(self._ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


class Run:
    """One generation and all that it sent."""

    def __init__(
        self,
        backend: Any,
        messages: Sequence[Message] = QUESTION,
        params: GenerationParams = GREEDY,
        on_event: Callable[[Event], None] = lambda event: None,
        **fields: Any,
    ) -> None:
        self.events: list[Event] = []
        self.polls = 0
        self._on_event = on_event
        template = ChatTemplate(backend.chat_template, backend.bos, backend.eos)
        request = Generate(id="g", messages=tuple(messages), params=params, **fields)
        self.reply: Reply = Generation(backend, template, request, self._take, self._poll).run()

    @property
    def deltas(self) -> list[Delta]:
        return [event for event in self.events if isinstance(event, Delta)]

    @property
    def text(self) -> str:
        return "".join(delta.text for delta in self.deltas)

    @property
    def reasoning(self) -> str:
        return "".join(delta.reasoning for delta in self.deltas)

    @property
    def progress(self) -> list[tuple[float, float]]:
        return [(event.done, event.total) for event in self.events if isinstance(event, Progress)]

    def _take(self, event: Event) -> None:
        self.events.append(event)
        self._on_event(event)

    def _poll(self) -> None:
        self.polls += 1


def script(backend: LlamaBackend, *parts: str) -> list[int]:
    """Ids of the parts, each tokenised by itself, and the end of the reply."""
    ids = [id for part in parts for id in backend.tokenize(part, special=False)]
    return [*ids, *backend.tokenize("<|im_end|>", special=True)]


def spell(backend: LlamaBackend, ids: Sequence[int]) -> str:
    return b"".join(backend.piece(id) for id in ids).decode()


def answered(number: int, run: Run) -> Message:
    return Message(role="assistant", content=run.text, id=f"a{number}", ids=run.reply.ids)


def test_a_reply_is_the_text_of_its_ids(backend: LlamaBackend) -> None:
    run = Run(backend)
    assert run.reply.finish_reason == "length"
    assert len(run.reply.ids) == run.reply.usage.completion_tokens == 24
    assert run.text == spell(backend, run.reply.ids).strip()
    assert run.reply.template_sha256 == ChatTemplate(backend.chat_template).sha256


def test_the_end_of_the_reply_is_no_part_of_it(backend: LlamaBackend) -> None:
    run = Run(Scripted(backend, script(backend, "Salt.")))
    assert run.reply.finish_reason == "stop"
    assert (run.text, spell(backend, run.reply.ids)) == ("Salt.", "Salt.")


def test_an_empty_reply_ends_well(backend: LlamaBackend) -> None:
    run = Run(Scripted(backend, script(backend)))
    assert (run.reply.finish_reason, run.text, run.reply.ids) == ("stop", "", ())
    assert run.reply.timings.generation_s == 0


def test_the_seed_that_was_drawn_writes_the_same_reply(backend: LlamaBackend) -> None:
    first = Run(backend, params=GenerationParams(temperature=1.5, max_new_tokens=16))
    again = GenerationParams(temperature=1.5, max_new_tokens=16, seed=first.reply.seed)
    assert Run(backend, params=again).reply.ids == first.reply.ids


def test_characters_of_several_tokens_come_whole(backend: LlamaBackend) -> None:
    run = Run(Scripted(backend, script(backend, FAMILY)), params=GenerationParams())
    assert run.text == FAMILY
    assert len(run.reply.ids) > len(FAMILY)


@pytest.mark.parametrize("n", range(1, 30))
def test_a_reply_cut_anywhere_shows_no_half_character(backend: LlamaBackend, n: int) -> None:
    params = GenerationParams(max_new_tokens=n)
    run = Run(Scripted(backend, script(backend, FAMILY)), params=params)
    assert FAMILY.startswith(run.text)


@pytest.mark.parametrize("stop", ["sun", "n se", "ns", " ", "T", "the sun sets. The"])
def test_a_stop_string_ends_the_text_and_the_ids_before_it(
    backend: LlamaBackend, stop: str
) -> None:
    text = "The ocean sleeps when the sun sets. The end."
    params = GenerationParams(stop=("never", stop))
    run = Run(Scripted(backend, script(backend, text)), params=params)
    expected = text[: text.index(stop)] if stop != "ns" else text
    assert run.text == expected
    assert spell(backend, run.reply.ids) == expected
    assert run.reply.finish_reason == "stop"


def test_a_stop_string_may_begin_within_a_character_s_token(backend: LlamaBackend) -> None:
    params = GenerationParams(stop=("🌊",))
    run = Run(Scripted(backend, script(backend, FAMILY, " the end")), params=params)
    assert run.text == spell(backend, run.reply.ids) == FAMILY.removesuffix("🌊")


def test_text_held_back_for_a_stop_string_that_never_comes_is_not_lost(
    backend: LlamaBackend,
) -> None:
    params = GenerationParams(stop=("salty!",))
    run = Run(Scripted(backend, script(backend, "It is salty")), params=params)
    assert run.text == "It is salty"


def test_reasoning_is_told_apart_and_counted(backend: LlamaBackend) -> None:
    ids = script(backend, "<think>\nRivers carry it.\n</think>\n\n", "Because of rivers.")
    run = Run(Scripted(backend, ids), params=GenerationParams())
    assert run.text == "Because of rivers."
    assert run.reasoning.strip() == "Rivers carry it."
    n = run.reply.reasoning_tokens
    assert "</think>" in spell(backend, run.reply.ids[:n])
    assert spell(backend, run.reply.ids[n:]) == "Because of rivers."


def test_a_prefill_begins_the_reply_and_its_ids(backend: LlamaBackend) -> None:
    ids = script(backend, " of rivers.")
    run = Run(Scripted(backend, ids), params=GenerationParams(), prefill="Because")
    assert run.text == " of rivers."
    assert spell(backend, run.reply.ids) == "Because of rivers."
    assert run.reply.usage.completion_tokens == len(ids) - 1


def test_a_prefill_is_gone_on_with_as_answer_where_the_template_opens_the_reasoning(
    backend: LlamaBackend,
) -> None:
    thinking = Scripted(backend, script(backend, " of rivers."))
    thinking.chat_template = "{{ messages[-1].content }}<think>\n"
    run = Run(thinking, params=GenerationParams(), prefill="Because")
    assert (run.text, run.reasoning) == (" of rivers.", "")
    assert spell(backend, run.reply.ids) == "Because of rivers."


def test_a_prefill_may_open_the_reasoning(backend: LlamaBackend) -> None:
    ids = script(backend, " carry it.</think>", "Rivers.")
    run = Run(Scripted(backend, ids), params=GenerationParams(), prefill="<think>Rivers")
    assert (run.reasoning, run.text) == (" carry it.", "Rivers.")
    assert spell(backend, run.reply.ids[run.reply.reasoning_tokens :]) == "Rivers."


def test_logprobs_come_only_when_asked_for(backend: LlamaBackend) -> None:
    plain = Run(backend)
    assert not any(delta.logprobs or delta.ids for delta in plain.deltas)
    asked = Run(backend, logprobs=2)
    logprobs = [one for delta in asked.deltas for one in delta.logprobs]
    assert tuple(one.id for one in logprobs) == asked.reply.ids == plain.reply.ids
    assert tuple(id for delta in asked.deltas for id in delta.ids) == asked.reply.ids
    assert all(len(one.alternatives) == 2 and one.logprob <= 0 for one in logprobs)
    best = GenerationParams(temperature=0.0, repeat_penalty=1.0, max_new_tokens=4)
    greedy = Run(backend, params=best, logprobs=1)
    for delta in greedy.deltas:
        assert all(one.alternatives[0][0] == one.id for one in delta.logprobs)


def test_the_first_token_comes_at_once_and_the_rest_in_few_deltas(backend: LlamaBackend) -> None:
    text = "one two three four five six seven eight nine ten " * 4
    run = Run(Scripted(backend, script(backend, text)), params=GenerationParams())
    assert run.text == text
    assert run.deltas[0].text == "one"
    assert len(run.deltas) <= run.reply.timings.generation_s / 0.033 + 2


def test_the_engine_can_answer_between_tokens_and_pieces(backend: LlamaBackend) -> None:
    run = Run(backend)
    assert run.polls >= len(run.progress) + len(run.deltas) - 1  # the last delta ends the reply


def test_a_reply_that_is_stopped_keeps_what_was_written(backend: LlamaBackend) -> None:
    def stop_at_first(event: Event) -> None:
        if isinstance(event, Delta):
            backend.cancel()

    run = Run(backend, on_event=stop_at_first)
    backend.clear_cancel()
    assert run.reply.finish_reason == "cancelled"
    assert len(run.reply.ids) == 1
    assert run.text == spell(backend, run.reply.ids)


def test_a_stop_while_the_prompt_is_read_gives_an_empty_reply_and_keeps_the_pieces(
    backend: LlamaBackend,
) -> None:
    long = (Message(role="user", content="All the rivers run into the sea. " * 90, id="q"),)

    pieces: list[float] = []

    def stop_at_second_piece(event: Event) -> None:
        if isinstance(event, Progress):
            pieces.append(event.done)
            if len(pieces) == 2:
                backend.cancel()

    run = Run(backend, long, on_event=stop_at_second_piece)
    backend.clear_cancel()
    assert (run.reply.finish_reason, run.text, run.reply.ids) == ("cancelled", "", ())
    again = Run(backend, long, params=GenerationParams(max_new_tokens=1))
    assert pieces == [pieces[0], pieces[0] + 512]
    assert again.reply.usage.cached_tokens == pieces[1]
    assert again.progress[0] == (pieces[1], again.reply.usage.prompt_tokens)


def test_a_second_turn_evaluates_only_what_is_new(backend: LlamaBackend) -> None:
    first = Run(backend, params=GenerationParams(temperature=1.0, seed=3, max_new_tokens=24))
    turns = [*QUESTION, answered(1, first), Message(role="user", content="And lakes?", id="q2")]
    second = Run(backend, turns)
    held = first.reply.usage.prompt_tokens + len(first.reply.ids) - 1  # the last was not evaluated
    assert second.reply.usage.cached_tokens == held
    assert second.reply.usage.prompt_tokens - held < 30


def test_a_prompt_that_has_no_place_is_refused_with_both_figures(backend: LlamaBackend) -> None:
    flood = (Message(role="user", content="water " * 4_000, id="q"),)
    with pytest.raises(EngineError) as caught:
        Run(backend, flood)
    assert caught.value.code == "context_too_long"
    assert caught.value.needs > 4_000 > 2_048 > caught.value.limit


class Talk:
    """A conversation that goes on and on with a small context."""

    def __init__(self, backend: LlamaBackend) -> None:
        self._backend = backend
        self.messages = [Message(role="system", content="You are a sailor.", id="s")]
        self.left_out: tuple[str, ...] = ()

    def say(self, text: str, params: GenerationParams = GREEDY) -> Run:
        number = len(self.messages)
        self.messages.append(Message(role="user", content=text, id=f"q{number}"))
        run = Run(self._backend, self.messages, params, left_out=self.left_out)
        self.left_out = run.reply.left_out
        self.messages.append(answered(number, run))
        return run


def test_turns_after_the_context_overflowed_evaluate_only_what_is_new(load: "Loader") -> None:
    talk = Talk(load(n_ctx=256))
    cuts = []
    short = GenerationParams(temperature=0.0, max_new_tokens=10)
    for number in range(14):
        before = talk.left_out
        run = talk.say(f"Tell me more about the sea and the wind, please, number {number}.", short)
        usage = run.reply.usage
        if number:
            assert usage.prompt_tokens - usage.cached_tokens < 40, f"turn {number} read it all"
        if run.reply.left_out != before:
            cuts.append(number)
            assert usage.prompt_tokens <= 0.7 * 256
    assert len(cuts) >= 2
    assert min(later - earlier for earlier, later in pairwise(cuts)) >= 2
    assert "s" not in talk.left_out
    assert talk.left_out == tuple(m.id for m in talk.messages[1 : 1 + len(talk.left_out)])


def test_a_reply_that_fills_the_context_leaves_out_old_turns_and_goes_on(load: "Loader") -> None:
    backend = load(n_ctx=256)
    talk = Talk(backend)
    for number in range(3):
        talk.say(f"Tell me about the sea, {number}.", GenerationParams(max_new_tokens=20, seed=1))
    assert talk.left_out == ()
    text = "wave after wave " * 45
    messages = [*talk.messages, Message(role="user", content="Go on.", id="last")]
    run = Run(Scripted(backend, script(backend, text)), messages, GenerationParams())
    assert run.reply.finish_reason == "stop"
    assert run.text == text
    assert run.reply.left_out[:2] == ("q1", "a1")
    assert "last" not in run.reply.left_out


def test_a_reply_ends_when_the_context_is_full_and_nothing_can_go(load: "Loader") -> None:
    backend = load(n_ctx=256)
    endless = script(backend, "wave after wave " * 200)
    run = Run(Scripted(backend, endless), params=GenerationParams())
    assert run.reply.finish_reason == "length"
    assert run.reply.left_out == ()
    usage = run.reply.usage
    assert usage.prompt_tokens + usage.completion_tokens == 256 + 1  # the last is not evaluated
