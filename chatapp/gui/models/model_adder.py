"""ModelAdder: asks for files and folders with models, and says what was found in them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from chatapp.gui.model_shelf import ModelShelf


class ModelAdder(QObject):
    """Has files and folders put on the shelf.

    Signals:
        begun: Files or folders were named; the shelf looks at them.
        found: The path of the first model that has come onto the shelf, and words about all.
        not_found: Words about why none has.
    """

    begun = Signal()
    found = Signal(str, str)
    not_found = Signal(str)

    def __init__(self, shelf: ModelShelf, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._shelf = shelf
        self._wanted: tuple[str, ...] = ()  # added a moment ago, not yet found
        shelf.changed.connect(self._look)

    def ask_for_files(self) -> None:
        """Have the user choose files."""
        dialog = QFileDialog(self._page, self.tr("Add model files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Models (*.gguf)"), self.tr("All files (*)")])
        self._ask(dialog)

    def ask_for_folder(self) -> None:
        """Have the user choose a folder."""
        dialog = QFileDialog(self._page, self.tr("Add a folder with models"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._ask(dialog)

    def add(self, paths: Sequence[str]) -> None:
        """Put files, and folders with all the models in them, on the shelf."""
        self._wanted = tuple(paths)
        self.begun.emit()
        self._shelf.add(paths)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.add)
        dialog.open()

    def _look(self) -> None:
        if not self._wanted or self._shelf.is_scanning:
            return
        wanted, self._wanted = [Path(path) for path in self._wanted], ()
        found = [
            entry
            for entry in self._shelf.entries
            if any(path == Path(entry.path) or path in Path(entry.path).parents for path in wanted)
        ]
        if not found:
            text = self.tr("There is no model file in “{}”; the name of one ends in .gguf.")
            self.not_found.emit(text.format(wanted[0].name))
        elif len(found) == 1:
            text = self.tr("“{}” is on the list now.").format(found[0].name)
            self.found.emit(found[0].path, text)
        else:
            text = self.tr("{} models are on the list now.").format(len(found))
            self.found.emit(found[0].path, text)
