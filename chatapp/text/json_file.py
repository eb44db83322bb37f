"""Reads the small files of a model's folder: JSON and text, bounded and checked.

Knows nothing about what they hold.
"""

import json
import stat
from pathlib import Path
from typing import Any

from chatapp.errors import ErrorCode, ModelFileError, Sentence, say

MAX_BYTES = 2**27  # the largest tokenizer.json in use has 2**25


def read_text(path: Path) -> str:
    """The text of `path`.

    Raises:
        ModelFileError: If it is missing, no ordinary file, too large or no UTF-8.
    """
    try:
        status = path.stat()  # before opening: to open a pipe is to wait for its other end
        if not stat.S_ISREG(status.st_mode):
            raise about("not_a_model", path, say("Not a model: this is no ordinary file."))
        if status.st_size > MAX_BYTES:
            raise damaged(path, say("it is longer than {limit:,} bytes", limit=MAX_BYTES))
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise about(
            "file_missing", path, say("The file is not there; it was moved, renamed or deleted.")
        ) from error
    except PermissionError as error:
        raise about(
            "file_missing", path, say("The file may not be read; its permissions forbid it.")
        ) from error
    except OSError as error:
        reason = say("The file cannot be read ({reason}).", reason=str(error.strerror))
        raise about("file_missing", path, reason) from error
    except UnicodeDecodeError as error:
        raise damaged(path, say("it is no text")) from error


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object that `path` holds.

    Raises:
        ModelFileError: As `read_text`, and if it holds anything else.
    """
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise damaged(path, say("it is no JSON ({reason})", reason=str(error))) from error
    if not isinstance(value, dict):
        raise damaged(path, say("it holds no JSON object"))
    return value


def damaged(path: Path, what: Sentence) -> ModelFileError:
    """The error for a file whose contents make no sense."""
    return about("damaged", path, say("Damaged: {what}; copy or download it again.", what=what))


def about(code: ErrorCode, path: Path, reason: Sentence) -> ModelFileError:
    """The error of this code about this file."""
    return ModelFileError(code, say("{file}: {reason}", file=path.name, reason=reason))
