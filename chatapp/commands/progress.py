"""How far a run has come: a line on the terminal that is written over, or JSON for a script."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from chatapp.commands.terminal import dump

if TYPE_CHECKING:
    from chatapp.runs.run_folder import Metric


def progress(is_json: bool) -> "Callable[[Metric, float], None]":
    """What is called with each line of figures and the seconds left.

    It shows them for as long as somebody reads: a run does not end with the pipe it is read from.
    """
    show = _dump if is_json else _show

    def show_if_read(metric: "Metric", seconds_left: float) -> None:
        try:
            show(metric, seconds_left)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return show_if_read


def _show(metric: "Metric", seconds_left: float) -> None:
    """One line that is written over; one that stays for an evaluation."""
    start = f"\r\033[Kstep {metric.step:,}  "
    if metric.evaluation:
        figures = "  ".join(f"{name} {value:.4g}" for name, value in metric.evaluation.items())
        print(f"{start}held out: {figures}", flush=True)
        return
    print(
        f"{start}loss {metric.loss:.4f}  {metric.tokens_per_second:,.0f} tokens/s  "
        f"{seconds_left / 60:.1f} minutes left",
        end="",
        flush=True,
    )


def _dump(metric: "Metric", _seconds_left: float) -> None:
    dump(metric)
