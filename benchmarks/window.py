"""How long until the window stands there with the history listed, and what memory it takes.

The reference is a bare PySide6 window with one text widget, started in turns with ours on a
virtual screen of its own. Memory is the resident set a second after the first paint.
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
from chatapp.storage.store import ConversationStore

LONG = False
CONVERSATIONS = 1000
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
    with tempfile.TemporaryDirectory() as home, harness.virtual_screen() as screen:
        _fill_history(Path(home))
        # An installed program is compiled, whatever the environment of a test says.
        screen.pop("PYTHONDONTWRITEBYTECODE", None)
        screen["PYTHONPYCACHEPREFIX"] = f"{home}/compiled"
        ours = Window("chatapp", screen | {"CHATAPP_HOME": home})
        bare = Window("bare", screen)
        ours.start(), bare.start()  # once, for the page cache
        time_pair = harness.alternate(ours.start, bare.start, PAIRS)
    return [
        harness.compare(
            "window",
            f"exec to first paint, {CONVERSATIONS:,} conversations listed",
            time_pair,
            "s",
            at_most=2.0,
        ),
        harness.compare("window", "memory of the window", _memory(ours, bare), "MiB", at_most=1.5),
    ]


def _fill_history(home: Path) -> None:
    (home / "data").mkdir()
    store = ConversationStore(home / "data" / "history.sqlite3")
    for number in range(CONVERSATIONS):
        conversation_id = new_id()
        store.create_conversation(conversation_id)
        question = f"Question {number}: why is the sea salty and the rain is not?"
        store.add_user_message(new_id(), conversation_id, None, question)
    store.close()


def _memory(ours: Window, bare: Window) -> harness.Pair:
    first = statistics.median(ours.memory_bytes) / 2**20
    second = statistics.median(bare.memory_bytes) / 2**20
    return harness.Pair(first, second, first / second)


if __name__ == "__main__":
    raise SystemExit(harness.main(["window"]))
