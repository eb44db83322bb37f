"""What the history costs: bytes written to the log for a streamed reply, and time to list it.

Tokens need not really arrive over time: what is written depends on how many chunks there are.
"""

import statistics
import tempfile
from contextlib import closing
from itertools import pairwise
from math import ceil
from pathlib import Path
from time import perf_counter

from benchmarks import harness
from benchmarks.harness import Pair, Result
from chatapp.chat import GenerationParams, Timings, Usage, new_id
from chatapp.storage.records import ReplyRecord, StoredConversation, StoredMessage
from chatapp.storage.store import ConversationStore

LONG = False

NOW = "2026-01-01T00:00:00+00:00"
CHUNK_S = 0.5  # the longest that a piece of a reply waits before it is written
N_TOKENS = 2000
TEXT = ("The sea is salty because rivers carry minerals out of the rocks. " * 200)[
    : N_TOKENS * 9 // 2
]
REPLY = ReplyRecord(
    finish_reason="stop",
    usage=Usage(prompt_tokens=500, cached_tokens=400, completion_tokens=N_TOKENS),
    timings=Timings(prompt_s=1.0, generation_s=20.0, first_token_s=1.0),
    ids=tuple(number * 7919 % 49152 for number in range(N_TOKENS)),
    reasoning_tokens=0,
    left_out=(),
    seed=1,
    template_sha256="0" * 64,
    model_sha256="0" * 64,
    engine_build="0.3.36",
)


class LogMeter:
    """Counts the bytes written to a write-ahead log, also when it begins again from the top.

    Source: https://www.sqlite.org/fileformat2.html#walformat
    """

    HEADER_BYTES = 32
    FRAME_HEADER_BYTES = 24

    def __init__(self, log: Path) -> None:
        self.n_bytes = 0
        self._log = log
        self._salts = b""
        self._end = 0
        self.read()
        self.n_bytes = 0  # what was there before does not count

    def read(self) -> None:
        """Count what was written since the last call; call it after every commit."""
        with self._log.open("rb") as log:
            header = log.read(self.HEADER_BYTES)
            if header[16:24] != self._salts:
                self._salts, self._end = header[16:24], self.HEADER_BYTES
            frame_bytes = self.FRAME_HEADER_BYTES + int.from_bytes(header[8:12], "big")
            while log.seek(self._end + 8) and log.read(8) == self._salts:
                self._end += frame_bytes
                self.n_bytes += frame_bytes


def measure() -> list[Result]:
    """The log at the two speeds of the claim, and the list of a well-filled history."""
    return [_streaming(150, at_most=50), _streaming(5, at_most=500), _listing(5000)]


def _streaming(tokens_per_s: int, *, at_most: float) -> Result:
    n_chunks = ceil(N_TOKENS / tokens_per_s / CHUNK_S)
    ends = [len(TEXT) * number // n_chunks for number in range(n_chunks + 1)]
    written = _bytes_written([TEXT[start:end] for start, end in pairwise(ends)])
    return harness.compare(
        "history",
        f"written to the log for a reply of {N_TOKENS:,} tokens at {tokens_per_s} tokens/s, "
        f"against its text",
        Pair(written / 1000, len(TEXT) / 1000, written / len(TEXT)),
        "KB",
        at_most=at_most,
    )


def _bytes_written(chunks: list[str]) -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ConversationStore(Path(folder) / "history.sqlite3")) as store,
    ):
        conversation, question, reply = new_id(), new_id(), new_id()
        store.create_conversation(conversation)
        store.add_user_message(question, conversation, None, "Why is the sea salty?").result()
        meter = LogMeter(Path(folder) / "history.sqlite3-wal")
        store.start_reply(
            reply,
            conversation,
            question,
            model_path="/models/model.gguf",
            model_name="Model",
            params=GenerationParams(),
        ).result()
        for chunk in chunks:
            meter.read()
            store.append_chunk(reply, chunk).result()
        meter.read()
        store.finish_reply(reply, status="complete", reply=REPLY).result()
        meter.read()
        return meter.n_bytes


def _listing(n_conversations: int) -> Result:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ConversationStore(Path(folder) / "history.sqlite3")) as store,
    ):
        for number in range(n_conversations):
            store.import_conversation(_conversation(number), NOW, NOW)
        elapsed_ms = statistics.median(_listing_ms(store) for _ in range(9))
    return harness.limit(
        "history", f"listing {n_conversations:,} conversations", elapsed_ms, "ms", at_most=50
    )


def _conversation(number: int) -> StoredConversation:
    message = StoredMessage(
        id=new_id(),
        conversation_id="",
        parent_id=None,
        role="user",
        content="Why is the sea salty?",
        status="complete",
        created_at=NOW,
    )
    return StoredConversation(
        id=new_id(),
        title=f"Conversation {number}",
        system_prompt="You are helpful. " * 20,
        params=None,
        model_path="",
        leaf_id=message.id,
        messages=(message,),
    )


def _listing_ms(store: ConversationStore) -> float:
    start = perf_counter()
    store.list_conversations().result()
    return (perf_counter() - start) * 1000


if __name__ == "__main__":
    raise SystemExit(harness.main(["history"]))
