"""How long a reply goes on after the user asked it to stop; the slowest of several counts."""

import threading
import time
from collections.abc import Callable

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.protocol import Delta, Done, Event, Generate, Progress

LONG = False
_RUNS = 9
_LIMIT_MS = 100


def measure() -> list[Result]:
    """Milliseconds from the request to stop to the end of the reply."""
    with _engine.engine() as client:
        writing = [_stop(client, "Tell me a long story.", _wrote_something) for _ in range(_RUNS)]
        reading = [
            _stop(client, _engine.prose(3_960, seed), _is_within_the_prompt)
            for seed in range(_RUNS)
        ]
    return [
        harness.limit("cancel", "while writing", max(writing), "ms", at_most=_LIMIT_MS),
        harness.limit(
            "cancel", "inside a prompt of 4,000 tokens", max(reading), "ms", at_most=_LIMIT_MS
        ),
    ]


def _stop(client: EngineClient, question: str, is_time: Callable[[Event], bool]) -> float:
    message = Message(role="user", content=question)
    request = Generate(id=new_id(), messages=(message,), params=GenerationParams(seed=1))
    asked: list[float] = []

    def stop() -> None:
        asked.append(time.perf_counter())
        client.cancel(request.id)

    # Not at an event, where a piece of the prompt has just ended, but in the middle of the next.
    timer = threading.Timer(0.25, stop)
    for event in client.request(request):
        if is_time(event) and not timer.is_alive() and not asked:
            timer.start()
        if isinstance(event, Done):
            ended = time.perf_counter()
            if not asked or event.reply is None or event.reply.finish_reason != "cancelled":
                raise RuntimeError("The reply ended before it was stopped.")
    return (ended - asked[0]) * 1000


def _wrote_something(event: Event) -> bool:
    return isinstance(event, Delta)


def _is_within_the_prompt(event: Event) -> bool:
    return isinstance(event, Progress) and event.done > 0


if __name__ == "__main__":
    raise SystemExit(harness.main(["cancel"]))
