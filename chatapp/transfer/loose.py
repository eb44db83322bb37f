"""Reading values that should be of a type, in files that promise nothing."""

from typing import Any


def as_text(value: Any) -> str:
    """The value, or nothing where it is no text."""
    return value if isinstance(value, str) else ""


def as_dict(value: Any) -> dict[str, Any]:
    """The value, or an empty one where it is no object."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value, or an empty one where it is no list."""
    return value if isinstance(value, list) else []


def fenced(text: str, language: str = "") -> str:
    """A text as a block of code, its fence longer than any inside."""
    fence = "```"
    while fence in text:
        fence += "`"
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}"
