"""How records lie in the rows of the database: lists and structs as JSON, token ids as a blob."""

import sqlite3
import struct
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from chatapp.chat import GenerationParams, Timings, Usage
from chatapp.storage.records import ReplyRecord, StoredMessage

T = TypeVar("T")

# All that a window shows of a message; log-probabilities may be large and stay where they are.
MESSAGE_COLUMNS = (
    "id, conversation_id, parent_id, role, parts, status, created_at, error, model_path, "
    "model_name, params, finish_reason, ids, reasoning_tokens, left_out, usage, timings, seed"
)


class Part(Struct, frozen=True):
    """One part of a message; those of other types than text and reasoning are not read yet."""

    type: Literal["text", "reasoning", "attachment", "tool_call", "tool_result"]
    text: str = ""


_parts_decoder = msgspec.json.Decoder(tuple[Part, ...])


def pack_parts(text: str, reasoning: str = "") -> str:
    """The `parts` of a message: its reasoning, if there is any, then its text."""
    parts = [Part("text", text)]
    if reasoning:
        parts.insert(0, Part("reasoning", reasoning))
    return _pack(parts)


def _pack(value: object) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def pack_params(params: GenerationParams | None) -> str | None:
    """Every parameter, those at their default too: a default may change, what was used does not."""
    return None if params is None else _pack(msgspec.structs.asdict(params))


def _pack_ids(ids: Sequence[int]) -> bytes:
    """Token ids, 32 bits each, little-endian."""
    return struct.pack(f"<{len(ids)}i", *ids)


def reply_row(reply: ReplyRecord) -> dict[str, Any]:
    """The columns of a message that `reply` fills, by name."""
    return msgspec.structs.asdict(reply) | {
        "usage": _pack(reply.usage),
        "timings": _pack(reply.timings),
        "left_out": _pack(reply.left_out),
        "ids": _pack_ids(reply.ids),
    }


def read_message(row: sqlite3.Row) -> StoredMessage:
    """The message in a row of MESSAGE_COLUMNS.

    Raises:
        msgspec.ValidationError: If a column does not hold what it should.
    """
    columns = dict(row)
    parts = _parts_decoder.decode(columns.pop("parts"))
    return StoredMessage(
        **columns
        | {
            "content": _join(parts, "text"),
            "reasoning": _join(parts, "reasoning"),
            "params": read_params(row["params"]),
            "ids": tuple(id for (id,) in struct.iter_unpack("<i", row["ids"])),
            "left_out": msgspec.json.decode(row["left_out"], type=tuple[str, ...]),
            "usage": _read(row["usage"], Usage),
            "timings": _read(row["timings"], Timings),
        }
    )


def read_params(column: str | None) -> GenerationParams | None:
    """What `pack_params` packed."""
    return _read(column, GenerationParams)


def _read(column: str | None, type: type[T]) -> T | None:
    return None if column is None else msgspec.json.decode(column, type=type)


def _join(parts: Sequence[Part], type: str) -> str:
    return "".join(part.text for part in parts if part.type == type)
