"""`chatapp ask`: one question, and the reply as it is written."""

import argparse
import sys

from msgspec import structs

from chatapp.chat import GenerationParams, Message
from chatapp.client import EngineClient
from chatapp.commands.chosen_model import chosen, load, refused, user_settings
from chatapp.commands.terminal import USAGE_ERROR, clean, complain, dump, printable
from chatapp.errors import EngineError, ModelFileError
from chatapp.settings import Settings

_DIM, _UNDIM = "\x1b[2m", "\x1b[22m"


def run(options: argparse.Namespace) -> int:
    """Ask; the code to end with."""
    settings = user_settings()
    try:
        messages, given = _messages(options, settings), _given_params(options)
    except ValueError as error:
        complain(str(error))
        return USAGE_ERROR
    try:
        entry = chosen(options.model, settings)
        params = structs.replace(settings.params_for(None, entry.path), **given)
        with EngineClient() as engine:
            load(engine, entry.path, settings, options)
            answer = _print_json if options.json else _print_reply
            answer(engine, messages, params)
    except (ModelFileError, EngineError) as error:
        return refused(error)
    return 0


def _messages(options: argparse.Namespace, settings: Settings) -> list[Message]:
    parts = [clean(options.question).strip(), _piped_text().strip()]
    question = "\n\n".join(part for part in parts if part)
    if not question:
        raise ValueError('There is no question. Ask one: chatapp ask "Why is the sea salty?"')
    system = settings.new_system_prompt() if options.system is None else clean(options.system)
    messages = [Message(role="system", content=system)] if system.strip() else []
    return [*messages, Message(role="user", content=question)]


def _piped_text() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace")


def _given_params(options: argparse.Namespace) -> dict[str, float]:
    names = ("temperature", "seed", "max_new_tokens")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    GenerationParams(**given)  # refuses what is out of its range
    return given


def _print_reply(engine: EngineClient, messages: list[Message], params: GenerationParams) -> None:
    """Stream the reply to stdout, and what the model thinks before it to a terminal's stderr."""
    is_thinking = False
    text = ""
    for delta in engine.generate(messages, params):
        if delta.reasoning and sys.stderr.isatty():
            is_thinking = True
            sys.stderr.write(_DIM + printable(delta.reasoning, sys.stderr) + _UNDIM)
            sys.stderr.flush()
        if delta.text:
            if is_thinking:
                sys.stderr.write("\n\n")
                is_thinking = False
            text = delta.text
            sys.stdout.write(printable(text, sys.stdout))
            sys.stdout.flush()
    if not text.endswith("\n"):
        print(flush=True)


def _print_json(engine: EngineClient, messages: list[Message], params: GenerationParams) -> None:
    deltas = list(engine.generate(messages, params))
    reply, loaded = engine.reply, engine.loaded
    assert reply is not None
    assert loaded is not None
    dump(
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
