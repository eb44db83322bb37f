"""The line above the conversation: the list beside it, the model, what it runs on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel
from chatapp.gui.chat.model_picker import ModelPicker


class Header(QWidget):
    """A button for the list of conversations, the model picker and a few words.

    Attributes:
        sidebar_button: Shows or hides the conversations.
        picker: The model, and the others to choose from.
        device: What the model runs on.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sidebar_button = QToolButton(self)
        self.sidebar_button.setIcon(icons.icon("sidebar"))
        self.sidebar_button.setAccessibleName(self.tr("Show or hide the conversations"))
        self.picker = ModelPicker(self)
        self.device = ElidedLabel(parent=self)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.mark(self, surface="bar")
        theme.mark(self.sidebar_button, kind="icon")
        theme.mark(self.device, tone="muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 16, 0)
        layout.setSpacing(10)
        layout.addWidget(self.sidebar_button)
        layout.addWidget(self.picker)
        layout.addWidget(self.device, 1)
