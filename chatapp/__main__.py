"""The command line: the window, `chatapp ask`, `chatapp score`, `chatapp models`.

Exit codes: 0 done, 2 wrong use, 3 a problem with the model, 4 with the engine, 130 stopped by
Ctrl+C. Errors go to stderr in one line. What a command needs is imported when it runs.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from chatapp import __version__

if TYPE_CHECKING:
    from chatapp.chat import GenerationParams, Message
    from chatapp.client import EngineClient
    from chatapp.library.shelf import ModelEntry
    from chatapp.protocol import Loaded
    from chatapp.settings import Settings

USAGE_ERROR, MODEL_ERROR, ENGINE_ERROR, INTERRUPTED = 2, 3, 4, 130

_MODEL_CODES = frozenset(
    {
        "file_missing",
        "not_a_model",
        "damaged",
        "unsupported_architecture",
        "not_enough_memory",
        "no_model",
    }
)
# Written by a model or found in a file, these could command the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HEADINGS = ("MODEL", "PARAMETERS", "QUANTISED", "SIZE", "CONTEXT", "MEMORY", "LICENCE", "PATH")
_FITS = {"easy": "fits", "tight": "tight", "no": "too large"}
_DIM, _UNDIM = "\x1b[2m", "\x1b[22m"


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
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted; the flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # the user's own folders cannot be used
        _complain(f"{error.strerror}: {error.filename}")
        return ENGINE_ERROR


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (see {self.prog} --help)")
        raise SystemExit(USAGE_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="chatapp",
        description="Chat with language models on your own computer. "
        "Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"chatapp {__version__}")
    parser.set_defaults(run=_open_window)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    ask = commands.add_parser(
        "ask",
        help="ask one question and print the reply",
        description="Ask one question and print the reply as it is written. "
        "Text that is piped in follows the question, or is the question.",
    )
    ask.set_defaults(run=_ask)
    ask.add_argument("question", nargs="?", default="", help="what to ask")
    ask.add_argument("--model", help="path of a model file, or (a part of) a model's name")
    ask.add_argument("--system", help="what the model is told before the question")
    ask.add_argument("--temperature", type=float, help="0 always takes the likeliest word")
    ask.add_argument("--seed", type=int, help="the same seed gives the same reply")
    ask.add_argument("--max-new-tokens", type=int, metavar="N", help="the longest reply")
    _add_engine(ask)
    ask.add_argument("--json", action="store_true", help="print one JSON object at the end")

    score = commands.add_parser(
        "score",
        help="say how well a model predicts a text",
        description="Print the perplexity and the bits per byte of a text.",
    )
    score.set_defaults(run=_score)
    score.add_argument("file", help="the text, UTF-8")
    score.add_argument("--model", help="path of a model file, or (a part of) a model's name")
    _add_engine(score)
    score.add_argument(
        "--json", action="store_true", help="print one JSON object, with the score of each token"
    )

    models = commands.add_parser(
        "models",
        help="list the models on this computer",
        description="List the models on this computer.",
    )
    models.set_defaults(run=_list_models)
    models.add_argument("--json", action="store_true", help="print a JSON array")
    return parser


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine", choices=("llama", "native"), default="llama", help="what runs the model"
    )
    parser.add_argument(
        "--weights",
        choices=("f32", "bf16", "int8", "int4"),
        help="what the native engine makes of the weights",
    )


# ---- the window ----


def _open_window(options: argparse.Namespace) -> int:
    if not _has_display():
        _complain('There is no display to open a window on. Ask here instead: chatapp ask "..."')
        return USAGE_ERROR
    from chatapp.gui.app import run

    return run(sys.argv[:1])


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


# ---- chatapp ask ----


def _ask(options: argparse.Namespace) -> int:
    from msgspec import structs

    from chatapp.client import EngineClient
    from chatapp.errors import EngineError, ModelFileError

    settings = _settings()
    try:
        messages, given = _messages(options, settings), _given_params(options)
    except ValueError as error:
        _complain(str(error))
        return USAGE_ERROR
    try:
        entry = _chosen_model(options.model, settings)
        params = structs.replace(settings.params_for(None, entry.path), **given)
        with EngineClient() as engine:
            _load(engine, entry.path, settings, options)
            answer = _print_json if options.json else _print_reply
            answer(engine, messages, params)
    except (ModelFileError, EngineError) as error:
        _complain(str(error))
        return MODEL_ERROR if error.code in _MODEL_CODES else ENGINE_ERROR
    return 0


def _messages(options: argparse.Namespace, settings: "Settings") -> "list[Message]":
    from chatapp.chat import Message

    parts = [_clean(options.question).strip(), _piped_text().strip()]
    question = "\n\n".join(part for part in parts if part)
    if not question:
        raise ValueError('There is no question. Ask one: chatapp ask "Why is the sea salty?"')
    system = settings.new_system_prompt() if options.system is None else _clean(options.system)
    messages = [Message(role="system", content=system)] if system.strip() else []
    return [*messages, Message(role="user", content=question)]


def _clean(text: str) -> str:
    """Replace what was no UTF-8 on the command line and could not be sent on."""
    return text.encode("utf-8", "replace").decode()


def _piped_text() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace")


def _given_params(options: argparse.Namespace) -> dict[str, float]:
    from chatapp.chat import GenerationParams

    names = ("temperature", "seed", "max_new_tokens")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    GenerationParams(**given)  # refuses what is out of its range
    return given


def _print_reply(
    engine: "EngineClient", messages: "list[Message]", params: "GenerationParams"
) -> None:
    """Stream the reply to stdout, and what the model thinks before it to a terminal's stderr."""
    is_thinking = False
    text = ""
    for delta in engine.generate(messages, params):
        if delta.reasoning and sys.stderr.isatty():
            is_thinking = True
            sys.stderr.write(_DIM + _printable(delta.reasoning, sys.stderr) + _UNDIM)
            sys.stderr.flush()
        if delta.text:
            if is_thinking:
                sys.stderr.write("\n\n")
                is_thinking = False
            text = delta.text
            sys.stdout.write(_printable(text, sys.stdout))
            sys.stdout.flush()
    if not text.endswith("\n"):
        print(flush=True)


def _print_json(
    engine: "EngineClient", messages: "list[Message]", params: "GenerationParams"
) -> None:
    deltas = list(engine.generate(messages, params))
    reply, loaded = engine.reply, engine.loaded
    assert reply is not None
    assert loaded is not None
    _dump(
        {
            "text": "".join(delta.text for delta in deltas),
            "reasoning": "".join(delta.reasoning for delta in deltas),
            "model": loaded.name,
            "usage": reply.usage,
            "timings": reply.timings,
            "finish_reason": reply.finish_reason,
            "seed": reply.seed,
        }
    )


# ---- chatapp score ----


def _score(options: argparse.Namespace) -> int:
    from chatapp.client import EngineClient
    from chatapp.errors import EngineError, ModelFileError
    from chatapp.protocol import ScoredToken

    settings = _settings()
    try:
        text = _text_of(options.file)
    except ValueError as error:
        _complain(str(error))
        return USAGE_ERROR
    tokens: list[ScoredToken] = []
    try:
        entry = _chosen_model(options.model, settings)
        with EngineClient() as engine:
            loaded = _load(engine, entry.path, settings, options)
            result = engine.score(
                text,
                on_tokens=tokens.extend if options.json else None,
                on_progress=_show_progress if sys.stderr.isatty() else None,
            )
    except (ModelFileError, EngineError) as error:
        _complain(str(error))
        return MODEL_ERROR if error.code in _MODEL_CODES else ENGINE_ERROR
    if options.json:
        _dump(
            {
                "perplexity": result.perplexity,
                "bits_per_byte": result.bits_per_byte,
                "nll": result.nll,
                "n_tokens": result.n_tokens,
                "n_scored": result.n_scored,
                "n_bytes": result.n_bytes,
                "model": loaded.name,
                "n_ctx": loaded.n_ctx,
                "tokens": tokens,
            }
        )
        return 0
    print(f"perplexity     {result.perplexity:,.3f}")
    print(f"bits per byte  {result.bits_per_byte:.4f}")
    print(f"tokens         {result.n_scored:,} of {result.n_bytes:,} bytes", flush=True)
    return 0


def _text_of(name: str) -> str:
    """What a file says.

    Raises:
        ValueError: If it is no text; the message is fit to be shown.
    """
    name = _clean(name)
    try:
        with open(name, "rb") as file:
            data = file.read()
    except IsADirectoryError:
        raise ValueError(f"{name} is a folder. Name a text file.") from None
    except (OSError, ValueError) as error:  # a NUL in the name is the latter
        reason = getattr(error, "strerror", None) or "no such name"
        raise ValueError(f"{name} cannot be read: {reason}.") from None
    if b"\0" in data:
        raise ValueError(f"{name} is no text file: it holds binary data.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not UTF-8 at byte {error.start:,}. Save it as UTF-8 first."
        ) from None
    if not text:
        raise ValueError(f"{name} is empty: there is nothing to score.")
    return text


def _show_progress(done: float) -> None:
    sys.stderr.write(f"\r{done:4.0%}\r" if done < 1 else "\r    \r")
    sys.stderr.flush()


# ---- chatapp models ----


def _list_models(options: argparse.Namespace) -> int:
    from chatapp.paths import models_dir

    entries = _shelf(_settings())
    if options.json:
        _dump([_plain(entry) for entry in entries])
        return 0
    if not entries:
        _complain(f"There are no models yet. Put a GGUF file into {models_dir()}.")
        return 0
    rows = [_HEADINGS, *map(_row, entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(_printable(line.rstrip(), sys.stdout))
    sys.stdout.flush()
    return 0


def _plain(entry: "ModelEntry") -> dict[str, Any]:
    import msgspec

    error = "" if entry.error is None else str(entry.error)
    return msgspec.structs.asdict(entry) | {"error": error}


def _row(entry: "ModelEntry") -> tuple[str, ...]:
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


# ---- all ----


def _load(
    engine: "EngineClient", path: str, settings: "Settings", options: argparse.Namespace
) -> "Loaded":
    values = settings.load_values(path)
    return engine.load(
        path,
        n_ctx=values.n_ctx or None,
        n_threads=values.n_threads or None,
        n_gpu_layers=None if values.n_gpu_layers < 0 else values.n_gpu_layers,
        backend=options.engine,
        weights=options.weights,
    )


def _settings() -> "Settings":
    from chatapp import paths
    from chatapp.settings import SettingsFile

    file = SettingsFile(paths.settings_file())
    if file.problem:
        _complain(str(file.problem))
    return file.current


def _shelf(settings: "Settings") -> "tuple[ModelEntry, ...]":
    from chatapp.library.shelf import find_models

    return find_models(settings.model_paths, settings.hidden_models)


def _chosen_model(name: str | None, settings: "Settings") -> "ModelEntry":
    from chatapp.errors import ModelFileError, say
    from chatapp.library.shelf import resolve_model
    from chatapp.paths import models_dir

    entries = _shelf(settings)
    wanted = _clean(name or settings.default_model)
    if wanted:
        return resolve_model(wanted, entries)
    if not entries or entries[0].error:
        raise ModelFileError(
            "no_model",
            say("There is no model to ask. Put a GGUF file into {path}.", path=str(models_dir())),
        )
    return entries[0]


def _dump(value: Any) -> None:
    import msgspec

    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def _printable(text: str, stream: TextIO) -> str:
    return _CONTROL.sub("", text) if stream.isatty() else text


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print("chatapp:", " ".join(text.split()), file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
