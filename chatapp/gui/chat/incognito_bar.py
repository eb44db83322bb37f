"""The bar that marks an incognito chat: nothing of it is saved."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from chatapp.gui import icons, theme
from chatapp.gui.chat.elided_label import ElidedLabel

_ICON = 18


class IncognitoBar(QFrame):
    """On show as long as the conversation is.

    Signals:
        end_requested: The chat is to be over, and forgotten.
    """

    end_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("incognitoBar")
        self._mask = QLabel(self)
        text = self.tr("Incognito: nothing is saved")
        words = ElidedLabel(text, self)
        self.setAccessibleName(text)
        end = QPushButton(self.tr("End chat"), self)
        end.setObjectName("endIncognito")
        end.clicked.connect(self.end_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 4, 4)
        layout.addWidget(self._mask)
        layout.addWidget(words, 1)
        layout.addWidget(end, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()
        theme.notifier.changed.connect(self._draw_mask)
        self._draw_mask()

    def _draw_mask(self) -> None:
        ratio = self.devicePixelRatioF()
        self._mask.setPixmap(icons.pixmap("incognito", _ICON, ratio, "bg"))
