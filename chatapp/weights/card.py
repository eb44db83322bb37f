"""The model card: a README.md that begins with lines of "key: value" between two "---".

Knows nothing about what the keys mean. Lists and nested values, which cards of others have, are
left out.

Source: the model cards of Hugging Face (Mitchell et al. 2019, arXiv:1810.03993).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from chatapp.errors import ModelFileError
from chatapp.text.json_file import read_text

CARD = "README.md"
_LINE = re.compile(r"(\w[\w.-]*): *(\S.*)")


def read_card(folder: Path) -> dict[str, str]:
    """What the card in a folder says; nothing if there is none, for a model works without."""
    try:
        lines = read_text(folder / CARD).split("\n")
    except ModelFileError:
        return {}
    if lines[0].strip() != "---" or "---" not in lines[1:]:
        return {}
    matches = (_LINE.fullmatch(line.rstrip()) for line in lines[1 : lines.index("---", 1)])
    return {match[1]: _plain(match[2]) for match in matches if match}


def write_card(folder: Path, card: Mapping[str, str]) -> None:
    """Write what `read_card` reads; keys are words, values any text."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in card.items()]
    text = "\n".join(["---", *lines, "---", "", f"# {card.get('name') or folder.name}", ""])
    (folder / CARD).write_text(text, "utf-8")


def _plain(value: str) -> str:
    try:
        text = json.loads(value) if value.startswith('"') else value
    except ValueError:
        return value
    return str(text)
