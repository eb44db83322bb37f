"""What is shown while a reply is being written is, in the end, what a whole reading would show."""

import random
from collections.abc import Iterable
from statistics import median
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chatapp.gui.chat.markdown import Leaf, joined
from chatapp.gui.chat.markdown_stream import MarkdownStream, parse, parse_gradually

PIECES = [
    "word ", "two words. ", "**", "*", "`", "```", "```py\n", "~~~\n", "\n", "\n\n", "- ", "1. ",
    "  ", "    ", "> ", "# ", "| a | b |\n", "|---|---|\n", "---", "===\n", "[x](http://y.z)",
    "[x](", "<b>", " ", "   ", "\\", "你好。", "🙂", "x = 1\n", "- [ ] ", "~~",
    "$", "$$", "$$\n", "\\[", "\\]", "\\(x\\)", "$x$", "[^1]", "[^1]: ",
]  # fmt: skip
RICH = "The **quick** brown `fox` jumps over [the lazy](http://x.org) dog, *and* then. "


def merged(leaves: Iterable[Leaf]) -> list[Leaf]:
    """What continues made one with what it continues."""
    result: list[Leaf] = []
    for leaf in leaves:
        if not leaf.continues:
            result.append(leaf)
            continue
        before = result[-1]
        assert before.kind == leaf.kind
        result[-1] = replace(
            before,
            runs=joined([*before.runs, *leaf.runs]),
            text=before.text + leaf.text,
            rows=before.rows + leaf.rows,
            is_open=leaf.is_open,
        )
    return result


def streamed(text: str, sizes: Iterable[int]) -> list[Leaf]:
    stream = MarkdownStream()
    settled: list[Leaf] = []
    position = 0
    for size in sizes:
        stream.feed(text[position : position + size])
        position += size
        settled += stream.update().settled
    stream.feed(text[position:])
    return merged([*settled, *stream.finish()])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.lists(st.integers(1, 12), max_size=60),
)
def test_any_text_in_any_pieces_ends_as_if_read_whole(text: str, sizes: list[int]) -> None:
    assert streamed(text, sizes) == merged(parse(text))


def test_a_number_alone_may_go_on_a_list() -> None:
    text = "1. $$ is no formula\n1. "
    assert streamed(text, [21]) == merged(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        RICH * 60,
        "a line of words\n" * 300,
        "人工智能是研究使计算机来模拟人的某些思维过程的学科" * 120,
        "".join(f"- item {n} {RICH}\n" for n in range(40)),
        "".join(f"1. item {n}\n" for n in range(40)),
        "```py\n" + "x = 1\n" * 200 + "```\nafter",
        "|a|b|\n|-|-|\n" + "|1|**2**|\n" * 60 + "\nafter",
    ],
    ids=["paragraph", "lines", "no spaces", "list", "numbers", "code", "table"],
)
def test_long_blocks_end_as_if_read_whole(text: str) -> None:
    chance = random.Random(7)
    sizes = [chance.randint(1, 40) for _ in range(len(text) // 20)]
    assert streamed(text, sizes) == merged(parse(text))
    assert merged(leaf for leaves in parse_gradually(text) for leaf in leaves) == merged(
        parse(text)
    )


def test_a_link_of_a_long_text_finds_the_address_at_its_end() -> None:
    text = "See [here][a].\n\n" + RICH * 60 + "\n\n[a]: http://late.org"
    assert [leaf for leaves in parse_gradually(text) for leaf in leaves] == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        RICH * 1_300,
        "".join(f"- item {n} {RICH}\n" for n in range(1_100)),
        "```py\n" + "x = foo(1, 'bar')  # comment\n" * 3_500,
        "|a|b|\n|-|-|\n" + "| some cell | **another** |\n" * 3_500,
        ("Some words.\n\n```py\nx = 1\n```\n\n" + RICH + "\n\n") * 850,
    ],
    ids=["paragraph", "list", "code", "table", "mixed"],
)
def test_the_cost_of_an_update_does_not_grow_with_the_text(text: str) -> None:
    assert len(text) > 90_000
    stream = MarkdownStream()
    costs = []
    for position in range(0, len(text), 60):
        stream.feed(text[position : position + 60])
        begin = process_time()
        stream.update()
        costs.append(process_time() - begin)
    tenth = len(costs) // 10
    assert median(costs) < 0.005
    assert sum(costs[-tenth:]) < 3 * sum(costs[:tenth]) + 0.05


def open_words(text: str) -> str:
    stream = MarkdownStream()
    stream.feed(text)
    settled, still_open = stream.update()
    return "|".join("".join(run.text for run in leaf.runs) for leaf in (*settled, *still_open))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Some text\n-", "Some text"),  # may become a list or a rule
        ("Some text\n\n``", "Some text"),
        ("Some text\n\n```pyth", "Some text"),
        ("- one\n- ", "one"),
        ("see **bo", "see bo"),
        ("see `co", "see co"),
        ("see **", "see"),
        ("see [the docs](https://exa", "see the docs"),
        ("2 ** 3 is", "2 ** 3 is"),
    ],
)
def test_marks_that_are_not_finished_are_not_seen(text: str, seen: str) -> None:
    assert open_words(text) == seen


def test_bold_is_bold_before_it_is_closed() -> None:
    stream = MarkdownStream()
    stream.feed("a **b")
    (leaf,) = stream.update().open
    assert [run.bold for run in leaf.runs] == [False, True]


def test_code_is_settled_line_by_line() -> None:
    stream = MarkdownStream()
    stream.feed("```py\none\ntwo\nthr")
    settled, still_open = stream.update()
    assert "".join(leaf.text for leaf in settled) == "one\ntwo\n"
    assert [leaf.text for leaf in still_open] == ["thr"]
    stream.feed("ee\n``")
    settled, still_open = stream.update()
    assert [leaf.text for leaf in settled] == ["three\n"]
    assert not still_open  # two ticks may be the beginning of the end
    stream.feed("`\n")
    assert [leaf.is_open for leaf in stream.update().settled] == [False]


def test_an_address_given_late_is_noted() -> None:
    stream = MarkdownStream()
    stream.feed("See [it].\n\nMore.\n\n")
    stream.update()
    assert not stream.has_late_references
    stream.feed("[it]: https://example.org\n")
    stream.finish()
    assert stream.has_late_references
