"""What the engine answers to each request that asks something of the loaded model.

One function a request. What it has to say is reported as events, the last word is the server's. The
model it is given is not loaded or closed meanwhile: both come from the thread that answers.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chatapp.chat import Message
from chatapp.engine.backends.base import Backend, Cancelled, Encoder
from chatapp.errors import EngineError, ModelFileError, say
from chatapp.protocol import (
    Count,
    Counted,
    Embed,
    Embedded,
    Error,
    Event,
    Generate,
    Load,
    Loaded,
    Render,
    Rendered,
    Reply,
    Score,
    Tokenize,
    Tokenized,
)

if TYPE_CHECKING:
    from chatapp.text.chat_template import ChatTemplate

logger = logging.getLogger(__name__)


class Writer(NamedTuple):
    """The loaded model that writes, and what is needed to write its prompts."""

    request: Load
    backend: Backend
    template: "ChatTemplate"


class Reader(NamedTuple):
    """The loaded model that only reads."""

    request: Load
    backend: Encoder


Model = Writer | Reader
Question = Generate | Render | Count | Tokenize | Score | Embed
Report = Callable[[Event], None]


def ready(request: Load, backend: Backend | Encoder) -> Model:
    """A model that `request` loaded, with what is needed to ask it."""
    from chatapp.text.chat_template import ChatTemplate  # like generation, not before `ready`

    if isinstance(backend, Encoder):
        return Reader(request, backend)
    template = ChatTemplate(backend.chat_template, backend.bos, backend.eos)
    return Writer(request, backend, template)


def loaded(model: Model) -> Loaded:
    """The event that says what was loaded."""
    return Loaded(
        id=model.request.id,
        path=model.request.path,
        has_chat_template=isinstance(model, Writer) and model.backend.chat_template != "",
        **msgspec.structs.asdict(model.backend.info),
    )


def answer(
    request: Question, model: Model | None, report: Report, poll: Callable[[], None]
) -> Reply | None:
    """Answer one request; what it raises is for `failed`.

    Args:
        request: What is asked.
        model: The loaded one, None when there is none.
        report: Sends an event.
        poll: Called between the steps of what takes long: answers what needs no decoding.

    Returns:
        What the request's `done` says of a reply; None for what is no reply.
    """
    match request:
        case Generate():
            return _generate(request, model, report, poll)
        case Render():
            _render(request, model, report)
        case Count():
            _count(request, model, report)
        case Tokenize():
            _tokenize(request, model, report)
        case Score():
            _score(request, model, report, poll)
        case Embed():
            _embed(request, model, report, poll)
    return None


def _generate(
    request: Generate, model: Model | None, report: Report, poll: Callable[[], None]
) -> Reply:
    from chatapp.engine.generation import Generation

    _, backend, template = _writer(model)
    return Generation(backend, template, request, report, poll).run()


def _render(request: Render, model: Model | None, report: Report) -> None:
    from chatapp.engine import context

    _, backend, template = _writer(model)

    def render(messages: Sequence[Message]) -> tuple[str, list[int]]:
        return context.render_prompt(backend, template, messages, request.prefill)

    n_ctx = backend.info.n_ctx
    room = context.reply_room(None, n_ctx)
    prompt = context.fit(
        request.messages, request.left_out, n_ctx, lambda messages: render(messages)[1], room
    )
    text, _ = render(prompt.messages)
    report(Rendered(id=request.id, text=text, ids=tuple(prompt.ids), left_out=prompt.left_out))


def _count(request: Count, model: Model | None, report: Report) -> None:
    from chatapp.engine.context import render_prompt

    _, backend, template = _writer(model)
    _, ids = render_prompt(backend, template, request.messages)
    report(Counted(id=request.id, prompt_tokens=len(ids), n_ctx=backend.info.n_ctx))


def _tokenize(request: Tokenize, model: Model | None, report: Report) -> None:
    backend = _writer(model).backend
    ids = backend.tokenize(request.text, special=False)
    tokens = tuple(backend.piece(id).decode("utf-8", "replace") for id in ids)
    report(Tokenized(id=request.id, ids=tuple(ids), tokens=tokens))


def _score(request: Score, model: Model | None, report: Report, poll: Callable[[], None]) -> None:
    from chatapp.engine.scoring import Scoring

    Scoring(_writer(model).backend, request, report, poll).run()


def _embed(request: Embed, model: Model | None, report: Report, poll: Callable[[], None]) -> None:
    model = _some(model)
    if not isinstance(model, Reader):
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) makes no vectors of texts. Choose one of "
                "BERT's kind.",
                file=Path(model.request.path).name,
                architecture=model.backend.info.architecture,
            ),
        )
    for vectors in model.backend.embed(request.texts):
        report(Embedded(id=request.id, vectors=tuple(map(tuple, vectors))))
        poll()


def _writer(model: Model | None) -> Writer:
    model = _some(model)
    if isinstance(model, Reader):
        raise ModelFileError(
            "unsupported_architecture",
            say(
                "{file}: This model ({architecture}) does not write text word by word, so it "
                "cannot be chatted with. Choose another model.",
                file=Path(model.request.path).name,
                architecture=model.backend.info.architecture,
            ),
        )
    return model


def _some(model: Model | None) -> Model:
    if model is None:
        raise EngineError("no_model", say("No model is loaded. Load one first."))
    return model


def cancelled(id: str) -> Error:
    """The last word on a request that was stopped."""
    return Error(id=id, code="cancelled", message=say("Stopped before it was done."))


def failed(id: str, error: Exception) -> Error:
    """The answer to a request that raised `error`; what was not expected is logged."""
    match error:
        case Cancelled():
            return cancelled(id)
        case ModelFileError():
            return Error(id=id, code=error.code, message=error.sentence)
        case EngineError():
            return Error(
                id=id,
                code=error.code,
                message=error.sentence,
                needs=error.needs,
                limit=error.limit,
            )
        case MemoryError():
            message = say(
                "There is not enough memory. Close other programs or take a smaller model."
            )
            return Error(id=id, code="not_enough_memory", message=message)
        case _:
            log_failure("A request failed", error)
            message = say(
                "Something went wrong in the engine ({kind}); see its log.",
                kind=type(error).__name__,
            )
            return Error(id=id, code="internal", message=message)


def log_failure(what: str, error: Exception) -> None:
    """Log where an error that nobody expected came from."""
    # Not the error's own text: it may quote a message, and logs never hold one.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, frames)
