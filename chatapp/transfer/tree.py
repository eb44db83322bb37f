"""From the nodes of a foreign export to the messages of a conversation.

A foreign tree may hold nodes without a message, replies in several pieces, parents that are not
there, even circles. What comes out is a tree of questions and whole replies.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from chatapp.chat import Attachment, Role
from chatapp.errors import TransferError, say
from chatapp.storage.records import StoredConversation, StoredMessage

_NAMESPACE = uuid.UUID("8f0c2a52-7d0b-5b0e-9a55-3f6c1d7f2b10")  # never changes: ids rest on it
MOST_WORK = 32_000_000  # characters gone through for one conversation
_NODE_WORK = 16


class Node(Struct, frozen=True, kw_only=True):
    """One node of a foreign tree; without a role it holds nothing to show.

    Neighbouring nodes of the assistant are pieces of one reply.
    """

    key: str
    parent: str | None
    role: Role | None = None
    content: str = ""
    reasoning: str = ""
    created_at: str = ""
    model_name: str = ""
    attachments: tuple[Attachment, ...] = ()


class Incoming(Struct, frozen=True):
    """A conversation on its way into the history.

    Attributes:
        conversation: With identifiers that are the same whenever the same file is read.
        created_at: When it began.
        updated_at: When it was last spoken in.
        n_lost: How many pictures and files of it cannot be kept.
    """

    conversation: StoredConversation
    created_at: str
    updated_at: str
    n_lost: int = 0


def derived_id(*names: str) -> str:
    """The same identifier for the same names, always."""
    return uuid.uuid5(_NAMESPACE, "/".join(names)).hex


def time_text(seconds: Any, otherwise: str) -> str:
    """A point in time as the history writes it; `otherwise` for what is none.

    Exports count seconds, thousandths, millionths or billionths since 1970; the size tells which.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return otherwise
    if not 0 < seconds < 1e300:  # nor what is no number
        return otherwise
    while seconds > 1e11:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def walk(parents: Mapping[str, str | None]) -> Iterator[str]:
    """Every key once, a parent before its children, children in their order.

    A key whose parent is not there is a root, and of a circle its first key is.
    """
    below: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        below.setdefault(parent if parent in parents else None, []).append(key)
    seen: set[str] = set()
    for root in [*below.get(None, ()), *parents]:
        waiting = [root]
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                yield key
                waiting.extend(reversed(below.get(key, ())))


def grow(
    conversation_id: str, nodes: Sequence[Node], current: str, began_at: str
) -> tuple[tuple[StoredMessage, ...], str | None]:
    """Make messages of nodes.

    Args:
        conversation_id: The conversation they belong to.
        nodes: The tree; of two nodes with one key the first counts.
        current: The key of the node that was on show.
        began_at: When a message was written that does not say when.

    Returns:
        The messages, parents first, and the identifier of the one that was on show.

    Raises:
        TransferError: If the tree is tangled beyond anything a conversation can be.
    """
    return _Grower(conversation_id, nodes, began_at).grow(current)


class _Grower:
    def __init__(self, conversation_id: str, nodes: Sequence[Node], began_at: str) -> None:
        self._conversation_id = conversation_id
        self._began_at = began_at
        self._nodes: dict[str, Node] = {}
        for node in nodes:
            self._nodes.setdefault(node.key, node)
        self._order = list(walk({key: node.parent for key, node in self._nodes.items()}))
        self._above: dict[str, str | None] = {}  # the message a node hangs on
        self._run: dict[str, str | None] = {}  # the last piece, up to here, of an open reply
        self._before: dict[str, str | None] = {}  # the piece before a piece
        self._ids: dict[str, str] = {}  # of the message that ends with a node
        self._messages: list[StoredMessage] = []
        self._work = 0

    def grow(self, current: str) -> tuple[tuple[StoredMessage, ...], str | None]:
        followers = self._followers()
        for key in self._order:
            node = self._nodes[key]
            above, run = self._place(node.parent)
            if node.role == "user":
                above = self._ids[run] if run else above
                self._add(key, above, [node])
                self._above[key], self._run[key] = self._ids[key], None
            elif node.role == "assistant":
                self._above[key], self._run[key], self._before[key] = above, key, run
                if "user" in followers[key] or not followers[key]:
                    self._add(key, above, self._pieces(key))
            else:
                self._above[key], self._run[key] = above, run
        return tuple(self._messages), self._leaf(current)

    def _followers(self) -> dict[str, set[Role]]:
        """For each node the roles of the messages that come next below it."""
        followers: dict[str, set[Role]] = {key: set() for key in self._order}
        position = {key: number for number, key in enumerate(self._order)}
        for key in reversed(self._order):
            node = self._nodes[key]
            if node.parent in position and position[node.parent] < position[key]:
                roles = followers[key] if node.role is None else {node.role}
                followers[node.parent] |= roles
        return followers

    def _place(self, parent: str | None) -> tuple[str | None, str | None]:
        if parent is None:
            return None, None
        return self._above.get(parent), self._run.get(parent)

    def _pieces(self, key: str) -> list[Node]:
        pieces: list[Node] = []
        piece: str | None = key
        while piece is not None:
            node = self._nodes[piece]
            pieces.append(node)
            self._work += _NODE_WORK + len(node.content) + len(node.reasoning)
            if self._work > MOST_WORK:
                raise TransferError(say("Its messages are tangled beyond what can be followed."))
            piece = self._before[piece]
        return pieces[::-1]

    def _add(self, key: str, parent_id: str | None, pieces: Sequence[Node]) -> None:
        self._ids[key] = derived_id(self._conversation_id, key)
        models = [piece.model_name for piece in pieces if piece.model_name]
        times = [piece.created_at for piece in pieces if piece.created_at]
        self._messages.append(
            StoredMessage(
                id=self._ids[key],
                conversation_id=self._conversation_id,
                parent_id=parent_id,
                role=pieces[-1].role or "user",
                content="\n\n".join(piece.content for piece in pieces if piece.content),
                reasoning="\n\n".join(piece.reasoning for piece in pieces if piece.reasoning),
                status="complete",
                created_at=times[0] if times else self._began_at,
                model_name=models[-1] if models else "",
                attachments=tuple(file for piece in pieces for file in piece.attachments),
            )
        )

    def _leaf(self, current: str) -> str | None:
        run = self._run.get(current)
        shown = self._ids.get(run) if run else self._above.get(current)
        return shown or (self._messages[-1].id if self._messages else None)
