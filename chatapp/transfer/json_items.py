"""The conversations of a JSON stream, one after the other, however large the stream is.

A stream is a list of conversations, one conversation, or our own file: an object that holds a list
under `conversations`.
"""

from collections.abc import Iterator
from typing import Any

import ijson
from ijson.common import ObjectBuilder
from msgspec import Struct

from chatapp.chat import clean
from chatapp.errors import Sentence, TransferError, say
from chatapp.transfer.sources import Source

MOST_EVENTS = 5_000_000  # of one conversation: names, values and brackets
MOST_BYTES = 256 << 20
_DEEPEST = 200

_STARTS = ("start_map", "start_array")
_ENDS = ("end_map", "end_array")

Event = tuple[str, Any]


class Unreadable(Struct, frozen=True):
    """What stands for a conversation that was skipped."""

    reason: Sentence


def read_items(source: Source, newest_version: int) -> Iterator[Any]:
    """What the stream holds, each as plain Python values or as Unreadable.

    Args:
        source: The stream.
        newest_version: The newest version of our own format that can be understood.

    Raises:
        TransferError: If the stream is no JSON from here on, or of a newer version.
    """
    events: Iterator[Event] = ijson.basic_parse(source, use_float=True)
    try:
        kind, _ = next(events)
        if kind == "start_array":
            yield from _members(events, source)
        elif kind == "start_map":
            yield from _object(events, source, newest_version)
        else:
            raise TransferError(say("It holds no conversations."))
    except (ijson.JSONError, ValueError, EOFError) as error:
        is_short = isinstance(error, EOFError) or "premature EOF" in str(error)
        raise TransferError(
            say("It ends in the middle; what should follow is missing.")
            if is_short
            else say("From some place on it is damaged; what follows could not be read.")
        ) from error


def _object(events: Iterator[Event], source: Source, newest_version: int) -> Iterator[Any]:
    """The members of the list `conversations`, or the whole object where there is none."""
    fields: dict[str, Any] = {}
    has_list = False
    for kind, name in events:
        if kind == "end_map":
            break
        first = next(events)
        if name == "conversations" and first[0] == "start_array":
            version = fields.get("version")
            if isinstance(version, int) and version > newest_version:
                raise TransferError(
                    say("A newer chatapp wrote it. Update chatapp, then try again.")
                )
            has_list = True
            yield from _members(events, source)
        else:
            fields[name] = _value(first, events, source)
    if not has_list:
        unread = [value for value in fields.values() if isinstance(value, Unreadable)]
        yield unread[0] if unread else fields


def _members(events: Iterator[Event], source: Source) -> Iterator[Any]:
    for event in events:
        if event[0] == "end_array":
            return
        source.begin_item()
        yield _value(event, events, source)


def _value(first: Event, events: Iterator[Event], source: Source) -> Any:
    """The value that begins with `first`; too large a one is read past and not kept."""
    builder = ObjectBuilder()
    start, n_events, depth = source.position, 0, 0
    event = first
    while True:
        kind, value = event
        n_events += 1
        depth += (kind in _STARTS) - (kind in _ENDS)
        if depth > _DEEPEST:
            raise TransferError(say("It is nested deeper than any conversation is."))
        is_kept = n_events <= MOST_EVENTS and source.position - start <= MOST_BYTES
        if is_kept:
            builder.event(kind, clean(value) if isinstance(value, str) else value)
        if depth == 0:
            return builder.value if is_kept else Unreadable(say("It is larger than any can be."))
        event = next(events)
