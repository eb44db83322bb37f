"""The bar under the list that says how many conversations are chosen, and what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.conversation_view import ConversationView
from chatapp.gui.chat.elided_label import ElidedLabel


class SelectionBar(QFrame):
    """Shown while several conversations are chosen."""

    def __init__(self, view: ConversationView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selectionBar")
        self._view = view
        self._words = ElidedLabel(parent=self)
        self._archive = self._button("archive", self.tr("Archive"), self._on_archive)
        self._folder = self._button("folder", self.tr("Move to folder"), self._on_folder)
        self._export = self._button("export", self.tr("Export…"), self._on_export)
        self._delete = self._button("trash", self.tr("Delete"), self._on_delete)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(0)
        layout.addWidget(self._words, 1)
        for button in (self._archive, self._folder, self._export, self._delete):
            layout.addWidget(button)
        view.chosen.connect(self._show)
        self.hide()

    def _button(self, icon: str, name: str, call: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAccessibleName(name)
        button.setToolTip(name)
        theme.mark(button, kind="icon")
        button.clicked.connect(lambda: call())
        return button

    def _show(self, ids: Sequence[str]) -> None:
        if ids:
            self._words.setText(self.tr("%n selected", "", len(ids)))
            name = self.tr("Take out of the archive") if self._is_archived() else self.tr("Archive")
            self._archive.setAccessibleName(name)
            self._archive.setToolTip(name)
        self.setVisible(bool(ids))

    def _is_archived(self) -> bool:
        """Whether it is the archive that is on show: all in one list are alike in that."""
        index = self._view.selectionModel().selectedIndexes()[0]
        summary = self._view.conversations.summary(index)
        return summary is not None and summary.archived_at is not None

    def _on_archive(self) -> None:
        self._view.archive_requested.emit(self._view.chosen_ids(), not self._is_archived())

    def _on_folder(self) -> None:
        menu = self._view.folder_menu(self._view.chosen_ids(), "", self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._folder.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _on_export(self) -> None:
        self._view.export_requested.emit(self._view.chosen_ids())

    def _on_delete(self) -> None:
        self._view.delete_requested.emit(self._view.chosen_ids())
