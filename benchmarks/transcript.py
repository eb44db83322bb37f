"""What the window does while a conversation is long, or a reply: opening, streaming, scrolling.

The real Chat place on a virtual screen, each run in a process of its own. The reference for the
long reply is a QTextBrowser that is given the whole text as markdown at every delta.
"""

import json
import statistics
import subprocess
import sys

from benchmarks import harness
from benchmarks.harness import Pair, Result

LONG = True
RUNS = 3
STREAMED_CHARACTERS = 24_000  # half a minute at 200 tokens a second
WHEEL_STEPS = 1_800
DELTA = 250  # characters of the long reply that come together


def measure() -> list[Result]:
    """Every claim, each from three runs."""
    with harness.virtual_screen() as screen:
        streams = [_run("stream", STREAMED_CHARACTERS, screen) for _ in range(RUNS)]
        scrolls = [_run("scroll", WHEEL_STEPS, screen) for _ in range(RUNS)]
        floods = [_run("long", DELTA, screen) for _ in range(RUNS)]
        browser = _run("browser", DELTA * 10, screen)
    opened = [run["opened_ms"] for run in (*streams, *scrolls)]
    where = "in a conversation of 10,000 messages"
    longest = _median(floods, "longest_ms")
    return [
        _limit(f"200 tokens/s {where}: GUI thread blocked, p99", _median(streams, "p99_ms"), 16),
        _limit(f"200 tokens/s {where}: longest block", _median(streams, "longest_ms"), 50),
        _limit(f"200 tokens/s {where}: token to pixel", _median(streams, "latency_ms"), 100),
        _limit("opening a conversation of 10,000 messages", statistics.median(opened), 150),
        _limit(f"scrolling {where}: frame, p99", _median(scrolls, "p99_ms"), 16),
        _limit(
            f"scrolling {where}: processor time a frame, p99", _median(scrolls, "cpu_p99_ms"), 10
        ),
        _limit("a reply of 100 KB with 60 pieces of code streamed: longest block", longest, 50),
        harness.compare(
            "transcript",
            "the same: longest block beside QTextBrowser.setMarkdown",
            Pair(longest, browser["longest_ms"], longest / browser["longest_ms"]),
            "ms",
            at_most=0.1,
        ),
    ]


def _run(what: str, size: int, screen: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks._transcript_run", what, str(size)]
    process = subprocess.run(
        command, env=screen, cwd=harness.FOLDER.parent, stdout=subprocess.PIPE, check=True
    )
    result: dict[str, float] = json.loads(process.stdout)
    return result


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _limit(claim: str, value_ms: float, at_most: float) -> Result:
    return harness.limit("transcript", claim, value_ms, "ms", at_most=at_most)


if __name__ == "__main__":
    raise SystemExit(harness.main(["transcript"]))
