"""`chatapp score`: how well a model predicts a text."""

import argparse
import sys

from chatapp.client import EngineClient
from chatapp.commands.chosen_model import chosen, load, refused, user_settings
from chatapp.commands.terminal import USAGE_ERROR, clean, complain, dump
from chatapp.errors import EngineError, ModelFileError
from chatapp.protocol import ScoredToken


def run(options: argparse.Namespace) -> int:
    """Score the file; the code to end with."""
    settings = user_settings()
    try:
        text = _text_of(options.file)
    except ValueError as error:
        complain(str(error))
        return USAGE_ERROR
    tokens: list[ScoredToken] = []
    try:
        entry = chosen(options.model, settings)
        with EngineClient() as engine:
            loaded = load(engine, entry.path, settings, options)
            result = engine.score(
                text,
                on_tokens=tokens.extend if options.json else None,
                on_progress=_show_progress if sys.stderr.isatty() else None,
            )
    except (ModelFileError, EngineError) as error:
        return refused(error)
    if options.json:
        dump(
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
    name = clean(name)
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
