"""What is read again: in the next turn, on going back to a conversation, after an overflow."""

from collections.abc import Iterable
from itertools import pairwise

from benchmarks import _engine, harness
from benchmarks.harness import Result

LONG = False
_TOPICS = ("sea", "wind", "rain", "snow")
_TURNS = 40
_SMALL = 1024


def measure() -> list[Result]:
    """Tokens that were in the kv cache once and had to be evaluated again."""
    with _engine.engine() as client:
        talks = [_engine.Talk(client, topic) for topic in _TOPICS]
        next_turns = [talks[0].say()[0] for _ in range(3)]
        for talk in talks:
            talk.say(64)
        back = [talk.say()[0] for talk in talks]
    with _engine.engine(n_ctx=_SMALL) as client:
        overflow, cuts = _overflow(_engine.Talk(client, "sea"))
    return [
        _nothing("the second and third turn of a conversation", next_turns),
        _nothing(f"going back to one of the last {len(_TOPICS)} conversations", back),
        _nothing(f"turns after the context overflowed, {cuts} cuts in {_TURNS} turns", overflow),
    ]


def _overflow(talk: _engine.Talk) -> tuple[list[int], int]:
    """Tokens read again by the turns between cuts, and the number of cuts."""
    turns = [talk.say() for _ in range(_TURNS)]
    left_out = [reply.left_out for _, reply in turns]
    cuts = sum(1 for earlier, later in pairwise(left_out) if earlier != later)
    if not cuts:
        raise RuntimeError("The context never overflowed.")
    return [again for again, _ in turns], cuts


def _nothing(claim: str, tokens: Iterable[int]) -> Result:
    return harness.limit("prefix", f"read again by {claim}", max(tokens), "tokens", at_most=0)


if __name__ == "__main__":
    raise SystemExit(harness.main(["prefix"]))
