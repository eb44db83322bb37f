"""The whole program in a process of its own that tells what it does, until it is killed."""

import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 30 + 2 * int(os.environ.get("KILLS", "25"))  # then it is ended, which is said


class Victim:
    """The program at work in a process of its own, and what it told of its work."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self._process = process
        self._lines = process.stdout
        self.told: defaultdict[str, list[str]] = defaultdict(list)

    def listen_for(self, what: str, times: int = 1) -> str:
        """Until it has told of something so many times more; gives what it told last."""
        for _ in range(times):
            while self._listen(self._lines.readline()) != what:
                pass
        return self.told[what][-1]

    def kill(self) -> None:
        self._process.kill()  # it did not wait for us, so this falls anywhere
        for line in self._lines:
            self._listen(line)
        self._process.wait()

    def _listen(self, line: str) -> str:
        assert line, f"the program ended by itself with code {self._process.wait()}"
        what, _, value = line.strip().partition(" ")
        self.told[what].append(value)
        return what


@contextmanager
def started(program: str, *prefix: str) -> Iterator[Victim]:
    """Start a program of this folder; `prefix` is a command to start it with."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [*prefix, sys.executable, Path(__file__).with_name(program)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        victim = Victim(process)
        patience = threading.Timer(PATIENCE_S, process.kill)
        patience.start()
        try:
            yield victim
        finally:
            patience.cancel()
            victim.kill()
