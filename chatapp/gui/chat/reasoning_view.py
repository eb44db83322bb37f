"""What a model thought before it answered: one line, which opens to the whole."""

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.prose import ProseBlock
from chatapp.gui.chat.stack import Item, Stack

_INDENT = 16


class ReasoningView(Stack):
    """The reasoning of one reply; its text is laid out only once it is opened."""

    def __init__(self, parent: QWidget, *, is_live: bool) -> None:
        """Build the line; `is_live` when the model is thinking now, so that its time is taken."""
        super().__init__(parent)
        self._button = QPushButton(self)
        self._button.setCheckable(True)
        self._button.setObjectName("reasoningLine")
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
        theme.mark(self._button, kind="quiet")
        self._body = ProseBlock(self, theme.INTERFACE_PX, "muted")
        self._body.hide()
        self._waiting = ""  # not laid out yet
        self._clock = QElapsedTimer()
        if is_live:
            self._clock.start()
        self._seconds: int | None = None
        self._is_done = False
        self._button.toggled.connect(self._on_toggled)
        self._show_state()

    def items(self) -> tuple[Item, ...]:
        return Item(self._button), Item(self._body, 4, _INDENT)

    def append(self, text: str) -> None:
        """Add what the model thought."""
        self._waiting += text
        if self._button.isChecked():
            self._lay_out_text()
        if not self._is_done and self._clock.isValid():
            self._seconds = self._clock.elapsed() // 1000
        self._show_state()

    def finish(self, seconds: float | None = None) -> None:
        """Say that the thinking is over; it took `seconds`, or as long as was seen here."""
        if not self._is_done:
            self._is_done = True
            if seconds is not None:
                self._seconds = round(seconds)
            self._show_state()

    def views(self) -> list[ProseBlock]:
        """What can be selected here."""
        return [] if self._body.isHidden() else [self._body]

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._body.isHidden():
            place = self._body.geometry()
            QPainter(self).fillRect(2, place.top(), 2, place.height(), theme.colour("line"))

    def _on_toggled(self, is_open: bool) -> None:
        self._lay_out_text()
        self._body.setVisible(is_open)
        self._show_state()
        self.rearrange()

    def _lay_out_text(self) -> None:
        if self._waiting:
            self._body.append_plain(self._waiting)
            self._waiting = ""
            self._body.break_long_paragraph()
            self.rearrange()

    def _show_state(self) -> None:
        arrow = "▾" if self._button.isChecked() else "▸"
        text = f"{self._words()}  {arrow}"
        if text != self._button.text():
            self._button.setText(text)
            self._button.setFixedSize(self._button.sizeHint())

    def _words(self) -> str:
        if not self._is_done:
            return (
                self.tr("Thinking… {} s").format(self._seconds)
                if self._seconds
                else self.tr("Thinking…")
            )
        if self._seconds is None:
            return self.tr("Thoughts")
        return self.tr("Thought for {} s").format(max(1, self._seconds))
