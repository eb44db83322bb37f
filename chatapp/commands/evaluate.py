"""`chatapp evaluate`: how good a model is, beside simple ones."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatapp import edition, paths
from chatapp.commands.terminal import ENGINE_ERROR, complain, dump, printable
from chatapp.errors import ChatAppError
from chatapp.runs.report import Figure
from chatapp.runs.run_folder import CONFIG, RunFolder

if TYPE_CHECKING:
    from chatapp.runs.report import Report
    from chatapp.training.bias import Bias

_INTERVAL = "in brackets the 95 % interval"


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table; the code to end with."""
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    found: Bias | Report
    try:
        if options.bias:
            bias = _bias(options)
            found, text = bias, _bias_table(bias)
        else:
            report, measured_on = _report(options)
            found, text = report, f"{_table(report)}\n{measured_on}"
    except ChatAppError as error:
        complain(str(error))
        return ENGINE_ERROR
    if options.json:
        dump(found)
    else:
        print(printable(text, sys.stdout), flush=True)
    return 0


def _report(options: argparse.Namespace) -> "tuple[Report, str]":
    """What was measured, and on what, in words."""
    from chatapp.training.data.guessing import guess_source
    from chatapp.training.evaluating import evaluate_model, evaluate_run

    path, is_run = _named(options.model)
    if options.data:
        model = RunFolder(path).result if is_run else path
        report = evaluate_model(model, guess_source(options.data))
        return report, f"on {report.n:,} examples; {_INTERVAL}"
    report = evaluate_run(RunFolder(path))
    chosen = "on which its best step was chosen too"
    return report, f"on {report.n:,} examples held out, {chosen}; {_INTERVAL}"


def _bias(options: argparse.Namespace) -> "Bias":
    from chatapp.training.evaluating import probe_bias

    path, is_run = _named(options.model)
    return probe_bias(RunFolder(path).result if is_run else path)


def _named(name: str) -> tuple[Path, bool]:
    """The folder or file of that name, and whether it is a run."""
    named = paths.runs_dir() / name
    path = named if (named / CONFIG).is_file() else Path(name)
    return path, (path / CONFIG).is_file()


def _table(report: "Report") -> str:
    """A line for each model, a column for each figure, with its 95 % interval."""
    names = list(report.rows[0].figures)
    rows = [["", *(name.replace("_", " ") for name in names)]]
    rows += [[row.name, *(_cell(row.figures[name]) for name in names)] for row in report.rows]
    return _aligned(rows)


def _bias_table(bias: "Bias") -> str:
    """A line for each group of words: by how much the first are the likelier."""
    rows = [["", "pairs", "mean difference (nats)", "spread", "first preferred"]]
    for group in bias.groups:
        figures = (group.total.mean, group.total.spread, group.total.first_preferred)
        cells = (_cell(Figure(one.value, one.low, one.high)) for one in figures)
        rows.append([group.group, str(group.n), *cells])
    return f"{_aligned(rows)}\nof whole sentences; {_INTERVAL}"


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cell(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.4g}"
    return f"{figure.value:.4g} [{figure.low:.4g}, {figure.high:.4g}]"
