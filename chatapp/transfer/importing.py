"""Bringing conversations in from a file: ours, ChatGPT's or Open WebUI's.

The file is read as a stream and each conversation handed over by itself, so neither the size of a
file nor its end in the middle costs what it holds before.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from chatapp.errors import ChatAppError, Sentence, TransferError, say
from chatapp.storage.records import Imported
from chatapp.transfer.chatgpt import from_chatgpt, is_chatgpt
from chatapp.transfer.history_json import VERSION, from_ours, is_ours, now_text
from chatapp.transfer.json_items import Unreadable, read_items
from chatapp.transfer.loose import as_text
from chatapp.transfer.openwebui import from_openwebui, is_openwebui
from chatapp.transfer.sources import open_sources
from chatapp.transfer.tree import Incoming
from chatapp.transfer.watch import CancelledError, Watch

MOST_LISTED = 500  # problems; all are counted

_FORMATS = (
    (is_ours, from_ours),
    (is_chatgpt, from_chatgpt),
    (is_openwebui, from_openwebui),
)
_NAME_LENGTH = 60


class ImportReport(Struct):
    """What became of a file.

    Attributes:
        n_imported: Conversations that are in the history now and were not before.
        n_grown: Conversations that were there already, and now have more messages.
        n_present: Conversations that were there already, with all their messages.
        n_lost: Pictures and files that cannot be kept.
        n_unread: Conversations, or rests of files, that could not be read.
        problems: What could not be read and why, the first few hundred.
        was_cancelled: Whether the user ended it before the end of the file.
    """

    n_imported: int = 0
    n_grown: int = 0
    n_present: int = 0
    n_lost: int = 0
    n_unread: int = 0
    problems: list[Sentence] = field(default_factory=list)
    was_cancelled: bool = False

    def add_problem(self, problem: Sentence) -> None:
        """Count what could not be read."""
        self.n_unread += 1
        if len(self.problems) < MOST_LISTED:
            self.problems.append(problem)


def import_file(path: Path, add: Callable[[Incoming], Imported], watch: Watch) -> ImportReport:
    """Hand over every conversation of a file.

    Args:
        path: A JSON file, or a .zip with some inside.
        add: Puts a conversation into the history, or what is new of it, wholly or not at all, and
            says which.
        watch: Follows the work.

    Raises:
        TransferError: If the file cannot be opened or holds no conversations at all.
    """
    report = ImportReport()
    try:
        with open_sources(path, watch) as sources:
            for source in sources:
                _take(read_items(source, VERSION), add, report)
    except CancelledError:
        report.was_cancelled = True
    except TransferError as error:
        if not (report.n_imported or report.n_grown or report.n_present or report.n_unread):
            raise
        report.add_problem(error.sentence)
    return report


def _take(items: Iterator[Any], add: Callable[[Incoming], Imported], report: ImportReport) -> None:
    for item in items:
        try:
            incoming = _converted(item)
            was_here = add(incoming)
        except ChatAppError as error:
            report.add_problem(
                say("{conversation}: {reason}", conversation=_name(item), reason=error.sentence)
            )
            continue
        report.n_imported += was_here == "new"
        report.n_grown += was_here == "grown"
        report.n_present += was_here == "present"
        report.n_lost += incoming.n_lost if was_here != "present" else 0


def _converted(item: Any) -> Incoming:
    if isinstance(item, Unreadable):
        raise TransferError(item.reason)
    if isinstance(item, dict):
        for knows, convert in _FORMATS:
            if knows(item):
                return convert(item, now_text())
    raise TransferError(say("It is no conversation in a form that is known."))


def _name(item: Any) -> Sentence:
    title = as_text(item.get("title")) if isinstance(item, dict) else ""
    if not title:
        return say("A conversation without a title")
    return say("“{title}”", title=title[:_NAME_LENGTH])
