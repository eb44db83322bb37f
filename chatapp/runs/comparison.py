"""What a comparison ends with: a folder of its own, for people and for programs.

    report.md      tables and plots, to be read
    plot1.png ...  the plots, where they could be drawn
    report.json    the same figures; see `Comparison`

It lies beside the runs, and is told from them by having no recipe.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from chatapp.errors import Sentence, TrainingError, say
from chatapp.runs.plot import Plot
from chatapp.runs.report import Report
from chatapp.runs.run_folder import CONFIG, REPORT
from chatapp.runs.source import Source

ClaimName = Literal["gradients", "speed", "recall", "perplexity", "transfer"]
CLAIMS: tuple[ClaimName, ...] = ("gradients", "speed", "recall", "perplexity", "transfer")
ON_DATA: tuple[ClaimName, ...] = ("perplexity", "transfer")  # measured on the user's own
MINUTES = 5.0


class Claim(Struct, frozen=True, kw_only=True):
    """What textbooks say, to be measured.

    Attributes:
        name: Which claim.
        source: Of those in `ON_DATA`, what is learned from: texts, or texts with labels.
        minutes: Of those in `ON_DATA`, how long each network learns; of "transfer" at most.
        encoder: Of "transfer", a model of BERT's kind that was trained before; "" for none.
        decoder: Of "transfer", one of GPT's or Llama's kind; "" for none.
    """

    name: ClaimName
    source: Source | None = None
    minutes: float = MINUTES
    encoder: str = ""
    decoder: str = ""


def n_networks(claim: Claim) -> int:
    """How many networks learn for its minutes."""
    return 4 if claim.name == "perplexity" else 2 + bool(claim.encoder) + bool(claim.decoder)


class Finding(Struct, frozen=True, kw_only=True):
    """What came out of one measurement.

    Attributes:
        claim: What was measured; None: the recipes of the user.
        files: The names of the files that were learned from.
        report: The figures of each network, where there are some.
        plots: How they change with something.
        notes: How it was measured.
    """

    claim: ClaimName | None = None
    files: tuple[str, ...] = ()
    report: Report | None = None
    plots: tuple[Plot, ...] = ()
    notes: tuple[Sentence, ...] = ()


class Comparison(Struct, frozen=True):
    """All that a comparison found."""

    findings: tuple[Finding, ...]

    @property
    def plots(self) -> list[Plot]:
        """Those of all findings, in order."""
        return [plot for finding in self.findings for plot in finding.plots]


def picture(number: int) -> str:
    """The name of the picture of a plot, numbered from 1."""
    return f"plot{number}.png"


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Write the report, as Markdown and as JSON; the pictures are drawn by others.

    Raises:
        TrainingError: If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(_markdown(comparison), "utf-8")
        (folder / REPORT).write_bytes(msgspec.json.encode(comparison))
    except OSError as error:
        raise TrainingError(
            say("{path} cannot be written: {reason}.", path=str(folder), reason=str(error.strerror))
        ) from None


def comparisons_in(folder: Path) -> list[tuple[Path, Comparison]]:
    """The comparisons in a folder, the newest first; what cannot be read is left out."""
    found = []
    for path in folder.glob(f"*/{REPORT}"):
        if (path.parent / CONFIG).exists():  # the report of a run
            continue
        try:
            comparison = msgspec.json.decode(path.read_bytes(), type=Comparison)
            found.append((path.stat().st_mtime, path.parent, comparison))
        except (OSError, msgspec.DecodeError):
            continue
    found.sort(key=lambda one: one[0], reverse=True)
    return [(path, comparison) for _, path, comparison in found]


def _markdown(comparison: Comparison) -> str:
    parts = ["# Comparison", ""]
    number = 0
    for finding in comparison.findings:
        if finding.report is not None:
            parts += [_table(finding.report), ""]
        parts += [f"- {note}" for note in finding.notes]
        parts += [""] if finding.notes else []
        for plot in finding.plots:
            number += 1
            parts += [f"## {plot.title}", "", f"![{plot.title}]({picture(number)})", ""]
            parts += [str(plot.note), ""] if plot.note else []
            parts += [_values(plot), ""]
    return "\n".join(parts)


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
    return "\n".join([*lines, "", "On what was held out; in brackets the 95 % interval."])


def _values(plot: Plot) -> str:
    """The same figures as a table, at ten places at most."""
    x = plot.curves[0].x
    if any(curve.x != x for curve in plot.curves):
        return "\n".join(f"- {curve.name}: {curve.y[-1]:.4g} at the end" for curve in plot.curves)
    places = places_of(x)
    lines = [f"| | {' | '.join(f'{x[at]:g}' for at in places)} |", "|---" * (len(places) + 1) + "|"]
    for curve in plot.curves:
        lines.append(f"| {curve.name} | {' | '.join(f'{curve.y[at]:.3g}' for at in places)} |")
    return "\n".join(lines)


def places_of(x: Sequence[float]) -> list[int]:
    """Where ten values at most stand that are spread over all."""
    return sorted({round(at * (len(x) - 1) / 9) for at in range(10)})
