from time import process_time

import pytest

from chatapp.gui.chat.markdown import Leaf, Run
from chatapp.gui.chat.markdown_stream import parse


def words(leaf: Leaf) -> str:
    return "".join(run.text for run in leaf.runs)


def shape(text: str) -> list[tuple[str, str]]:
    return [(leaf.kind, words(leaf) or leaf.text) for leaf in parse(text)]


def test_blocks_are_told_apart() -> None:
    assert shape("# Title\n\nWords.\n\n```py\nx = 1\n```\n\n---\n") == [
        ("heading", "Title"),
        ("text", "Words."),
        ("code", "x = 1\n"),
        ("rule", ""),
    ]


def test_styles_become_runs() -> None:
    (leaf,) = parse("a **b *c*** ~~d~~ `e`")
    assert leaf.runs == (
        Run("a "),
        Run("b ", bold=True),
        Run("c", bold=True, italic=True),
        Run(" "),
        Run("d", strike=True),
        Run(" "),
        Run("e", code=True),
    )


def test_a_single_line_break_is_kept() -> None:
    (leaf,) = parse("roses are red\nviolets are blue")
    assert words(leaf) == "roses are red\nviolets are blue"


def test_dashes_under_a_text_are_a_rule_and_no_heading() -> None:
    assert [leaf.kind for leaf in parse("text\n---\nmore")] == ["text", "rule", "text"]


def test_list_items_carry_their_markers_and_depths() -> None:
    leaves = parse("3. three\n4. four\n   - inner\n\n     more\n- [x] done\n- [ ] open")
    assert [(leaf.marker, leaf.depth, words(leaf)) for leaf in leaves] == [
        ("3.", 1, "three"),
        ("4.", 1, "four"),
        ("◦", 2, "inner"),
        ("", 2, "more"),
        ("☑", 1, "done"),
        ("☐", 1, "open"),
    ]


def test_every_numbered_list_begins_with_its_own_number() -> None:
    leaves = parse("1. one\n2. two\n\nwords\n\n1. one\n\n$$x$$\n\n5. five\n")
    assert [leaf.marker for leaf in leaves if leaf.marker] == ["1.", "2.", "1.", "5."]


def test_an_item_that_begins_with_code_keeps_its_marker() -> None:
    leaves = parse("1. ```\n   x\n   ```\n2.\n")
    assert [(leaf.kind, leaf.marker) for leaf in leaves] == [
        ("text", "1."),
        ("code", ""),
        ("text", "2."),
    ]


def test_quotations_count_their_levels() -> None:
    assert [(leaf.quote, words(leaf)) for leaf in parse("> a\n>\n> > b")] == [(1, "a"), (2, "b")]


def test_a_table_has_rows_and_alignments() -> None:
    (leaf,) = parse("|a|b|c|\n|:-|:-:|-:|\n|1|**2**|\n")
    assert leaf.aligns == ("left", "center", "right")
    assert leaf.rows[1] == ((Run("1"),), (Run("2", bold=True),), ())


def test_html_is_text() -> None:
    (leaf,) = parse("<script>alert(1)</script> <b>x</b>")
    assert words(leaf) == "<script>alert(1)</script> <b>x</b>"


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](file:///etc/passwd)",
        "[x](mailto:a@b.c)",
        "[x](//host/share)",
        "![x](file:///etc/passwd)",
        "[x](data:text/html,hi)",
        "[x]\n\n[x]: ftp://example.org",
    ],
)
def test_only_web_addresses_become_links(text: str) -> None:
    assert not any(run.href for leaf in parse(text) for run in leaf.runs)


def test_addresses_become_links_also_when_they_stand_bare() -> None:
    text = "[a](https://a.org/x_(y)) <http://b.org> (see https://c.org/d?e=f_g). ![p](https://i.org/p.png)"
    (leaf,) = parse(text)
    assert [run.href for run in leaf.runs if run.href] == [
        "https://a.org/x_(y)",
        "http://b.org",
        "https://c.org/d?e=f_g",
        "https://i.org/p.png",
    ]
    assert words(leaf) == "a http://b.org (see https://c.org/d?e=f_g). p"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 3_000,
        "*a " * 2_000,
        "`a" * 3_000,
        ">" * 5_000,
        "- " * 3_000,
        "![" * 2_000,
        "\0\r\n\x1b",
    ],
)
def test_hostile_text_is_read_in_reasonable_time(text: str) -> None:
    begin = process_time()
    parse(text)
    assert process_time() - begin < 2


def test_deep_nesting_loses_no_words() -> None:
    assert shape("> " * 30 + "deep") == [("text", "deep")]
