"""The window. Knows nothing about weights: it speaks to an engine process and to the history."""

import builtins

import PySide6.QtCore  # noqa: F401  (puts an import of its own in place of Python's)

# PySide6 reads the source of every module imported after it, looking for its own name, so as to
# offer other spellings of Qt's names there (`from __feature__ import snake_case`). Nobody here
# wants them, and the sources it keeps take 6 MB and an eighth of the time to the first window.
builtins.__import__ = builtins.__orig_import__  # type: ignore[attr-defined]
