"""The button that copies, and says for a moment that it did."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from chatapp.gui import icons, theme

_SAID_MS = 1_500


class CopyButton(QPushButton):
    """Puts the text that `text` gives onto the clipboard."""

    def __init__(self, text: Callable[[], str], name: str, parent: QWidget) -> None:
        """Build the button; `name` says in full what is copied."""
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the transcript leads the Tab key here
        theme.mark(self, kind="quiet", letters="small")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAID_MS)
        self._timer.timeout.connect(self._offer)
        self.clicked.connect(self._copy)
        self._offer()

    def _offer(self) -> None:
        self.setIcon(icons.icon("copy"))
        self.setText(self.tr("Copy"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text())
        self.setIcon(icons.icon("check", "accent"))
        self.setText(self.tr("Copied"))
        self._timer.start()
