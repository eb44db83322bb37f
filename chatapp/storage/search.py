"""Finding titles and messages, newest first, in the index that `search_index` keeps."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from time import perf_counter
from typing import Any, NamedTuple

from chatapp.storage import snippets, words
from chatapp.storage.search_index import (
    NO_MODEL,
    ROLE_WORDS,
    conversation_word,
    model_word,
    place,
    searched_text,
)
from chatapp.storage.search_query import Query, Term, parse
from chatapp.storage.snippets import Hit

MAX_TITLES = 5  # beside messages
_MAX_NAMED = 200  # conversations of a filter that are looked up in the index one by one
_NAMES_A_STEP = 25
_STEP_S = 0.003  # what one look into the index may take, about
_DAY_S = 24 * 3600  # more than messages are moved by for want of a free place
_LEAST_SPAN = 1 << 21  # seconds of history: 24 days


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
    newest: int | None = None  # the place after which none of them has anything

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
        newest = place(updated_at) - _DAY_S
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
    tuple(ROLE_WORDS.values()),
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
    select = f"{kind.select}{conversations.condition} ORDER BY i.rowid LIMIT ?"
    newest, oldest = _bounds(db, kind.places, query)
    if conversations.newest is not None:
        newest = max(newest, conversations.newest)

    def look(match: str, first: int, last: int, limit: int) -> list[Any]:
        values = (match, first, last, *conversations.values, limit)
        return db.execute(select, values).fetchall()

    rows: list[Any] = []
    if conversations.named:
        # Nearly nothing is to be read, but each name has to be looked up: some at a time.
        for first in range(0, len(conversations.named), _NAMES_A_STEP):
            names = conversations.named[first : first + _NAMES_A_STEP]
            rows += look(f"{_one_of(names)} AND {match}", newest, oldest, limit)
            if not go_on():
                return []
        rows = sorted(rows, key=itemgetter(0))[:limit]
    else:
        # A look finds its way past every newer hit first, so as a rule there is but one. Where the
        # hits are in one folder, and that is a large one, it may be long, and is split.
        is_long = query.folder is not None
        spans = _spans(newest, oldest) if is_long else [(newest, oldest)]
        for first, last in spans:
            rows += look(match, first, last, limit - len(rows))
            if len(rows) == limit:
                break
            if not go_on():
                return []
    snippet = snippets.Maker(query.terms)
    return [_hit(row, snippet) for row in rows]


def _spans(newest: int, oldest: int) -> Iterator[tuple[int, int]]:
    """The time from the newest to the oldest place, in pieces that take about `_STEP_S` each."""
    span = _LEAST_SPAN
    while newest <= oldest:
        begin = perf_counter()
        yield newest, min(oldest, newest + span)
        elapsed = perf_counter() - begin
        newest += span + 1
        # Never shorter again: finding the way to an old span costs something, however short it is.
        span = span * 4 if elapsed < _STEP_S / 2 else span + _LEAST_SPAN


def _hit(row: Sequence[Any], snippet: snippets.Maker) -> Hit:
    _, conversation_id, message_id, title, role, created_at, archived_at, parts = row
    text, marks = snippet.of(searched_text(parts) if message_id else title)
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
    """The newest and the oldest place to look at; an empty range if there is none."""
    newest, oldest = db.execute(
        f"SELECT (SELECT min(place) FROM {table}), (SELECT max(place) FROM {table})"
    ).fetchone()
    if newest is None:
        return 0, -1
    if query.after is not None:
        oldest = min(oldest, -int(query.after.timestamp()))
    if query.before is not None:
        newest = max(newest, 1 - int(query.before.timestamp()))
    return newest, oldest


def _match(db: sqlite3.Connection, query: Query, any: Sequence[str]) -> str:
    """The query in the language of FTS5. Its words are letters and digits: nothing can escape."""
    parts = [_phrase(term) for term in query.terms]
    if query.models:
        parts.append(_one_of(_model_words(db, query.models)))
    if not parts:
        return _one_of([ROLE_WORDS[role] for role in query.roles] or any)
    match = " AND ".join(parts)
    others = [word for role, word in ROLE_WORDS.items() if role not in query.roles]
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


# ---- what filters stand for ----


def _model_words(db: sqlite3.Connection, typed: Sequence[str]) -> list[str]:
    """The words of the models whose name has a word that begins like each that was typed."""
    wanted = [word for text in typed for word in words.words(text)]
    names = [name for (name,) in db.execute("SELECT name FROM model_found")]
    found = [
        name
        for name in names
        if all(any(word.startswith(w) for word in words.words(name)) for w in wanted)
    ]
    return [model_word(name) for name in found] or [NO_MODEL]


def _names(db: sqlite3.Connection, condition: str, values: tuple[Any, ...]) -> list[str]:
    """The words of the conversations a condition holds for, one more than can be named at most."""
    rows = db.execute(
        f"SELECT c.id FROM conversation c WHERE c.deleted_at IS NULL {condition} LIMIT ?",
        (*values, _MAX_NAMED + 1),
    )
    return [conversation_word(conversation_id) for (conversation_id,) in rows]


def _folders(db: sqlite3.Connection, beginning: str) -> tuple[str, ...]:
    rows = db.execute("SELECT DISTINCT folder FROM conversation WHERE folder <> ''")
    return tuple(folder for (folder,) in rows if folder.casefold().startswith(beginning))
