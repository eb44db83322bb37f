"""What the app and the engine say to each other: one JSON object a line.

The app sends requests, each with an id of its own choosing. The engine answers a request with
any number of events that carry this id and closes it with exactly one `done` or `error`.
`cancel`, `count`, `render` and `tokenize` are answered between the tokens of a running reply.
Fields that are not known are ignored, so either side may be the newer one while `PROTOCOL`
stays the same.
"""

from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, field

from chatapp.chat import (
    BackendName,
    FinishReason,
    GenerationParams,
    Message,
    Timings,
    Usage,
    WeightsName,
)
from chatapp.errors import ErrorCode, ProtocolError, Sentence, say

PROTOCOL = 2
MAX_TOP_N = 100  # of a score
MAX_LINE_BYTES = 64 * 2**20  # a line longer than this is garbage, not a message


class _Wire(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=str.lower):
    """Base of every message; `type` on the wire is the lower-case class name."""


# ---- app -> engine ----


class Load(_Wire, frozen=True):
    """Load the model in `path`, in place of the one loaded.

    None lets the engine choose: `n_ctx` by training length, 8,192 and memory; `n_threads` (decode)
    the physical cores, `n_threads_batch` (prompt) all cores; `n_gpu_layers` by free device memory.
    `weights` is what the native backend makes of them: bf16 where the processor computes in it.
    `idle_unload_s` frees the weights after so many seconds without a request; 0 never does.
    """

    id: str
    path: str
    n_ctx: int | None = None
    n_threads: int | None = None
    n_threads_batch: int | None = None
    n_gpu_layers: int | None = None
    backend: BackendName = "llama"
    weights: WeightsName | None = None
    idle_unload_s: float = 0.0


class Unload(_Wire, frozen=True):
    """Free the model."""

    id: str


class Generate(_Wire, frozen=True):
    """Write the reply that follows `messages`.

    `left_out` are the message ids the previous prompt of this conversation left out: they stay out
    until the context is full again. `prefill` is the beginning of the reply, given. `logprobs` asks
    for the log-probabilities of each token and of so many alternatives.
    """

    id: str
    messages: tuple[Message, ...]
    params: GenerationParams = field(default_factory=GenerationParams)
    left_out: tuple[str, ...] = ()
    prefill: str = ""
    logprobs: int | None = None


class Render(_Wire, frozen=True):
    """Ask for the exact prompt that `generate` would read; answered by `rendered`."""

    id: str
    messages: tuple[Message, ...]
    left_out: tuple[str, ...] = ()
    prefill: str = ""


class Count(_Wire, frozen=True):
    """Ask how many tokens the whole prompt for `messages` has; answered by `counted`."""

    id: str
    messages: tuple[Message, ...]


class Tokenize(_Wire, frozen=True):
    """Ask for the token ids of `text`, special tokens not parsed; answered by `tokenized`."""

    id: str
    text: str


class Score(_Wire, frozen=True):
    """Ask how likely each token of `text` is to the model; answered by `scored` and `perplexity`.

    `top_n` asks for so many of the likeliest tokens at each place, at most `MAX_TOP_N`. Special
    tokens are not parsed. A text longer than the context is read in windows that overlap by half.
    """

    id: str
    text: str
    top_n: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.top_n <= MAX_TOP_N:
            raise ValueError(f"top_n is {self.top_n}, not 0 to {MAX_TOP_N}")


class Embed(_Wire, frozen=True):
    """Ask a model of BERT's kind for the vector of each of `texts`; answered by `embedded`."""

    id: str
    texts: tuple[str, ...]


class Cancel(_Wire, frozen=True):
    """Stop the request `target`; a reply ends with finish_reason `cancelled`.

    The cancel itself is always answered by `done`, also when there is nothing left to stop.
    """

    id: str
    target: str


class Quit(_Wire, frozen=True):
    """Answer, then end the process."""

    id: str


Request = Load | Unload | Generate | Render | Count | Tokenize | Score | Embed | Cancel | Quit


# ---- engine -> app ----


class Ready(_Wire, frozen=True):
    """First line of every engine."""

    protocol: int
    version: str
    backends: tuple[str, ...]
    pid: int


class Progress(_Wire, frozen=True):
    """How far a load (parts of 1.0), or the reading of a prompt or a text (tokens), has come."""

    id: str
    phase: Literal["load", "prompt", "score"]
    done: float
    total: float


class Loaded(_Wire, frozen=True):
    """What was loaded; comes before the `done` of `load`."""

    id: str
    path: str
    name: str
    architecture: str
    backend: str  # "llama" or "native"
    build: str  # version of the library behind the backend
    device: str  # "CPU", or the accelerator's name
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    n_threads: int
    n_gpu_layers: int
    flash_attention: bool
    has_chat_template: bool
    memory_bytes: int  # what weights and cache take, estimated
    weights: str = ""  # f32, bf16, int8 or int4; "" when the file decides
    features: str = ""  # instruction sets of the processor that the backend computes with


class TokenLogprob(Struct, frozen=True):
    """One token of a reply, and (id, text, logprob) of what else could have stood there."""

    id: int
    text: str
    logprob: float
    alternatives: tuple[tuple[int, str, float], ...] = ()


class Delta(_Wire, frozen=True):
    """The next piece of a reply; `reasoning` is what the model thinks before it answers."""

    id: str
    text: str = ""
    reasoning: str = ""
    ids: tuple[int, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()


class Rendered(_Wire, frozen=True):
    """The exact prompt: its text, its ids, and the message ids that are left out of it."""

    id: str
    text: str
    ids: tuple[int, ...]
    left_out: tuple[str, ...]


class Counted(_Wire, frozen=True):
    """Tokens of the prompt, and the context they must fit in."""

    id: str
    prompt_tokens: int
    n_ctx: int


class Tokenized(_Wire, frozen=True):
    """Token ids and the text of each."""

    id: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]


class ScoredToken(Struct, frozen=True):
    """One token of a scored text, and (id, text, logprob) of the likeliest at its place.

    The logprob is natural, and the model's own, before any filter; the rank is 1 + the number of
    ids with a larger logit; the entropy is of the model's whole distribution there, in nats. All
    three are None for the first token of a model without BOS: nothing comes before it.
    """

    id: int
    text: str
    logprob: float | None = None
    rank: int | None = None
    entropy: float | None = None
    alternatives: tuple[tuple[int, str, float], ...] = ()


class Scored(_Wire, frozen=True):
    """The next tokens of a text, with their scores."""

    id: str
    tokens: tuple[ScoredToken, ...]


class Perplexity(_Wire, frozen=True):
    """The score of a whole text, after those of its tokens.

    The first token counts, scored after BOS, if the model was trained with BOS before every text.
    Else neither it nor its bytes count.

    `nll` is the sum of the negative log-probabilities, in nats, of the `n_scored` tokens that
    count; `perplexity` is exp(nll / n_scored); `bits_per_byte` is nll / ln 2 / `n_bytes`, the
    UTF-8 bytes of the text that count, and can be compared between vocabularies.
    """

    id: str
    n_tokens: int
    n_scored: int
    n_bytes: int
    nll: float
    perplexity: float
    bits_per_byte: float


class Embedded(_Wire, frozen=True):
    """The vectors of the next texts: the mean over the tokens of each, made length 1."""

    id: str
    vectors: tuple[tuple[float, ...], ...]


class Reply(Struct, frozen=True, kw_only=True):
    """What `done` says of a reply that was written.

    `ids` are all its token ids, the first `reasoning_tokens` of which are reasoning (its tags
    included); `left_out` the message ids that were not in its prompt.
    """

    finish_reason: FinishReason
    usage: Usage
    timings: Timings
    ids: tuple[int, ...]
    reasoning_tokens: int
    left_out: tuple[str, ...]
    seed: int
    template_sha256: str


class Done(_Wire, frozen=True):
    """The request `id` is finished; `reply` only for `generate`."""

    id: str
    reply: Reply | None = None


class Error(_Wire, frozen=True):
    """The request `id` failed; `id` is empty when the line could not be understood at all."""

    id: str
    code: ErrorCode
    message: Sentence
    needs: int = 0
    limit: int = 0

    def __post_init__(self) -> None:
        # What would fail only when the window says it is refused here, as msgspec wants it told.
        try:
            str(self.message)
        except (LookupError, AttributeError) as error:
            raise ValueError(f"Nothing fills a gap of {self.message.text!r}.") from error


class Unloaded(_Wire, frozen=True):
    """The model was freed after the idle time; the next `generate` needs a `load` first."""

    path: str


Event = (
    Ready
    | Progress
    | Loaded
    | Delta
    | Rendered
    | Counted
    | Tokenized
    | Scored
    | Perplexity
    | Embedded
    | Done
    | Error
    | Unloaded
)

_T = TypeVar("_T")
_encoder = msgspec.json.Encoder()
_request_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Request | Event) -> bytes:
    """One line, its line feed included. JSON escapes control characters, so none is inside it."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Read a line from the app.

    Raises:
        ProtocolError: If it is no request.
    """
    return _decode(_request_decoder, line)


def decode_event(line: bytes) -> Event:
    """Read a line from the engine.

    Raises:
        ProtocolError: If it is no event.
    """
    return _decode(_event_decoder, line)


def _decode(decoder: msgspec.json.Decoder[_T], line: bytes) -> _T:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(
            say("Not a message of the protocol: {reason}", reason=str(error))
        ) from error
