from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.detokenizer import IncrementalDetokenizer

FAMILY = "👩‍👩‍👧‍👦"  # seven code points, 25 bytes
TEXTS = ["plain", "naïve Ω", "你好，世界", f"a{FAMILY}b", "🇩🇪🏳️‍🌈", "שלום العالم", "\x00\x07\u2028"]


def decoded(pieces: list[bytes]) -> str:
    detokenizer = IncrementalDetokenizer()
    return "".join(map(detokenizer.add, pieces)) + detokenizer.finish()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_split_at_every_byte_comes_out_whole(text: str) -> None:
    data = text.encode()
    assert decoded([data[i : i + 1] for i in range(len(data))]) == text
    for i in range(len(data) + 1):
        assert decoded([data[:i], data[i:]]) == text


@given(st.text(), st.lists(st.integers(0, 400)))
def test_any_split_gives_the_same_text_without_replacement_marks(
    text: str, cuts: list[int]
) -> None:
    data = text.encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert decoded([data[a:b] for a, b in pairwise(places)]) == text


def test_no_part_of_a_character_is_let_out() -> None:
    detokenizer = IncrementalDetokenizer()
    assert [detokenizer.add(bytes([byte])) for byte in "😀".encode()] == ["", "", "", "😀"]
    assert detokenizer.finish() == ""


def test_bytes_that_are_no_text_give_replacement_marks_and_nothing_is_lost() -> None:
    assert decoded([b"a\xff", b"b\xe4\xbd"]) == "a\ufffdb\ufffd"
