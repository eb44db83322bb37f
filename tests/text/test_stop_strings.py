from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.stop_strings import StopStrings


def emitted(stop: list[str], pieces: list[str]) -> tuple[str, bool]:
    stops = StopStrings(stop)
    text = ""
    for piece in pieces:
        new, stopped = stops.add(piece)
        text += new
        if stopped:
            return text, True
    return text + stops.finish(), False


def test_text_without_a_stop_string_passes_at_once() -> None:
    stops = StopStrings([])
    assert stops.add("hello") == ("hello", False)
    assert stops.finish() == ""


def test_only_what_may_begin_a_stop_string_is_held_back() -> None:
    stops = StopStrings(["</end>", "User:"])
    assert stops.add("one </e") == ("one ", False)
    assert stops.add("m> two Us") == ("</em> two ", False)
    assert stops.finish() == "Us"


def test_a_stop_string_is_met_across_pieces() -> None:
    assert emitted(["User:"], ["bye\nU", "se", "r", ": hi"]) == ("bye\n", True)


def test_a_stop_string_that_overlaps_its_own_beginning_is_met() -> None:
    assert emitted(["aab"], ["a", "a", "a", "b", "c"]) == ("a", True)
    assert emitted(["aab"], ["aaab"]) == ("a", True)
    assert emitted(["abab"], ["aba", "abab"]) == ("aba", True)
    assert emitted(["abac"], ["aba", "bac"]) == ("ab", True)


def test_nothing_comes_after_a_stop_string() -> None:
    stops = StopStrings(["x"])
    assert stops.add("axb") == ("a", True)
    assert stops.add("more") == ("", True)
    assert stops.finish() == ""


def test_the_stop_string_that_is_complete_first_counts() -> None:
    assert emitted(["abcd", "bc"], ["abcd"]) == ("a", True)
    assert emitted(["\nUser:", "\n\nUser:"], ["hi\n\nUser:"]) == ("hi", True)


def first_complete(stop: list[str], text: str) -> tuple[str, bool]:
    """The definition, read off the text character by character."""
    for end in range(len(text) + 1):
        met = [s for s in stop if text[:end].endswith(s)]
        if met:
            return text[: end - max(map(len, met))], True
    return text, False


@given(
    st.lists(st.text("ab", min_size=1, max_size=4), max_size=4),
    st.lists(st.text("abc", max_size=5), max_size=12),
)
def test_any_chopping_gives_what_the_whole_text_gives(stop: list[str], pieces: list[str]) -> None:
    assert emitted(stop, pieces) == first_complete(stop, "".join(pieces))
