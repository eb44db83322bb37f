"""What stands in the Lab while there is nothing to show: what it is for, and how to begin."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from chatapp import edition
from chatapp.gui import icons, theme
from chatapp.gui.sentences import translated

_ICON_PX = 36
_WIDTH = 460


class NoRuns(QWidget):
    """Invites to a first run, where models can be trained here.

    Signals:
        new_run_asked: Begin one.
    """

    new_run_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QLabel(self)
        title = QLabel(self.tr("Teach a model"), self)
        theme.set_font(title, 20, QFont.Weight.DemiBold)
        text = QLabel(
            self.tr(
                "Bring a text or examples, and a model learns from them on this computer. Watch it"
                " learn, stop it when you like, and try what came out. It goes on while this"
                " window is closed."
            ),
            self,
        )
        theme.set_font(text, theme.MESSAGE_PX)
        theme.mark(text, tone="muted")
        has_networks = edition.has_own_networks()
        missing = QLabel(
            "" if has_networks else translated(edition.how_to_get_own_networks()), self
        )
        missing.setObjectName("labMissing")
        missing.setVisible(not has_networks)
        new = QPushButton(self.tr("New run"), self)
        theme.mark(new, kind="primary")
        new.setVisible(has_networks)
        new.clicked.connect(self.new_run_asked)
        middle = QWidget(self)
        middle.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(middle)
        column.setSpacing(10)
        column.addStretch(2)
        for label in (self._picture, title, text, missing):
            label.setWordWrap(label is not self._picture)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addSpacing(6)
        column.addWidget(new, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addWidget(middle)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the colours are others now
            self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(icons.pixmap("lab", _ICON_PX, self.devicePixelRatioF(), "faint"))
