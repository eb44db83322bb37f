"""The real Chat page that paints a reply of a real engine, for `decode`: a child on a screen.

Reads the request as one line of JSON; for every further line writes the reply again and answers
with the seconds from its first delta to its end.
"""

import sys
import time

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

from chatapp.chat import Role, new_id
from chatapp.gui import theme
from chatapp.gui.chat.chat_page import ChatPage
from chatapp.gui.engine_process import EngineProcess
from chatapp.protocol import Delta, Done, Error, Generate, Load, decode_request
from chatapp.storage.records import MessageStatus, StoredMessage


class PaintedDecode(QObject):
    """Writes the same reply whenever a line comes in, into a conversation on the screen."""

    def __init__(self, path: str, n_ctx: int, request: Generate) -> None:
        super().__init__()
        self._request = request
        self._first_at = 0.0
        self._message = _message("assistant", "", "streaming")
        self._page = ChatPage()
        self._page.resize(1180, 760)
        self._page.show()
        self._engine = EngineProcess(parent=self)
        self._engine.delta.connect(self._on_delta)
        self._engine.done.connect(self._on_done)
        self._engine.failed.connect(self._on_failed)
        self._engine.start()
        self._engine.send(Load(id="load", path=path, n_ctx=n_ctx))
        self._input = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._input.activated.connect(self._on_line)

    def _on_line(self) -> None:
        if not sys.stdin.readline():
            self._engine.shut_down()
            QApplication.exit()
            return
        question = _message("user", self._request.messages[-1].content, "complete")
        self._message = _message("assistant", "", "streaming")
        self._page.show_conversation([question, self._message], {})
        self._page.append_reply(self._message.id, self._request.prefill, "")
        self._page.set_phase("writing")
        self._first_at = 0.0
        self._engine.send(self._request)

    def _on_delta(self, delta: Delta) -> None:
        self._first_at = self._first_at or time.perf_counter()
        self._page.append_reply(self._message.id, delta.text, delta.reasoning)

    def _on_done(self, done: Done) -> None:
        if done.reply is not None:
            print(time.perf_counter() - self._first_at, flush=True)
        elif done.id == "load":
            print("loaded", flush=True)

    def _on_failed(self, error: Error) -> None:
        sys.exit(str(error.message))


def _message(role: Role, content: str, status: MessageStatus) -> StoredMessage:
    return StoredMessage(
        id=new_id(),
        conversation_id="",
        parent_id=None,
        role=role,
        content=content,
        status=status,
        created_at="2026-01-01T00:00:00Z",
    )


def main() -> None:
    """Show the page and answer lines until the input ends."""
    application = QApplication(sys.argv[:1])
    theme.apply(application, "light")
    path, n_ctx = sys.argv[1:]
    request = decode_request(sys.stdin.readline().encode())
    assert isinstance(request, Generate)
    painted = PaintedDecode(path, int(n_ctx), request)
    application.exec()
    del painted


if __name__ == "__main__":
    main()
