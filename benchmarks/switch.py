"""How long a switch to another model takes, and whether memory comes back."""

import shutil
import statistics
import time

import psutil

from benchmarks import _engine, harness
from benchmarks.harness import Result
from chatapp.client import EngineClient

LONG = False
_SWITCHES = 20


def measure() -> list[Result]:
    """Seconds a switch, and the memory of the engine process after 20 against after 2."""
    with _engine.home() as folder, EngineClient() as client:
        models = (_engine.starter_model(), folder / "other.gguf")
        shutil.copyfile(*models)
        process = psutil.Process(client.ready.pid)
        client.load(models[1])
        seconds: list[float] = []
        memory: list[int] = []
        for number in range(_SWITCHES):
            start = time.perf_counter()
            client.load(models[number % 2])
            seconds.append(time.perf_counter() - start)
            memory.append(process.memory_info().rss)
    after_2, after_20 = memory[1] / 2**20, memory[-1] / 2**20
    growth = harness.Pair(after_20, after_2, after_20 / after_2)
    return [
        harness.limit(
            "switch", "to a model in the page cache", statistics.median(seconds), "s", at_most=0.6
        ),
        harness.compare(
            "switch", f"memory after {_SWITCHES} switches against after 2", growth, "MiB",
            at_most=1.05,
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(harness.main(["switch"]))
