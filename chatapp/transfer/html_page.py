"""A conversation as one HTML file that needs nothing else: no script, no picture, no address.

Light or dark is the reader's choice, by CSS. What a model wrote is rendered with its HTML taken
literally and its pictures left out, so that opening the file asks nothing of any computer.
"""

import html
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from chatapp.errors import say
from chatapp.storage.records import StoredConversation, StoredMessage
from chatapp.transfer.markdown_text import (
    INSTRUCTIONS,
    REASONING,
    Tell,
    author,
    ending,
    title,
    when,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_STYLE = """
:root { color-scheme: light dark; --bg: #fbfbfa; --text: #1f1e1b; --muted: #67645d;
  --line: #e4e2dd; --bubble: #eceae5; --code: #f4f3f0; --accent: #0f6e63; }
@media (prefers-color-scheme: dark) { :root { --bg: #191a1b; --text: #e9e7e2; --muted: #a3a099;
  --line: #37383a; --bubble: #2a2b2d; --code: #222325; --accent: #5cc4b4; } }
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1.25rem 4rem; background: var(--bg);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; }
article { margin: 2rem 0; }
article > header { color: var(--muted); font-size: .85rem; margin-bottom: .35rem; }
article > header b { color: var(--text); }
.user > div { background: var(--bubble); border-radius: 10px; padding: .25rem 1rem; }
.plain { white-space: pre-wrap; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 10px;
  padding: .75rem 1rem; overflow-x: auto; overflow-wrap: normal; }
code { font: .85rem/1.5 ui-monospace, monospace; }
table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; }
th, td { border: 1px solid var(--line); padding: .35rem .7rem; }
blockquote { border-left: 3px solid var(--line); color: var(--muted); margin-left: 0;
  padding-left: 1rem; }
details { color: var(--muted); border-left: 3px solid var(--line); padding-left: 1rem; }
a { color: var(--accent); }
footer { color: var(--muted); font-size: .85rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
"""
_PAGE = """<!DOCTYPE html>
<html lang="mul">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
<footer>{footer}</footer>
</body>
</html>
"""


def to_html(conversation: StoredConversation, tell: Tell = str) -> str:
    """The conversation as one page: the path that is shown."""
    return _page(title(conversation, tell), "\n".join(_parts(conversation, tell)), tell)


def index(entries: Sequence[tuple[str, str]], tell: Tell = str) -> str:
    """A page that leads to others.

    Args:
        entries: Title and file name of each.
        tell: Says a sentence in the language of the page.
    """
    lines = (f'<li><a href="{_link(name)}">{html.escape(text)}</a></li>' for text, name in entries)
    body = "<ul>\n{}\n</ul>".format("\n".join(lines))
    return _page(tell(say("Conversations")), body, tell)


def _link(name: str) -> str:
    """A file name as an address; what else an address could misread is in no name of ours."""
    return html.escape(name.replace("%", "%25").replace("#", "%23"))


def _page(heading: str, body: str, tell: Tell) -> str:
    footer = html.escape(tell(say("Exported by chatapp")))
    return _PAGE.format(title=html.escape(heading), style=_STYLE, body=body, footer=footer)


def _parts(conversation: StoredConversation, tell: Tell) -> Iterator[str]:
    if conversation.system_prompt:
        yield _details(tell(INSTRUCTIONS), _plain(conversation.system_prompt))
    for message in conversation.path():
        yield _article(message, tell)


def _article(message: StoredMessage, tell: Tell) -> str:
    is_user = message.role == "user"
    body = [_details(tell(REASONING), _rendered(message.reasoning))] if message.reasoning else []
    for attachment in message.attachments:
        text = f"<pre><code>{html.escape(attachment.text)}</code></pre>"
        body.append(_details(attachment.name, text))
    body.append(_plain(message.content) if is_user else _rendered(message.content))
    notes = [when(message), ending(message, tell)]
    about = " · ".join(note for note in notes if note)
    return (
        f'<article class="{"user" if is_user else "reply"}">\n'
        f"<header><b>{html.escape(author(message, tell))}</b> {about}</header>\n"
        f'<div dir="auto">{"".join(body)}</div>\n</article>'
    )


def _plain(text: str) -> str:
    return f'<p class="plain">{html.escape(text)}</p>'


def _details(summary: str, inside: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


def _rendered(text: str) -> str:
    return str(_parser().render(text))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # takes time to import, and most sessions export nothing

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return parser.enable(["table", "strikethrough"]).disable("image")
