"""The card of the model that came out: how good it is, and what can be done with it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp import edition
from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.run_reader import AT_WORK, Record
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.gui.sentences import translated
from chatapp.runs.run_folder import RESULT

_GENERATORS = ("next_token", "chat")  # what they teach can be chatted with


class ResultCard(QFrame):
    """Speaks of one model.

    Signals:
        chat_requested: Chat with the model in that folder.
        folder_requested: Open that folder.
    """

    chat_requested = Signal(str)
    folder_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runResult")
        theme.mark(self, surface="card")
        self._folder = ""
        self._title = QLabel(self)
        self._title.setWordWrap(True)
        theme.set_font(self._title, theme.MESSAGE_PX, QFont.Weight.DemiBold)
        self._figures = QLabel(self)
        self._figures.setWordWrap(True)
        theme.mark(self._figures, tone="muted")
        self._chat = QPushButton(self.tr("Chat with it"), self)
        theme.mark(self._chat, kind="primary")
        self._chat.clicked.connect(lambda: self.chat_requested.emit(self._folder))
        if not edition.has_own_networks():
            self._chat.setEnabled(False)
            self._chat.setToolTip(translated(edition.how_to_get_own_networks()))
        self._show = QPushButton(self.tr("Open the model's folder"), self)
        self._show.clicked.connect(lambda: self.folder_requested.emit(self._folder))
        buttons = WrapRow(8)
        buttons.addWidget(self._chat)
        buttons.addWidget(self._show)
        self._try_it: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 16, 14)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._figures)
        self._layout.addSpacing(4)
        self._layout.addLayout(buttons)

    def show_record(self, record: Record) -> None:
        """Speak of what came out of this run, if something did."""
        is_out = record.has_result and record.summary.phase not in AT_WORK
        self.setVisible(is_out)
        if not is_out:
            return
        self._folder = str(Path(record.summary.path) / RESULT)
        is_stopped = record.summary.phase == "stopped"
        self._title.setText(
            self.tr("What it had learned when it was stopped")
            if is_stopped
            else self.tr("The model is ready")
        )
        self._figures.setText(self._words(record))
        kind = record.recipe.objective.kind if record.recipe is not None else ""
        self._chat.setVisible(kind in _GENERATORS)
        self.setAccessibleName(f"{self._title.text()}. {self._figures.text()}")

    def set_try_it(self, widget: QWidget | None) -> None:
        """Show below what tries the model; None for nothing."""
        if self._try_it is not None:
            self._try_it.hide()  # which ends what it has begun, now
            self._try_it.deleteLater()
        self._try_it = widget
        if widget is not None:
            self._layout.addWidget(widget)
            for button in widget.findChildren(QPushButton):
                self.setTabOrder(self._show, button)

    def _words(self, record: Record) -> str:
        """The figures of the best evaluation: that is the model which is kept."""
        measured = [one for one in record.evaluations if "loss" in one.evaluation]
        if not measured:
            return ""
        best = min(measured, key=lambda one: one.evaluation["loss"])
        figures = " · ".join(
            f"{wording.evaluation_name(name, best.evaluation)} {wording.evaluation(name, value)}"
            for name, value in best.evaluation.items()
        )
        words = self.tr("{figures}, on what it never learned from, after {steps} steps.")
        return words.format(figures=figures, steps=wording.number(best.step))
