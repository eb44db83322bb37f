"""What can be done with a message: the words and icons of its menu, and what each is called."""

from typing import Literal, NamedTuple

from PySide6.QtCore import QCoreApplication

from chatapp.storage.records import StoredMessage

MessageAction = Literal[
    "edit", "regenerate", "continue", "fork", "keep", "release", "prompt", "delete"
]


class Entry(NamedTuple):
    """A line of the menu."""

    action: MessageAction
    icon: str
    text: str
    keys: str = ""


def is_cut(message: StoredMessage) -> bool:
    """Whether a reply ended before the model had said what it had to say."""
    is_short = message.status != "complete" or message.finish_reason == "length"
    return can_go_on(message) and is_short


def can_go_on(message: StoredMessage) -> bool:
    """Whether a model could write on where this message ends."""
    return message.role == "assistant" and bool(message.content.strip())


def entries(message: StoredMessage) -> list[Entry]:
    """The menu of a finished message, from top to bottom."""
    lines = [Entry("edit", "edit", QCoreApplication.translate("MessageActions", "Edit…"), "F2")]
    if message.role == "assistant":
        lines.append(
            Entry(
                "regenerate", "again", QCoreApplication.translate("MessageActions", "Write again")
            )
        )
        if can_go_on(message):
            lines.append(
                Entry(
                    "continue",
                    "continue",
                    QCoreApplication.translate("MessageActions", "Write on from the end"),
                )
            )
    lines.append(
        Entry(
            "fork",
            "fork",
            QCoreApplication.translate("MessageActions", "Go on from here in a new conversation"),
        )
    )
    if message.keep:
        lines.append(
            Entry("release", "keep", QCoreApplication.translate("MessageActions", "Keep no longer"))
        )
    else:
        lines.append(
            Entry(
                "keep",
                "keep",
                QCoreApplication.translate("MessageActions", "Always keep in what the model reads"),
            )
        )
    if message.role == "assistant":
        lines.append(
            Entry(
                "prompt",
                "file",
                QCoreApplication.translate("MessageActions", "Show the exact prompt…"),
            )
        )
    lines.append(
        Entry(
            "delete",
            "trash",
            QCoreApplication.translate("MessageActions", "Delete this and what follows"),
            "Ctrl+Del",
        )
    )
    return lines
