"""`chatapp runs`: what was trained on this computer, and what is being trained."""

import argparse
import sys
from datetime import datetime

from chatapp import paths
from chatapp.commands.terminal import complain, dump, printable
from chatapp.runs.run_folder import CONFIG, RunFolder, runs_in

_HEADINGS = ("RUN", "STATE", "STEP", "MINUTES", "BEST LOSS", "BEGUN")


def run(options: argparse.Namespace) -> int:
    """List them, the newest first; the code to end with."""
    folders = runs_in(paths.runs_dir())
    if options.json:
        dump([{"folder": str(one.path), "status": one.status()} for one in folders])
        return 0
    if not folders:
        complain("Nothing was trained yet. Try: chatapp train RECIPE.toml")
        return 0
    rows = [_HEADINGS, *map(_row, folders)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(printable(line.rstrip(), sys.stdout))
    return 0


def _row(folder: RunFolder) -> tuple[str, ...]:
    status = folder.status()
    losses = [one.evaluation["loss"] for one in folder.metrics() if "loss" in one.evaluation]
    begun = datetime.fromtimestamp((folder.path / CONFIG).stat().st_mtime)
    return (
        folder.path.name,
        status.state,
        f"{status.step:,} of {status.max_steps:,}",
        f"{status.seconds / 60:.1f}",
        f"{min(losses):.4f}" if losses else "",
        f"{begun:%Y-%m-%d %H:%M}",
    )
