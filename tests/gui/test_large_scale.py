"""The window on a screen that shows everything twice as large."""

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from chatapp import paths
from chatapp.gui import theme
from chatapp.gui.app import Program
from chatapp.settings import SettingsFile

app = QApplication([])
theme.choose_colours(app, sys.argv[2])
program = Program(SettingsFile(paths.settings_file()))
theme.dress(app)
program.window.resize(640, 480)

def take():
    picture = program.window.grab()
    picture.save(sys.argv[1])
    print(picture.devicePixelRatio(), picture.width(), picture.height())
    program.window.close()

program.painted.connect(lambda: QTimer.singleShot(0, take))
program.start()
app.exec()
"""


def test_everything_is_drawn_twice_as_large(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    scaled = {"QT_SCALE_FACTOR": "2", "CHATAPP_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(picture), "light"],
        env=os.environ | scaled,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["2.0", "1280", "960"]
    assert done.stderr == ""
    assert picture.stat().st_size > 10_000
