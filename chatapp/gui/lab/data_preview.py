"""The first rows of the data as a table, with the role of each column to be chosen above it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.fields import Choice
from chatapp.gui.lab.measured_table import MeasuredTable
from chatapp.gui.models.wrap_row import WrapRow
from chatapp.runs.preview import Column
from chatapp.runs.source import Role

_WIDEST_COLUMN = 330
_N_LINES = 3  # of a row
_MANY_LINES = 8  # where there are few rows
_FEW_ROWS = 2
_MARGIN = 12
_PADDING = 14  # left and right of the words, in assets/style.qss
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


class DataPreview(QWidget):
    """Shows columns and takes their roles.

    Attributes:
        table: The first rows.

    Signals:
        roles_chosen: The user gave a column another role; `roles` says all of them.
    """

    roles_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[Column] = ()
        self._choices: list[Choice] = []
        self._roles = QWidget(self)
        self._row = WrapRow(12)
        self._roles.setLayout(self._row)
        self.table = _Table(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._roles)
        layout.addWidget(self.table)

    @property
    def roles(self) -> Mapping[Role, str]:
        """Which column holds what, as the user chose it."""
        chosen = zip(self._columns, self._choices, strict=True)
        return {choice.currentData(): one.name for one, choice in chosen if choice.currentData()}

    def show_columns(self, columns: Sequence[Column], roles: Sequence[Role]) -> None:
        """Show these; where they have names, each can be given one of `roles` or none."""
        names = [one.name for one in columns]
        if names != [one.name for one in self._columns] or not any(names):
            self._offer_roles([name for name in names if name])
        self._columns = columns
        for choice, column in zip(self._choices, columns, strict=False):
            offered = [(role, role_words(role)) for role in roles]
            choice.set_choices([("", self.tr("not used")), *offered], self._role(column, roles))
        self._roles.setVisible(bool(self._choices))
        self.table.show_columns(columns)

    def _offer_roles(self, names: Sequence[str]) -> None:
        """A field for each column that has a name."""
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._choices = [self._add_choice(number, name) for number, name in enumerate(names)]
        before: QWidget = self._roles
        for choice in self._choices:
            QWidget.setTabOrder(before, choice)
            before = choice
        QWidget.setTabOrder(before, self.table)

    def _add_choice(self, number: int, name: str) -> Choice:
        field = QWidget(self._roles)
        choice = Choice(self.tr("What the column {} holds").format(name), field)
        choice.chosen.connect(lambda role: self._take(number, role))
        label = QLabel(name, field)
        label.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(label, tone="muted", letters="small")
        layout = QVBoxLayout(field)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(label)
        layout.addWidget(choice)
        self._row.addWidget(field)
        field.show()
        return choice

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


class _Delegate(QStyledItemDelegate):
    """Knows how high words are that the stylesheet's padding leaves less room."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        narrower = QStyleOptionViewItem(option)
        narrower.rect = option.rect.adjusted(0, 0, -_PADDING, 0)
        return super().sizeHint(narrower, index)


class _Table(MeasuredTable):
    """The first rows, as high as they need to be, within limits."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("lab", "The first rows"), parent)
        self.setObjectName("dataPreview")
        self.setItemDelegate(_Delegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setAccessibleName(self.tr("Columns"))
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these."""
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(max((len(one.values) for one in columns), default=0))
        self.setHorizontalHeaderLabels(
            [one.name or (role_words(one.role) if one.role else "") for one in columns]
        )
        for number, column in enumerate(columns):
            for row, value in enumerate(column.values):
                item = QTableWidgetItem(value)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.setItem(row, number, item)
        self._measure()

    def _measure(self) -> None:
        if not self.columnCount():
            return
        widest = min(theme.px(_WIDEST_COLUMN), self.viewport().width())
        for number in range(self.columnCount()):
            head = self.horizontalHeader().sectionSizeHint(number)
            wanted = max(self.sizeHintForColumn(number), head)
            self.setColumnWidth(number, min(wanted + _MARGIN, widest))
        n_lines = _MANY_LINES if self.rowCount() <= _FEW_ROWS else _N_LINES
        line = self.fontMetrics().lineSpacing()
        for row in range(self.rowCount()):
            wanted = max(line, self.sizeHintForRow(row))
            self.setRowHeight(row, min(wanted, n_lines * line) + _MARGIN)
        height = self.horizontalHeader().sizeHint().height() + self.verticalHeader().length()
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(min(height + bar + 2, theme.px(_MOST_HEIGHT)))
