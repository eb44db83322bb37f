"""What stands under the conversation, in the column of its text."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from chatapp.gui import theme

_COLUMN = 712  # the text column of 760 without its margins
_SIDE = 24


class Foot(QWidget):
    """Widgets one below another, no wider than the column."""

    def __init__(self, widgets: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._widgets = widgets
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        for widget in widgets:
            self._column.addWidget(widget)
        theme.notifier.resized.connect(self._fit)

    def minimumSizeHint(self) -> QSize:
        inside = max(w.minimumSizeHint().width() for w in self._widgets)
        return QSize(inside + 2 * _SIDE, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        side = max(_SIDE, (self.width() - theme.px(_COLUMN)) // 2)
        self._column.setContentsMargins(side, 0, side, 0)
