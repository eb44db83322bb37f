"""A text that scrolls sideways inside itself where it is wider than its place."""

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QWidget

from chatapp.gui import theme
from chatapp.gui.chat.text_view import TextView

_BAR_GAP = 4
_STEP = 40


class WideText(TextView):
    """The wheel goes on moving what is around it; sideways, and by the arrow keys, it moves."""

    def __init__(self, font: QFont, parent: QWidget, *, wraps: bool) -> None:
        super().__init__(font, parent, wraps=wraps)
        self._bar: QScrollBar | None = None  # most texts never need one

    @property
    def is_movable(self) -> bool:
        """Whether there is more to see at the side."""
        return self._bar is not None

    def fit(self, text_width: int, width: int) -> int:
        """Lay the text out that wide, and say how high all is in a place `width` wide."""
        height = self.heightForWidth(text_width)
        if text_width <= width:
            self._drop_bar()
            return height
        if self._bar is None:
            self._bar = self._new_bar()
        self._bar.setRange(0, text_width - width)
        self._bar.setPageStep(width)
        return height + _BAR_GAP + self._bar.sizeHint().height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._bar is not None:
            height = self._bar.sizeHint().height()
            self._bar.setGeometry(0, self.height() - height, self.width(), height)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if self._bar is not None and abs(turn.x()) > abs(turn.y()):
            self._bar.event(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
        if self._bar is not None and event.key() in steps:
            self._bar.setValue(self._bar.value() + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.colour("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _new_bar(self) -> QScrollBar:
        bar = QScrollBar(Qt.Orientation.Horizontal, self)
        bar.setSingleStep(_STEP)
        bar.setCursor(Qt.CursorShape.ArrowCursor)
        bar.valueChanged.connect(self._move)
        bar.show()
        return bar

    def _drop_bar(self) -> None:
        if self._bar is not None:
            self._bar.hide()
            self._bar.deleteLater()
            self._bar = None
            self._move(0)

    def _move(self, offset: int) -> None:
        self._offset = offset
        self.update()
