"""What the scripts share: finding and running them, fair pairs, the table.

A script is a module of this folder with `LONG: bool` (takes over two minutes) and
`measure() -> list[Result]`. Knows nothing about what is measured.
"""

import argparse
import importlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import ModuleType

import msgspec
import psutil
from msgspec import Struct

FOLDER = Path(__file__).parent
COLUMNS = ("claim", "measured", "reference", "ratio", "target", "ok")


class Result(Struct, frozen=True, kw_only=True):
    """One row of the table: a claim, what was measured, and what it had to reach."""

    name: str  # of the script
    claim: str
    measured: str  # with its unit
    reference: str = ""  # measured in the same run; often empty where the target is absolute
    ratio: float | None = None  # measured / reference
    target: str
    ok: bool


class Pair(Struct, frozen=True):
    """Medians of alternating runs, and the median of the ratios of the pairs."""

    ours: float
    reference: float
    ratio: float


def alternate(ours: Callable[[], float], reference: Callable[[], float], pairs: int) -> Pair:
    """Call both `pairs` times, taking turns at going first, so that drift hits both alike."""
    figures: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            second = reference()
            figures.append((ours(), second))
        else:
            first = ours()
            figures.append((first, reference()))
    return Pair(
        statistics.median(first for first, _ in figures),
        statistics.median(second for _, second in figures),
        statistics.median(first / second for first, second in figures),
    )


def compare(
    name: str,
    claim: str,
    pair: Pair,
    unit: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Result:
    """A row whose target is a bound on the ratio of measured to reference."""
    return Result(
        name=name,
        claim=claim,
        measured=f"{pair.ours:.4g} {unit}",
        reference=f"{pair.reference:.4g} {unit}",
        ratio=pair.ratio,
        target=_target(at_least, at_most, "x"),
        ok=_holds(pair.ratio, at_least, at_most),
    )


def limit(
    name: str,
    claim: str,
    value: float,
    unit: str,
    *,
    reference: str = "",
    at_least: float | None = None,
    at_most: float | None = None,
) -> Result:
    """A row whose target is an absolute figure; `reference` says what it was measured beside."""
    return Result(
        name=name,
        claim=claim,
        measured=f"{value:.4g} {unit}",
        reference=reference,
        target=_target(at_least, at_most, unit),
        ok=_holds(value, at_least, at_most),
    )


def _target(at_least: float | None, at_most: float | None, unit: str) -> str:
    bounds = ((">=", at_least), ("<=", at_most))
    return ", ".join(f"{sign} {bound:g} {unit}" for sign, bound in bounds if bound is not None)


def _holds(value: float, at_least: float | None, at_most: float | None) -> bool:
    # Written so that NaN, which compares false with everything, does not hold.
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


@contextmanager
def virtual_screen(size: str = "1600x1200") -> Iterator[dict[str, str]]:
    """An Xvfb of its own; gives the environment for programs that are to appear on it.

    Raises:
        RuntimeError: If Xvfb is not installed or does not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise RuntimeError("Xvfb is missing; `make test` says how to install it.")
    reader, writer = os.pipe()
    command = [program, "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            display = answer.readline().strip()
        if not display:
            raise RuntimeError("Xvfb did not start.")
        # XDG: a Wayland session would otherwise draw Qt away from this screen.
        yield os.environ | {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def machine() -> str:
    """Processor, cores, memory and versions, in one line."""
    packages = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("PySide6-Essentials", "llama-cpp-python")
    )
    return (
        f"{_processor()}, {psutil.cpu_count(logical=False)} cores "
        f"({psutil.cpu_count()} threads), {psutil.virtual_memory().total / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {packages}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def main(names: Sequence[str] = ()) -> int:
    """Run the scripts called `names`, or those the command line asks for, and print the table.

    Returns:
        0 when every claim holds, 1 when one falls short, 2 when the command line is wrong.
    """
    options = _parser().parse_args()
    asked = list(names) or options.only
    results: list[Result] = []
    for name in asked or script_names():
        script = importlib.import_module(f"benchmarks.{name}")
        if script.LONG and not (asked or options.long):
            print(f"{name}: takes over two minutes, run with --long", file=sys.stderr)
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        results += _run(name, script)
    print(_as_json(results) if options.json else _as_table(results))
    return 0 if all(result.ok for result in results) else 1


def script_names() -> list[str]:
    """The scripts of this folder, in alphabetical order."""
    names = (path.stem for path in FOLDER.glob("*.py"))
    return sorted(name for name in names if name != "harness" and not name.startswith("_"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Measure chatapp's claims, each beside its reference."
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--only",
        action="append",
        choices=script_names(),
        metavar="NAME",
        help="run this script alone; may be given again",
    )
    parser.add_argument("--long", action="store_true", help="also what takes over two minutes")
    return parser


def _run(name: str, script: ModuleType) -> list[Result]:
    try:
        results: list[Result] = script.measure()
    except Exception as error:
        traceback.print_exc()
        reason = textwrap.shorten(f"failed: {error}", 80)
        return [Result(name=name, claim=name, measured=reason, target="runs", ok=False)]
    return results


def _as_json(results: Sequence[Result]) -> str:
    return json.dumps(
        {"date": _today(), "machine": machine(), "results": msgspec.to_builtins(results)}, indent=2
    )


def _as_table(results: Sequence[Result]) -> str:
    rows = [COLUMNS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([f"{_today()}, {machine()}", "", lines[0], rule, *lines[1:]])


def _row(result: Result) -> tuple[str, ...]:
    ratio = "" if result.ratio is None else f"{result.ratio:.3f}"
    ok = "yes" if result.ok else "NO"
    claim = f"`{result.name}`: {result.claim}"
    return (claim, result.measured, result.reference, ratio, result.target, ok)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
