"""What stands in the Models place while there is no model: how to come by one."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import icons, theme

_ICON_PX = 36
_WIDTH = 460


class NoModels(QWidget):
    """Invites to add the first model.

    Signals:
        file_requested: Choose a file.
        folder_requested: Choose a folder.
    """

    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QLabel(self)
        title = QLabel(self.tr("No model yet"), self)
        theme.set_font(title, 20, QFont.Weight.DemiBold)
        text = QLabel(
            self.tr(
                "A model is one file whose name ends in .gguf. Choose one you have, or drop it"
                " here. It is used where it is and never copied."
            ),
            self,
        )
        text.setWordWrap(True)
        theme.set_font(text, theme.MESSAGE_PX)
        theme.mark(text, tone="muted")
        file, folder = QPushButton(self.tr("Choose a file")), QPushButton(self.tr("Add a folder"))
        theme.mark(file, kind="primary")
        file.clicked.connect(self.file_requested)
        folder.clicked.connect(self.folder_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(file)
        buttons.addWidget(folder)
        buttons.addStretch(1)
        middle = QWidget(self)
        middle.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(middle)
        column.setSpacing(10)
        column.addStretch(2)
        for label in (self._picture, title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(6)
        column.addLayout(buttons)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addWidget(middle)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the colours are others now
            self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(icons.pixmap("models", _ICON_PX, self.devicePixelRatioF(), "faint"))
