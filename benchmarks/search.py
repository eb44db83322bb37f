"""How soon a search answers as one types, in a history of a million messages.

The words are made up, but as frequent as those of a language are (Zipf's law). Every message is
written and indexed as the program does it, only many in a transaction.
"""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks import harness
from benchmarks.harness import Result
from chatapp.storage import search_index
from chatapp.storage.database import insert, open_database
from chatapp.storage.rows import pack_parts
from chatapp.storage.store import ConversationStore

LONG = True
N_MESSAGES = 1_000_000
PER_CONVERSATION = 20
HISTORY = timedelta(days=3 * 365)
MODELS = ("Qwen2.5 7B Instruct", "SmolLM2 135M", "Llama 3.2 3B", "Gemma 2 9B", "Mistral 7B")
FOLDER = "Thesis"  # of the oldest conversations
N_IN_FOLDER = 500
N_PINNED = 20  # spread over the whole time
BATCH = 20_000  # messages a transaction


class Language:
    """Made-up words by rank, and texts in which they are as frequent as in a language."""

    N_WORDS = 60_000
    N_SIGNS = 3_000  # of Chinese

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)
        self.words = self._make_words()
        self._word_sums = np.cumsum(1 / (np.arange(self.N_WORDS) + 2.7) ** 1.07)
        self.signs = np.array([chr(0x4E00 + 5 * rank) for rank in range(self.N_SIGNS)])
        self._sign_sums = np.cumsum(1 / (np.arange(self.N_SIGNS) + 10.0))

    def texts(self, count: int) -> Iterator[str]:
        """Questions and replies in turn, mostly of 16 and 120 words; one in fifty is Chinese."""
        means = np.where(np.arange(count) % 2, 120, 16)
        for length in (self._random.lognormal(0, 0.7, count) * means).astype(int) + 2:
            if self._random.random() < 0.02:
                yield "".join(self._draw(self.signs, self._sign_sums, length))
            else:
                yield " ".join(self._draw(self.words, self._word_sums, length))

    def _draw(
        self, items: NDArray[np.str_], sums: NDArray[np.float64], length: int
    ) -> NDArray[np.str_]:
        drawn: NDArray[np.str_] = items[
            np.searchsorted(sums, self._random.random(length) * sums[-1])
        ]
        return drawn

    def _make_words(self) -> NDArray[np.str_]:
        starts = [*"bcdfghjklmnprstvw", "th", "st", "pr", "ch"]
        syllables = [start + vowel for start in starts for vowel in "aeiou"]
        made: dict[str, None] = {}
        while len(made) < self.N_WORDS:  # the frequent ones are short
            longest = 1 if len(made) < 60 else 2 if len(made) < 1000 else 5
            length = self._random.integers(1, longest + 1)
            made["".join(self._random.choice(syllables, length))] = None
        return np.array(list(made))


def measure() -> list[Result]:
    """The answer while words are typed, and with every filter; and how long others wait for it."""
    language = Language()
    queries = _queries(language)
    typed = [query[:end] for query in queries for end in range(2, len(query) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        fill(path, language, N_MESSAGES)
        with closing(ConversationStore(path)) as store:
            store.list_conversations().result()  # opens the file
            return [
                _result(store, "words as they are typed", typed, at_most=10),
                *(
                    _result(store, f"filter {name}", [f"{filter} {q}" for q in queries], at_most=50)
                    for name, filter in _filters().items()
                ),
            ]


def fill(path: Path, language: Language, n_messages: int) -> None:
    """Write the history that is searched. What is newest is indexed first, which is quickest."""
    end = datetime.now(UTC)
    with closing(open_database(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for number, text in enumerate(language.texts(n_messages)):
            if number % BATCH == 0:
                db.execute("BEGIN")
            moment = end - HISTORY * (1 - number / n_messages)
            _write(db, number, text, moment.isoformat(timespec="microseconds"), n_messages)
            if number % BATCH == BATCH - 1 or number == n_messages - 1:
                for written in range(number, number - number % BATCH - 1, -1):
                    search_index.index_message(db, f"message-{written}")
                db.execute("COMMIT")


def _write(db: sqlite3.Connection, number: int, text: str, moment: str, n_messages: int) -> None:
    conversation, place = divmod(number, PER_CONVERSATION)
    conversation_id, message_id = f"conversation-{conversation}", f"message-{number}"
    if place == 0:
        insert(
            db,
            "conversation",
            id=conversation_id,
            created_at=moment,
            updated_at=moment,
            title=text[:48],
            model_path="",
            system_prompt="",
            folder=FOLDER if conversation < N_IN_FOLDER else "",
            pinned=conversation % (n_messages // PER_CONVERSATION // N_PINNED) == 0,
        )
        search_index.index_title(db, conversation_id)
    is_reply = number % 2 == 1
    insert(
        db,
        "message",
        id=message_id,
        conversation_id=conversation_id,
        parent_id=f"message-{number - 1}" if place else None,
        role="assistant" if is_reply else "user",
        status="complete",
        created_at=moment,
        parts=pack_parts(text),
        model_name=MODELS[conversation % len(MODELS)] if is_reply else "",
    )
    db.execute("UPDATE conversation SET leaf_id = ? WHERE id = ?", (message_id, conversation_id))


def _queries(language: Language) -> list[str]:
    """Frequent and rare words, alone, together, as a phrase; Chinese; and what is nowhere."""
    words, signs = language.words, language.signs
    alone = [words[rank] for rank in (0, 5, 30, 200, 1000, 5000, 20_000, 50_000)]
    pairs = [
        f"{words[first]} {words[second]}"
        for first, second in ((0, 1), (3, 40_000), (300, 400), (2000, 3000), (20_000, 1))
    ]
    remembered = f'"{" ".join([words[3], words[1500], words[12]])}"'
    several = [" ".join(words[[2, 60, 700]]), remembered]
    chinese = ["".join(signs[:2]), "".join(signs[[30, 8, 100]]), "".join(signs[[2000, 2500]])]
    return [*alone, *pairs, *several, *chinese, "zzyzx qqxq"]


def _filters() -> dict[str, str]:
    start = datetime.now().astimezone() - HISTORY
    return {
        "model": "model:qwen",
        "role": "role:user",
        "before, the oldest 1 %": f"before:{start + HISTORY / 100:%Y-%m-%d}",
        "after, the newest 1 %": f"after:{start + HISTORY * 0.99:%Y-%m-%d}",
        "pinned": "pinned:yes",
        "not pinned": "pinned:no",
        f"folder, of the {N_IN_FOLDER} oldest conversations": f"folder:{FOLDER}",
    }


def _result(store: ConversationStore, what: str, texts: Sequence[str], *, at_most: float) -> Result:
    times = [_ask_ms(store, text) for text in texts]
    middle, late = np.percentile(times, [50, 95])
    return harness.limit(
        "search",
        f"{N_MESSAGES:,} messages, first 50 hits, {what}: "
        f"p95 of {len(texts)} (p50 {middle:.1f} ms)",
        float(late),
        "ms",
        at_most=at_most,
    )


def _ask_ms(store: ConversationStore, text: str) -> float:
    begin = perf_counter()
    store.search(text).result()
    return (perf_counter() - begin) * 1000


if __name__ == "__main__":
    raise SystemExit(harness.main(["search"]))
