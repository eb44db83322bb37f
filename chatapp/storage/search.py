"""Finding titles and messages, newest first, in a full-text index beside them.

A row of the index is called a place: the second a message was made, or a later one that is free.
So walking the index downwards is walking back in time, and `before:` and `after:` are ranges of
rows. Filters are words too, in characters of the private use area that no text is cut into.

Whoever writes a message calls `index_message` in the same transaction once its text is final, and
`unindex_message` before its row goes; `index_title` and `unindex_title` likewise.
"""

import itertools
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from time import perf_counter
from typing import Any, NamedTuple

from chatapp.chat import Role
from chatapp.storage import snippets, words
from chatapp.storage.rows import read_parts
from chatapp.storage.search_query import Query, Term, parse
from chatapp.storage.snippets import Hit

# No text lies in the index of messages: it would be all the history once more.
SCHEMA = """
CREATE VIRTUAL TABLE message_index USING fts5(
    words, content = '', columnsize = 0, prefix = '1 2 3 4', tokenize = 'ascii'
);
CREATE TABLE message_place (
    place INTEGER PRIMARY KEY,                -- row of message_index
    number INTEGER NOT NULL UNIQUE            -- of the message
);
CREATE VIRTUAL TABLE title_index USING fts5(
    words, columnsize = 0, prefix = '1 2 3 4', tokenize = 'ascii'
);
CREATE TABLE title_place (
    place INTEGER PRIMARY KEY,                -- row of title_index
    conversation_id TEXT NOT NULL UNIQUE
);
CREATE TABLE model_found (                    -- every model that has written a message
    name TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
CREATE INDEX conversation_pinned ON conversation (id) WHERE pinned;
CREATE INDEX conversation_folder ON conversation (folder) WHERE folder <> '';
"""

MAX_INDEXED = 200_000  # characters of one message, its attachments among them
MAX_TITLES = 5  # beside messages

_ROLES: dict[Role, str] = {"user": "\ue000", "assistant": "\ue001", "system": "\ue002"}
_MODEL = "\ue003"
_CONVERSATION = "\ue004"
_MAX_NAMED = 200  # conversations of a filter that are looked up in the index one by one
_NAMES_A_STEP = 25
_STEP_S = 0.003  # what one look into the index may take, about
_DAY_S = 24 * 3600  # more than messages are moved by for want of a free place
_IN_ORDER = 8  # so many of one second keep their order
_LEAST_SPAN = 1 << 21  # seconds of history: 24 days
_MERGED_PAGES = 500


class _Message(NamedTuple):
    number: int
    conversation_id: str
    role: Role
    created_at: str
    model_name: str
    parts: str


# ---- the index ----


def index_message(db: sqlite3.Connection, message_id: str) -> None:
    """Have a message found whose text is final; inside the transaction that writes it."""
    message = _message(db, message_id)
    place = _free_place(db, "message_place", message.created_at)
    db.execute("INSERT INTO message_place VALUES (?, ?)", (place, message.number))
    db.execute("INSERT INTO message_index (rowid, words) VALUES (?, ?)", (place, _words(message)))
    db.execute("INSERT OR IGNORE INTO model_found VALUES (?)", (message.model_name,))


def unindex_message(db: sqlite3.Connection, message_id: str) -> None:
    """Have a message no longer found; before its row is changed or deleted."""
    message = _message(db, message_id)
    row = db.execute(
        "DELETE FROM message_place WHERE number = ? RETURNING place", (message.number,)
    ).fetchone()
    if row is not None:
        db.execute(
            "INSERT INTO message_index (message_index, rowid, words) VALUES ('delete', ?, ?)",
            (row[0], _words(message)),
        )


def index_title(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have a conversation found by the title it has now; inside the transaction that sets it."""
    unindex_title(db, conversation_id)
    title, created_at = db.execute(
        "SELECT title, created_at FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    place = _free_place(db, "title_place", created_at)
    db.execute("INSERT INTO title_place VALUES (?, ?)", (place, conversation_id))
    db.execute(
        "INSERT INTO title_index (rowid, words) VALUES (?, ?)",
        (place, " ".join([_CONVERSATION + _name(conversation_id), *words.words(title)])),
    )


def unindex_title(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have a conversation no longer found by its title."""
    row = db.execute(
        "DELETE FROM title_place WHERE conversation_id = ? RETURNING place", (conversation_id,)
    ).fetchone()
    if row is not None:
        db.execute("DELETE FROM title_index WHERE rowid = ?", tuple(row))


def unindex_conversation(db: sqlite3.Connection, conversation_id: str) -> None:
    """Have nothing of a conversation found; before its rows are deleted."""
    unindex_title(db, conversation_id)
    for (message_id,) in db.execute(
        "SELECT id FROM message WHERE conversation_id = ?", (conversation_id,)
    ).fetchall():
        unindex_message(db, message_id)


def index_all(db: sqlite3.Connection) -> None:
    """Have everything found that was written before there was an index."""
    for (conversation_id,) in db.execute("SELECT id FROM conversation").fetchall():
        index_title(db, conversation_id)
    for (message_id,) in db.execute(
        "SELECT id FROM message WHERE status <> 'streaming'"
    ).fetchall():
        index_message(db, message_id)


def purge(db: sqlite3.Connection, give_way: Callable[[], object] = lambda: None) -> None:
    """Take the words of what is no longer found out of the file; outside of a transaction.

    Until then they lie in older parts of the index, which this writes anew step by step.

    Args:
        db: An open database.
        give_way: Is called between the steps.
    """
    for table in ("message_index", "title_index"):
        pages = -_MERGED_PAGES  # begins to merge all into one
        while True:
            before = db.total_changes
            db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))
            if db.total_changes - before < 2:  # as documented: there was nothing left to merge
                break
            pages = _MERGED_PAGES
            give_way()
    db.execute("DELETE FROM model_found WHERE name NOT IN (SELECT model_name FROM message)")


# ---- the search ----


def search(
    db: sqlite3.Connection,
    text: str,
    limit: int = 50,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[Hit, ...]:
    """What a text typed into the search box finds: titles, then messages, each newest first.

    Args:
        db: An open database, outside of a transaction.
        text: Anything at all; `search_query` says what is understood.
        limit: How many messages, or titles if only those are looked through.
        go_on: Is called between the steps, no statement being open then, and may use the database;
            False ends the search without hits.
    """
    query = parse(text)
    if not query.terms and not query.has_filters:
        return ()
    conversations = _Conversations.of(db, query)
    if conversations is None:
        return ()
    titles_only = query.is_one_letter and not query.roles and not query.models
    hits: list[Hit] = []
    if query.terms and not query.roles and not query.models:
        n_titles = limit if titles_only else min(limit, MAX_TITLES)
        hits += _find(db, _TITLES, query, conversations, n_titles, go_on)
    if not titles_only:
        hits += _find(db, _MESSAGES, query, conversations, limit, go_on)
    return tuple(hits) if go_on() else ()


class _Conversations(NamedTuple):
    """Which conversations a search is about: by name if they are few, and as a condition in SQL."""

    named: Sequence[str] = ()  # their words in the index; none: any that the condition holds for
    condition: str = ""
    values: tuple[Any, ...] = ()
    newest: int | None = None  # second after which none of them has anything

    @classmethod
    def of(cls, db: sqlite3.Connection, query: Query) -> "_Conversations | None":
        """Those that `pinned:` and `folder:` leave, None if there are none."""
        condition, values = "", tuple[str, ...]()
        if query.pinned is not None:
            condition += " AND c.pinned" if query.pinned else " AND NOT c.pinned"
        if query.folder is not None:
            values = _folders(db, query.folder)
            condition += f" AND c.folder <> '' AND c.folder IN ({', '.join('?' * len(values))})"
        if not query.pinned and query.folder is None:  # those that are not pinned are too many
            return cls((), condition, values)
        named = _names(db, condition, values)
        if not named:
            return None
        (updated_at,) = db.execute(
            f"SELECT max(c.updated_at) FROM conversation c WHERE c.deleted_at IS NULL {condition}",
            values,
        ).fetchone()
        newest = _second(updated_at) + _DAY_S
        return cls(named if len(named) <= _MAX_NAMED else (), condition, values, newest)


class _Kind(NamedTuple):
    """What is looked through: the names of its tables and how a hit is read."""

    places: str
    select: str
    any: Sequence[str]  # words one of which every row has; none: there are always terms


_MESSAGES = _Kind(
    "message_place",
    "SELECT i.rowid, m.conversation_id, m.id, c.title, m.role, m.created_at, c.archived_at, "
    "m.parts FROM message_index i CROSS JOIN message_place p ON p.place = i.rowid "
    "CROSS JOIN message m ON m.number = p.number "
    "CROSS JOIN conversation c ON c.id = m.conversation_id "
    "WHERE message_index MATCH ? AND i.rowid BETWEEN ? AND ? "
    "AND m.deleted_at IS NULL AND c.deleted_at IS NULL",
    tuple(_ROLES.values()),
)
_TITLES = _Kind(
    "title_place",
    "SELECT i.rowid, c.id, '', c.title, '', c.created_at, c.archived_at, '' "
    "FROM title_index i CROSS JOIN title_place p ON p.place = i.rowid "
    "CROSS JOIN conversation c ON c.id = p.conversation_id "
    "WHERE title_index MATCH ? AND i.rowid BETWEEN ? AND ? "
    "AND c.leaf_id IS NOT NULL AND c.deleted_at IS NULL",
    (),
)


def _find(
    db: sqlite3.Connection,
    kind: _Kind,
    query: Query,
    conversations: _Conversations,
    limit: int,
    go_on: Callable[[], bool],
) -> list[Hit]:
    """The newest hits, from the newest on."""
    match = _match(db, query, kind.any)
    select = f"{kind.select}{conversations.condition} ORDER BY i.rowid DESC LIMIT ?"
    oldest, newest = _bounds(db, kind.places, query)
    if conversations.newest is not None:
        newest = min(newest, conversations.newest)

    def look(match: str, low: int, high: int, limit: int) -> list[Any]:
        values = (match, low, high, *conversations.values, limit)
        return db.execute(select, values).fetchall()

    rows: list[Any] = []
    if conversations.named:
        # Nearly nothing is to be read, but each name has to be looked up: some at a time.
        for first in range(0, len(conversations.named), _NAMES_A_STEP):
            names = conversations.named[first : first + _NAMES_A_STEP]
            rows += look(f"{_one_of(names)} AND {match}", oldest, newest, limit)
            if not go_on():
                return []
        rows = sorted(rows, key=itemgetter(0), reverse=True)[:limit]
    else:
        # A look finds its way past every newer hit first, so as a rule there is but one. Where the
        # hits are in one folder, and that is a large one, it may be long, and is split.
        is_long = query.folder is not None
        spans = _spans(oldest, newest) if is_long else [(oldest, newest)]
        for low, high in spans:
            rows += look(match, low, high, limit - len(rows))
            if len(rows) == limit:
                break
            if not go_on():
                return []
    snippet = snippets.Maker(query.terms)
    return [_hit(row, snippet) for row in rows]


def _spans(oldest: int, newest: int) -> Iterator[tuple[int, int]]:
    """The time from the newest to the oldest place, in pieces that take about `_STEP_S` each."""
    span = _LEAST_SPAN
    while newest >= oldest:
        begin = perf_counter()
        yield max(oldest, newest - span), newest
        elapsed = perf_counter() - begin
        newest -= span + 1
        # Never shorter again: finding the way to an old span costs something, however short it is.
        span = span * 4 if elapsed < _STEP_S / 2 else span + _LEAST_SPAN


def _hit(row: Sequence[Any], snippet: snippets.Maker) -> Hit:
    _, conversation_id, message_id, title, role, created_at, archived_at, parts = row
    text, marks = snippet.of(_text(parts) if message_id else title)
    return Hit(
        conversation_id=conversation_id,
        message_id=message_id,
        title=title,
        snippet=text,
        marks=marks,
        role=role,
        created_at=created_at,
        is_archived=archived_at is not None,
    )


def _bounds(db: sqlite3.Connection, table: str, query: Query) -> tuple[int, int]:
    """The oldest and the newest place to look at; an empty range if there is none."""
    oldest, newest = db.execute(
        f"SELECT (SELECT min(place) FROM {table}), (SELECT max(place) FROM {table})"
    ).fetchone()
    if oldest is None:
        return 0, -1
    if query.after is not None:
        oldest = max(oldest, int(query.after.timestamp()))
    if query.before is not None:
        newest = min(newest, int(query.before.timestamp()) - 1)
    return oldest, newest


def _match(db: sqlite3.Connection, query: Query, any: Sequence[str]) -> str:
    """The query in the language of FTS5. Its words are letters and digits: nothing can escape."""
    parts = [_phrase(term) for term in query.terms]
    if query.models:
        parts.append(_one_of(_model_words(db, query.models)))
    if not parts:
        return _one_of([_ROLES[role] for role in query.roles] or any)
    match = " AND ".join(parts)
    others = [word for role, word in _ROLES.items() if role not in query.roles]
    if query.roles and others:
        # Half of all messages have a role: that is looked at last, once the words are there.
        match = f"({match}) NOT {_one_of(others)}"
    return match


def _phrase(term: Term) -> str:
    *before, last = term.runs
    pieces = [word for run in before for word in words.words(run)]
    last_words = words.words(last)
    is_prefix = term.is_prefix
    if words.is_unspaced(last):
        is_prefix = len(last_words) == 1  # one character alone: it may begin a pair
        last_words = last_words[:-1] or last_words
    phrase = " ".join([*pieces, *last_words])
    return f'"{phrase}" *' if is_prefix else f'"{phrase}"'


def _one_of(terms: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{term}"' for term in terms) + ")"


# ---- rows and their words ----


def _message(db: sqlite3.Connection, message_id: str) -> _Message:
    return _Message(
        *db.execute(
            "SELECT number, conversation_id, role, created_at, model_name, parts FROM message "
            "WHERE id = ?",
            (message_id,),
        ).fetchone()
    )


def _words(message: _Message) -> str:
    """All a message is found by; the same whenever asked, so that it can be taken out again."""
    filters = [
        _ROLES[message.role],
        _CONVERSATION + _name(message.conversation_id),
        _MODEL + _name(message.model_name),
    ]
    return " ".join([*filters, *words.words(_text(message.parts))])


def _text(parts: str) -> str:
    """What of a message is searched: its text, then its attachments, not the reasoning."""
    text, _, attachments = read_parts(parts)
    pieces = [text, *(piece for a in attachments for piece in (a.name, a.text))]
    return "\n".join(pieces)[:MAX_INDEXED]


def _name(text: str) -> str:
    """Any text as a single word."""
    return text.encode().hex()


def _model_words(db: sqlite3.Connection, typed: Sequence[str]) -> list[str]:
    """The words of the models whose name has a word that begins like each that was typed."""
    wanted = [word for text in typed for word in words.words(text)]
    names = [name for (name,) in db.execute("SELECT name FROM model_found")]
    found = [
        name
        for name in names
        if all(any(word.startswith(w) for word in words.words(name)) for w in wanted)
    ]
    return [_MODEL + _name(name) for name in found] or [
        _MODEL + "none"
    ]  # which is no name: those are hexadecimal


def _names(db: sqlite3.Connection, condition: str, values: tuple[Any, ...]) -> list[str]:
    """The words of the conversations a condition holds for, one more than can be named at most."""
    rows = db.execute(
        f"SELECT c.id FROM conversation c WHERE c.deleted_at IS NULL {condition} LIMIT ?",
        (*values, _MAX_NAMED + 1),
    )
    return [_CONVERSATION + _name(conversation_id) for (conversation_id,) in rows]


def _folders(db: sqlite3.Connection, beginning: str) -> tuple[str, ...]:
    rows = db.execute("SELECT DISTINCT folder FROM conversation WHERE folder <> ''")
    return tuple(folder for (folder,) in rows if folder.casefold().startswith(beginning))


def _free_place(db: sqlite3.Connection, table: str, created_at: str) -> int:
    """The second of a moment, or one after it, far after it where thousands share a second."""
    second = _second(created_at)
    near = range(second, second + _IN_ORDER)
    taken = f"SELECT 1 FROM {table} WHERE place = ?"
    far = (second + random.randrange(1 << bits) for bits in itertools.count(4))
    places = itertools.chain(near, far)
    return next(place for place in places if db.execute(taken, (place,)).fetchone() is None)


def _second(created_at: str) -> int:
    try:
        moment = datetime.fromisoformat(created_at)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    except (ValueError, OverflowError):  # an import may say anything
        return 0
