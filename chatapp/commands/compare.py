"""`chatapp compare`: recipes trained one after the other, and what textbooks say, measured.

It ends with a folder: report.md, a picture for each plot, and the figures as JSON.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from chatapp import edition, paths
from chatapp.commands.progress import progress
from chatapp.commands.terminal import ENGINE_ERROR, USAGE_ERROR, complain, dump
from chatapp.errors import ChatAppError, Sentence
from chatapp.runs.comparison import (
    MINUTES,
    ON_DATA,
    Claim,
    Comparison,
    Finding,
    picture,
    write_comparison,
)
from chatapp.runs.recipe import Recipe, read_recipe
from chatapp.runs.run_folder import RunFolder, free_name


def run(options: argparse.Namespace) -> int:
    """Compare, and write the report; the code to end with."""
    if wrong := _what_is_wrong(options):
        complain(f"{wrong} (see chatapp compare --help)")
        return USAGE_ERROR
    if not edition.has_own_networks():
        complain(str(edition.how_to_get_own_networks()))
        return ENGINE_ERROR
    folder = Path(options.out) if options.out else free_name(paths.runs_dir(), "comparison")
    try:
        recipes = _named(options.recipes)
        findings = _claims(options, folder)
        if recipes:
            findings.append(_side_by_side(recipes, options.json))
        comparison = Comparison(tuple(findings))
        write_comparison(folder, comparison)
        _draw(folder, comparison)
    except ChatAppError as error:
        complain(str(error))
        return ENGINE_ERROR
    if options.json:
        dump({"report": str(folder / "report.md"), "comparison": comparison})
    else:
        print(folder / "report.md", flush=True)
    return 0


def _what_is_wrong(options: argparse.Namespace) -> str:
    on_data = [name for name in options.claims if name in ON_DATA]
    models = options.encoder or options.decoder
    if not options.recipes and not options.claims:
        return "Name recipes, or claims with --claims"
    if len(on_data) > 1:
        return "perplexity learns from texts and transfer from labels: measure one at a time"
    if on_data and not options.data:
        return f"{on_data[0]} is measured on files of yours: name them with --data"
    if (options.data or options.minutes is not None) and not on_data:
        return "--data and --minutes go with the claims perplexity and transfer"
    if models and "transfer" not in options.claims:
        return "--encoder and --decoder go with the claim transfer"
    if options.minutes is not None and not options.minutes > 0:
        return "--minutes must be more than 0"
    return ""


def _claims(options: argparse.Namespace, folder: Path) -> list[Finding]:
    from chatapp.training.claims.measuring import measure
    from chatapp.training.data.guessing import guess_source

    claims = []
    for name in options.claims:
        claim = Claim(name=name)
        if name in ON_DATA:
            claim = Claim(
                name=name,
                source=guess_source(options.data),
                minutes=options.minutes or MINUTES,
                encoder=options.encoder or "",
                decoder=options.decoder or "",
            )
        claims.append(claim)

    def tell(sentence: Sentence) -> None:
        _say({"doing": str(sentence)}, options.json)

    return [measure(claim, folder, tell) for claim in claims]


def _say(facts: dict[str, str], is_json: bool) -> None:
    """What is being done, on a line of its own."""
    if is_json:
        dump(facts)
    else:
        print(": ".join(facts.values()), flush=True)


def _named(files: Sequence[str]) -> dict[str, Recipe]:
    """The recipes by their names, and by that of the file where two have the same.

    Raises:
        ChatAppError: If one of them is none.
    """
    recipes = [read_recipe(Path(file)) for file in files]
    names = [recipe.name or Path(file).stem for file, recipe in zip(files, recipes, strict=True)]
    return {
        name if names.count(name) == 1 else f"{name} ({file})": recipe
        for name, file, recipe in zip(names, files, recipes, strict=True)
    }


def _side_by_side(recipes: dict[str, Recipe], is_json: bool) -> Finding:
    """Train each recipe and measure it; a table, and how the losses fell over time.

    Raises:
        ChatAppError: If one of them cannot be trained.
    """
    from chatapp.training.claims.side_by_side import Trained, loss_over_time, table, train_run

    runs: dict[str, Trained] = {}
    for name, recipe in recipes.items():
        folder = RunFolder.create(free_name(paths.runs_dir(), recipe.name or name), recipe)
        _say({"name": name, "folder": str(folder.path)}, is_json)
        runs[name] = train_run(folder, progress(is_json))
    return Finding(report=table(runs), plots=(loss_over_time(runs),))


def _draw(folder: Path, comparison: Comparison) -> None:
    """The pictures of all plots."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from chatapp.gui.lab.claim_picture import save_plot

    _application = QApplication.instance() or QApplication([])
    for number, plot in enumerate(comparison.plots, 1):
        save_plot(plot, folder / picture(number))
