"""What the dialogs of this folder share: their frame, a table, a question, and work on show."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.data.work import Work
from chatapp.transfer.watch import Watch

Index = QModelIndex | QPersistentModelIndex

_THOUSAND = 1000  # the parts of the progress bar


class Sheet(QDialog):
    """A title, some words, a body, and buttons at the foot.

    Attributes:
        body: Where the dialog puts what it is about.
    """

    def __init__(self, title: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        heading = QLabel(title, self)
        theme.mark(heading, letters="title")
        explanation = QLabel(words, self)
        explanation.setWordWrap(True)
        theme.mark(explanation, tone="muted")
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(explanation)
        layout.addSpacing(6)
        layout.addLayout(self.body, 1)
        layout.addSpacing(6)
        layout.addLayout(self._buttons)

    def add_button(
        self, label: str, call: Callable[[], object], *, kind: str = "", at_left: bool = False
    ) -> QPushButton:
        """Add a button at the foot; those at the left come first."""
        button = QPushButton(label, self)
        button.setAutoDefault(False)
        if kind:
            theme.mark(button, kind=kind)
        if not at_left and not self._buttons.property("stretched"):
            self._buttons.setProperty("stretched", True)
            self._buttons.addStretch(1)
        button.clicked.connect(lambda: call())
        self._buttons.addWidget(button)
        return button

    def fit(self, width: int, height: int) -> None:
        """A size in which the letters have room, but never more than the screen has."""
        room = self.screen().availableGeometry().size()
        self.resize(min(theme.px(width), room.width()), min(theme.px(height), room.height()))

    def ask(self, question: str, details: str, label: str, call: Callable[[], object]) -> None:
        """Ask once; `call` is what the button `label` does."""
        ask(self, question, details, label, call)


def ask(
    parent: QWidget, question: str, details: str, label: str, call: Callable[[], object]
) -> QMessageBox:
    """Ask whether to do something that cannot be taken back; Enter and Escape do nothing."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(question)
    box.setInformativeText(details)
    yes = box.addButton(label, QMessageBox.ButtonRole.DestructiveRole)
    theme.mark(yes, kind="danger")
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    cancel.setIcon(QIcon())
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    yes.clicked.connect(lambda: call())
    box.open()
    return box


class WorkSheet(Sheet):
    """A sheet that does something long and shows how far it is. Escape ends that first."""

    def __init__(self, title: str, words: str, work: Work, parent: QWidget) -> None:
        super().__init__(title, words, parent)
        self._work = work
        self._bar = QProgressBar(self)
        self._bar.setRange(0, _THOUSAND)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(title)
        self._bar.hide()
        self._said = QLabel(self)
        self._said.setWordWrap(True)
        self._said.hide()
        work.progressed.connect(lambda done: self._bar.setValue(round(done * _THOUSAND)))
        work.succeeded.connect(self._on_succeeded)
        work.failed.connect(self._on_failed)
        work.cancelled.connect(self._on_cancelled)

    def add_state(self) -> None:
        """Put the progress and what is said under what the body holds so far."""
        self.body.addWidget(self._bar)
        self.body.addWidget(self._said)

    def do(self, job: Callable[[Watch], object]) -> None:
        """Begin the work."""
        self._bar.setValue(0)
        self._bar.show()
        self._said.hide()
        self._work.start(job)
        self.show_is_working(True)

    def tell(self, text: str, tone: str = "") -> None:
        """Say how it went."""
        self._said.setText(text)
        theme.mark(self._said, tone=tone)
        self._said.show()
        event = QAccessibleEvent(self._said, QAccessible.Event.NameChanged)
        QAccessible.updateAccessibility(event)

    def show_is_working(self, is_working: bool) -> None:
        """Let the user do what can be done now; for the dialog to say."""

    def show_result(self, result: object) -> None:
        """Say what came of the work; for the dialog to say."""

    def reject(self) -> None:
        """Escape and Cancel: end the work, or close."""
        if self._work.is_running:
            self._work.cancel()
        else:
            super().reject()

    def _on_succeeded(self, result: object) -> None:
        self._end()
        self.show_result(result)

    def _on_failed(self, text: str) -> None:
        self._end()
        self.tell(text, "bad")

    def _on_cancelled(self) -> None:
        self._end()
        self.tell(self.tr("Cancelled. Nothing was changed."), "muted")

    def _end(self) -> None:
        self._bar.hide()
        self.show_is_working(False)


class Row(NamedTuple):
    """A line of a table: what it stands for, and the words in its columns."""

    key: object
    cells: tuple[str, ...]


class Rows(QAbstractTableModel):
    """Rows of words under their heads."""

    def __init__(self, heads: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._heads = heads
        self._rows: Sequence[Row] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show others."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def key(self, row: int) -> object:
        """What that line stands for."""
        return self._rows[row].key

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return self._rows[index.row()].cells[index.column()] if role in texts else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return self._heads[section]


class Table(QTableView):
    """Whole rows to choose from; the first column takes what room there is.

    Signals:
        chosen: Other rows are chosen, or none.
    """

    chosen = Signal()

    def __init__(self, name: str, heads: Sequence[str], parent: QWidget, *, many: bool) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._rows = Rows(heads, self)
        self.setModel(self._rows)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if many else modes.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(34))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; the first is chosen."""
        self._rows.set_rows(rows)
        if rows:
            self.selectRow(0)
        self.chosen.emit()

    def chosen_keys(self) -> list[object]:
        """What the chosen rows stand for, from the top."""
        indexes = self.selectionModel().selectedRows()
        return [self._rows.key(row) for row in sorted(index.row() for index in indexes)]
