"""Whatever a message says, showing it makes no connection and opens no file of the user's."""

import os
import socket
import subprocess
import sys
from pathlib import Path

LONG_AGO = 1_000_000_000.0
SCRIPT = Path(__file__).parent / "hostile_messages.py"


def test_500_hostile_messages_reach_nothing(tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.mkdir()
    for name in ("a.png", "a.svg", "a.html", "a.css"):
        (bait / name).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
        os.utime(bait / name, (LONG_AGO, LONG_AGO))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        command = [sys.executable, str(SCRIPT), str(port), str(bait)]
        process = subprocess.run(
            command, capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False
        )
        assert process.returncode == 0, process.stderr
        assert process.stdout.split() == ["500", "0", "0"], process.stderr
        # What Qt opens is not seen by Python, but by the file system.
        assert {path.stat().st_atime for path in bait.iterdir()} == {LONG_AGO}
        try:
            listener.accept()
        except BlockingIOError:
            return
        raise AssertionError("something called")
