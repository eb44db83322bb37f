"""What the window has done in a process of its own.

Started as `python -m chatapp.engine JOB`, frozen as `chatapp-engine JOB`:

    train FOLDER   train the run of a folder; what happens is written there
    preview        a source as JSON on stdin, or the paths of files for it to be guessed; what is
                   in them as JSON on stdout
    keep FOLDER    what a run has learned until its last checkpoint becomes its model
    estimate       a recipe as JSON on stdin, what it will take as JSON on stdout
    evaluate       the folder of a run as JSON on stdin, how good its model is as JSON on stdout;
                   it is kept in the folder
    bias           the same, with which way the model leans
    compare        a Claim and the folder for its report as JSON on stdin; measures it and answers
                   the Comparison, and before it what is being done, each as a Sentence
    try FOLDER     the model of a folder answers on stdout what it is given on stdin; see runs.trial

A job that fails writes what happened as a Sentence in JSON on stdout and ends with `FAILED`.
With any other code but 0 it was killed, or it is a bug: its last line does not say why.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from chatapp.errors import ChatAppError
from chatapp.runs.comparison import Claim, Comparison, write_comparison
from chatapp.runs.recipe import Recipe
from chatapp.runs.run_folder import BIAS, RunFolder
from chatapp.runs.source import Source

FAILED = 4  # as the command line ends with; Python itself ends with 1 or 2


def main(arguments: Sequence[str]) -> int:
    """Do a job; the code to end with."""
    jobs: dict[str, Callable[..., object]] = {
        "train": _train,
        "preview": _preview,
        "keep": _keep,
        "estimate": _estimate,
        "evaluate": _evaluate,
        "bias": _bias,
        "compare": _compare,
        "try": _try,
    }
    name, *rest = arguments
    try:
        answer = jobs[name](*rest)
    except ChatAppError as error:
        _write(error.sentence)
        return FAILED
    if answer is not None:
        _write(answer)
    return 0


def _train(folder: str) -> None:
    from chatapp.training.process import train

    train(RunFolder(Path(folder)))


def _keep(folder: str) -> None:
    from chatapp.training.process import train

    train(RunFolder(Path(folder)), goes_on=False)


def _preview() -> object:
    from chatapp.training.data.guessing import guess_source
    from chatapp.training.data.preview import count

    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Source | tuple[str, ...])
    return count(asked if isinstance(asked, Source) else guess_source(asked))


def _estimate() -> object:
    from chatapp.training.estimating import estimate

    return estimate(msgspec.json.decode(sys.stdin.buffer.read(), type=Recipe))


def _evaluate() -> object:
    from chatapp.training.evaluating import evaluate_run

    return evaluate_run(_asked_run())


def _bias() -> object:
    from chatapp.training.bias import report_of
    from chatapp.training.evaluating import probe_bias

    run = _asked_run()
    report = report_of(probe_bias(run.result))
    run.keep_report(BIAS, report)
    return report


def _compare() -> object:
    from chatapp.training.claims.measuring import measure

    claim, folder = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[Claim, str])
    comparison = Comparison((measure(claim, Path(folder), _write),))
    write_comparison(Path(folder), comparison)
    return comparison


def _asked_run() -> RunFolder:
    return RunFolder(Path(msgspec.json.decode(sys.stdin.buffer.read(), type=str)))


def _try(folder: str) -> None:
    from chatapp.training.trying import serve

    serve(Path(folder), sys.stdin.buffer, sys.stdout.buffer)


def _write(answer: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()
