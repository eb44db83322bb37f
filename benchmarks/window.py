"""How long until the window stands there with the history listed, and what memory it takes.

The reference is a bare PySide6 window with one text widget, started in turns with ours on a
virtual screen of its own. Memory is the resident set a second after the first paint. A history of
100,000 messages is measured against one of a single message in the same way.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import harness
from benchmarks.harness import Result
from chatapp.chat import new_id
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.storage.store import ConversationStore

LONG = False
CONVERSATIONS = 1000
MESSAGES = 100_000
A_MOMENT = "2026-01-01T00:00:00.000000+00:00"  # as the history writes it
PAIRS = 15
STARTER = Path(__file__).with_name("_first_paint.py")


class Window:
    """Starts one kind of window and keeps what each start took."""

    def __init__(self, kind: str, environment: dict[str, str]) -> None:
        self._kind = kind
        self._environment = environment
        self.memory_bytes: list[int] = []

    def start(self) -> float:
        """Seconds from exec to the first paint."""
        command = [sys.executable, str(STARTER), self._kind, repr(time.monotonic())]
        process = subprocess.run(
            command, env=self._environment, stdout=subprocess.PIPE, check=True, timeout=60
        )
        report = json.loads(process.stdout)
        self.memory_bytes.append(report["memory_bytes"])
        return float(report["seconds"])


def measure() -> list[Result]:
    """Both claims, from the same starts."""
    with tempfile.TemporaryDirectory() as folder, harness.virtual_screen() as screen:
        home, long, short = (f"{folder}/{name}" for name in ("home", "long", "short"))
        fill_history(Path(home), CONVERSATIONS, CONVERSATIONS)
        fill_history(Path(long), CONVERSATIONS, MESSAGES)
        fill_history(Path(short), 1, 1)
        # An installed program is compiled, whatever the environment of a test says.
        screen.pop("PYTHONDONTWRITEBYTECODE", None)
        screen["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        ours = Window("chatapp", screen | {"CHATAPP_HOME": home})
        bare = Window("bare", screen)
        ours.start(), bare.start()  # once, for the page cache
        time_pair = harness.alternate(ours.start, bare.start, PAIRS)
        lengths = harness.alternate(
            Window("chatapp", screen | {"CHATAPP_HOME": long}).start,
            Window("chatapp", screen | {"CHATAPP_HOME": short}).start,
            PAIRS,
        )
    return [
        harness.compare(
            "window",
            f"exec to first paint, {CONVERSATIONS:,} conversations listed",
            time_pair,
            "s",
            at_most=2.0,
        ),
        harness.limit(
            "window",
            f"exec to first paint, {MESSAGES:,} messages of history more than one",
            (lengths.ours - lengths.reference) * 1000,
            "ms",
            at_most=30,
        ),
        harness.compare("window", "memory of the window", _memory(ours, bare), "MiB", at_most=1.5),
    ]


def fill_history(home: Path, n_conversations: int, n_messages: int) -> None:
    """Make the history of a home: conversations of equal length with so many messages in all."""
    (home / "data").mkdir(parents=True)
    store = ConversationStore(home / "data" / "history.sqlite3")
    for number in range(n_conversations):
        conversation = _conversation(number, n_messages // n_conversations)
        store.import_conversation(conversation, A_MOMENT, A_MOMENT)
    store.back_up().result()  # as it is on every day but the first
    store.close()


def _conversation(number: int, n_messages: int) -> StoredConversation:
    ids = [new_id() for _ in range(n_messages)]
    question = f"Question {number}: why is the sea salty and the rain is not?"
    return StoredConversation(
        id=new_id(),
        title=question[:48],
        system_prompt="",
        params=None,
        model_path="",
        leaf_id=ids[-1],
        messages=tuple(
            StoredMessage(
                id=message_id,
                conversation_id="",
                parent_id=parent_id,
                role="assistant" if place % 2 else "user",
                content=question,
                status="complete",
                created_at=A_MOMENT,
            )
            for place, (message_id, parent_id) in enumerate(
                zip(ids, [None, *ids[:-1]], strict=True)
            )
        ),
    )


def _memory(ours: Window, bare: Window) -> harness.Pair:
    first = statistics.median(ours.memory_bytes) / 2**20
    second = statistics.median(bare.memory_bytes) / 2**20
    return harness.Pair(first, second, first / second)


if __name__ == "__main__":
    raise SystemExit(harness.main(["window"]))
