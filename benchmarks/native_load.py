"""How long the native engine takes to load the starter model."""

import statistics
import time

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.client import EngineClient

LONG = False
_LOADS = 3


def measure() -> list[Result]:
    """Seconds from the start of an engine, and of a load once torch is imported."""
    path = _engine.starter_model()
    from_start: list[float] = []
    again: list[float] = []
    with _engine.home():
        for _ in range(_LOADS):
            start = time.perf_counter()
            with EngineClient() as client:
                client.load(path, backend="native")
                from_start.append(time.perf_counter() - start)
                start = time.perf_counter()
                client.load(path, backend="native")
                again.append(time.perf_counter() - start)
    return [
        harness.limit(
            "native_load", "load request, torch already imported", statistics.median(again), "s",
            at_most=2.0,
        ),
        harness.limit(
            "native_load", "from the start of an engine", statistics.median(from_start), "s",
            at_most=3.5,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(harness.main(["native_load"]))
