"""Shows hostile messages and reports how many, how many connections, how many files opened.

A program of its own, since an audit hook cannot be taken away. Run with a port on which somebody
listens and a folder with bait; files of Python, of its packages and of the program may be opened.
"""

import os
import sys
from itertools import count, product
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import chatapp
from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.chat.transcript import Transcript
from chatapp.storage.records import StoredMessage

N_MESSAGES = 500
FRAMES = (
    "![x]({})",
    "[x]({})",
    "<{}>",
    "[x][ref]\n\n[ref]: {}",
    "![x][ref]\n\n[ref]: {}",
    "<img src='{}'>",
    "<svg xmlns='http://www.w3.org/2000/svg'><image href='{}'/></svg>",
    "<object data='{}'></object><iframe src='{}'></iframe>",
    "<style>@import url({});</style><link rel='stylesheet' href='{}'>",
    "<script src='{}'></script>",
    "| a |\n|---|\n| ![x]({}) |",
    "> - ![x]({})",
    "```html\n<img src='{}'>\n```",
    "`![x]({})`",
    "$\\includegraphics{{{}}}$ and $$\\href{{{}}}{{x}}$$ and \\(\\input{{{}}}\\)",
    "[^1] and\n\n[^1]: ![x]({})",
    "# ![x]({})",
    '![x]({} "title") **![y]({})**',
)
OWN = [Path(path).resolve() for path in (sys.prefix, sys.base_prefix, os.devnull)]
OWN += [Path(chatapp.__file__).resolve().parents[1], Path("/proc"), Path("/usr/share/fonts")]
OWN += [Path(__file__).resolve().parent]  # looked through by imports


def addresses(port: int, bait: Path) -> list[str]:
    return [
        f"http://127.0.0.1:{port}/a.png",
        f"https://127.0.0.1:{port}/a.svg",
        f"//127.0.0.1:{port}/a.png",
        f"ftp://127.0.0.1:{port}/a.png",
        f"ws://127.0.0.1:{port}/",
        f"{bait}/a.png",
        f"file://{bait}/a.svg",
        f"file:{bait}/a.html",
        f"qrc://{bait}/a.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "../../../../etc/passwd",
        "\\\\127.0.0.1\\share\\a.png",
        "//127.0.0.1/share/a.png",
        "file://127.0.0.1/share/a.png",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>"
        f"<image href='http://127.0.0.1:{port}/a.png'/></svg>",
        "data:text/html,<script>fetch('http://127.0.0.1')</script>",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "C:\\Windows\\win.ini",
        ":/qt-project.org/x.png",
        "~/.ssh/id_rsa",
        "%2e%2e%2fetc%2fpasswd",
        f"http://user:pass@127.0.0.1:{port}/a.png",
        "mailto:a@b.c",
        "smb://127.0.0.1/share",
        "view-source:file:///etc/passwd",
        "blob:null/x",
    ]


class Watch:
    """Counts what is connected to and which files of others are opened."""

    def __init__(self) -> None:
        self.connections: list[str] = []
        self.files: list[str] = []
        self.is_on = False
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event.startswith(("socket.connect", "socket.getaddrinfo", "urllib", "subprocess")):
            self.connections.append(f"{event} {arguments}")
        elif event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
            path = Path(arguments[0]).resolve()
            if not any(path.is_relative_to(own) for own in OWN):
                self.files.append(str(path))


def main(port: int, bait: Path) -> None:
    app = QApplication([])
    theme.apply(app, "light")
    page = ChatPage()
    page.resize(1000, 900)
    page.show()
    watch = Watch()
    texts = [
        frame.replace("{{", "{").replace("}}", "}").replace("{}", address)
        for address, frame in product(addresses(port, bait), FRAMES)
    ][:N_MESSAGES]
    numbers = count()
    messages = [
        StoredMessage(
            id=f"m{next(numbers)}",
            conversation_id="c",
            parent_id=None,
            role="user" if index % 10 == 0 else "assistant",
            content=text,
            status="complete",
            created_at="2026-01-01T00:00:00+00:00",
        )
        for index, text in enumerate(texts)
    ]
    watch.is_on = True
    page.show_conversation(messages, {})
    transcript = page.findChild(Transcript)
    shown: set[str] = set()
    for message in messages:
        transcript.scroll_to(message.id)
        QTest.qWait(1)
        shown |= {view.message.id for view in transcript.views()}
    for view in (text for message in transcript.views() for text in message.views()):
        for kind in QTextDocument.ResourceType:
            view.document.resource(kind.value, QUrl(f"file://{bait}/a.png"))
    QTest.qWait(50)
    watch.is_on = False
    print(len(shown), len(watch.connections), len(watch.files))
    print(*watch.connections, *watch.files, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
