"""What an hour of chat leaves behind in the app: memory and descriptors, in fast motion.

The whole program on a virtual screen, with a scripted engine. What it costs after a fifth of the
replies is compared with what it costs after all of them, an empty conversation on show each time.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import harness
from benchmarks._engine import starter_model
from benchmarks.harness import Result

LONG = True
REPLIES = 500
CONVERSATION_SWITCHES = 50
MODEL_SWITCHES = 20


def measure() -> list[Result]:
    """Both claims, from one run."""
    with tempfile.TemporaryDirectory() as home, harness.virtual_screen() as screen:
        models = Path(home) / "data" / "models"
        models.mkdir(parents=True)
        shutil.copyfile(starter_model(), models / "Second.gguf")
        (early_bytes, early), (late_bytes, late) = _run(screen | {"CHATAPP_HOME": home})
    hour = (
        f"{REPLIES} replies, {CONVERSATION_SWITCHES} conversation switches, "
        f"{MODEL_SWITCHES} model switches"
    )
    growth = (late_bytes / early_bytes - 1) * 100
    return [
        harness.limit("soak", f"{hour}: growth of memory", growth, "%", at_most=5),
        harness.limit("soak", "the same: descriptors more", late - early, "", at_most=0),
    ]


def _run(environment: dict[str, str]) -> list[tuple[int, int]]:
    amounts = (REPLIES, CONVERSATION_SWITCHES, MODEL_SWITCHES)
    command = [sys.executable, "-m", "benchmarks._soak_run", *map(str, amounts)]
    process = subprocess.run(
        command, env=environment, cwd=harness.FOLDER.parent, stdout=subprocess.PIPE, check=True
    )
    looks: list[tuple[int, int]] = json.loads(process.stdout)
    return looks


if __name__ == "__main__":
    raise SystemExit(harness.main(["soak"]))
