"""`chatapp compare`: recipes trained one after the other, and what textbooks say, measured.

It ends with a folder: report.md, a picture for each plot, and the figures as JSON.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from chatapp import edition, paths
from chatapp.commands.plotting import save_plot
from chatapp.commands.terminal import ENGINE_ERROR, USAGE_ERROR, complain
from chatapp.errors import ChatAppError
from chatapp.runs.plot import Curve, Plot
from chatapp.runs.report import Report, Row
from chatapp.runs.run_folder import RunFolder, free_name


def run(options: argparse.Namespace) -> int:
    """Compare, and write the report; the code to end with."""
    if not options.recipes and not options.claims:
        complain("Name recipes, or claims with --claims (see chatapp compare --help)")
        return USAGE_ERROR
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    try:
        plots = [_claim(name)() for name in options.claims]
        report = None
        if options.recipes:
            report, curves = _recipes([Path(name) for name in options.recipes])
            plots += curves
        folder = Path(options.out) if options.out else free_name(paths.runs_dir(), "comparison")
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, plots, report)
    except ChatAppError as error:
        complain(str(error))
        return ENGINE_ERROR
    print(folder / "report.md", flush=True)
    return 0


def _claim(name: str) -> Callable[[], Plot]:
    from chatapp.training.claims.gradients import gradient_by_distance
    from chatapp.training.claims.recall import recall_by_distance
    from chatapp.training.claims.speed import speed_by_length

    claims: dict[str, Callable[[], Plot]] = {
        "gradients": gradient_by_distance,
        "speed": speed_by_length,
        "recall": recall_by_distance,
    }
    return claims[name]


def _recipes(recipes: Sequence[Path]) -> tuple[Report, list[Plot]]:
    """Train each recipe and measure it; a table, and how the losses fell over time.

    Raises:
        ChatAppError: If one of them cannot be trained.
    """
    from chatapp.runs.recipe import read_recipe
    from chatapp.training.evaluating import evaluate_run
    from chatapp.training.process import train

    rows: list[Row] = []
    curves = []
    n_examples = 0
    for path in recipes:
        recipe = read_recipe(path)
        name = recipe.name or path.stem
        folder = RunFolder.create(free_name(paths.runs_dir(), name), recipe)
        print(f"{name}: {folder.path}", flush=True)
        train(folder)
        report = evaluate_run(folder)
        n_examples = report.n
        rows.append(Row(name, report.rows[0].figures))
        others = [row for row in report.rows[1:] if row.name not in {one.name for one in rows}]
        rows += others if path == recipes[-1] else []
        evaluations = [one for one in folder.metrics() if one.evaluation]
        curves.append(
            Curve(
                name,
                tuple(one.seconds / 60 for one in evaluations),
                tuple(one.evaluation["loss"] for one in evaluations),
            )
        )
    plot = Plot(
        title="How the loss of what is held out fell",
        x_label="minutes of training",
        y_label="loss (nats)",
        curves=tuple(curves),
    )
    return Report(n=n_examples, rows=tuple(rows)), [plot]


def _write(folder: Path, plots: Sequence[Plot], report: Report | None) -> None:
    parts = ["# Comparison", ""]
    if report is not None:
        parts += [_table(report), ""]
    for number, plot in enumerate(plots, 1):
        picture = f"plot{number}.png"
        save_plot(plot, folder / picture)
        parts += [f"## {plot.title}", "", f"![{plot.title}]({picture})", ""]
        parts += [plot.note, ""] if plot.note else []
        parts += [_values(plot), ""]
    (folder / "report.md").write_text("\n".join(parts), "utf-8")
    content = {"report": report, "plots": plots}
    (folder / "report.json").write_bytes(msgspec.json.encode(content))


def _table(report: Report) -> str:
    shared = [
        name for name in report.rows[0].figures if all(name in r.figures for r in report.rows)
    ]
    lines = [f"| model | {' | '.join(shared)} |", "|---" * (len(shared) + 1) + "|"]
    for row in report.rows:
        cells = []
        for name in shared:
            figure = row.figures[name]
            bounds = "" if figure.low is None else f" ({figure.low:.4g} to {figure.high:.4g})"
            cells.append(f"{figure.value:.4g}{bounds}")
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"On {report.n:,} examples; in brackets the 95 % interval."])


def _values(plot: Plot) -> str:
    """The same figures as a table, at ten places at most."""
    x = plot.curves[0].x
    if any(curve.x != x for curve in plot.curves):
        return "\n".join(f"- {curve.name}: {curve.y[-1]:.4g} at the end" for curve in plot.curves)
    places = sorted({round(at * (len(x) - 1) / 9) for at in range(10)})
    lines = [f"| | {' | '.join(f'{x[at]:g}' for at in places)} |", "|---" * (len(places) + 1) + "|"]
    for curve in plot.curves:
        lines.append(f"| {curve.name} | {' | '.join(f'{curve.y[at]:.3g}' for at in places)} |")
    return "\n".join(lines)
