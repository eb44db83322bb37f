"""The messages that follow once the reply being written is done."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.chat.attachment_chips import Chip, put_after
from chatapp.gui.chat.elided_label import ElidedLabel

_ROWS = 3  # on show at once


class QueueBar(QFrame):
    """One line a message, the next one first; hidden while nothing waits.

    Signals:
        send_requested: The next one is to be sent now.
        edit_requested: Number of the message that goes back into the prompt.
        remove_requested: Number of the message to be taken away.
    """

    send_requested = Signal()
    edit_requested = Signal(int)
    remove_requested = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Messages to be sent next"))
        self._why = QLabel(self.tr("The reply did not come to its end, so these wait."), self)
        self._why.setWordWrap(True)
        theme.mark(self._why, tone="muted", letters="small")
        self._send = QPushButton(self.tr("Send now"), self)
        self._send.clicked.connect(self.send_requested)
        theme.mark(self._send, letters="small")
        self._waiting = QWidget(self)
        waiting = QHBoxLayout(self._waiting)
        waiting.setContentsMargins(15, 0, 4, 0)  # as the words of the chips
        waiting.addWidget(self._why, 1)
        waiting.addWidget(self._send)
        self._area = QScrollArea(self)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._waiting)
        layout.addWidget(self._area)
        self.hide()

    def show_queue(self, messages: Sequence[str], is_waiting: bool) -> None:
        """Show these messages, and whether they wait until the user sends them on."""
        inside = QWidget()
        theme.mark(inside, surface="clear")
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        chips = [self._row(number, text, inside) for number, text in enumerate(messages)]
        for chip in chips:
            rows.addWidget(chip)
        self._area.setWidget(inside)
        put_after(self._send, inside)
        height = chips[0].sizeHint().height() + rows.spacing() if chips else 0
        self._area.setFixedHeight(min(len(chips), _ROWS) * height)
        self._waiting.setVisible(is_waiting)
        self.setVisible(bool(messages))

    def _row(self, number: int, text: str, parent: QWidget) -> Chip:
        chip = Chip(parent)
        word = QLabel(self.tr("Sent next:") if number == 0 else self.tr("Then:"), chip)
        word.setContentsMargins(8, 0, 6, 0)
        theme.mark(word, tone="muted", letters="small")
        line = ElidedLabel(" ".join(text[:300].split()), chip)
        theme.mark(line, letters="small")
        chip.add(word)
        chip.add(line, 1)
        edit = chip.add_button("edit", self.tr("Back into the prompt: {}").format(line.text()))
        remove = chip.add_button("close", self.tr("Do not send: {}").format(line.text()))
        edit.clicked.connect(lambda: self.edit_requested.emit(number))
        remove.clicked.connect(lambda: self.remove_requested.emit(number))
        return chip
