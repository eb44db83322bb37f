"""The card that says how much memory is free, what models take of it, and what would fit."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from chatapp.gui import theme
from chatapp.gui.models import wording

if TYPE_CHECKING:
    import psutil

_EVERY_MS = 3_000
_STEPS = 1_000


class MemoryCard(QFrame):
    """Looks anew every few seconds while it is on show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, surface="card")
        title = QLabel(self.tr("Memory"), self)
        theme.set_font(title, 14, QFont.Weight.DemiBold)
        self._text = QLabel(self)
        self._text.setObjectName("memoryText")
        self._text.setWordWrap(True)
        theme.mark(self._text, tone="muted")
        self._largest = QLabel(self)
        self._largest.setObjectName("largestFile")
        self._largest.setWordWrap(True)
        theme.mark(self._largest, tone="muted")
        self._meter = QProgressBar(self)
        self._meter.setTextVisible(False)
        self._meter.setRange(0, _STEPS)
        self._meter.setAccessibleName(self.tr("Memory in use"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(3)
        layout.addWidget(title)
        layout.addWidget(self._text)
        layout.addSpacing(6)
        layout.addWidget(self._meter)
        layout.addSpacing(6)
        layout.addWidget(self._largest)
        layout.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Look how much is free now."""
        import psutil  # costs 15 ms, and only this place shows it

        from chatapp.library.fit import largest_file  # not before the first paint

        memory = psutil.virtual_memory()
        engines = sum(_resident(child) for child in psutil.Process().children(recursive=True))
        free, total = wording.size(memory.available), wording.size(memory.total)
        text = self.tr("{} free of {}.").format(free, total)
        if engines:
            text += " " + self.tr("The models in use take {}.").format(wording.size(engines))
        self._text.setText(text)
        largest = wording.size(largest_file(memory.available))
        self._largest.setText(
            self.tr("A model file of up to about {} fits easily.").format(largest)
        )
        self._meter.setValue(round(_STEPS * (1 - memory.available / memory.total)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _resident(process: "psutil.Process") -> int:
    import psutil

    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended meanwhile
        return 0
