"""The command line: the window, `chatapp ask`, `chatapp score`, `chatapp models`.

Exit codes: 0 done, 1 a self-test that failed, 2 wrong use, 3 a problem with the model, 4 with the
engine, 130 stopped by Ctrl+C. Errors go to stderr in one line. What a command needs is imported
when it runs.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from chatapp import __version__
from chatapp.commands.terminal import ENGINE_ERROR, INTERRUPTED, USAGE_ERROR, complain
from chatapp.library.gguf_types import EXPORT_TYPES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Without the program's name; None takes those of this process.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # there is none in a windowed program
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.self_test and options.command:
        parser.error("--self-test goes without a command")
    if options.json and not (options.self_test or options.command):
        parser.error("--json goes with a command or with --self-test")
    try:
        return _run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # the user's own folders cannot be used
        complain(f"{error.strerror}: {error.filename}")
        return ENGINE_ERROR


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see {self.prog} --help)")
        raise SystemExit(USAGE_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="chatapp",
        description="Chat with language models on your own computer. "
        "Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"chatapp {__version__}")
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="check this installation, and say all that a request for help should say",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    ask = commands.add_parser(
        "ask",
        help="ask one question and print the reply",
        description="Ask one question and print the reply as it is written. "
        "Text that is piped in follows the question, or is the question.",
    )
    ask.add_argument("question", nargs="?", default="", help="what to ask")
    ask.add_argument("--model", help="path of a model file, or (a part of) a model's name")
    ask.add_argument("--system", help="what the model is told before the question")
    ask.add_argument("--temperature", type=float, help="0 always takes the likeliest word")
    ask.add_argument("--seed", type=int, help="the same seed gives the same reply")
    ask.add_argument("--max-new-tokens", type=int, metavar="N", help="the longest reply")
    _add_engine(ask)
    _add_json(ask, "print one JSON object at the end")

    score = commands.add_parser(
        "score",
        help="say how well a model predicts a text",
        description="Print the perplexity and the bits per byte of a text.",
    )
    score.add_argument("file", help="the text, UTF-8")
    score.add_argument("--model", help="path of a model file, or (a part of) a model's name")
    _add_engine(score)
    _add_json(score, "print one JSON object, with the score of each token")

    train = commands.add_parser(
        "train",
        help="train the model of a recipe",
        description="Train the model of a recipe. Ctrl+C pauses, --resume goes on. Under torchrun "
        "several processes train one model.",
    )
    train.add_argument("recipe", help="a TOML file")
    train.add_argument("--resume", action="store_true", help="go on with the recipe's latest run")
    train.add_argument("--folder", help="where the run is kept; else in chatapp's own folder")
    train.add_argument(
        "--fsdp",
        action="store_true",
        help="under torchrun, each process holds only a part of the weights: for large models",
    )
    _add_json(train, "print a JSON object a line")

    evaluate = commands.add_parser(
        "evaluate",
        help="say how good a model is, beside simple ones",
        description="Measure a model on examples. Of a run, on what was held out, beside the model "
        "before, naive Bayes, n-grams and the like.",
    )
    evaluate.add_argument("model", help="a run's folder or name, or a model's path")
    evaluate.add_argument("data", nargs="*", help="files of examples; not needed for a run")
    evaluate.add_argument(
        "--bias", action="store_true", help="probe it with pairs of sentences instead"
    )
    _add_json(evaluate, "print one JSON object")

    compare = commands.add_parser(
        "compare",
        help="train recipes one after the other, or measure what textbooks say",
        description="Train recipes one after the other and compare them; measure what textbooks "
        "say of networks. Ends with a report in Markdown and pictures.",
    )
    compare.add_argument("recipes", nargs="*", help="TOML files")
    compare.add_argument(
        "--claims",
        nargs="+",
        choices=("gradients", "speed", "recall", "perplexity", "transfer"),
        default=[],
        help="gradient by distance; training speed by length; recall of a fact by distance; "
        "perplexity of RNN, LSTM, GRU and GPT on a text; what models trained before buy on labels",
    )
    compare.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        default=[],
        help="texts for perplexity; a table of texts and labels for transfer",
    )
    compare.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="how long each network learns, for perplexity; at most, for transfer (5)",
    )
    compare.add_argument(
        "--encoder", metavar="MODEL", help="a trained model of BERT's kind, for transfer"
    )
    compare.add_argument(
        "--decoder", metavar="MODEL", help="a trained model of GPT's or Llama's kind, for transfer"
    )
    compare.add_argument("--out", help="the folder of the report")
    _add_json(compare, "print a JSON object a line")

    runs = commands.add_parser(
        "runs",
        help="list what was trained, and what is being trained",
        description="List what was trained on this computer, and what is being trained.",
    )
    _add_json(runs, "print a JSON array")

    models = commands.add_parser(
        "models",
        help="list the models on this computer",
        description="List the models on this computer.",
    )
    _add_json(models, "print a JSON array")

    export = commands.add_parser(
        "export",
        help="write a model as a GGUF file, which any llama.cpp program runs",
        description="Write a model as a GGUF file, which any llama.cpp program runs. "
        "GPT-2 and Llama can be exported, with byte-level, SentencePiece and character tokenizers.",
    )
    export.add_argument("model", help="a model's folder or file, or (a part of) a model's name")
    export.add_argument("file", help="the file to write; what is there is replaced")
    export.add_argument(
        "--quantize",
        type=str.upper,
        choices=EXPORT_TYPES,
        default="F32",
        metavar="TYPE",
        help=f"how the weights are packed: {', '.join(EXPORT_TYPES)}; F32 keeps them exactly",
    )
    _add_json(export, "print one JSON object")
    return parser


def _add_json(parser: argparse.ArgumentParser, words: str) -> None:
    # Without a default of its own, the command leaves what was said before its name.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=words)


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=("llama", "native"), default="llama", help="what runs the model"
    )
    parser.add_argument(
        "--weights",
        choices=("f32", "bf16", "int8", "int4"),
        help="what the native engine makes of the weights",
    )


def _run(options: argparse.Namespace) -> int:
    if options.self_test:
        from chatapp.commands.self_test import run

        return run(options)
    match options.command:
        case "ask":
            from chatapp.commands.ask import run
        case "score":
            from chatapp.commands.score import run
        case "train":
            from chatapp.commands.train import run
        case "evaluate":
            from chatapp.commands.evaluate import run
        case "compare":
            from chatapp.commands.compare import run
        case "runs":
            from chatapp.commands.runs import run
        case "models":
            from chatapp.commands.models import run
        case "export":
            from chatapp.commands.export import run
        case _:
            return _open_window()
    return run(options)


def _open_window() -> int:
    if not _has_display():
        complain('There is no display to open a window on. Ask here instead: chatapp ask "..."')
        return USAGE_ERROR
    from chatapp.gui.app import run

    return run(sys.argv[:1])


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


if __name__ == "__main__":
    raise SystemExit(main())
