"""The card that says where models are looked for, and how one that lies elsewhere is added."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from chatapp import paths
from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.model_shelf import Folder

_ICON_PX = 16


class FoldersCard(QFrame):
    """Lists the folders that are looked through.

    Signals:
        open_requested: Open that folder.
        removal_requested: Take that folder off the list.
    """

    open_requested = Signal(str)
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="card")
        self._folders: Sequence[Folder] = ()
        self._icons: list[QLabel] = []
        self._table = QWidget(self)
        title = QLabel(self.tr("Where models are looked for"), self)
        theme.set_font(title, 14, QFont.Weight.DemiBold)
        hint = QLabel(
            self.tr(
                "Drop a file or a folder anywhere on this page to add it. It is used where it is"
                " and never copied."
            ),
            self,
        )
        hint.setWordWrap(True)
        theme.mark(hint, tone="muted")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 12, 16, 14)
        self._layout.setSpacing(8)
        self._layout.addWidget(title)
        self._layout.addWidget(self._table)
        self._layout.addWidget(hint)

    def set_folders(self, folders: Sequence[Folder]) -> None:
        """Show these."""
        if folders == self._folders:
            return
        self._folders = folders
        before, self._table, self._icons = self._table, QWidget(self), []
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, folder in enumerate(folders):
            for column, widget in enumerate(self._row(folder)):
                grid.addWidget(widget, row, column)
        self._layout.replaceWidget(before, self._table)
        before.hide()
        before.deleteLater()
        self._table.show()
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the colours are others now
            self._draw()

    def _row(self, folder: Folder) -> list[QWidget]:
        icon = QLabel(self._table)
        self._icons.append(icon)
        name = ElidedLabel(self._name(folder), self._table)
        name.setToolTip(folder.path)
        count = QLabel(self.tr("%n model(s)", "", folder.n_models), self._table)
        count.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        theme.mark(count, tone="muted")
        show = QPushButton(self.tr("Open"), self._table)
        show.setAccessibleName(self.tr("Open the folder {}").format(Path(folder.path).name))
        show.clicked.connect(lambda: self.open_requested.emit(folder.path))
        row: list[QWidget] = [icon, name, count, show]
        if folder.source == "added":
            words = self.tr("Take the folder “{}” off the list").format(Path(folder.path).name)
            remove = QToolButton(self._table)
            remove.setIcon(icons.icon("close"))
            remove.setAccessibleName(words)
            remove.setToolTip(words)
            remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            theme.mark(remove, kind="icon")
            remove.clicked.connect(lambda: self.removal_requested.emit(folder.path))
            row.append(remove)
        return row

    def _name(self, folder: Folder) -> str:
        if folder.source == "app":
            return self.tr("The models folder of chatapp")
        if folder.source == "shipped":
            return self.tr("Small models of ours, to compare")
        if folder.source == "package" and paths.is_frozen():
            return self.tr("What came with chatapp")
        if folder.source == "package":
            return self.tr("Python packages that are installed")
        return folder.path

    def _draw(self) -> None:
        for icon in self._icons:
            icon.setPixmap(icons.pixmap("folder", _ICON_PX, self.devicePixelRatioF()))
