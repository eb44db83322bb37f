"""The sheet of shortcuts: every key and what it does, by place, to be searched."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from chatapp.gui import theme
from chatapp.gui.fields import SearchField
from chatapp.gui.shortcuts import Shortcuts

_WIDTH, _HEIGHT = 560, 560


class ShortcutSheet(QDialog):
    """Shows the keys in force.

    Signals:
        change_requested: The user wants other keys.
    """

    change_requested = Signal()

    def __init__(self, shortcuts: Shortcuts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        hint, name = self.tr("Search what to do, or a key"), self.tr("Search the keys")
        self._search = SearchField(hint, name, self)
        self._tree = self._filled_tree(shortcuts)
        change = QPushButton(self.tr("Change keys…"), self)
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        theme.mark(close, kind="primary")
        buttons = QHBoxLayout()
        buttons.addWidget(change)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._search)
        layout.addWidget(self._tree, 1)
        layout.addLayout(buttons)
        self._search.textChanged.connect(self._filter)
        change.clicked.connect(self._change)
        close.clicked.connect(self.close)
        room = self.screen().availableGeometry().size()
        self.resize(
            min(theme.px(_WIDTH), room.width()), min(theme.px(_HEIGHT), parent.height() - 24)
        )

    def _filled_tree(self, shortcuts: Shortcuts) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setObjectName("shortcuts")
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setItemsExpandable(False)
        tree.setIndentation(0)
        tree.setAccessibleName(self.tr("Keys and what they do"))
        for title, rows in shortcuts.groups().items():
            heading = QTreeWidgetItem(tree, [title])
            heading.setFirstColumnSpanned(True)
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            for row in rows:
                QTreeWidgetItem(heading, [row.text, shortcuts.words(row.name)])
        tree.expandAll()
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _filter(self, wanted: str) -> None:
        words = wanted.casefold().split()
        for heading in _children(self._tree.invisibleRootItem()):
            rows = _children(heading)
            for row in rows:
                text = f"{heading.text(0)} {row.text(0)} {row.text(1)}".casefold()
                row.setHidden(not all(word in text for word in words))
            heading.setHidden(all(row.isHidden() for row in rows))

    def _change(self) -> None:
        self.close()
        self.change_requested.emit()


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (item.child(number) for number in range(item.childCount()))
    return [child for child in children if child is not None]
