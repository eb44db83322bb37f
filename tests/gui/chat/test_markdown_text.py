from chatapp.gui.chat.markdown_text import plain_text


def test_plain_text_is_what_a_reader_sees() -> None:
    source = (
        "# Title\n\nSome **bold** [words](http://a.org) and $x^2$.\n\n- one\n"
        "  - two\n- [x] three\n\n"
        "```py\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|`2`|\n\n---\n\nNote[^1].\n\n[^1]: End."
    )
    assert plain_text(source) == (
        "Title\n\nSome bold words and $x^2$.\n\n• one\n   ◦ two\n☑ three\n\n"
        "x = 1\n\na\tb\n1\t2\n\n---\n\nNote1.\n\n1. End."
    )
