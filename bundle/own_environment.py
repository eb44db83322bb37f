"""The first thing both frozen programs do: what PyInstaller put into the environment goes.

It names the libraries in here to Linux's loader, which has read it by now. A program started from
here, the browser say, would take them for its own and fail.
"""

import os

_NAME = "LD_LIBRARY_PATH"

os.environ.pop(_NAME, None)
if before := os.environ.pop(f"{_NAME}_ORIG", ""):
    os.environ[_NAME] = before
