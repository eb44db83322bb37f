"""ModelRemover: takes models and folders off the shelf, or their files to the trash."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from chatapp.gui import theme
from chatapp.gui.model_shelf import ModelShelf
from chatapp.gui.models import wording

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry


class ModelRemover(QObject):
    """Has models and folders taken off the shelf, all of which can be undone there.

    Signals:
        removed: Words about what is gone.
    """

    removed = Signal(str)

    def __init__(self, shelf: ModelShelf, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._shelf = shelf

    def take_off(self, entry: "ModelEntry") -> None:
        """Take a model off the list; its file stays."""
        self._shelf.remove(entry.path)
        self.removed.emit(self.tr("Off the list, not deleted: “{}”").format(entry.name))

    def take_folder_off(self, folder: str) -> None:
        """Take a folder with all its models off the list; it stays."""
        self._shelf.remove(folder)
        text = self.tr("Off the list, not deleted: the folder “{}”")
        self.removed.emit(text.format(Path(folder).name))

    def ask_to_trash(self, entry: "ModelEntry") -> None:
        """Move the file of a model to the trash once the user agrees."""
        box = QMessageBox(self._page)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(self.tr("Move “{}” to the trash?").format(entry.name))
        box.setInformativeText(
            self.tr("The file of {} leaves your models folder.").format(
                wording.size(entry.size_bytes)
            )
        )
        move = box.addButton(self.tr("Move to trash"), QMessageBox.ButtonRole.DestructiveRole)
        theme.mark(move, kind="danger")
        box.setDefaultButton(box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        move.clicked.connect(lambda: self._trash(entry))
        box.open()

    def _trash(self, entry: "ModelEntry") -> None:
        if self._shelf.move_to_trash(entry.path):
            self.removed.emit(self.tr("In the trash: “{}”").format(entry.name))
