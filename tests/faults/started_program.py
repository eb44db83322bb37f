"""The program as its command starts it, in a process that tells what its window says.

Prints, a line each: `listed` and the number of conversations, `said` and the text of a card or a
notice that has appeared, `model` and the name of the model that is ready for a message.
"""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from chatapp.gui import app
from chatapp.gui.chat.error_card import ErrorCard
from chatapp.gui.chat.notice_bar import NoticeBar

LOOK_MS = 20


class ToldProgram(app.Program):
    """The program, which tells what there is to be seen in it."""

    def start(self) -> None:
        self._seen: set[str] = set()
        self.history.listed.connect(lambda summaries: self._tell("listed", len(summaries)))
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()
        super().start()

    def _look(self) -> None:
        page = self.window.chat_page
        shown: list[QWidget] = [*page.findChildren(ErrorCard), *page.findChildren(NoticeBar)]
        for widget in shown:
            if widget.isVisible():
                self._tell("said", widget.accessibleName())
        if self.controller.session.current is not None:
            self._tell("model", self.controller.session.current.name)

    def _tell(self, what: str, value: object) -> None:
        line = f"{what} {value}"
        if line not in self._seen:
            self._seen.add(line)
            print(line, flush=True)


if __name__ == "__main__":
    app.Program = ToldProgram  # type: ignore[misc]
    app.run(["chatapp"])
