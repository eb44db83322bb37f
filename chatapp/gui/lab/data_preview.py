"""The first rows of the data as a table, with the role of each column to be chosen above it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.fields import Choice
from chatapp.runs.preview import Column
from chatapp.runs.source import Role

_WIDEST_COLUMN = 330
_N_LINES = 3  # of a row
_MANY_LINES = 8  # where there are few rows
_FEW_ROWS = 2
_MARGIN = 12
_MOST_HEIGHT = 300


def role_words(role: Role) -> str:
    """What a role is called."""
    translate = QCoreApplication.translate
    words: dict[Role, str] = {
        "text": translate("lab", "the text"),
        "label": translate("lab", "its label"),
        "source": translate("lab", "in the first language"),
        "target": translate("lab", "in the second language"),
        "context": translate("lab", "the text asked about"),
        "question": translate("lab", "the question"),
        "answers": translate("lab", "the answer"),
        "prompt": translate("lab", "what is asked"),
        "response": translate("lab", "what is replied"),
    }
    return words[role]


class DataPreview(QTableWidget):
    """Shows columns and takes their roles.

    Signals:
        roles_chosen: The user gave a column another role; `roles` says all of them.
    """

    roles_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataPreview")
        self.setAccessibleName(self.tr("The first rows"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._columns: Sequence[Column] = ()
        self._choices: list[Choice] = []

    @property
    def roles(self) -> Mapping[Role, str]:
        """Which column holds what, as the user chose it."""
        chosen = zip(self._columns, self._choices, strict=True)
        return {choice.currentData(): one.name for one, choice in chosen if choice.currentData()}

    def show_columns(self, columns: Sequence[Column], roles: Sequence[Role]) -> None:
        """Show these; where they have names, each can be given one of `roles` or none."""
        self._columns, self._choices = columns, []
        has_names = any(one.name for one in columns)
        first = 1 if has_names else 0  # row of the values
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(first + max((len(one.values) for one in columns), default=0))
        self.setHorizontalHeaderLabels(
            [one.name or (role_words(one.role) if one.role else "") for one in columns]
        )
        for number, column in enumerate(columns):
            if has_names:
                self._add_choice(number, column, roles)
            for row, value in enumerate(column.values, first):
                item = QTableWidgetItem(value)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.setItem(row, number, item)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure()

    def _add_choice(self, number: int, column: Column, roles: Sequence[Role]) -> None:
        choice = Choice(self.tr("What the column {} holds").format(column.name), self)
        offered = [(role, role_words(role)) for role in roles]
        choice.set_choices([("", self.tr("not used")), *offered], self._role(column, roles))
        choice.chosen.connect(lambda role: self._take(number, role))
        self._choices.append(choice)
        self.setCellWidget(0, number, choice)

    def _role(self, column: Column, roles: Sequence[Role]) -> str:
        """The role that was guessed, or the one the column is called by, if it is still free."""
        if column.role in roles:
            return column.role
        taken = [one.role for one in self._columns]
        return column.name if column.name in roles and column.name not in taken else ""

    def _take(self, number: int, role: Role) -> None:
        for other, choice in enumerate(self._choices):
            if other != number and choice.currentData() == role:
                choice.set_value("")  # a role is one column's
        self.roles_chosen.emit()

    def _measure(self) -> None:
        """Give rows and columns the room their letters need, within limits."""
        if not self.columnCount():
            return
        widest = min(theme.px(_WIDEST_COLUMN), self.viewport().width())
        for number in range(self.columnCount()):
            head = self.horizontalHeader().sectionSizeHint(number)
            wanted = max(self.sizeHintForColumn(number), head)
            if self._choices:
                wanted = max(wanted, self._choices[number].sizeHint().width())
            self.setColumnWidth(number, min(wanted + _MARGIN, widest))
        first = 1 if self._choices else 0
        n_lines = _MANY_LINES if self.rowCount() - first <= _FEW_ROWS else _N_LINES
        line = self.fontMetrics().lineSpacing()
        for row in range(first, self.rowCount()):
            wanted = max(line, self.sizeHintForRow(row))
            self.setRowHeight(row, min(wanted, n_lines * line) + _MARGIN)
        if self._choices:
            self.setRowHeight(0, self._choices[0].sizeHint().height() + 4)
        height = self.horizontalHeader().sizeHint().height() + self.verticalHeader().length()
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(min(height + bar + 2, theme.px(_MOST_HEIGHT)))
