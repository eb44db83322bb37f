"""The card that says in plain words what a run is made of, and where it lies."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.lab import wording
from chatapp.gui.lab.run_reader import AT_WORK, Record
from chatapp.gui.models.wrap_row import WrapRow

_TOP = Qt.AlignmentFlag.AlignTop


class RecipeCard(QFrame):
    """Speaks of the recipe.

    Signals:
        folder_requested: Open the folder of the run.
        removal_requested: Delete the run.
    """

    folder_requested = Signal()
    removal_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runRecipe")
        theme.mark(self, surface="card")
        self._path = ""
        title = QLabel(self.tr("What it is made of"), self)
        theme.mark(title, letters="heading")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(14)
        self._rows.setVerticalSpacing(4)
        self._rows.setColumnStretch(1, 1)
        self._open = QPushButton(self.tr("Open the folder"), self)
        self._open.clicked.connect(self.folder_requested)
        self._remove = QPushButton(self.tr("Move to the trash…"), self)
        theme.mark(self._remove, kind="quiet")
        self._remove.clicked.connect(self.removal_requested)
        buttons = WrapRow(8)
        buttons.addWidget(self._open)
        buttons.addWidget(self._remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def show_record(self, record: Record) -> None:
        """Speak of this run."""
        is_at_work = record.summary.phase in AT_WORK
        self._remove.setEnabled(not is_at_work)
        self._remove.setToolTip(self.tr("Stop it first.") if is_at_work else "")
        if record.summary.path == self._path:  # a recipe never changes
            return
        self._path = record.summary.path
        while (item := self._rows.takeAt(0)) is not None:
            if (label := item.widget()) is not None:
                label.deleteLater()
        if record.recipe is None:
            self._put(0, "", self.tr("Its config.toml cannot be read."), "")
            return
        for number, row in enumerate(wording.recipe(record.recipe)):
            self._put(number, row.name, row.words, row.details)

    def _put(self, row: int, name: str, words: str, tip: str) -> None:
        head, body = QLabel(name, self), QLabel(words, self)
        theme.mark(head, tone="muted")
        body.setTextFormat(Qt.TextFormat.PlainText)
        body.setWordWrap(True)
        body.setToolTip(tip)
        self._rows.addWidget(head, row, 0, _TOP)
        self._rows.addWidget(body, row, 1, _TOP)
