"""Our own format: everything the history holds of a conversation, as JSON.

docs/history.schema.json describes it and is made from the types below. A change that an older
chatapp would misread raises VERSION.
"""

import re
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct, structs

from chatapp.chat import GenerationParams
from chatapp.errors import TransferError, say
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.transfer.tree import Incoming, derived_id, walk

VERSION = 1

_ID = re.compile(r"[0-9a-f]{32}")


class ExportedConversation(StoredConversation, frozen=True, kw_only=True):
    """A conversation with its whole tree; times are UTC in ISO 8601."""

    created_at: str
    updated_at: str


class HistoryFile(Struct, frozen=True, kw_only=True):
    """What an export as JSON holds."""

    format: Literal["chatapp-history"] = "chatapp-history"
    version: int = VERSION
    exported_at: str
    conversations: tuple[ExportedConversation, ...]


def schema() -> dict[str, Any]:
    """The JSON Schema of an export."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chatapp history",
        **msgspec.json.schema(HistoryFile),
    }


def now_text() -> str:
    """The present time as the history writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def packed(conversation: StoredConversation) -> bytes:
    """A conversation as it stands in an export."""
    times = sorted(message.created_at for message in conversation.messages) or [now_text()]
    fields = {name: getattr(conversation, name) for name in conversation.__struct_fields__}
    entry = ExportedConversation(**fields, created_at=times[0], updated_at=times[-1])
    value = msgspec.to_builtins(entry)
    value["params"] = _all_params(conversation.params)
    for message, written in zip(conversation.messages, value["messages"], strict=True):
        written["params"] = _all_params(message.params)
    return msgspec.json.encode(value)


def is_ours(item: dict[str, Any]) -> bool:
    """Whether this is a conversation of our own format."""
    return "leaf_id" in item and isinstance(item.get("messages"), list)


def from_ours(item: dict[str, Any], now: str) -> Incoming:
    """Make a conversation of one in the export.

    Identifiers stay, so that what is in the history already is known again; those of a form that
    we never give are replaced.

    Raises:
        TransferError: If it is not as the schema says, or holds no message.
    """
    try:
        entry = msgspec.convert(item, ExportedConversation)
    except msgspec.ValidationError as error:
        raise TransferError(
            say("It is not as it should be ({reason}).", reason=str(error))
        ) from error
    if not entry.messages:
        raise TransferError(say("It holds no message."))
    conversation_id = _own_id(entry.id, "ours")
    ids = {m.id: _own_id(m.id, conversation_id) for m in entry.messages}
    by_id: dict[str, StoredMessage] = {}
    for message in entry.messages:
        by_id.setdefault(message.id, message)
    placed: dict[str, StoredMessage] = {}
    for key in walk({id: message.parent_id for id, message in by_id.items()}):
        message = by_id[key]
        parent_id = message.parent_id if message.parent_id in placed else None
        placed[key] = structs.replace(
            message,
            id=ids[key],
            conversation_id=conversation_id,
            parent_id=ids[parent_id] if parent_id else None,
            status="interrupted" if message.status == "streaming" else message.status,
            created_at=_time(message.created_at, now),
            left_out=tuple(ids[id] for id in message.left_out if id in ids),
        )
    messages = tuple(placed.values())
    fields = {name: getattr(entry, name) for name in StoredConversation.__struct_fields__}
    conversation = StoredConversation(
        **fields
        | {
            "id": conversation_id,
            "leaf_id": ids.get(entry.leaf_id or "", messages[-1].id),
            "messages": messages,
            "archived_at": entry.archived_at and _time(entry.archived_at, now),
            "is_incognito": False,
        }
    )
    return Incoming(conversation, _time(entry.created_at, now), _time(entry.updated_at, now))


def _own_id(given: str, owner: str) -> str:
    return given if _ID.fullmatch(given) else derived_id(owner, given)


def _time(text: str, otherwise: str) -> str:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return otherwise


def _all_params(params: GenerationParams | None) -> dict[str, Any] | None:
    """Every parameter, those at their default too: a default may change, what was used does not."""
    return None if params is None else structs.asdict(params)
