"""Writes docs/history.schema.json anew from the types that an export is made of."""

from pathlib import Path

import msgspec

from chatapp.transfer.history_json import schema

PATH = Path(__file__).parent.parent / "docs" / "history.schema.json"


def text() -> str:
    """The schema as it stands in the file."""
    return msgspec.json.format(msgspec.json.encode(schema())).decode() + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
