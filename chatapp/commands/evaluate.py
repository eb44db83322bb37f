"""`chatapp evaluate`: how good a model is, beside simple ones."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatapp import edition, paths
from chatapp.commands.terminal import ENGINE_ERROR, complain, dump, printable
from chatapp.errors import ChatAppError
from chatapp.runs.run_folder import CONFIG, RunFolder

if TYPE_CHECKING:
    from chatapp.runs.report import Figure, Report


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table; the code to end with."""
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    try:
        report = _report(options)
    except ChatAppError as error:
        complain(str(error))
        return ENGINE_ERROR
    if options.json:
        dump(report)
    else:
        print(printable(_table(report), sys.stdout), flush=True)
    return 0


def _report(options: argparse.Namespace) -> "Report":
    from chatapp.training.data.guessing import guess_source
    from chatapp.training.evaluating import evaluate_model, evaluate_run

    named = paths.runs_dir() / options.model
    path = named if (named / CONFIG).is_file() else Path(options.model)
    is_run = (path / CONFIG).is_file()
    if options.data:
        model = RunFolder(path).result if is_run else path
        return evaluate_model(model, guess_source(options.data))
    return evaluate_run(RunFolder(path))


def _table(report: "Report") -> str:
    """A line for each model, a column for each figure, with its 95 % interval."""
    names = list(report.rows[0].figures)
    rows = [["", *(name.replace("_", " ") for name in names)]]
    rows += [[row.name, *(_cell(row.figures[name]) for name in names)] for row in report.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, f"on {report.n:,} examples; in brackets the 95 % interval"])


def _cell(figure: "Figure") -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.4g}"
    return f"{figure.value:.4g} [{figure.low:.4g}, {figure.high:.4g}]"
