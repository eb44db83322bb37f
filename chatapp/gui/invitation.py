"""Invitation: stands in the middle of a place that is empty, and says how to begin there."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp.gui import icons, theme

_ICON_PX = 36
_WIDTH = 460


class Invitation(QWidget):
    """An icon, a title, a few words, and buttons below them.

    Args:
        icon: The name of the icon.
    """

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._picture = QLabel(self)
        self._middle = QWidget(self)
        self._middle.setMaximumWidth(_WIDTH)
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self.add_label(self._picture)
        upright = QVBoxLayout(self._middle)
        upright.addStretch(2)
        upright.addLayout(self._column)
        upright.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addWidget(self._middle)
        self._draw()

    def add_title(self, text: str) -> None:
        """Say what belongs here."""
        title = QLabel(text, self)
        theme.set_font(title, 20, QFont.Weight.DemiBold)
        self.add_label(title)

    def add_words(self, text: str) -> None:
        """Say more of it."""
        words = QLabel(text, self)
        words.setWordWrap(True)
        theme.set_font(words, theme.MESSAGE_PX)
        theme.mark(words, tone="muted")
        self.add_label(words)

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Offer ways to begin, the likeliest first."""
        theme.mark(buttons[0], kind="primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._column.addSpacing(6)
        self._column.addLayout(row)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the colours are others now
            self._draw()

    def add_label(self, label: QLabel) -> None:
        """Say something else, in its own letters."""
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(label)

    def _draw(self) -> None:
        picture = icons.pixmap(self._icon, _ICON_PX, self.devicePixelRatioF(), "faint")
        self._picture.setPixmap(picture)
