"""Examples from files, one after the other, whatever the kind of the files."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec
from msgspec import Struct

from chatapp.chat import Message
from chatapp.errors import DataError, say
from chatapp.runs.source import Source
from chatapp.training.data.columns import read_table
from chatapp.training.data.examples import Chat, Example, Pair, Text
from chatapp.training.data.squad import read_squad
from chatapp.training.data.tables import ending
from chatapp.training.data.text_file import Line, fault, read_lines, read_text

_DOCUMENTS = (".txt", ".md")  # those of a folder


def read_examples(source: Source) -> Iterator[Example]:
    """The examples of a source in their order.

    Raises:
        DataError: If a file cannot be read, or something in it is no example; file and line are
            named.
    """
    for item in scan(source):
        if isinstance(item, DataError):
            raise item
        yield item


def scan(source: Source, most_bytes: int | None = None) -> Iterator[Example | DataError]:
    """As `read_examples`, with the error in the place of an example that makes no sense.

    Args:
        source: The files.
        most_bytes: How much is read of a document at most; None is all.

    Raises:
        DataError: If a file cannot be read on.
    """
    paths = [Path(path).expanduser() for path in source.paths]
    if not paths:
        raise DataError(say("No file to learn from is named."))
    match source.kind:
        case "text":
            return (Text(read_text(path, most_bytes)) for path in documents(paths))
        case "parallel":
            return _read_parallel(paths)
        case "table":
            return (item for path in paths for item in read_table(path, source))
        case "squad":
            return (item for path in paths for item in read_squad(path))
        case "chats":
            return (item for path in paths for item in _read_chats(path))


def documents(paths: list[Path]) -> Iterator[Path]:
    """The files, and those inside the folders.

    Raises:
        DataError: If there is none in a folder.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = [file for file in sorted(path.rglob("*")) if ending(file) in _DOCUMENTS]
        if not inside:
            raise fault(path, say("There is no .txt or .md file in this folder."))
        yield from inside


def _read_parallel(paths: list[Path]) -> Iterator[Example | DataError]:
    if len(paths) != 2:
        raise DataError(say("Parallel text is two files; named are: {n}.", n=len(paths)))
    sources, targets = paths
    for source, target in zip_longest(read_lines(sources), read_lines(targets)):
        if source is None or target is None:
            longer, line = (targets, target) if source is None else (sources, source)
            raise fault(longer, say("From here on the other file has no lines."), line.number)
        if source.text.strip() and target.text.strip():
            yield Pair(source.text.strip(), target.text.strip())
        elif source.text.strip() or target.text.strip():
            empty = targets if source.text.strip() else sources
            what = say("This line is empty; in the other file it is not.")
            yield fault(empty, what, source.number)


class _Turns(Struct):
    messages: tuple[Message, ...]


def _read_chats(path: Path) -> Iterator[Example | DataError]:
    decoder = msgspec.json.Decoder(_Turns)
    for line in read_lines(path):
        if line.text.strip():
            yield _chat(path, line, decoder)


def _chat(path: Path, line: Line, decoder: msgspec.json.Decoder[_Turns]) -> Chat | DataError:
    try:
        messages = decoder.decode(line.text).messages
    except (msgspec.DecodeError, RecursionError) as error:
        what = say(
            'It should be {{"messages": [{{"role": …, "content": …}}]}} ({reason}).',
            reason=str(error),
        )
        return fault(path, what, line.number)
    if not any(message.role == "assistant" and message.content for message in messages):
        what = say("There is no reply of the assistant to learn from.")
        return fault(path, what, line.number)
    return Chat(messages)
