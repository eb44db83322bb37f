from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QGuiApplication

from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.markdown_stream import parse
from chatapp.gui.chat.message_view import MessageView
from chatapp.gui.chat.selection import Selection
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

Make = Callable[..., StoredMessage]

TEXTS = [
    "Some **bold**, *leaning*, ***both***, ~~gone~~ and `code`.",
    "**bold *both* bold** and `` a ` in code ``",
    "5 \\* 3 \\* 2, a_b_c, \\_x\\_, \\[no link\\](x), \\`tick\\`, \\$5\\$, \\<x>, R\\&D, a\\\\b",
    "# A heading\n\n## `one` more\n\nWords\nof two lines.",
    "\\# no heading\n\n1\\. no list\n\n\\- none\n\n\\> nor a quotation",
    "- one\n- two **bold**\n  - three\n  - four\n\n    more of four\n- five",
    "9. nine\n10. ten\n    - inside\n\nAfter.",
    "- [x] done\n- [ ] to do",
    "> quoted **words**\n\n> > twice\n\nAfter.",
    "One\n\n---\n\nTwo",
    "[a link](<http://x.org/a_b(c)>), [**bold** one](<http://x.org>) and http://x.org/a.",
    "```python\nx = 1\n\ny = `2`\n```\n\nWords",
    "````\n```\n````\n\nWords 😀 **after 😀**",
    "| a | b | c |\n|:-|:-:|-:|\n| 1 | `2` | **3** |\n| x \\| y | | z |",
    "| n |\n|---|\n" + "".join(f"| {n} |\n" for n in range(60)),
    "Formulas $x^2$ and\n\n$$\ny\n$$",
]


def view_of(page: ChatPage, transcript: Transcript, message: StoredMessage) -> MessageView:
    page.show_conversation([message], {})
    return transcript.views()[0]


def select(view: MessageView, first: str, last: str) -> None:
    """Select from the first occurrence of some words to the end of the last of others."""
    views = list(view.views())
    begin = next(v for v in views if first in v.document.toPlainText())
    end = next(v for v in reversed(views) if last in v.document.toPlainText())
    selection = Selection(view.views)
    selection.begin((begin, begin.document.find(first).selectionStart()))
    selection.extend((end, end.document.find(last).selectionEnd()))


def seen(source: str) -> list[object]:
    """What a reader sees of a text: a space looks the same in every style."""
    return [
        (
            replace(leaf, runs=()),
            [
                (letter, replace(run, text=""))
                for run in leaf.runs
                for letter in run.text
                if letter.strip()
            ],
        )
        for leaf in parse(source)
    ]


@pytest.mark.parametrize("source", TEXTS)
def test_what_is_copied_reads_like_what_was_written(
    page: ChatPage, transcript: Transcript, reply: Make, source: str
) -> None:
    view = view_of(page, transcript, reply(source))
    Selection(view.views).select_all()
    assert seen(view.selected_markdown()) == seen(source)


PARTS = (
    "Some **bold words**.\n\n- one\n- two\n\n```c\nint a;\nint b;\n```\n\n"
    "|a|b|\n|-|-|\n|1|2|\n|3|4|"
)


@pytest.mark.parametrize(
    ("first", "last", "copied"),
    [
        ("bold", "bold", "**bold**"),
        ("words", "one", "**words**.\n\n- one"),
        ("int b", "int b", "int b"),
        ("two", "int a", "- two\n\n```c\nint a\n```"),
        ("int b", "2", "```c\nint b;\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("4", "4", "4"),
    ],
)
def test_a_part_is_copied_with_its_styles(
    page: ChatPage, transcript: Transcript, reply: Make, first: str, last: str, copied: str
) -> None:
    view = view_of(page, transcript, reply(PARTS))
    select(view, first, last)
    (line,) = [line for line in view.menu([]).actions() if line.text() == "Copy as Markdown"]
    line.trigger()
    assert QGuiApplication.clipboard().text() == copied


def test_what_the_user_wrote_is_copied_as_it_is(
    page: ChatPage, transcript: Transcript, user: Make
) -> None:
    view = view_of(page, transcript, user("Some *words*"))
    Selection(view.views).select_all()
    assert "Copy as Markdown" not in [line.text() for line in view.menu([]).actions()]
