"""File names made of titles, safe on every system."""

import unicodedata
from collections.abc import Container

_LENGTH = 80  # characters
_BYTES = 180  # of the 255 that file systems allow
_FORBIDDEN = dict.fromkeys(map(ord, '<>:"/\\|?*'), " ")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{name}{n}" for name in ("com", "lpt") for n in "123456789¹²³"]
)


def file_name(title: str, suffix: str, taken: Container[str] = ()) -> str:
    """A name for a file that holds the conversation of that title.

    Args:
        title: Anything.
        suffix: The end of the name, with its dot.
        taken: Names that cannot be had, in small letters.
    """
    stem = _stem(title)
    name, number = f"{stem}{suffix}", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    return name


def _stem(title: str) -> str:
    text = unicodedata.normalize("NFC", title.encode("utf-8", "ignore").decode())
    # Marks that turn the direction of writing can make a name look like another.
    text = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    text = " ".join(text.translate(_FORBIDDEN).split())[:_LENGTH]
    text = text.encode()[:_BYTES].decode(errors="ignore").strip(" .")
    if text.partition(".")[0].rstrip().casefold() in _RESERVED:
        text = f"_{text}"
    return text or "conversation"
