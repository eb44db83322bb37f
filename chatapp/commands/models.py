"""`chatapp models`: the models on this computer."""

import argparse
import sys
from typing import Any

import msgspec

from chatapp.commands.chosen_model import shelf, user_settings
from chatapp.commands.terminal import complain, dump, printable
from chatapp.library.shelf import ModelEntry
from chatapp.paths import models_dir

_HEADINGS = ("MODEL", "PARAMETERS", "QUANTISED", "SIZE", "CONTEXT", "MEMORY", "LICENCE", "PATH")
_FITS = {"easy": "fits", "tight": "tight", "no": "too large"}


def run(options: argparse.Namespace) -> int:
    """List them; the code to end with."""
    entries = shelf(user_settings())
    if options.json:
        dump([_plain(entry) for entry in entries])
        return 0
    if not entries:
        complain(f"There are no models yet. Put a GGUF file into {models_dir()}.")
        return 0
    rows = [_HEADINGS, *map(_row, entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(printable(line.rstrip(), sys.stdout))
    sys.stdout.flush()
    return 0


def _plain(entry: ModelEntry) -> dict[str, Any]:
    error = "" if entry.error is None else str(entry.error)
    return msgspec.structs.asdict(entry) | {"error": error}


def _row(entry: ModelEntry) -> tuple[str, ...]:
    size = f"{entry.size_bytes / 1e9:.2f} GB"
    if entry.error:
        return entry.name, "", "", size, "", "unusable", "", f"{entry.path}: {entry.error}"
    return (
        entry.name,
        f"{entry.n_params / 1e6:,.0f} M",
        entry.quantization,
        size,
        f"{entry.n_ctx_train:,}",
        _FITS[entry.fit.level] if entry.fit else "",
        entry.license,
        entry.path,
    )
