import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.reasoning import MARKERS, ReasoningSplitter, opened_by, split

PAIRS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
]


def streamed(pieces: list[str], closing_tag: str = "") -> tuple[str, str]:
    splitter = ReasoningSplitter(closing_tag)
    answer = reasoning = ""
    for new in (*map(splitter.add, pieces), splitter.finish()):
        answer += new[0]
        reasoning += new[1]
    return answer, reasoning


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
def test_reasoning_is_told_from_the_answer(opening: str, closing: str) -> None:
    text = f"{opening}\nHm, 2 < 3?\n{closing}\n\nYes: 2 < 3."
    assert split(text) == ("Yes: 2 < 3.", "Hm, 2 < 3?\n")
    assert streamed(list(text)) == split(text)


def test_a_reply_without_tags_is_the_answer_as_it_stands() -> None:
    assert split("  Use <b> here. ") == ("  Use <b> here. ", "")
    assert split("") == ("", "")


def test_a_tag_later_in_a_reply_is_ordinary_text() -> None:
    text = "Write <think> and </think> around it."
    assert split(text) == (text, "")
    assert split("<think>a</think>b <think>c</think>") == ("b <think>c</think>", "a")


def test_white_space_may_come_before_the_tag() -> None:
    assert split("\n <think>a</think> b") == ("b", "a")


def test_another_tag_does_not_close_the_reasoning() -> None:
    assert split("<think>a</thinking>b</think>c") == ("c", "a</thinking>b")


def test_reasoning_that_is_never_closed_lasts_to_the_end() -> None:
    assert split("<think>and then </thi") == ("", "and then </thi")
    assert streamed(list("<think>and then </thi")) == ("", "and then </thi")


def test_an_unfinished_opening_tag_is_the_answer() -> None:
    assert split(" <thin") == (" <thin", "")


def test_an_answer_in_the_final_channel_has_no_reasoning() -> None:
    assert split("<|channel|>final<|message|>Hello") == ("Hello", "")


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
def test_a_tag_that_the_prompt_opened_is_known(opening: str, closing: str) -> None:
    assert opened_by(f"<|assistant|>{opening}\n") == closing
    assert opened_by(f"<|assistant|>{opening}\n\n{closing}\n\n") == ""
    assert streamed(["Hm", f"m.{closing[:3]}", f"{closing[3:]}\nYes."], closing) == ("Yes.", "Hmm.")


def test_reasoning_lasts_until_the_first_character_of_the_answer() -> None:
    splitter = ReasoningSplitter()
    states = []
    for piece in ["<", "think>", "a", "</think>", "\n\n", "b", "c"]:
        splitter.add(piece)
        states.append(splitter.is_reasoning)
    assert states == [False, True, True, True, True, False, False]


def test_every_tag_is_made_of_markers_and_text() -> None:
    for pair in PAIRS[:-2]:
        assert set(pair) <= MARKERS
    assert {"<|channel|>", "<|message|>", "<|end|>", "<|start|>"} <= MARKERS
    assert "" not in MARKERS


MARKS = ["<think>", "</think>", "<thinking>", "[THINK]", "<|channel|>", "<|message|>", "<|end|>"]
WORDS = st.sampled_from(
    [*MARKS, *"<>◁ \n", "</", "think", "final", "analysis", "<|start|>assistant"]
)


@given(st.lists(WORDS, max_size=12).map("".join), st.data(), st.sampled_from(["", "</think>"]))
def test_any_chopping_gives_what_the_whole_text_gives(
    text: str, data: st.DataObject, closing_tag: str
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces, closing_tag) == streamed([text], closing_tag)
    assert streamed(list(text), closing_tag) == streamed([text], closing_tag)
