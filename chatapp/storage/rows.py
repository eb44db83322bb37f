"""How records lie in the rows of the database: lists and structs as JSON, token ids as a blob."""

import sqlite3
import struct
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from chatapp.chat import Attachment, GenerationParams, Timings, Usage
from chatapp.storage.records import ReplyRecord, StoredMessage

T = TypeVar("T")

# All that a window shows of a message; log-probabilities may be large and stay where they are.
MESSAGE_COLUMNS = (
    "id, conversation_id, parent_id, role, parts, status, created_at, error, keep, edited, "
    "model_path, model_name, params, finish_reason, ids, reasoning_tokens, left_out, usage, "
    "timings, seed"
)


class Part(Struct, frozen=True, omit_defaults=True):
    """One part of a message; tool calls and their results are not read yet."""

    type: Literal["text", "reasoning", "attachment", "tool_call", "tool_result"]
    text: str = ""
    name: str = ""  # of an attachment, as its media type
    media_type: str = "text/plain"


_parts_decoder = msgspec.json.Decoder(tuple[Part, ...])
_attachments_decoder = msgspec.json.Decoder(tuple[Attachment, ...])


def pack_parts(text: str, reasoning: str = "", attachments: Sequence[Attachment] = ()) -> str:
    """The `parts` of a message: attachments and reasoning, if there are any, then its text."""
    parts = [Part("attachment", a.text, a.name, a.media_type) for a in attachments]
    if reasoning:
        parts.append(Part("reasoning", reasoning))
    return _pack([*parts, Part("text", text)])


def read_parts(column: str) -> tuple[str, str, tuple[Attachment, ...]]:
    """The text, the reasoning and the attachments that `pack_parts` packed."""
    parts = _parts_decoder.decode(column)
    attachments = [
        Attachment(p.name, p.text, p.media_type) for p in parts if p.type == "attachment"
    ]
    return _join(parts, "text"), _join(parts, "reasoning"), tuple(attachments)


def pack_attachments(attachments: Sequence[Attachment]) -> str:
    """The attachments of a draft."""
    return _pack(attachments)


def read_attachments(column: str) -> tuple[Attachment, ...]:
    """What `pack_attachments` packed."""
    return _attachments_decoder.decode(column)


def pack_params(params: GenerationParams | None) -> str | None:
    """Every parameter, those at their default too: a default may change, what was used does not."""
    return None if params is None else _pack(msgspec.structs.asdict(params))


def read_params(column: str | None) -> GenerationParams | None:
    """What `pack_params` packed."""
    return _read(column, GenerationParams)


def reply_row(reply: ReplyRecord) -> dict[str, Any]:
    """The columns of a message that `reply` fills, by name."""
    return msgspec.structs.asdict(reply) | _packed_facts(reply)


def message_row(message: StoredMessage) -> dict[str, Any]:
    """All MESSAGE_COLUMNS of a message, by name."""
    columns = msgspec.structs.asdict(message)
    text, reasoning = columns.pop("content"), columns.pop("reasoning")
    return columns | {
        "parts": pack_parts(text, reasoning, columns.pop("attachments")),
        "params": pack_params(message.params),
        **_packed_facts(message),
    }


def read_message(row: sqlite3.Row) -> StoredMessage:
    """The message in a row of MESSAGE_COLUMNS.

    Raises:
        msgspec.ValidationError: If a column does not hold what it should.
    """
    columns = dict(row)
    text, reasoning, attachments = read_parts(columns.pop("parts"))
    return StoredMessage(
        **columns
        | {
            "content": text,
            "reasoning": reasoning,
            "attachments": attachments,
            "keep": bool(row["keep"]),
            "edited": bool(row["edited"]),
            "params": read_params(row["params"]),
            "ids": tuple(id for (id,) in struct.iter_unpack("<i", row["ids"])),
            "left_out": msgspec.json.decode(row["left_out"], type=tuple[str, ...]),
            "usage": _read(row["usage"], Usage),
            "timings": _read(row["timings"], Timings),
        }
    )


def _packed_facts(reply: ReplyRecord | StoredMessage) -> dict[str, Any]:
    """What a reply is known by that does not lie in its columns as it is."""
    return {
        "usage": _pack(reply.usage) if reply.usage else None,
        "timings": _pack(reply.timings) if reply.timings else None,
        "left_out": _pack(reply.left_out),
        "ids": struct.pack(f"<{len(reply.ids)}i", *reply.ids),  # 32 bits each, little-endian
    }


def _pack(value: object) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def _read(column: str | None, type: type[T]) -> T | None:
    return None if column is None else msgspec.json.decode(column, type=type)


def _join(parts: Sequence[Part], type: str) -> str:
    return "".join(part.text for part in parts if part.type == type)
