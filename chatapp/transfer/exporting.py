"""Writing conversations into a file, whole or not at all."""

import errno
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec import Struct, field

from chatapp.errors import Sentence, StorageError, TransferError, say
from chatapp.storage.records import StoredConversation
from chatapp.transfer.file_names import file_name
from chatapp.transfer.history_json import VERSION, now_text, packed
from chatapp.transfer.html_page import index, to_html
from chatapp.transfer.markdown_text import Tell, title, to_markdown
from chatapp.transfer.training import TrainingOptions, to_training_line
from chatapp.transfer.watch import Watch

Format = Literal["markdown", "html", "json", "training"]
SUFFIXES: dict[Format, str] = {
    "markdown": ".md",
    "html": ".html",
    "json": ".json",
    "training": ".jsonl",
}
ZIP = ".zip"

Reader = Callable[[str], StoredConversation]


class ExportReport(Struct):
    """What became of an export.

    Attributes:
        n_exported: Conversations in the file.
        problems: Conversations that could not be read, and why.
    """

    n_exported: int = 0
    problems: list[Sentence] = field(default_factory=list)


def suffix_for(format: Format, n_conversations: int) -> str:
    """How the name of the file ends: several documents go into an archive."""
    is_document = format in ("markdown", "html")
    return ZIP if is_document and n_conversations != 1 else SUFFIXES[format]


def export(
    ids: Sequence[str],
    read: Reader,
    target: Path,
    format: Format,
    watch: Watch,
    options: TrainingOptions = TrainingOptions(),  # noqa: B008  a frozen value
    tell: Tell = str,
) -> ExportReport:
    """Write conversations into `target`, which is replaced only once all is written.

    Args:
        ids: Which, in the order of the file.
        read: Gives one of them.
        target: The file. JSON, too, goes into an archive if its name ends in `.zip`.
        format: How they are written.
        watch: Follows the work.
        options: What goes into training data.
        tell: Says what a document says of its own, in the language it is to be in; English if none.

    Raises:
        TransferError: If the file cannot be written.
        CancelledError: If the user had enough.
    """
    report = ExportReport()
    conversations = _read_all(ids, read, watch, report)
    with _replaced(target) as file:
        if format == "training":
            _write_training(file, conversations, options, report)
        elif format == "json":
            _write_json(file, conversations, target)
        elif len(ids) == 1 and target.suffix.lower() != ZIP:
            for conversation in conversations:
                file.write(_document(conversation, format, tell))
        else:
            _write_documents(file, conversations, format, tell)
        if ids and not report.n_exported:
            raise TransferError(
                report.problems[0]
                if report.problems
                else say("There is nothing in these conversations that this kind of file can hold.")
            )
    return report


def _read_all(
    ids: Sequence[str], read: Reader, watch: Watch, report: ExportReport
) -> Iterator[StoredConversation]:
    for done, conversation_id in enumerate(ids):
        watch.step(done / len(ids))
        try:
            conversation = read(conversation_id)
        except StorageError as error:
            report.problems.append(error.sentence)
            continue
        report.n_exported += 1
        yield conversation


def _document(conversation: StoredConversation, format: Format, tell: Tell) -> bytes:
    write = to_html if format == "html" else to_markdown
    return write(conversation, tell).encode()


def _write_documents(
    file: IO[bytes], conversations: Iterator[StoredConversation], format: Format, tell: Tell
) -> None:
    names: dict[str, str] = {}  # title by name, in the order of the archive
    taken = {"index.html"}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for conversation in conversations:
            name = file_name(conversation.title, SUFFIXES[format], taken)
            taken.add(name.casefold())
            names[name] = title(conversation, tell)
            archive.writestr(name, _document(conversation, format, tell))
        if format == "html":
            archive.writestr(
                "index.html", index([(text, name) for name, text in names.items()], tell)
            )


def _write_json(file: IO[bytes], conversations: Iterator[StoredConversation], target: Path) -> None:
    if target.suffix.lower() != ZIP:
        _write_history(file, conversations)
        return
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("history.json", "w", force_zip64=True) as member,
    ):
        _write_history(member, conversations)


def _write_history(file: IO[bytes], conversations: Iterator[StoredConversation]) -> None:
    head = {"format": "chatapp-history", "version": VERSION, "exported_at": now_text()}
    file.write(msgspec.json.encode(head)[:-1] + b',"conversations":[')
    for number, conversation in enumerate(conversations):
        file.write(b",\n" if number else b"\n")
        file.write(packed(conversation))
    file.write(b"\n]}\n")


def _write_training(
    file: IO[bytes],
    conversations: Iterator[StoredConversation],
    options: TrainingOptions,
    report: ExportReport,
) -> None:
    for conversation in conversations:
        line = to_training_line(conversation, options)
        if line:
            file.write(line + b"\n")
        else:
            report.n_exported -= 1


@contextmanager
def _replaced(target: Path) -> Iterator[IO[bytes]]:
    """A file beside `target` that takes its place at the end, or is gone if anything fails."""
    try:
        handle, name = tempfile.mkstemp(prefix=".chatapp-", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise TransferError(_reason(error, target)) from error


def _reason(error: OSError, target: Path) -> Sentence:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return say(
            "The disk is full, so {name} was not written. Free some space first.", name=target.name
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return say(
            "You may not write into {folder}. Choose another folder.", folder=str(target.parent)
        )
    reason = error.strerror or str(error)
    return say("{name} could not be written ({reason}).", name=target.name, reason=reason)
