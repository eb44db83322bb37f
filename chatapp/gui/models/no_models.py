"""What stands in the Models place while there is no model: how to come by one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from chatapp.gui.invitation import Invitation


class NoModels(Invitation):
    """Invites to add the first model.

    Signals:
        file_requested: Choose a file.
        folder_requested: Choose a folder.
    """

    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("models", parent)
        self.add_title(self.tr("No model yet"))
        self.add_words(
            self.tr(
                "A model is one file whose name ends in .gguf. Choose one you have, or drop it"
                " here. It is used where it is and never copied."
            )
        )
        file = QPushButton(self.tr("Choose a file"), self)
        file.clicked.connect(self.file_requested)
        folder = QPushButton(self.tr("Add a folder"), self)
        folder.clicked.connect(self.folder_requested)
        self.add_buttons(file, folder)
