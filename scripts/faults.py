"""Kill the app and its engine 200 times each, or as often as is asked: `scripts/faults.py 1000`."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = "tests/faults/test_kills.py"


def main(kills: str = "200") -> int:
    """Run the tests of the kills so many times; gives their exit code."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", TESTS], cwd=ROOT, env=os.environ | {"KILLS": kills}
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
