"""What is typed into the search box, understood: words, phrases, and filters such as `role:user`.

Anything may be typed; what makes no sense as a filter, or not yet, is named in `unread` and left
out. Knows nothing about the database.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import get_args

from msgspec import Struct

from chatapp.chat import Role
from chatapp.storage import words

MAX_LENGTH = 1000  # characters read of what is typed or pasted
MAX_TERMS = 16

FILTERS = ("model", "role", "before", "after", "pinned", "folder")

_pieces = re.compile(
    rf'(?P<filter>{"|".join(FILTERS)}):(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]*))'
    r'|"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+)',
    re.IGNORECASE,
)
_date = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")


_LONG_WORD = 4  # letters; one that is finished is found in its longer forms too


class Term(Struct, frozen=True):
    """A word or a phrase: pieces that follow one another, the last one perhaps only begun."""

    runs: tuple[str, ...]
    is_prefix: bool = True


class Query(Struct, kw_only=True):
    """What is to be found; None or empty where nothing is asked."""

    terms: list[Term] = []
    models: list[str] = []
    roles: list[Role] = []
    before: datetime | None = None
    after: datetime | None = None
    pinned: bool | None = None
    folder: str | None = None
    unread: list[str] = []  # filters whose value says nothing, as typed

    @property
    def has_filters(self) -> bool:
        """Whether anything but words narrows the search."""
        plain = Query(terms=self.terms, unread=self.unread)
        return self != plain

    @property
    def is_one_letter(self) -> bool:
        """Whether it is a single letter, which says too little to look through messages."""
        runs = [run for term in self.terms for run in term.runs]
        return len(runs) == 1 and len(runs[0]) == 1 and not words.is_unspaced(runs[0])


def parse(text: str) -> Query:
    """Understand what was typed."""
    query = Query()
    for piece in _pieces.finditer(text[:MAX_LENGTH]):
        if piece["filter"]:
            value = piece["quoted"] if piece["value"] is None else piece["value"]
            if not _READERS[piece["filter"].lower()](query, value.strip()):
                query.unread.append(piece[0])
        elif len(query.terms) < MAX_TERMS:
            runs = tuple(words.runs(piece["phrase"] or piece["word"] or ""))
            is_open = piece.end() == len(text) or len("".join(runs)) >= _LONG_WORD
            if runs:
                query.terms.append(Term(runs, is_prefix=is_open and not piece["closed"]))
    return query


def _read_model(query: Query, value: str) -> bool:
    is_read = bool(words.runs(value))
    if is_read:
        query.models.append(value)
    return is_read


def _read_role(query: Query, value: str) -> bool:
    roles = [role for role in get_args(Role) if value and role.startswith(value.lower())]
    query.roles += roles
    return bool(roles)


def _read_before(query: Query, value: str) -> bool:
    query.before = _day(value)
    return query.before is not None


def _read_after(query: Query, value: str) -> bool:
    query.after = _day(value)
    return query.after is not None


def _read_pinned(query: Query, value: str) -> bool:
    answers = {True: ("yes", "true", "1"), False: ("no", "false", "0")}
    for answer, names in answers.items():
        if value and any(name.startswith(value.lower()) for name in names):
            query.pinned = answer
            return True
    return False


def _read_folder(query: Query, value: str) -> bool:
    query.folder = value.casefold() or None
    return bool(value)


_READERS: dict[str, Callable[[Query, str], bool]] = {
    "model": _read_model,
    "role": _read_role,
    "before": _read_before,
    "after": _read_after,
    "pinned": _read_pinned,
    "folder": _read_folder,
}


def _day(value: str) -> datetime | None:
    """The moment at which a year, a month or a day begins here; a word for today or yesterday."""
    today = datetime.now().astimezone().date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if value.lower() in named:
        return _midnight(named[value.lower()])
    match = _date.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(number or 1) for number in match.groups())
    try:
        return _midnight(date(year, month, day))
    except (ValueError, OverflowError, OSError):  # no such day, or none this machine can place
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone()
